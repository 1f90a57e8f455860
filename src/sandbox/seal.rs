//! The JWS flavour: what its requests must be signed with, and the bank's own signature under its
//! answers.
//!
//! The bank's key is made when it is first needed, since making an RSA key takes longer than a whole
//! run that does without.

use std::sync::{Arc, LazyLock, OnceLock};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::certs::{self, Subject};
use crate::clock::Clock;
use crate::keys::{Certificate, KeyKind, Numbers, PrivateKey};
use crate::limits;
use crate::message::{self, Start};
use crate::sign::{Filled, Moment, Profile, Signer, SigningKey, sign_answer};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::answer::{Problem, Refusal};
use super::clients::{Client, Register};
use super::log::Check;
use super::profiles;
use super::request::Received;

/// Days that the bank's certificate is valid.
const VALIDITY: u32 = 30;

static PROFILE: LazyLock<Profile> =
    LazyLock::new(|| Profile::shipped("ing-jws").expect("a test looks up every shipped profile"));

/// Check 8 of the JWS flavour, which has 3 to 6 in it; gives the signing string.
pub(super) fn check(
    request: &Received,
    (client, register): (&Client, &Register),
    moment: Moment,
) -> Result<String, Refusal> {
    let candidates = profiles::candidates(client, register);
    let judgement = PROFILE.scheme().judge(&request.as_message(), &candidates, moment);
    match judgement.refusal {
        None => Ok(judgement.signing_string),
        Some(found) => Err(Refusal {
            signing_string: Some(judgement.signing_string).filter(|text| !text.is_empty()),
            verifies: found.verifies,
            ..Refusal::new(Check::Signature, Problem::Unsigned, found.reason)
        }),
    }
}

/// The key that signs answers, and its certificate. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Seal(Arc<OnceLock<(Signer, Certificate)>>);

impl Seal {
    /// The certificate, for whoever wants to verify answers.
    pub(super) fn certificate(&self) -> &Certificate {
        &self.made().1
    }

    /// The public key as JWK (RFC 7517), named by its certificate.
    pub(super) fn jwk(&self) -> Value {
        let certificate = self.certificate();
        let Numbers::Rsa { modulus, exponent } = certificate.public_key().numbers() else {
            unreachable!("the bank's signing key is made as RSA")
        };
        let [modulus, exponent] = [modulus, exponent].map(|number| URL_SAFE_NO_PAD.encode(number));
        let thumbprint = URL_SAFE_NO_PAD.encode(certificate.sha256());
        json!({ "kty": "RSA", "n": modulus, "e": exponent, "use": "sig", "alg": "PS256", "kid": thumbprint })
    }

    /// Adds digest and signature to the headers of an answer.
    pub(super) fn sign(&self, status: u16, headers: &mut HeaderMap, body: &Bytes, at: DateTime<Utc>) {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut answer = message::Received {
            start: Start::Answer { status, request: None },
            headers: headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect(),
            body: body.clone(),
        };
        let (signer, certificate) = self.made();
        let filled = Filled::key_id(certificate.fingerprint());
        let before = answer.headers.len();
        sign_answer(&mut answer, signer, &filled, at)
            .expect("the bank's answers have everything that the profile signs");
        for (name, value) in answer.headers.iter().skip(before) {
            let field = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
            let (name, value) = field.expect("a signature is printable");
            headers.insert(name, value);
        }
    }

    fn made(&self) -> &(Signer, Certificate) {
        const MADE: &str = "keys and certificates can be made wherever the bank's own was";
        self.0.get_or_init(|| {
            let key = PrivateKey::generate(KeyKind::Rsa(limits::RSA_BITS)).expect(MADE);
            let subject = Subject::common_name("countersign sandbox signing").expect(MADE);
            let certificate =
                certs::certificate_for(&key, &subject, VALIDITY, Clock::System.now()).expect(MADE);
            let signing = SigningKey::from(key);
            (Signer::new(PROFILE.clone(), signing, Some(certificate.clone())).expect(MADE), certificate)
        })
    }
}
