//! What is known of an answer besides what it says: how long it took, where it came from, and who
//! sent it. What is not known is found by no selector.

use std::time::Duration;

use chrono::SecondsFormat;
use serde_json::{Number, Value};
use url::Url;

use crate::diag::did_you_mean;
use crate::keys::{Certificate, Pin};

/// What is known of an answer besides what it says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// From the request being handed over to the last byte of the answer.
    pub duration: Option<Duration>,
    /// Where it came from.
    pub url: Option<&'a Url>,
    /// The certificate that the server showed; none where there is no TLS.
    pub certificate: Option<&'a Certificate>,
    /// Whether its signature verified; `None` where nothing says how it must be signed.
    pub signed: Option<bool>,
}

impl Facts<'_> {
    /// Whole milliseconds.
    pub(super) fn milliseconds(&self) -> Option<Value> {
        let milliseconds = u64::try_from(self.duration?.as_millis()).ok()?;
        Some(Value::Number(Number::from(milliseconds)))
    }

    pub(super) fn url(&self) -> Option<Value> {
        self.url.map(|url| Value::String(url.to_string()))
    }

    pub(super) fn certificate(&self, part: CertificatePart) -> Option<Value> {
        self.certificate.and_then(|certificate| part.of(certificate))
    }
}

/// A part of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificatePart {
    /// Whom it is for, as RFC 4514 writes names.
    Subject,
    /// Who signed it, as RFC 4514 writes names.
    Issuer,
    /// The moment from which it is valid, as RFC 3339.
    NotBefore,
    /// The last moment at which it is valid, as RFC 3339.
    NotAfter,
    /// The serial number, in the upper-case hexadecimal of `openssl x509 -serial`.
    Serial,
    /// The SHA-256 of the certificate, in lower-case hexadecimal.
    Sha256,
    /// The list of DNS names and addresses that it is for.
    San,
    /// The SHA-256 of its public key, as `tls.pin` writes it.
    Pin,
}

impl CertificatePart {
    /// Every part with its name in a file.
    const TABLE: [(Self, &str); 8] = [
        (Self::Subject, "subject"),
        (Self::Issuer, "issuer"),
        (Self::NotBefore, "not_before"),
        (Self::NotAfter, "not_after"),
        (Self::Serial, "serial"),
        (Self::Sha256, "sha256"),
        (Self::San, "san"),
        (Self::Pin, "pin"),
    ];

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(_, known)| *known == name).map(|(part, _)| *part)
    }

    /// What to write instead of a name that is none.
    pub(super) fn help(name: &str) -> String {
        let names = Self::TABLE.iter().map(|(_, known)| *known);
        match did_you_mean(name, names.clone()) {
            Some(meant) => format!("did you mean `certificate.{meant}`?"),
            None => format!("there are `{}`", names.collect::<Vec<_>>().join("`, `")),
        }
    }

    fn of(self, certificate: &Certificate) -> Option<Value> {
        let date = |moment: chrono::DateTime<chrono::Utc>| moment.to_rfc3339_opts(SecondsFormat::Secs, true);
        let text = match self {
            Self::Subject => certificate.subject().to_owned(),
            Self::Issuer => certificate.issuer().to_owned(),
            Self::NotBefore => date(certificate.not_before()),
            Self::NotAfter => date(certificate.not_after()),
            Self::Serial => certificate.serial_hex(),
            Self::Sha256 => data_encoding::HEXLOWER.encode(&certificate.sha256()),
            Self::San => return Some(certificate.alternative_names().iter().cloned().collect()),
            Self::Pin => Pin::of(certificate.der())?.to_string(),
        };
        Some(Value::String(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_certificate_is_found_and_none_where_there_is_none() {
        let pem = include_bytes!("../../tests/fixtures/keys/p256.v3.crt.pem");
        let certificate = &Certificate::read_all(pem).unwrap()[0];
        let facts = Facts { certificate: Some(certificate), ..Facts::default() };
        for (part, name) in CertificatePart::TABLE {
            assert_eq!(CertificatePart::parse(name), Some(part));
            assert_eq!(Facts::default().certificate(part), None, "{name}");
            assert!(facts.certificate(part).is_some(), "{name}");
        }
        let after = facts.certificate(CertificatePart::NotAfter).unwrap();
        let moment = chrono::DateTime::parse_from_rfc3339(after.as_str().unwrap()).unwrap();
        assert_eq!(moment.to_utc(), certificate.not_after());
        assert_eq!(CertificatePart::help("not_afer"), "did you mean `certificate.not_after`?");
    }
}
