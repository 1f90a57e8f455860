//! The one way out for everything that a command prints. Secrets are masked here, and whatever a
//! terminal or a CI runner would obey is escaped: what is printed may come from a server.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::diag::{self, Code, Diagnostic, Sources};
use countersign::report::{Line, Sink, shown_json, shown_lines};
use countersign::secret::Redactor;

use super::settings::Settings;

/// Standard output and standard error.
pub(crate) struct Output {
    redactor: Redactor,
    color: bool,
    color_on_stderr: bool,
    failed: AtomicBool,
    /// Whether the terminal shows a screen of ours in place of what was there.
    on_screen: Arc<AtomicBool>,
}

/// The alternate screen, without a cursor; a line that is too long does not move the others, and
/// what is pasted is told from keys.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h";
const LEAVE: &str = "\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

impl Output {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            redactor: settings.redactor.clone(),
            color: settings.color,
            color_on_stderr: settings.color_on_stderr,
            failed: AtomicBool::new(false),
            on_screen: Arc::default(),
        }
    }

    /// Writes a result to standard output.
    pub(crate) fn print(&self, text: &str) {
        self.write(&self.lines(text));
    }

    /// Writes a result that is lines of JSON.
    pub(crate) fn print_json(&self, text: &str) {
        let shown = |line| shown_json(line, &self.redactor) + "\n";
        self.write(&text.lines().map(shown).collect::<String>());
    }

    /// Writes what is countersign's own and nobody else's, such as a completion script.
    pub(crate) fn print_own(&self, text: &str) {
        self.write(text);
    }

    /// Begins a screen of our own.
    pub(crate) fn enter_screen(&self) {
        self.on_screen.store(true, Ordering::Relaxed);
        self.write(ENTER);
    }

    /// Shows what was there before, if it does not yet.
    pub(crate) fn leave_screen(&self) {
        if self.on_screen.swap(false, Ordering::Relaxed) {
            self.write(LEAVE);
        }
    }

    /// Draws a line for each row of the screen over what it shows.
    pub(crate) fn draw(&self, lines: &[Line]) {
        let rows = lines.iter().map(|line| {
            let mut row = Vec::new();
            // Writing to memory does not fail.
            let _ = Sink::new(&mut row, self.redactor.clone(), self.color).line(line);
            // Cleared first, for a row that fills the line leaves the cursor on its last column.
            format!("\x1b[K{}", String::from_utf8_lossy(&row).trim_end_matches('\n'))
        });
        let rows: Vec<String> = rows.collect();
        // A terminal that can shows nothing of it before it is whole.
        self.write(&format!("\x1b[?2026h\x1b[H{}\x1b[?2026l", rows.join("\r\n")));
    }

    /// Tells on standard error.
    pub(crate) fn tell(&self, text: &str) {
        Self::write_error(&format!("{}\n", self.lines(text)));
    }

    /// Shows what is wrong with the user's files, on standard error.
    pub(crate) fn show(&self, problems: &[Diagnostic], sources: &Sources) {
        if problems.is_empty() {
            return;
        }
        let text = diag::render(problems, sources, self.color_on_stderr);
        // Its colours would be escaped with everything else; whoever wants colours is no CI runner.
        let text =
            if self.color_on_stderr { self.redactor.redact(&text).into_owned() } else { self.lines(&text) };
        Self::write_error(&format!("{}\n\n", text.trim_end_matches('\n')));
    }

    /// An error without a place in a file.
    pub(crate) fn refuse(&self, code: Code, message: impl Into<String>, help: Option<String>) {
        let problem = help.into_iter().fold(Diagnostic::error(code, message), Diagnostic::help);
        self.show(&[problem], &Sources::default());
    }

    /// An error in the command line itself.
    pub(crate) fn fail(&self, message: &str, help: Option<&str>) {
        self.tell(&format!("error: {message}"));
        if let Some(help) = help {
            self.tell(&format!("  = help: {help}"));
        }
    }

    /// Whether a result could not be written, other than to a reader that has seen enough.
    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Makes a panic say what it is, without secrets.
    pub(crate) fn mask_panics(&self) {
        let (redactor, on_screen) = (self.redactor.clone(), Arc::clone(&self.on_screen));
        std::panic::set_hook(Box::new(move |panic| {
            // What is told must not go away with the screen.
            if on_screen.swap(false, Ordering::Relaxed) {
                let _ = io::stdout().lock().write_all(LEAVE.as_bytes());
            }
            let text = format!("countersign broke, which is a bug; please report this:\n{panic}");
            // There is nobody left to tell that telling failed.
            let _ = writeln!(io::stderr().lock(), "{}", redactor.redact(&text));
        }));
    }

    fn lines(&self, text: &str) -> String {
        shown_lines(text, &self.redactor)
    }

    fn write(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe)
            && !self.failed.swap(true, Ordering::Relaxed)
        {
            self.fail("standard output can't be written", None);
        }
    }

    fn write_error(text: &str) {
        // Where standard error is gone, there is no other place to say so.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
