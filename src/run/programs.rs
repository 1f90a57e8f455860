//! Keys that a program keeps: what is known of them before the program is ever run.

use std::sync::Arc;

use super::credentials::{Credentials, SigningPair};
use crate::certs;
use crate::diag::Code;
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
        let public = self.agreed(public, certificate.as_ref())?;
        let name = command.words.first().cloned().unwrap_or_default();
        self.signing = Some(SigningPair {
            key: public.as_ref().map(|(key, _)| (name, key.clone())),
            certificate: certificate.clone().map(|(path, own)| (path.to_owned(), own)),
        });
        let external =
            External { program: self.program(command), public, input: command.input, output: command.output };
        Some((SigningKey::from(external), certificate.map(|(_, own)| own)))
    }

    fn program(&self, command: &SignCommand) -> Program {
        Program {
            words: command.words.clone(),
            timeout: command.timeout.unwrap_or(limits::PROGRAM_TIMEOUT),
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

    /// The public key, which the certificate must be of when both are named.
    fn agreed(
        &mut self,
        public: Option<PublicKey>,
        certificate: Option<&(&str, Certificate)>,
    ) -> Option<Option<(PublicKey, &'static str)>> {
        match (public, certificate) {
            (Some(key), Some((path, own))) if own.public_key() != &key => {
                let problem = certs::Problem::Mismatch {
                    key_file: self.party.signing.as_ref()?.public_key.clone()?,
                    key: key.fingerprint(),
                    certificate_file: (*path).to_owned(),
                    certificate: own.public_key().fingerprint(),
                };
                self.problem(problem.diagnostic()?, "/signing/public_key");
                None
            }
            (_, Some((_, own))) => Some(Some((own.public_key().clone(), "certificate"))),
            (Some(key), None) => Some(Some((key, "public key"))),
            (None, None) => Some(None),
        }
    }
}
