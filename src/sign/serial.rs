//! A key id that names a certificate by its serial number must name the one that signs: with that
//! of another pair, a bank says only that the signature does not verify.

use super::SignError;
use crate::keys::Certificate;

/// Refuses `SN=…` with a serial number that is not the certificate's in either spelling.
pub(super) fn check(key_id: &str, certificate: Option<&Certificate>) -> Result<(), SignError> {
    let Some((certificate, rest)) = certificate.zip(key_id.strip_prefix("SN=")) else { return Ok(()) };
    let named = rest.split(',').next().unwrap_or_default().trim();
    let digits = |text: &str| text.trim_start_matches('0').to_ascii_uppercase();
    let spellings = [certificate.serial_hex(), certificate.serial_decimal().to_owned()];
    if spellings.iter().any(|serial| digits(serial) == digits(named)) {
        return Ok(());
    }
    Err(SignError::OtherSerial { named: named.to_owned(), hex: certificate.serial_hex() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_with_another_certificates_serial_number_is_refused_before_it_is_sent() {
        let file = include_bytes!("../../tests/fixtures/keys/rsa.v1.crt.pem");
        let certificate = Certificate::read_all(file).unwrap().remove(0);
        for good in [
            "SN=0A1B2C3D4E5F60718293",
            "SN=a1b2c3d4e5f60718293,CA=CN=ing_http",
            "SN=47724914708969405121171,CA=x",
            "client-id",
            "",
        ] {
            assert_eq!(check(good, Some(&certificate)), Ok(()), "{good}");
        }
        for wrong in ["SN=1", "SN=,CA=x", "SN=0A1B2C3D4E5F60718294,CA=CN=ing_http"] {
            assert!(
                matches!(check(wrong, Some(&certificate)), Err(SignError::OtherSerial { .. })),
                "{wrong}"
            );
            assert_eq!(check(wrong, None), Ok(()), "nothing to compare with");
        }
    }
}
