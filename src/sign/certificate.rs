//! What a profile's templates may say of the signing certificate: `{{ certificate.serial_hex }}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::keys::Certificate;

/// The variables under `certificate`: the serial number in both spellings, the names in three
/// each, and the certificate itself as PEM on one line and as base64 of its DER and of its PEM.
pub fn certificate_variables(certificate: &Certificate) -> Value {
    let pem = certificate.to_pem();
    let line: String = pem.lines().map(str::trim).collect();
    let (subject, issuer) = (certificate.subject_name(), certificate.issuer_name());
    json!({
        "serial_hex": certificate.serial_hex(),
        "serial_decimal": certificate.serial_decimal(),
        "subject": subject.readable(),
        "subject_in_order": subject.in_order(),
        "subject_rfc2253": subject.rfc2253(),
        "issuer": issuer.readable(),
        "issuer_in_order": issuer.in_order(),
        "issuer_rfc2253": issuer.rfc2253(),
        "pem_line": line,
        "pem_base64": STANDARD.encode(&pem),
        "der_base64": STANDARD.encode(certificate.der()),
        "sha256": certificate.fingerprint().trim_start_matches("sha256:"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_header_is_one_line_whatever_the_file_looks_like() {
        let file = include_bytes!("../../tests/fixtures/keys/rsa.v1.crt.pem");
        let certificate = Certificate::read_all(file).unwrap().remove(0);
        let variables = certificate_variables(&certificate);
        let line = variables["pem_line"].as_str().unwrap();
        let inside = line.strip_prefix("-----BEGIN CERTIFICATE-----").unwrap();
        assert_eq!(inside.strip_suffix("-----END CERTIFICATE-----").unwrap(), variables["der_base64"]);
        assert!(!line.contains(['\r', '\n']));
        assert_eq!(variables["sha256"].as_str().unwrap().len(), 64);
    }
}
