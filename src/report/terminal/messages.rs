//! What went over the wire, for `--verbose`: both messages as HTTP writes them, masked, and how
//! long each part took.

use std::io::{self, Write};
use std::time::Duration;

use super::super::event::StepResult;
use super::super::sink::Line;
use super::super::{excerpt, words};
use super::detail::INDENT;
use super::{Terminal, look};
use crate::message::Headers;
use crate::send::{Exchange, Phases};

/// Most of a body that is shown, in bytes.
const BODY: usize = 64 * 1024;

impl<W: Write> Terminal<W> {
    /// Request and answer of a step.
    pub(super) fn messages(&mut self, result: &StepResult) -> io::Result<()> {
        if result.unkept > 0 {
            let unkept = words::count(result.unkept, "attempt");
            let line = Line::new().text(INDENT).styled(look::QUIET, format!("{unkept} before are not kept"));
            self.line(&line)?;
        }
        for earlier in &result.earlier {
            self.exchange(&earlier.exchange)?;
            self.line(&Line::new().text(INDENT).styled(look::QUIET, format!("sent again: {}", earlier.why)))?;
        }
        result.exchange.iter().try_for_each(|exchange| self.exchange(exchange))?;
        let unused = result.snapshot.iter().flat_map(|snapshot| &snapshot.unused);
        for rule in unused {
            let note = format!("`{rule}` of `snapshot` matches nothing here");
            self.line(&Line::new().text(INDENT).styled(look::QUIET, note))?;
        }
        Ok(())
    }

    fn exchange(&mut self, exchange: &Exchange) -> io::Result<()> {
        let Exchange { signed, answer, phases, server: _ } = exchange;
        let message = signed.message();
        self.rest()?;
        self.head("> ", &format!("{} {}", message.method, message.url), &message.headers)?;
        self.body(&message.body, BODY, "> ")?;
        if let Ok(answer) = answer {
            self.rest()?;
            self.head("< ", &format!("{} {}", answer.version, answer.status), &answer.headers)?;
            self.body(&answer.body, BODY, "< ")?;
        }
        self.rest()?;
        let phases = taken(*phases).join(self.look.between());
        self.line(&Line::new().text(INDENT).styled(look::QUIET, phases))?;
        self.rest()
    }

    fn head(&mut self, prefix: &str, first: &str, headers: &Headers) -> io::Result<()> {
        let prefix = format!("{INDENT}{prefix}");
        self.line(&Line::new().styled(look::QUIET, prefix.clone()).styled(look::BOLD, first))?;
        for (name, value) in headers.iter() {
            let value = excerpt::header(name, value, &self.redactor);
            self.line(&Line::new().styled(look::QUIET, prefix.clone()).text(format!("{name}: {value}")))?;
        }
        Ok(())
    }
}

fn taken(phases: Phases) -> Vec<String> {
    let part =
        |name: &str, taken: Option<Duration>| taken.map(|taken| format!("{name} {}", words::fine(taken)));
    [
        part("name lookup", phases.dns),
        part("connect", phases.connect),
        part("TLS", phases.tls),
        part("first byte", phases.first_byte),
        part("total", Some(phases.total)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
