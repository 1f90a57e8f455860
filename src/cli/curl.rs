//! A signed request as a curl command.
//!
//! Secrets are not printed: what stands for one in brackets becomes a shell variable, so that
//! the command works once the variable is set.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use countersign::message::Message;
use countersign::spec::Tls;

/// What the command needs beside the message.
pub(super) struct Curl<'a> {
    pub(super) message: &'a Message,
    pub(super) tls: &'a Tls,
    /// The names whose `[name]` stands for a secret.
    pub(super) secrets: &'a [String],
}

impl Curl<'_> {
    /// The command, one option a line.
    pub(super) fn command(&self) -> String {
        let mut lines = vec![format!(
            "curl --silent --show-error --include --request {}",
            self.quoted(&self.message.method)
        )];
        lines.push(self.quoted(self.message.url.as_str()));
        lines.extend(self.tls_options());
        for (name, value) in self.message.headers.iter() {
            let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            lines.push(format!("--header {}", self.quoted(&field)));
        }
        let mut before = String::new();
        match std::str::from_utf8(&self.message.body) {
            Ok("") => {}
            // `@` at the beginning would name a file.
            Ok(text) if !text.contains('\0') && !text.starts_with('@') => {
                lines.push(format!("--data-binary {}", self.quoted(text)));
            }
            _ => {
                let _ = write!(
                    before,
                    "printf %s {} | base64 --decode | ",
                    BASE64_STANDARD.encode(&self.message.body)
                );
                lines.push("--data-binary @-".into());
            }
        }
        format!("{before}{}\n", lines.join(" \\\n  "))
    }

    fn tls_options(&self) -> Vec<String> {
        let option = |name: &str, value: &str| format!("--{name} {}", self.quoted(value));
        let mut options = Vec::new();
        options.extend(self.tls.certificate.as_deref().map(|path| option("cert", path)));
        options.extend(self.tls.key.as_deref().map(|path| option("key", path)));
        options.extend(self.tls.ca.first().map(|path| option("cacert", path)));
        options
    }

    /// In single quotes, which nothing in a POSIX shell looks into.
    fn quoted(&self, text: &str) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
        if !text.is_empty() && text.chars().all(plain) {
            return text.to_owned();
        }
        let mut quoted = format!("'{}'", text.replace('\'', r"'\''"));
        for name in self.secrets {
            quoted = quoted.replace(&format!("[{name}]"), &format!("'\"${}\"'", variable(name)));
        }
        quoted
    }
}

fn variable(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
