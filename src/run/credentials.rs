//! The keys and certificates of an environment, read and checked before anything is sent.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::certs::Problem::{Mismatch, NoCertificate};
use crate::certs::{self, Pair, Purpose};
use crate::diag::{Code, Diagnostic, Severity, Span, pointer};
use crate::files::{self, Fault, FileError, PrivateFile};
use crate::keys::{Certificate, KeyError, PrivateKey, PublicKey};
use crate::limits;
use crate::load::{Owner, Suite};
use crate::render::Party;
use crate::send::{ClientCertificate, TransportSettings};
use crate::sign::{Profile, Signer, SigningKey};
use crate::spec::Signing;

/// What signs the requests of an environment, for showing.
#[derive(Debug, Clone)]
pub struct SigningPair {
    /// The file of the private key and its public half; `None`: a shared secret signs.
    pub key: Option<(String, PublicKey)>,
    /// The file of its certificate, where the environment names one, and the certificate.
    pub certificate: Option<(String, Certificate)>,
}

/// Reads the key material of one environment and collects what is wrong with it.
pub(super) struct Credentials<'a> {
    suite: &'a Suite,
    party: &'a Party,
    now: DateTime<Utc>,
    problems: Vec<Diagnostic>,
    tls_key: Option<PublicKey>,
    signing: Option<SigningPair>,
}

impl<'a> Credentials<'a> {
    pub(super) fn of(party: &'a Party, suite: &'a Suite, now: DateTime<Utc>) -> Self {
        Self { suite, party, now, problems: Vec::new(), tls_key: None, signing: None }
    }

    /// Everything that was found, warnings too, and what signs, if anything was asked to.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, Option<SigningPair>) {
        (self.problems, self.signing)
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
        self.tls_key = key.as_ref().map(|key| key.public().clone());
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
        let (key, certificate) = self.signing_pair(signing)?;
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

    /// Reads the signing key though no request is signed with it: the embedded bank has to know it.
    pub(super) fn signing_key_of_the_bank(&mut self) {
        let signing = self.party.signing.as_ref().filter(|signing| signing.key.is_some());
        if let Some(signing) = signing.filter(|_| self.party.is_embedded() && self.signing.is_none()) {
            self.signing_pair(signing);
        }
    }

    /// The key that signs and its certificate, found to belong together.
    fn signing_pair(&mut self, signing: &Signing) -> Option<(SigningKey, Option<Certificate>)> {
        let place = "/signing/certificate";
        let chain =
            signing.certificate.as_ref().map(|path| self.certificates(path, place, Code::Certificate));
        let key = match (&signing.key, &signing.secret) {
            (Some(path), _) => self.key(path, "/signing/key").map(|key| (path, key)),
            (None, Some(secret)) => {
                let certificate = chain.map_or(Some(None), |chain| chain.map(|it| it.into_iter().next()))?;
                self.signing = Some(SigningPair { key: None, certificate: None });
                return Some((SigningKey::secret(secret.as_bytes()), certificate));
            }
            (None, None) => {
                let problem = Diagnostic::error(Code::Key, "`signing` has no `key`");
                let help = "add the path of the private key: `key: certificates/NAME.key`";
                self.problem(problem.help(help), "/signing");
                return None;
            }
        };
        let (key_file, key) = key?;
        self.warn_if_shared(key_file, &key);
        let certificate = match (&signing.certificate, chain) {
            (Some(file), Some(chain)) => Some((file.clone(), self.own_of(key_file, &key, file, chain?)?)),
            _ => None,
        };
        let shown = Some((key_file.clone(), key.public().clone()));
        self.signing = Some(SigningPair { key: shown, certificate: certificate.clone() });
        Some((SigningKey::from(key), certificate.map(|(_, certificate)| certificate)))
    }

    /// The certificate of the signing key. Whether it must be valid now is for the bank to say,
    /// which may have registered no more than its key: dates are warned of.
    fn own_of(
        &mut self,
        key_file: &str,
        key: &PrivateKey,
        certificate_file: &str,
        chain: Vec<Certificate>,
    ) -> Option<Certificate> {
        let pair = Pair { key, key_file, chain: &chain, certificate_file };
        for found in certs::check(&pair, Purpose::Signing, self.now) {
            if let Some(mut problem) = found.diagnostic() {
                let fatal = matches!(found, Mismatch { .. } | NoCertificate { .. });
                problem.severity = if fatal { Severity::Error } else { Severity::Warning };
                self.problem(problem, "/signing/certificate");
            }
        }
        chain.into_iter().find(|certificate| certificate.public_key() == key.public())
    }

    /// The two pairs of a client are easily mixed up, and one that serves both is mostly that.
    fn warn_if_shared(&mut self, path: &str, key: &PrivateKey) {
        if self.tls_key.as_ref() == Some(key.public()) {
            let tls = self.party.tls.key.as_deref().unwrap_or_default();
            let message = if tls == path {
                format!("`{path}` signs requests and is the key of the connection too")
            } else {
                format!("`{path}` signs requests and is the same private key as `{tls}` of the connection")
            };
            let help = "banks register two pairs: name the file of the other one, or make it with \
                        `countersign certs new`";
            self.problem(Diagnostic::warning(Code::Key, message).help(help), "/signing/key");
        }
    }

    fn key(&mut self, path: &str, place: &str) -> Option<PrivateKey> {
        let file = match files::read_private(&self.suite.root.join(path), limits::KEY_FILE) {
            Ok(file) => file,
            Err(error) => return self.unreadable(&error, path, place, Code::Key),
        };
        self.warn_if_exposed(&file, path, place);
        if let Some(tracked) = super::tracked(&self.suite.root.join(path), path) {
            self.problem(tracked.diagnostic(), place);
        }
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
        let mut problem = problem.help("paths are relative to the folder that holds `requests/`");
        if matches!(error.fault, Fault::Missing) && code != Code::Authority {
            problem = problem.help(
                "make a pair with `countersign certs new NAME`, or download the bank's: docs/certificates.md",
            );
        }
        self.problem(problem, place);
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
