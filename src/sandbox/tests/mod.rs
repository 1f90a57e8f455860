//! The bank from outside: real TLS, real client certificates, requests that are signed here with
//! nothing of the crate's own signing code.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::keys::{Certificate, KeyKind, PrivateKey};

use super::serve::Limits;
use super::{Client, Entry, Handle, Log, Settings, start_within};

mod call;
mod checks;
mod flavours;
mod handshake;
mod limits;
mod wire;

use call::Call;
use wire::Reply;

/// A client of the bank, with the private halves of what is registered.
pub(super) struct Party {
    client_id: &'static str,
    certificate: Certificate,
    tls_key: PrivateKey,
    signing_key: PrivateKey,
}

impl Party {
    fn new(client_id: &'static str, tls: KeyKind) -> Self {
        let tls_key = PrivateKey::generate(tls).unwrap();
        let certificate = certificate(&tls_key, |_| ());
        let signing_key = PrivateKey::generate(KeyKind::Rsa(2048)).unwrap();
        Self { client_id, certificate, tls_key, signing_key }
    }

    fn client(&self) -> Client {
        Client {
            client_id: self.client_id.into(),
            tls_certificate: self.certificate.clone(),
            signing_key: self.signing_key.public().clone().into(),
        }
    }
}

static SHOP: LazyLock<Party> = LazyLock::new(|| Party::new("5ca1ab1e-shop", KeyKind::Rsa(2048)));
static OTHER: LazyLock<Party> = LazyLock::new(|| Party::new("0ddba11-other", KeyKind::P256));

/// A self-signed certificate over a key.
fn certificate(key: &PrivateKey, change: impl FnOnce(&mut rcgen::CertificateParams)) -> Certificate {
    let pair = rcgen::KeyPair::try_from(key.pkcs8()).unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    change(&mut params);
    Certificate::read_all(params.self_signed(&pair).unwrap().der()).unwrap().remove(0)
}

/// A running bank with both parties registered, and what it logged.
struct Town {
    handle: Handle,
    log: Arc<Mutex<Vec<Entry>>>,
}

impl Town {
    async fn new() -> Self {
        Self::with(|_, _| ()).await
    }

    async fn with(change: impl FnOnce(&mut Settings, &mut Limits)) -> Self {
        let mut settings = Settings::new(vec![SHOP.client(), OTHER.client()]);
        let mut limits = Limits::default();
        let log: Arc<Mutex<Vec<Entry>>> = Arc::default();
        let entries = Arc::clone(&log);
        settings.log = Log::new(move |entry| entries.lock().unwrap().push(entry.clone()));
        change(&mut settings, &mut limits);
        Self { handle: start_within(settings, limits).await.unwrap(), log }
    }

    /// Sends as the shop.
    async fn send(&self, call: &Call) -> Reply {
        wire::send(&self.handle, &SHOP, call).await
    }

    /// The last entry of the log. What is logged for an answer is logged before it is sent.
    fn last(&self) -> Entry {
        self.log.lock().unwrap().last().expect("nothing was logged").clone()
    }

    async fn logged(&self, count: usize) -> Vec<Entry> {
        for _ in 0..500 {
            if self.log.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.log.lock().unwrap().clone()
    }

    async fn token(&self) -> String {
        let reply = self.send(&Call::token(&SHOP)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["access_token"].as_str().unwrap().to_owned()
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn fixed(seconds: i64) -> Clock {
    Clock::Fixed(at(seconds))
}
