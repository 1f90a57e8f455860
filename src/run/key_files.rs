//! Key material as it lies in files: read, opened with its passphrase, and what is wrong with it
//! told where the file is named, by whatever names it.

use crate::certs;
use crate::diag::{Code, Diagnostic};
use crate::files::{self, Fault, FileError, PrivateFile};
use crate::keys::{Certificate, KeyError, KeyStore, PrivateKey, PublicKey, is_encrypted};
use crate::limits;
use crate::load::{Owner, Suite};
use crate::render;
use crate::secret::{Passphrase, Redactor};

/// A file of key material that something names.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    /// Its path, as it is written.
    pub(super) path: &'a str,
    /// Where it is named: in which file, and the pointer.
    pub(super) place: (&'a Owner, &'a str),
    /// What opens it.
    pub(super) lock: Lock<'a>,
}

/// What opens a file of key material.
#[derive(Clone, Copy)]
pub(super) enum Lock<'a> {
    /// The `passphrase` that stands beside it, if one does.
    Beside(Option<&'a Passphrase>),
    /// Nothing: where it is named there is no `passphrase` to be set.
    Never,
}

/// Reads the key material that a suite names, and collects what is wrong with it.
pub(super) struct KeyFiles<'a> {
    suite: &'a Suite,
    redactor: &'a Redactor,
    pub(super) problems: Vec<Diagnostic>,
}

impl<'a> KeyFiles<'a> {
    pub(super) fn of(suite: &'a Suite, redactor: &'a Redactor) -> Self {
        Self { suite, redactor, problems: Vec::new() }
    }

    /// Tells what is wrong, once.
    pub(super) fn problem(&mut self, problem: Diagnostic, (owner, pointer): (&Owner, &str)) {
        let span = render::span(self.suite, owner, pointer, None);
        let problem = problem.at(span, "");
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// A private key.
    pub(super) fn key(&mut self, named: Named<'_>) -> Option<PrivateKey> {
        let file = self.private_file(named)?;
        let passphrase = self.passphrase(named);
        let read = match passphrase {
            Some(passphrase) => PrivateKey::read_with(&file.bytes, passphrase),
            None => PrivateKey::read(&file.bytes),
        };
        if read.is_ok() && passphrase.is_some() && !is_encrypted(&file.bytes) {
            let message = format!("`{}` is not encrypted, and has a `passphrase`", named.path);
            let problem = Diagnostic::warning(Code::Key, message).help("remove it, or encrypt the key");
            let (owner, pointer) = named.place;
            self.problem(problem, (owner, &passphrase_of(pointer)));
        }
        read.map_err(|error| self.unopened(&error, named)).ok()
    }

    /// A PKCS#12 store, its certificates in the order that TLS wants.
    pub(super) fn store(&mut self, named: Named<'_>) -> Option<KeyStore> {
        let file = self.private_file(named)?;
        let passphrase = self.passphrase(named);
        match KeyStore::read(&file.bytes, passphrase) {
            Ok(KeyStore { key, certificates }) => {
                let arranged = certs::arrange(key.public(), certificates.clone());
                Some(KeyStore { key, certificates: arranged.unwrap_or(certificates) })
            }
            Err(error) => {
                self.unopened(&error, named);
                None
            }
        }
    }

    /// The certificates of a file, which are not secret.
    pub(super) fn certificates(
        &mut self,
        path: &str,
        place: (&Owner, &str),
        code: Code,
    ) -> Option<Vec<Certificate>> {
        self.public_file(path, place, code, Certificate::read_all)
    }

    /// A public key, alone or in a certificate.
    pub(super) fn public_key(&mut self, path: &str, place: (&Owner, &str)) -> Option<PublicKey> {
        self.public_file(path, place, Code::Key, PublicKey::read)
    }

    fn public_file<T>(
        &mut self,
        path: &str,
        place: (&Owner, &str),
        code: Code,
        read: impl Fn(&[u8]) -> Result<T, KeyError>,
    ) -> Option<T> {
        let bytes = match files::read(&self.suite.root.join(path), limits::KEY_FILE) {
            Ok(bytes) => bytes,
            Err(error) => return self.unreadable(&error, path, place, code),
        };
        match read(&bytes) {
            Ok(found) => Some(found),
            Err(error) => {
                self.wrong(&error, path, place, code);
                None
            }
        }
    }

    fn private_file(&mut self, named: Named<'_>) -> Option<PrivateFile> {
        let Named { path, place, .. } = named;
        match files::read_private(&self.suite.root.join(path), limits::KEY_FILE) {
            Ok(file) => {
                if let Some(exposure) = file.mode.and_then(|mode| certs::exposure(path, mode)) {
                    self.problem(exposure.diagnostic(), place);
                }
                if let Some(tracked) = super::tracked(&self.suite.root.join(path), path) {
                    self.problem(tracked.diagnostic(), place);
                }
                Some(file)
            }
            Err(error) => self.unreadable(&error, path, place, Code::Key),
        }
    }

    /// The passphrase, which nobody may show from now on.
    fn passphrase<'n>(&self, named: Named<'n>) -> Option<&'n str> {
        let Lock::Beside(Some(passphrase)) = named.lock else { return None };
        self.redactor.remember("passphrase", passphrase.expose());
        Some(passphrase.expose())
    }

    fn unreadable<T>(
        &mut self,
        error: &FileError,
        path: &str,
        place: (&Owner, &str),
        code: Code,
    ) -> Option<T> {
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

    fn unopened(&mut self, error: &KeyError, named: Named<'_>) {
        let (owner, pointer) = named.place;
        let beside = passphrase_of(pointer);
        let pointer = if matches!(error, KeyError::WrongPassphrase) { &beside } else { pointer };
        let is_locked = matches!(error, KeyError::Encrypted(_) | KeyError::StoreLocked);
        let help = match named.lock {
            Lock::Beside(_) if is_locked => {
                "add `passphrase: \"{{ secret('KEY_PASSPHRASE') }}\"` beside it, and set the variable or put it into `.env`"
            }
            Lock::Never if is_locked || is_store(error) => {
                "name it under `signing` in the environment, with its `passphrase`, and leave `key` out here"
            }
            _ => return self.wrong(error, named.path, (owner, pointer), Code::Key),
        };
        let problem = wrong(error, named.path, Code::Key).help(help);
        self.problem(problem, (owner, pointer));
    }

    fn wrong(&mut self, error: &KeyError, path: &str, place: (&Owner, &str), code: Code) {
        let mut problem = wrong(error, path, code);
        if is_store(error) {
            problem =
                problem.help("or name the store itself with `pkcs12`, in place of `key` and `certificate`");
        }
        self.problem(problem, place);
    }
}

fn is_store(error: &KeyError) -> bool {
    matches!(error, KeyError::Wrong { found: crate::keys::Form::Pkcs12, .. })
}

fn wrong(error: &KeyError, path: &str, code: Code) -> Diagnostic {
    let mut problem = Diagnostic::error(code, format!("`{path}` {error}"));
    problem.help.extend(error.help());
    problem
}

/// Where the passphrase of a file stands: beside it.
fn passphrase_of(place: &str) -> String {
    let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
    format!("{parent}/passphrase")
}
