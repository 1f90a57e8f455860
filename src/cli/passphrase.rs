//! The passphrase of a file on the command line: from a variable or a file, never an argument,
//! which every other process of the machine could read.

use std::path::PathBuf;

use clap::Args;
use countersign::diag::Code;
use countersign::secret::Passphrase;
use countersign::{files, limits};

use super::context::Context;
use super::exit::Exit;

/// Where the passphrase of encrypted files comes from.
#[derive(Debug, Args)]
pub(crate) struct PassphraseFrom {
    /// The environment variable that holds the passphrase of encrypted files
    #[arg(long, value_name = "NAME", conflicts_with = "passphrase_file")]
    passphrase_env: Option<String>,
    /// The file whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseFrom {
    /// The passphrase, if one was asked for; masked from now on.
    pub(super) fn read(&self, context: &Context<'_>) -> Result<Option<Passphrase>, Exit> {
        let refuse = |message: String| {
            context.output.refuse(Code::Secret, message, None);
            Exit::Credentials
        };
        let passphrase = if let Some(name) = &self.passphrase_env {
            let value = context.environment.get(name).cloned();
            Some(value.ok_or_else(|| refuse(format!("the environment variable `{name}` is not set")))?)
        } else if let Some(path) = &self.passphrase_file {
            let file =
                files::read_private(path, limits::KEY_FILE).map_err(|error| refuse(error.to_string()))?;
            let text = std::str::from_utf8(&file.bytes)
                .map_err(|_| refuse(format!("`{}` is not text in UTF-8", path.display())))?;
            Some(text.lines().next().unwrap_or_default().to_owned())
        } else {
            None
        };
        let passphrase = passphrase.map(Passphrase::new);
        if let Some(passphrase) = &passphrase {
            context.settings.redactor.remember("passphrase", passphrase.expose());
        }
        Ok(passphrase)
    }
}
