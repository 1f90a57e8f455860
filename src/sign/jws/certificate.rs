//! The certificate that a protected header names or carries: it must be that of the signer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::judge::Carried;
use crate::keys::Certificate;
use crate::sign::judge::Candidate;
use crate::sign::{VerifyingKey, jose};

/// What the message says of a certificate, held against the key that signed it. A thumbprint alone
/// is checked where the signer's certificate is known.
pub(super) fn check(carried: &Carried, keys: &[Candidate<'_>]) -> Result<(), String> {
    let signer = keys.first();
    if let Some(known) = signer.and_then(|signer| signer.certificate) {
        let whose = "that of the signer's certificate";
        check_thumbprint(carried, known.der(), whose)?;
    }
    let Some(chain) = carried.protected.get("x5c") else { return Ok(()) };
    let first = chain[0].as_str().and_then(|text| STANDARD.decode(text).ok());
    let der = first.ok_or("`x5c` does not begin with a certificate in base64")?;
    check_thumbprint(carried, &der, "that of the certificate in `x5c`")?;
    let certificate = Certificate::read_all(&der).ok().and_then(|all| all.into_iter().next());
    let own = certificate.ok_or("`x5c` does not begin with a certificate")?;
    match signer.map(|signer| signer.key) {
        Some(VerifyingKey::Public(key)) if key != own.public_key() => {
            Err("the certificate in `x5c` has another key".into())
        }
        _ => Ok(()),
    }
}

fn check_thumbprint(carried: &Carried, der: &[u8], whose: &str) -> Result<(), String> {
    let own = jose::encode(Sha256::digest(der));
    match carried.protected.get("x5t#S256") {
        Some(Value::String(thumbprint)) if own != *thumbprint => {
            Err(format!("`x5t#S256` is `{thumbprint}`, and {whose} is `{own}`"))
        }
        Some(Value::String(_)) | None => Ok(()),
        Some(_) => Err("`x5t#S256` is not a text".into()),
    }
}
