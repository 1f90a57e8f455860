//! The embedded bank of an environment with `host: embedded`, and the example certificates that
//! its client shows.
//!
//! Two shells may start at once on a fresh checkout: the certificates are made under a lock on
//! their folder, so that one makes them and the other finds them.

use std::fs::File;
use std::path::{Component, Path};
use std::time::Duration;

use url::Url;

use crate::certs::{self, Order, Subject};
use crate::clock::Clock;
use crate::diag::{Code, Diagnostic};
use crate::files::{self, Existing};
use crate::keys::{Certificate, KeyKind};
use crate::limits;
use crate::load::{Owner, Suite};
use crate::render::Party;
use crate::run::{Ready, Surroundings};
use crate::sandbox::{Client, ClientKey, Envelope, Handle, Log, Settings, StartError, start_on_thread};
use crate::sign::Profile;

/// Days that example certificates are valid.
const VALIDITY: u32 = 365;

/// A running bank; it stops when dropped.
pub struct Bank {
    handle: Handle,
    client_id: String,
}

/// How a bank is opened.
pub struct Opening {
    /// The port on loopback; 0 for a free one.
    pub port: u16,
    /// How far a `Date` may be from the bank's clock.
    pub skew: Duration,
    /// Who is told about each request.
    pub log: Log,
    /// Signing profiles to verify on every path, in place of the bank's own endpoints.
    pub profiles: Vec<Profile>,
}

impl Bank {
    /// Opens the bank, with the client of each of these identities of an environment registered.
    pub fn open(
        suite: &Suite,
        ready: &[&Ready],
        surroundings: &Surroundings,
        opening: Opening,
    ) -> Result<Self, Diagnostic> {
        let verifies = !opening.profiles.is_empty();
        let clients = ready.iter().map(|ready| client(suite, ready, verifies));
        let clients: Vec<Client> = clients.collect::<Result<_, _>>()?;
        let client_id = clients.first().map(|client| client.client_id.clone()).unwrap_or_default();
        let settings = Settings {
            port: opening.port,
            skew: opening.skew,
            envelope: Envelope::default(),
            clients,
            clock: surroundings.clock,
            ids: surroundings.ids.named("sandbox"),
            log: opening.log,
            profiles: opening.profiles,
        };
        let handle = start_on_thread(settings).map_err(|error| {
            let code = match error {
                StartError::PortTaken(_) | StartError::Port(..) | StartError::Runtime(_) => Code::SandboxPort,
                _ => Code::Sandbox,
            };
            let problem = Diagnostic::error(code, format!("the embedded bank can't be started: {error}"));
            match error.help() {
                Some(help) => problem.help(help),
                None => problem,
            }
        })?;
        Ok(Self { handle, client_id })
    }

    /// Where it listens.
    pub fn host(&self) -> &Url {
        &self.handle.host
    }

    /// The CA of its certificate.
    pub fn authority(&self) -> &Certificate {
        &self.handle.authority
    }

    /// The certificate of the key that signs the answers of the JWS flavour; made when first asked for.
    pub fn signing_certificate(&self) -> &Certificate {
        self.handle.signing_certificate()
    }

    /// Closes the bank, and waits until it is closed.
    pub fn stop(self) {
        self.handle.stop_and_wait();
    }

    /// The id of the registered client.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

/// The environment's client, as the bank has to know it. The bank's own endpoints take no shared
/// secrets.
fn client(suite: &Suite, ready: &Ready, secrets: bool) -> Result<Client, Diagnostic> {
    let party = &ready.party;
    let missing = |what: &str, help: &str| {
        let message = format!("the embedded bank needs to know {what}");
        let problem = Diagnostic::error(Code::Sandbox, message).help(help);
        match suite.locations.find(&Owner::Environment(party.environment.clone()), "/host") {
            Some(place) => problem.at(place.value, ""),
            None => problem,
        }
    };
    let tls = ready.tls.client.as_ref();
    let tls =
        tls.ok_or_else(|| missing("the client's certificate", "add `tls: {certificate: …, key: …}`"))?;
    let pair = ready.signing.as_ref().and_then(|signing| signing.key.as_ref());
    let secret = party.signing.as_ref().and_then(|signing| signing.secret.clone()).filter(|_| secrets);
    let signing_key = match (pair, secret) {
        (Some((_, key)), _) => ClientKey::Public(key.clone()),
        (None, Some(secret)) => ClientKey::Secret(secret.into()),
        (None, None) => {
            let help = match &party.signing {
                Some(signing) if signing.secret.is_some() => {
                    "its own endpoints take no shared secret: serve this environment with \
                     `countersign sandbox --profile NAME`, and use one with that host"
                }
                _ => "add `signing: {profile: ing, key: …}`",
            };
            return Err(missing("the client's signing key", help));
        }
    };
    let client_id = party.client_id();
    let client_id = client_id
        .ok_or_else(|| missing("the client's id", "add `variables: {client_id: …}` with any text"))?;
    Ok(Client { client_id, tls_certificate: tls.chain[0].clone(), signing_key })
}

/// Makes whatever example key material of an embedded environment is not there yet. Files that
/// are there stay as they are.
pub(super) fn make_certificates(suite: &Suite, party: &Party) -> Result<(), Diagnostic> {
    if !party.is_embedded() {
        return Ok(());
    }
    let tls = &party.tls;
    let signing = party.signing.as_ref();
    let pairs = [
        (tls.key.as_deref(), tls.certificate.as_deref()),
        (
            signing.and_then(|signing| signing.key.as_deref()),
            signing.and_then(|signing| signing.certificate.as_deref()),
        ),
    ];
    for (key, certificate) in pairs {
        let (Some(key), certificate) = (key, certificate) else { continue };
        let (key, certificate) = (suite.root.join(key), certificate.map(|path| suite.root.join(path)));
        if !key.starts_with(suite.root.path()) || key.components().any(|part| part == Component::ParentDir) {
            // Example keys are made inside the suite only; elsewhere they are somebody's own.
            continue;
        }
        make_pair(&key, certificate.as_deref()).map_err(|why| {
            Diagnostic::error(Code::Key, format!("the example key `{}` can't be made: {why}", key.display()))
        })?;
    }
    Ok(())
}

/// Makes a key and its certificate where neither is there.
fn make_pair(key: &Path, certificate: Option<&Path>) -> Result<(), String> {
    let complete = || key.exists() && certificate.is_none_or(Path::exists);
    if complete() {
        return Ok(());
    }
    let folder = files::folder_of(key);
    std::fs::create_dir_all(folder).map_err(|error| error.kind().to_string())?;
    let lock = File::open(folder).map_err(|error| error.kind().to_string())?;
    lock.lock().map_err(|error| error.kind().to_string())?;
    if complete() {
        // Another process made both while we waited.
        return Ok(());
    }
    if let Some(half) = [Some(key), certificate].into_iter().flatten().find(|path| path.exists()) {
        return Err(format!("its other half `{}` is there; delete it to have both made", half.display()));
    }
    let subject = Subject::common_name("countersign example client").map_err(|error| error.to_string())?;
    let order = Order::plain(subject, VALIDITY, KeyKind::Rsa(limits::RSA_BITS));
    let made = certs::new(&order, None, Clock::System.now()).map_err(|error| error.to_string())?;
    let write = |path: &Path, contents: &[u8], mode| {
        files::write(path, contents, mode, Existing::Keep).map_err(|error| error.fault.to_string())
    };
    // The key last: a reader without the lock takes its presence for that of the pair.
    if let Some(certificate) = certificate {
        write(certificate, made.certificate.as_bytes(), files::Mode::Shared)?;
    }
    write(key, made.key.as_bytes(), files::Mode::Private)
}
