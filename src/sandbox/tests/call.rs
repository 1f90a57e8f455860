//! A signed request, made line by line as the bank's documentation says, with every part open to
//! be changed before it is signed or after.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clock::{Clock, Ids, http_date};
use crate::keys::PrivateKey;

use super::Party;

#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// The names that are signed, as the value of `headers`.
pub(super) const FOUR: &str = "(request-target) date digest x-ing-reqid";
pub(super) const THREE: &str = "(request-target) date digest";

impl Call {
    /// Everything but the signature.
    pub(super) fn bare(method: &str, target: &str, body: &str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes());
        let headers = [
            ("Date", http_date(Clock::System.now())),
            ("Digest", format!("SHA-256={}", STANDARD.encode(digest))),
            ("X-ING-ReqID", Ids::Random.uuid().to_string()),
            ("Content-Type", "application/x-www-form-urlencoded".into()),
        ];
        Self {
            method: method.into(),
            target: target.into(),
            headers: headers.map(|(name, value)| (name.into(), value)).to_vec(),
            body: body.into(),
        }
    }

    /// The token call as the shop's own program would make it.
    pub(super) fn token(party: &Party) -> Self {
        Self::bare("POST", "/oauth2/token", "grant_type=client_credentials").signed(party)
    }

    /// The greeting call likewise.
    pub(super) fn greeting(party: &Party, token: &str) -> Self {
        Self::bare("GET", "/greetings/single", "").bearing(token).signed(party)
    }

    pub(super) fn bearing(self, token: &str) -> Self {
        self.with("Authorization", &format!("Bearer {token}"))
    }

    /// Signs what is there, where it belongs: beside a token, or in its place.
    pub(super) fn signed(self, party: &Party) -> Self {
        let value = self.signature(party.client_id, &party.signing_key, FOUR);
        self.carrying(&value)
    }

    pub(super) fn carrying(self, value: &str) -> Self {
        if self.value("authorization").is_some() {
            self.with("Signature", value)
        } else {
            self.with("Authorization", &format!("Signature {value}"))
        }
    }

    /// The parameters, with a signature over the named parts of the request as it is now.
    pub(super) fn signature(&self, key_id: &str, key: &PrivateKey, names: &str) -> String {
        let lines: Vec<_> = names.split(' ').map(|name| self.line(name)).collect();
        let signature = signed(key, &lines.join("\n"));
        format!(r#"keyId="{key_id}",algorithm="rsa-sha256",headers="{names}",signature="{signature}""#)
    }

    pub(super) fn line(&self, name: &str) -> String {
        if name == "(request-target)" {
            return format!("{name}: {} {}", self.method.to_lowercase(), self.target);
        }
        format!("{name}: {}", self.value(name).unwrap_or_default())
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Sets a field, in the place of the ones of that name.
    pub(super) fn with(self, name: &str, value: &str) -> Self {
        let mut call = self.without(name);
        call.headers.push((name.into(), value.into()));
        call
    }

    /// Adds a field beside the ones of that name.
    pub(super) fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }
}

pub(super) fn signed(key: &PrivateKey, text: &str) -> String {
    let pair = RsaKeyPair::from_pkcs8(key.pkcs8()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    STANDARD.encode(signature)
}
