//! What TLS says in numbers and names, in words.

use chrono::DateTime;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use super::watch::ServerChain;

/// Most names of a certificate that are shown.
const NAMES: usize = 10;

/// An alert as RFC 8446, section 6, writes it.
pub(super) fn alert(alert: AlertDescription) -> String {
    let name = match alert {
        AlertDescription::CloseNotify => "close_notify",
        AlertDescription::UnexpectedMessage => "unexpected_message",
        AlertDescription::BadRecordMac => "bad_record_mac",
        AlertDescription::RecordOverflow => "record_overflow",
        AlertDescription::HandshakeFailure => "handshake_failure",
        AlertDescription::NoCertificate => "no_certificate",
        AlertDescription::BadCertificate => "bad_certificate",
        AlertDescription::UnsupportedCertificate => "unsupported_certificate",
        AlertDescription::CertificateRevoked => "certificate_revoked",
        AlertDescription::CertificateExpired => "certificate_expired",
        AlertDescription::CertificateUnknown => "certificate_unknown",
        AlertDescription::IllegalParameter => "illegal_parameter",
        AlertDescription::UnknownCA => "unknown_ca",
        AlertDescription::AccessDenied => "access_denied",
        AlertDescription::DecodeError => "decode_error",
        AlertDescription::DecryptError => "decrypt_error",
        AlertDescription::ProtocolVersion => "protocol_version",
        AlertDescription::InsufficientSecurity => "insufficient_security",
        AlertDescription::InternalError => "internal_error",
        AlertDescription::InappropriateFallback => "inappropriate_fallback",
        AlertDescription::UserCanceled => "user_canceled",
        AlertDescription::NoRenegotiation => "no_renegotiation",
        AlertDescription::MissingExtension => "missing_extension",
        AlertDescription::UnsupportedExtension => "unsupported_extension",
        AlertDescription::UnrecognisedName => "unrecognized_name",
        AlertDescription::CertificateRequired => "certificate_required",
        AlertDescription::NoApplicationProtocol => "no_application_protocol",
        other => return format!("alert {}", u8::from(other)),
    };
    name.to_owned()
}

/// Whether an alert, sent after a certificate was asked for, is about that certificate.
pub(super) fn is_about_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::HandshakeFailure
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
            | AlertDescription::CertificateRequired
    )
}

/// What an alert usually means when it is not about a certificate.
pub(super) fn alert_meaning(alert: AlertDescription) -> Option<&'static str> {
    match alert {
        AlertDescription::ProtocolVersion => {
            Some("it offers no TLS version that we speak: 1.2 is the minimum")
        }
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            Some("there is no cipher that both sides speak")
        }
        AlertDescription::UnrecognisedName => Some("it serves no host of this name"),
        AlertDescription::NoApplicationProtocol => Some("it speaks neither HTTP/2 nor HTTP/1.1 here"),
        _ => None,
    }
}

/// Why the two sides can't talk at all.
pub(super) fn incompatible(reason: &PeerIncompatible) -> &'static str {
    match reason {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::Tls12NotOffered => "it offers no TLS version that we speak: 1.2 is the minimum",
        _ => "there is no key exchange or cipher that both sides speak",
    }
}

/// What is wrong with the server's certificate, and what to do about it.
pub(super) fn certificate(error: &CertificateError, shown: Option<&ServerChain>) -> (String, Option<String>) {
    match error {
        CertificateError::ExpiredContext { time, not_after } => (
            format!("it expired on {}, and it is now {}", moment(*not_after), moment(*time)),
            Some(CLOCK.to_owned()),
        ),
        CertificateError::NotValidYetContext { time, not_before } => (
            format!("it is valid from {} on, and it is now {}", moment(*not_before), moment(*time)),
            Some(CLOCK.to_owned()),
        ),
        CertificateError::Expired | CertificateError::NotValidYet => {
            ("it is not valid now".to_owned(), Some(CLOCK.to_owned()))
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            (format!("it is for {}, not for `{}`", names(presented), name(expected)), Some(HOST.to_owned()))
        }
        CertificateError::NotValidForName => ("it is for another host".to_owned(), Some(HOST.to_owned())),
        CertificateError::UnknownIssuer => (unknown_issuer(shown), Some(ISSUER.to_owned())),
        CertificateError::Revoked => ("it was revoked".to_owned(), None),
        CertificateError::BadEncoding => ("it is damaged".to_owned(), None),
        CertificateError::BadSignature => {
            ("its signature is not its issuer's".to_owned(), Some(OTHER_AUTHORITY.to_owned()))
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            ("it is not meant for a server".to_owned(), None)
        }
        CertificateError::UnhandledCriticalExtension => {
            ("it has a critical extension that is not understood".to_owned(), None)
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            ("it, or one that leads to it, is signed in a way that is no longer safe".to_owned(), None)
        }
        CertificateError::Other(other) => (rare(&format!("{:?}", other.0)).to_owned(), None),
        _ => ("it does not hold up to checking".to_owned(), None),
    }
}

const CLOCK: &str = "check this machine's clock; when it is right, the server needs a new certificate";
const HOST: &str = "use the host name that the certificate is for";
const ISSUER: &str = "name the file of the issuing authority under `tls.ca` in the environment file";

const OTHER_AUTHORITY: &str = "a file under `tls.ca` is of another authority with the same name, such as that of another start \
     of `countersign sandbox`: name the file of the one that runs";

fn unknown_issuer(shown: Option<&ServerChain>) -> String {
    let Some(shown) = shown else { return "no trusted authority issued it".to_owned() };
    let sent = match shown.sent {
        1 => "the server sent 1 certificate".to_owned(),
        many => format!("the server sent {many} certificates"),
    };
    if shown.subject == shown.issuer {
        return format!("`{}` issued it to itself and is not trusted ({sent})", shown.subject);
    }
    format!("no trusted authority stands behind its issuer `{}` ({sent})", shown.issuer)
}

/// Verifiers wrap what rustls has no name for; only its debug form says what it is.
fn rare(reason: &str) -> &'static str {
    match reason {
        "CaUsedAsEndEntity" => "it is an authority's certificate, not a server's",
        "EndEntityUsedAsCa" => "its issuer is not an authority",
        "UnsupportedCertVersion" => "it is not an X.509 v3 certificate",
        "NameConstraintViolation" => "its issuer may not issue certificates for this name",
        "PathLenConstraintViolated" | "MaximumPathDepthExceeded" => "its chain is longer than allowed",
        _ => "it does not hold up to checking",
    }
}

fn moment(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).map_or_else(
        || "a time out of range".to_owned(),
        |moment| moment.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

fn name(expected: &ServerName<'_>) -> String {
    expected.to_str().into_owned()
}

fn names(presented: &[String]) -> String {
    let shown: Vec<String> =
        presented.iter().take(NAMES).map(|presented| format!("`{}`", plain(presented))).collect();
    match presented.len() {
        0 => "no host at all".to_owned(),
        all if all > NAMES => format!("{} and {} more", shown.join(", "), all - NAMES),
        _ => shown.join(", "),
    }
}

/// rustls presents a name with its kind around it: `DnsName("bank.example")`.
fn plain(presented: &str) -> &str {
    presented
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or(presented, |inner| inner.trim_matches('"'))
}

/// What to do about a client certificate that was refused.
pub(super) fn alert_help(alert: Option<AlertDescription>) -> &'static str {
    match alert {
        Some(AlertDescription::CertificateExpired) => {
            "renew the certificate, or check the clocks on both sides"
        }
        Some(AlertDescription::CertificateRevoked) => "ask the issuer for a new certificate",
        Some(AlertDescription::DecryptError) => "check that key and certificate belong together",
        _ => "check that this is the certificate that the server's operator has registered for you",
    }
}
