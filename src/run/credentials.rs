//! The keys and certificates of an environment, read and checked before anything is sent.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::Surroundings;
use super::key_files::{KeyFiles, Lock, Named};
use crate::certs::Problem::{Mismatch, NoCertificate};
use crate::certs::{self, Pair, Purpose};
use crate::clock::Clock;
use crate::diag::{Code, Diagnostic, Severity, Span, pointer};
use crate::keys::{Certificate, KeyStore, PrivateKey, PublicKey};
use crate::load::{Owner, Suite};
use crate::render::Party;
use crate::secret::Passphrase;
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
    pub(super) suite: &'a Suite,
    pub(super) party: &'a Party,
    pub(super) surroundings: &'a Surroundings,
    pub(super) now: DateTime<Utc>,
    owner: Owner,
    files: KeyFiles<'a>,
    tls_key: Option<PublicKey>,
    pub(super) signing: Option<SigningPair>,
}

impl<'a> Credentials<'a> {
    pub(super) fn of(party: &'a Party, suite: &'a Suite, surroundings: &'a Surroundings) -> Self {
        // The server judges certificates by its own clock, whatever `--now` pretends.
        let now = Clock::System.now();
        let owner = Owner::Environment(party.environment.clone());
        let files = KeyFiles::of(suite, &surroundings.redactor);
        Self { suite, party, surroundings, now, owner, files, tls_key: None, signing: None }
    }

    /// Everything that was found, warnings too, and what signs, if anything was asked to.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, Option<SigningPair>) {
        (self.files.problems, self.signing)
    }

    /// What TLS needs: the client certificate if there is one, and who is trusted.
    pub(super) fn tls(&mut self) -> Option<TransportSettings> {
        let before = self.files.problems.len();
        let client = self.client();
        let authorities = self.authorities();
        self.check_insecure();
        let broken = self.files.problems[before..].iter().any(|problem| problem.severity == Severity::Error);
        let system_roots = !self.party.tls.ca_only;
        (!broken).then(|| TransportSettings {
            client,
            authorities,
            system_roots,
            options: self.party.tls.options.clone(),
            resolve: self.party.resolve.clone(),
            ..TransportSettings::default()
        })
    }

    fn client(&mut self) -> Option<ClientCertificate> {
        let tls = &self.party.tls;
        let passphrase = tls.passphrase.as_ref();
        if let Some(path) = tls.pkcs12.as_deref() {
            let store = self.store(path, "/tls/pkcs12", passphrase)?;
            return self.client_of([path, path], (store.key, store.certificates), "/tls/pkcs12");
        }
        let (certificate_path, key_path) = (tls.certificate.as_deref()?, tls.key.as_deref()?);
        let place = "/tls/certificate";
        let chain = self.certificates(certificate_path, place, Code::Certificate);
        let key = self.key(key_path, "/tls/key", passphrase);
        self.tls_key = key.as_ref().map(|key| key.public().clone());
        self.client_of([key_path, certificate_path], (key?, chain?), place)
    }

    fn client_of(
        &mut self,
        [key_path, certificate_path]: [&str; 2],
        (key, chain): (PrivateKey, Vec<Certificate>),
        place: &str,
    ) -> Option<ClientCertificate> {
        self.tls_key = Some(key.public().clone());
        let pair = Pair { key: &key, key_file: key_path, chain: &chain, certificate_file: certificate_path };
        for found in certs::check(&pair, Some(Purpose::Tls), self.now) {
            if let Some(problem) = found.diagnostic() {
                self.problem(problem, place);
            }
        }
        let chain = certs::arrange(key.public(), chain)?;
        Some(ClientCertificate { chain, key, certificate_file: PathBuf::from(certificate_path) })
    }

    /// A connection that trusts anybody is warned of every time, and refused where nobody reads
    /// warnings.
    fn check_insecure(&mut self) {
        if self.party.tls.options.verify {
            return;
        }
        let what = format!("connections of `{}` trust any server (`verify: false`)", self.party.environment);
        let problem = if self.surroundings.refuses_insecure {
            Diagnostic::error(Code::Insecure, format!("{what}, which a CI job must not"))
                .help("name the server's authority under `ca` instead, or allow it for this run with `--allow-insecure`")
        } else {
            Diagnostic::warning(
                Code::Insecure,
                format!("{what}: whoever is in between reads tokens and changes answers"),
            )
            .help("name the server's authority under `ca` instead")
        };
        self.problem(problem, "/tls/verify");
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
            self.files.problems.push(problem.at(asked, "it is signed"));
            return None;
        };
        let (key, certificate) = self.signing_pair(signing)?;
        match Signer::new(profile.clone(), key, certificate) {
            Ok(signer) => Some(signer),
            Err(error) => {
                let mut problem = Diagnostic::error(error.code(), error.to_string());
                problem.help.extend(error.help());
                let place = if signing.secret.is_some() { "/signing/secret" } else { key_place(signing) };
                self.problem(problem, place);
                None
            }
        }
    }

    /// Reads the signing key though no request is signed with it: the embedded bank has to know it.
    pub(super) fn signing_key_of_the_bank(&mut self) {
        let signing = self.party.signing.as_ref().filter(|signing| has_pair(signing));
        if let Some(signing) = signing.filter(|_| self.party.is_embedded() && self.signing.is_none()) {
            self.signing_pair(signing);
        }
    }

    /// The key that signs and its certificate, found to belong together.
    fn signing_pair(&mut self, signing: &Signing) -> Option<(SigningKey, Option<Certificate>)> {
        if let Some(command) = &signing.command {
            return self.by_program(signing, command);
        }
        let passphrase = signing.passphrase.as_ref();
        if let Some(path) = signing.pkcs12.as_deref() {
            let place = "/signing/pkcs12";
            let store = self.store(path, place, passphrase)?;
            return self.signing_pair_of(path, store.key, Some((path.to_owned(), store.certificates, place)));
        }
        let place = "/signing/certificate";
        let chain =
            signing.certificate.as_ref().map(|path| self.certificates(path, place, Code::Certificate));
        let key = match (&signing.key, &signing.secret) {
            (Some(path), _) => self.key(path, "/signing/key", passphrase).map(|key| (path, key)),
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
        let certificates = match (&signing.certificate, chain) {
            (Some(file), Some(chain)) => Some((file.clone(), chain?, place)),
            _ => None,
        };
        self.signing_pair_of(key_file, key, certificates)
    }

    fn signing_pair_of(
        &mut self,
        key_file: &str,
        key: PrivateKey,
        certificates: Option<(String, Vec<Certificate>, &str)>,
    ) -> Option<(SigningKey, Option<Certificate>)> {
        self.warn_if_shared(key_file, &key);
        let certificate = match certificates {
            Some((file, chain, place)) => {
                let own = self.own_of([key_file, &file], &key, chain, place)?;
                Some((file, own))
            }
            None => None,
        };
        let shown = Some((key_file.to_owned(), key.public().clone()));
        self.signing = Some(SigningPair { key: shown, certificate: certificate.clone() });
        Some((SigningKey::from(key), certificate.map(|(_, certificate)| certificate)))
    }

    /// The certificate of the signing key. Whether it must be valid now is for the bank to say,
    /// which may have registered no more than its key: dates are warned of.
    fn own_of(
        &mut self,
        [key_file, certificate_file]: [&str; 2],
        key: &PrivateKey,
        chain: Vec<Certificate>,
        place: &str,
    ) -> Option<Certificate> {
        let pair = Pair { key, key_file, chain: &chain, certificate_file };
        for found in certs::check(&pair, Some(Purpose::Signing), self.now) {
            if let Some(mut problem) = found.diagnostic() {
                let fatal = matches!(found, Mismatch { .. } | NoCertificate { .. });
                problem.severity = if fatal { Severity::Error } else { Severity::Warning };
                self.problem(problem, place);
            }
        }
        chain.into_iter().find(|certificate| certificate.public_key() == key.public())
    }

    /// The two pairs of a client are easily mixed up, and one that serves both is mostly that.
    fn warn_if_shared(&mut self, path: &str, key: &PrivateKey) {
        if self.tls_key.as_ref() == Some(key.public()) {
            let tls = &self.party.tls;
            let tls = tls.key.as_ref().or(tls.pkcs12.as_ref()).map_or("", String::as_str);
            let message = if tls == path {
                format!("`{path}` signs requests and is the key of the connection too")
            } else {
                format!("`{path}` signs requests and is the same private key as `{tls}` of the connection")
            };
            let help = "banks register two pairs: name the file of the other one, or make it with \
                        `countersign certs new`";
            let place = self.party.signing.as_ref().map_or("/signing", key_place);
            self.problem(Diagnostic::warning(Code::Key, message).help(help), place);
        }
    }

    fn key(&mut self, path: &str, place: &str, passphrase: Option<&Passphrase>) -> Option<PrivateKey> {
        self.files.key(Named { path, place: (&self.owner, place), lock: Lock::Beside(passphrase) })
    }

    fn store(&mut self, path: &str, place: &str, passphrase: Option<&Passphrase>) -> Option<KeyStore> {
        self.files.store(Named { path, place: (&self.owner, place), lock: Lock::Beside(passphrase) })
    }

    /// The certificates of a file, which are not secret.
    pub(super) fn certificates(&mut self, path: &str, place: &str, code: Code) -> Option<Vec<Certificate>> {
        self.files.certificates(path, (&self.owner, place), code)
    }

    /// A public key, alone or in a certificate.
    pub(super) fn public_key(&mut self, path: &str, place: &str) -> Option<PublicKey> {
        self.files.public_key(path, (&self.owner, place))
    }

    pub(super) fn problem(&mut self, problem: Diagnostic, pointer: &str) {
        self.files.problem(problem, (&self.owner, pointer));
    }

    fn place(&self, pointer: &str) -> Option<Span> {
        self.suite.locations.find(&self.owner, pointer).map(|place| place.value)
    }
}

/// Where the private key of an environment is named.
pub(super) fn key_place(signing: &Signing) -> &'static str {
    if signing.pkcs12.is_some() { "/signing/pkcs12" } else { "/signing/key" }
}

/// Whether a key pair signs, and no shared secret.
fn has_pair(signing: &Signing) -> bool {
    signing.key.is_some() || signing.pkcs12.is_some() || signing.command.is_some()
}
