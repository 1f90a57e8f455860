//! The one way out for everything that a command prints: secrets are masked here, and a closed
//! pipe ends quietly.

use std::io::{self, Write};

use countersign::diag::{self, Code, Diagnostic, Sources};
use countersign::secret::Redactor;

use super::settings::Settings;

/// Standard output and standard error, masked.
pub(crate) struct Output {
    redactor: Redactor,
    color_on_stderr: bool,
}

impl Output {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { redactor: settings.redactor.clone(), color_on_stderr: settings.color_on_stderr }
    }

    /// Writes a result to standard output.
    pub(crate) fn print(&self, text: &str) {
        quietly(io::stdout().lock().write_all(self.redactor.redact(text).as_bytes()));
    }

    /// Tells on standard error.
    pub(crate) fn tell(&self, text: &str) {
        quietly(writeln!(io::stderr().lock(), "{}", self.redactor.redact(text)));
    }

    /// Shows what is wrong with the user's files, on standard error.
    pub(crate) fn show(&self, problems: &[Diagnostic], sources: &Sources) {
        if !problems.is_empty() {
            let text = diag::render(problems, sources, self.color_on_stderr);
            self.tell(text.trim_end_matches('\n'));
            quietly(writeln!(io::stderr().lock()));
        }
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

    /// Makes a panic say what it is, without secrets.
    pub(crate) fn mask_panics(&self) {
        let redactor = self.redactor.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let text = format!("countersign broke, which is a bug; please report this:\n{panic}");
            quietly(writeln!(io::stderr().lock(), "{}", redactor.redact(&text)));
        }));
    }
}

/// Whoever stopped reading has seen enough; there is nobody left to tell.
fn quietly(written: io::Result<()>) {
    drop(written);
}
