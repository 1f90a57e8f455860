//! The keys of a review: what each asks for, and what is shown then.

use console::Key;
use countersign::report::{DiffLayout, Footing, Line, Look, Page, ReviewCard, ReviewContents, Scroll, View};
use countersign::snapshot::{Decision, Review, ReviewError};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::card::card;
use super::pending::Chosen;
use super::review::{no_terminal, tell};
use super::terminal::{Keys, Screen};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::run;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Decide(Decision),
    AcceptAll,
    Undo,
    Toggle,
    Scroll(Scroll),
    Help,
    Quit,
}

impl Wish {
    fn of(key: &Key) -> Option<Self> {
        Some(match key {
            Key::Char('a') => Self::Decide(Decision::Accept),
            Key::Char('r') => Self::Decide(Decision::Reject),
            Key::Char('s') => Self::Decide(Decision::Skip),
            Key::Char('A') => Self::AcceptAll,
            Key::Char('u') => Self::Undo,
            Key::Char('d') => Self::Toggle,
            Key::Char('?') => Self::Help,
            // Control-D ends what is typed.
            Key::Char('q' | '\x04') => Self::Quit,
            Key::ArrowUp | Key::Char('k') => Self::Scroll(Scroll::Up),
            Key::ArrowDown | Key::Char('j') => Self::Scroll(Scroll::Down),
            Key::PageUp | Key::Char('b') => Self::Scroll(Scroll::PageUp),
            Key::PageDown | Key::Char(' ') => Self::Scroll(Scroll::PageDown),
            Key::Home | Key::Char('g') => Self::Scroll(Scroll::Top),
            Key::End | Key::Char('G') => Self::Scroll(Scroll::Bottom),
            _ => return None,
        })
    }
}

/// Whether the review goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Goes,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Reading,
    Asking,
    Help,
}

/// What the terminal and others tell the process.
struct Signals {
    end: run::Signals,
    resizes: Signal,
}

impl Signals {
    fn listen(context: &Context<'_>) -> Result<Self, Exit> {
        let resizes = signal(SignalKind::window_change()).map_err(|error| no_terminal(context, &error))?;
        Ok(Self { end: run::Signals::listen(context)?, resizes })
    }
}

/// A review at a terminal.
pub(super) struct Session<'c, 's> {
    context: &'c Context<'c>,
    chosen: &'c Chosen<'s>,
    review: Review,
    mode: Mode,
    /// What `d` chose; else what fits.
    layout: Option<DiffLayout>,
    card: ReviewCard,
    view: View,
    look: Look,
    rows: usize,
}

impl<'c, 's> Session<'c, 's> {
    pub(super) fn new(context: &'c Context<'c>, chosen: &'c Chosen<'s>) -> Self {
        let mut review = Review::new(chosen.store.clone(), chosen.ids.clone());
        let (card, message) = card(&mut review, chosen);
        let (width, rows) = Screen::size();
        let look = Look {
            width,
            color: context.settings.color,
            unicode: context.settings.unicode,
            ..Look::default()
        };
        let page = Page::of(&card, DiffLayout::fitting(width), &look, &context.settings.redactor);
        let mut view = View::new(page);
        view.message = message;
        Self { context, chosen, review, mode: Mode::Reading, layout: None, card, view, look, rows }
    }

    /// Until everything is decided, or somebody has enough.
    pub(super) async fn run(&mut self) -> Result<Exit, Exit> {
        // Before the terminal is changed: afterwards no signal may end the process unheard.
        let mut signals = Signals::listen(self.context)?;
        self.resize();
        let screen = Screen::enter(self.context.output).map_err(|error| no_terminal(self.context, &error))?;
        let ended = self.ask(&screen, &mut signals).await;
        screen.leave(|| tell(self.context, &self.review));
        Ok(ended)
    }

    async fn ask(&mut self, screen: &Screen<'_>, signals: &mut Signals) -> Exit {
        let next = |keys: Keys| tokio::task::spawn_blocking(move || keys.next());
        let mut pressed = next(Keys::default());
        loop {
            screen.draw(&self.draw());
            let key = tokio::select! {
                key = &mut pressed => key,
                exit = signals.end.come() => return exit,
                _ = signals.resizes.recv() => {
                    self.resize();
                    continue;
                }
            };
            let Ok(Ok((keys, key))) = key else { return Exit::HungUp };
            if key == Key::CtrlC {
                return Exit::Interrupted;
            }
            if self.press(&key) == Next::Ended {
                return Exit::Ok;
            }
            pressed = next(keys);
        }
    }

    fn draw(&mut self) -> Vec<Line> {
        let footing = self.footing();
        self.view.draw(&footing, &self.look, self.rows)
    }

    fn footing(&self) -> Footing {
        let remaining = self.review.tally().left;
        let has_two = matches!(self.card.contents, ReviewContents::Changed { .. });
        match self.mode {
            Mode::Reading => Footing::Keys { remaining, layout: has_two.then(|| self.layout()) },
            Mode::Asking => Footing::Asking { remaining },
            Mode::Help => Footing::Help,
        }
    }

    fn layout(&self) -> DiffLayout {
        self.layout.unwrap_or(DiffLayout::fitting(self.look.width))
    }

    fn resize(&mut self) {
        (self.look.width, self.rows) = Screen::size();
        self.view.lay_out(self.page());
    }

    fn page(&self) -> Page {
        Page::of(&self.card, self.layout(), &self.look, &self.context.settings.redactor)
    }

    fn press(&mut self, key: &Key) -> Next {
        self.view.message = None;
        match std::mem::replace(&mut self.mode, Mode::Reading) {
            Mode::Reading => Wish::of(key).map_or(Next::Goes, |wish| self.carry_out(wish)),
            Mode::Asking if *key == Key::Char('y') => {
                let done = self.review.accept_rest();
                self.go_on(done)
            }
            Mode::Asking | Mode::Help => Next::Goes,
        }
    }

    fn carry_out(&mut self, wish: Wish) -> Next {
        let is_readable = self.view.is_readable(&self.footing(), &self.look, self.rows);
        match wish {
            Wish::Decide(_) | Wish::AcceptAll if !is_readable => {
                self.view.message = Some("the terminal is too small to show it".into());
            }
            Wish::Decide(decision) => {
                let done = self.review.decide(decision);
                return self.go_on(done);
            }
            Wish::Undo => match self.review.undo() {
                Ok(false) => self.view.message = Some("nothing was decided yet".into()),
                done => return self.go_on(done.map(drop)),
            },
            Wish::AcceptAll => self.mode = Mode::Asking,
            Wish::Help => self.mode = Mode::Help,
            Wish::Toggle => {
                self.layout = Some(self.layout().toggled());
                self.view.lay_out(self.page());
            }
            Wish::Scroll(scroll) => {
                let room = self.view.room(&self.footing(), &self.look, self.rows);
                self.view.scroll(scroll, room);
            }
            Wish::Quit => return Next::Ended,
        }
        Next::Goes
    }

    /// Shows what is to be decided now; the same again when nothing was done.
    fn go_on(&mut self, done: Result<(), ReviewError>) -> Next {
        if self.review.id().is_none() {
            return Next::Ended;
        }
        let (card, message) = card(&mut self.review, self.chosen);
        self.card = card;
        self.view = View::new(self.page());
        self.view.message = done.err().map(|error| error.to_string()).or(message);
        Next::Goes
    }
}
