//! Keys that a program keeps: what is known of them before the program is ever run.

use std::sync::Arc;

use super::credentials::{Credentials, SigningPair};
use crate::certs;
use crate::diag::{Code, Diagnostic};
use crate::keys::{Certificate, Program, PublicKey};
use crate::limits;
use crate::sign::{External, SigningKey};
use crate::spec::{SignCommand, Signing};

impl Credentials<'_> {
    /// The signer that asks a program, with the certificate of its key if one is named.
    pub(super) fn by_program(
        &mut self,
        signing: &Signing,
        command: &SignCommand,
    ) -> Option<(SigningKey, Option<Certificate>)> {
        let certificate = match signing.certificate.as_deref() {
            Some(path) => Some((path, self.certificate_of_program(path)?)),
            None => None,
        };
        let public = match signing.public_key.as_deref() {
            Some(path) => Some(self.public_key(path, "/signing/public_key")?),
            None => None,
        };
        if !self.agree(public.as_ref(), certificate.as_ref()) {
            return None;
        }
        let public = match &certificate {
            Some((_, own)) => Some((own.public_key().clone(), "certificate")),
            None => public.map(|key| (key, "public key")),
        };
        let program = self.program(command);
        let name = program.name().to_owned();
        self.check_program(&program, public.is_some())?;
        self.signing = Some(SigningPair {
            key: public.as_ref().map(|(key, _)| (name, key.clone())),
            certificate: certificate.clone().map(|(path, own)| (path.to_owned(), own)),
        });
        let external = External { program, public, input: command.input, output: command.output };
        Some((SigningKey::from(external), certificate.map(|(_, own)| own)))
    }

    /// Nothing where the program is not there; a warning where nobody can verify what it answers.
    fn check_program(&mut self, program: &Program, verifiable: bool) -> Option<()> {
        let (name, place) = (program.name(), "/signing/key");
        if !program.is_there() {
            let problem = Diagnostic::error(Code::Key, format!("the program `{name}` is not there"));
            let help = if name.contains('/') {
                "a path with a `/` names an executable file within the suite; a bare name is looked for in `PATH`"
            } else {
                "install it, or name the folder that holds it in `PATH`"
            };
            self.problem(problem.help(help), place);
            return None;
        }
        if !verifiable {
            let message = format!("what the program `{name}` answers can't be verified before it is sent");
            let help = "name its `certificate` or `public_key` under `signing`";
            self.problem(Diagnostic::warning(Code::Key, message).help(help), place);
        }
        Some(())
    }

    fn program(&self, command: &SignCommand) -> Program {
        Program {
            words: command.words.clone(),
            timeout: command.timeout.unwrap_or(limits::PROGRAM_TIMEOUT),
            longest: limits::PROGRAM_ANSWER,
            folder: self.suite.root.path().to_owned(),
            environment: Arc::clone(&self.surroundings.environment),
            redactor: self.surroundings.redactor.clone(),
        }
    }

    fn certificate_of_program(&mut self, path: &str) -> Option<Certificate> {
        let place = "/signing/certificate";
        let own = self.certificates(path, place, Code::Certificate)?.into_iter().next()?;
        let problem = certs::validity(&own, path, self.now).and_then(|found| found.diagnostic());
        if let Some(mut problem) = problem {
            problem.severity = crate::diag::Severity::Warning;
            self.problem(problem, place);
        }
        Some(own)
    }

    /// Whether the certificate is of the public key, where both are named.
    fn agree(&mut self, public: Option<&PublicKey>, certificate: Option<&(&str, Certificate)>) -> bool {
        let (Some(key), Some((path, own))) = (public, certificate) else { return true };
        let named = self.party.signing.as_ref().and_then(|signing| signing.public_key.clone());
        let problem = certs::Problem::Mismatch {
            key_file: named.unwrap_or_default(),
            key: key.fingerprint(),
            certificate_file: (*path).to_owned(),
            certificate: own.public_key().fingerprint(),
        };
        let differ = own.public_key() != key;
        if let Some(problem) = problem.diagnostic().filter(|_| differ) {
            self.problem(problem, "/signing/public_key");
        }
        !differ
    }
}
