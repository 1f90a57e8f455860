//! How much of each contract a run reached, below its tally.

use std::io::{self, Write};

use super::super::sink::Line;
use super::{Terminal, Verbosity, look};
use crate::contract::Coverage;

/// Most of what was not reached that is listed, unless everything is to be told.
const LISTED: usize = 5;

impl<W: Write> Terminal<W> {
    /// `contract openapi.yaml: 1 of 2 operations, 1 of 3 answers; not reached: GET /b`
    pub(super) fn contract(&mut self, coverage: &Coverage) -> io::Result<()> {
        let ((operations, of_operations), (answers, of_answers)) =
            (coverage.operations(), coverage.answers());
        let reached = format!(
            "contract {}: {operations} of {of_operations} operations, {answers} of {of_answers} answers",
            coverage.file
        );
        let missing = coverage.missing();
        if self.look.verbosity == Verbosity::Verbose {
            self.line(&Line::new().text(reached))?;
            let lines =
                missing.iter().map(|name| Line::new().styled(look::QUIET, format!("  not reached: {name}")));
            return lines.collect::<Vec<_>>().iter().try_for_each(|line| self.line(line));
        }
        let line = Line::new().text(reached);
        if missing.is_empty() {
            return self.line(&line);
        }
        let more = missing.len().saturating_sub(LISTED);
        let listed = missing[..missing.len() - more].join(", ");
        let more = if more > 0 { format!(" and {more} more (`-v` lists them)") } else { String::new() };
        self.line(&line.styled(look::QUIET, format!("; not reached: {listed}{more}")))
    }
}
