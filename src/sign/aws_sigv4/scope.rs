//! The credential scope, the key that is derived for it, and the string to sign.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::canonical::hash;

/// The name of the algorithm, in the string to sign and in the message.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a signature is good for: one day, one region, one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// `20150830`
    pub day: String,
    pub region: String,
    pub service: String,
}

impl Scope {
    /// As it stands in the string to sign and, behind the access key id, in the credential.
    pub fn text(&self) -> String {
        let Self { day, region, service } = self;
        format!("{day}/{region}/{service}/aws4_request")
    }

    /// The key of this scope, made of the secret access key.
    pub fn key(&self, secret: &[u8]) -> Zeroizing<Vec<u8>> {
        self.key_of(&Zeroizing::new([b"AWS4", secret].concat()))
    }

    /// The key, derived from these bytes step by step.
    pub fn key_of(&self, first: &[u8]) -> Zeroizing<Vec<u8>> {
        let first = Zeroizing::new(first.to_vec());
        [self.day.as_str(), &self.region, &self.service, "aws4_request"].iter().fold(first, |key, step| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            Zeroizing::new(hmac::sign(&key, step.as_bytes()).as_ref().to_vec())
        })
    }

    /// The string to sign of a canonical request.
    pub fn string_to_sign(&self, date: &str, canonical: &[u8]) -> String {
        format!("{ALGORITHM}\n{date}\n{}\n{}", self.text(), hash(canonical))
    }
}
