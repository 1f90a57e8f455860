//! The keys and certificates of an environment, read and checked before anything is sent.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::certs::{self, Pair, Purpose};
use crate::diag::{Code, Diagnostic, Severity, Span, pointer};
use crate::files::{self, FileError, PrivateFile};
use crate::keys::{Certificate, KeyError, PrivateKey};
use crate::limits;
use crate::load::{Owner, Suite};
use crate::render::Party;
use crate::send::{ClientCertificate, TransportSettings};
use crate::sign::{Profile, Signer, SigningKey};

/// Reads the key material of one environment and collects what is wrong with it.
pub(super) struct Credentials<'a> {
    suite: &'a Suite,
    party: &'a Party,
    now: DateTime<Utc>,
    problems: Vec<Diagnostic>,
}

impl<'a> Credentials<'a> {
    pub(super) fn of(party: &'a Party, suite: &'a Suite, now: DateTime<Utc>) -> Self {
        Self { suite, party, now, problems: Vec::new() }
    }

    /// Everything that was found, warnings too.
    pub(super) fn problems(self) -> Vec<Diagnostic> {
        self.problems
    }

    /// What TLS needs: the client certificate if there is one, and who is trusted.
    pub(super) fn tls(&mut self) -> Option<TransportSettings> {
        let before = self.problems.len();
        let client = self.client();
        let authorities = self.authorities();
        let broken = self.problems[before..].iter().any(|problem| problem.severity == Severity::Error);
        let system_roots = !self.party.tls.ca_only;
        (!broken).then(|| TransportSettings {
            client,
            authorities,
            system_roots,
            ..TransportSettings::default()
        })
    }

    fn client(&mut self) -> Option<ClientCertificate> {
        let tls = &self.party.tls;
        let (certificate_path, key_path) = (tls.certificate.as_deref()?, tls.key.as_deref()?);
        let chain = self.certificates(certificate_path, "/tls/certificate", Code::Certificate);
        let key = self.key(key_path, "/tls/key");
        let (chain, key) = (chain?, key?);
        let pair = Pair { key: &key, key_file: key_path, chain: &chain, certificate_file: certificate_path };
        for found in certs::check(&pair, Purpose::Tls, self.now) {
            if let Some(problem) = found.diagnostic() {
                self.problem(problem, "/tls/certificate");
            }
        }
        let chain = certs::arrange(key.public(), chain)?;
        Some(ClientCertificate { chain, key, certificate_file: PathBuf::from(certificate_path) })
    }

    fn authorities(&mut self) -> Vec<Certificate> {
        let files = self.party.tls.ca.clone();
        let single = self.place("/tls/ca/0").is_none();
        let mut trusted = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let place =
                if single { pointer(["tls", "ca"]) } else { pointer(["tls", "ca", &index.to_string()]) };
            trusted.extend(self.certificates(file, &place, Code::Authority).unwrap_or_default());
        }
        trusted
    }

    /// A signer with this profile and the environment's key; `asked` is where a request asks for it.
    pub(super) fn signer(&mut self, profile: &Profile, asked: Option<Span>) -> Option<Signer> {
        let Some(signing) = &self.party.signing else {
            let environment = &self.party.environment;
            let problem =
                format!("the environment `{environment}` has no `signing`, and a request is signed");
            let problem = Diagnostic::error(Code::Key, problem).help(
                "add `signing: {profile: …, key: …}` to the environment, or `sign: false` to the request",
            );
            self.problems
                .push(asked.into_iter().fold(problem, |problem, span| problem.at(span, "it is signed")));
            return None;
        };
        let key = match (&signing.key, &signing.secret) {
            (Some(path), _) => SigningKey::from(self.key(path, "/signing/key")?),
            (None, Some(secret)) => SigningKey::secret(secret.as_bytes()),
            (None, None) => {
                let problem = Diagnostic::error(Code::Key, "`signing` has no `key`");
                self.problem(
                    problem.help("add the path of the private key: `key: certificates/NAME.key`"),
                    "/signing",
                );
                return None;
            }
        };
        let certificate = match &signing.certificate {
            Some(path) => {
                self.certificates(path, "/signing/certificate", Code::Certificate)?.into_iter().next()
            }
            None => None,
        };
        match Signer::new(profile.clone(), key, certificate) {
            Ok(signer) => Some(signer),
            Err(error) => {
                let mut problem = Diagnostic::error(error.code(), error.to_string());
                problem.help.extend(error.help());
                let place = if signing.key.is_some() { "/signing/key" } else { "/signing/secret" };
                self.problem(problem, place);
                None
            }
        }
    }

    fn key(&mut self, path: &str, place: &str) -> Option<PrivateKey> {
        let file = match files::read_private(&self.suite.root.join(path), limits::KEY_FILE) {
            Ok(file) => file,
            Err(error) => return self.unreadable(&error, path, place, Code::Key),
        };
        self.warn_if_exposed(&file, path, place);
        match PrivateKey::read(&file.bytes) {
            Ok(key) => Some(key),
            Err(error) => self.wrong(&error, path, place, Code::Key),
        }
    }

    fn warn_if_exposed(&mut self, file: &PrivateFile, path: &str, place: &str) {
        if let Some(exposure) = file.mode.and_then(|mode| certs::exposure(path, mode)) {
            self.problem(exposure.diagnostic(), place);
        }
    }

    fn certificates(&mut self, path: &str, place: &str, code: Code) -> Option<Vec<Certificate>> {
        let bytes = match files::read(&self.suite.root.join(path), limits::KEY_FILE) {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(&error, path, place, code),
        };
        match Certificate::read_all(&bytes) {
            Ok(certificates) => Some(certificates),
            Err(error) => self.wrong(&error, path, place, code),
        }
    }

    fn unreadable<T>(&mut self, error: &FileError, path: &str, place: &str, code: Code) -> Option<T> {
        let problem = Diagnostic::error(code, format!("`{path}` can't be read: {}", error.fault));
        self.problem(problem.help("paths are relative to the folder that holds `requests/`"), place);
        None
    }

    fn wrong<T>(&mut self, error: &KeyError, path: &str, place: &str, code: Code) -> Option<T> {
        let mut problem = Diagnostic::error(code, format!("`{path}` {error}"));
        problem.help.extend(error.help());
        self.problem(problem, place);
        None
    }

    fn problem(&mut self, problem: Diagnostic, pointer: &str) {
        let problem = match self.place(pointer) {
            Some(span) => problem.at(span, ""),
            None => problem,
        };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn place(&self, pointer: &str) -> Option<Span> {
        let owner = Owner::Environment(self.party.environment.clone());
        self.suite.locations.find(&owner, pointer).map(|place| place.value)
    }
}
