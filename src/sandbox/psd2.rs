//! PSD2's way to name a key for the first token: `keyId="SN=…"` is the serial number of the
//! certificate that comes along in `TPP-Signature-Certificate`. Later calls name the client id that
//! the token answer returned.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::keys::Certificate;

use super::clients::{Client, ClientKey};
use super::log::shown;
use super::request::Received;

const HEADER: &str = "TPP-Signature-Certificate";

/// Whether the serial number is that of the certificate that the request brings, and the certificate
/// is over the key that the client registered.
pub(super) fn check(
    serial: &str,
    request: &Received,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<(), String> {
    let certificate = sent(request)?;
    let own = certificate.serial_hex();
    let digits = |text: &str| text.trim_start_matches('0').to_ascii_lowercase();
    if digits(serial) != digits(&own) {
        return Err(format!(
            "`keyId` is `SN={}`, and the serial number of the certificate in `{HEADER}` is {own}",
            shown(serial)
        ));
    }
    if client.signing_key != ClientKey::from(certificate.public_key().clone()) {
        return Err(format!("the certificate in `{HEADER}` is not over the registered signing key"));
    }
    if now < certificate.not_before() || now > certificate.not_after() {
        let (from, until) = (certificate.not_before(), certificate.not_after());
        return Err(format!("the certificate in `{HEADER}` is valid from {from} until {until}"));
    }
    Ok(())
}

/// The certificate as PEM whose line breaks were taken out: a header has one line.
fn sent(request: &Received) -> Result<Certificate, String> {
    let values = request.head.headers.all(HEADER).count();
    let value = request.head.only(HEADER).ok_or_else(|| match values {
        0 => format!("`keyId` names a certificate by its serial number, and there is no `{HEADER}` field"),
        _ => format!("there are several `{HEADER}` fields"),
    })?;
    let broken = || format!("`{HEADER}` is not a certificate in PEM, on one line");
    let inside = value
        .trim()
        .strip_prefix("-----BEGIN CERTIFICATE-----")
        .and_then(|rest| rest.strip_suffix("-----END CERTIFICATE-----"))
        .ok_or_else(broken)?;
    let der = STANDARD.decode(inside.replace(' ', "")).map_err(|_| broken())?;
    let read = Certificate::read_all(&der).map_err(|_| broken())?;
    read.into_iter().next().ok_or_else(broken)
}
