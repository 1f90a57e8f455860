//! Which scheme signed a message, told from its headers, and a profile that takes from the message
//! whatever it says of itself: for verifying where nobody names a profile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::{Value, json};

use super::cavage::Parameters;
use super::{Algorithm, Profile, aws_sigv4, cavage, hmac, jose, jws, oauth1, rfc9421};
use crate::message::{Headers, Received};

/// How a message seems to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// A profile to judge it by.
    pub profile: Profile,
    /// Why this one: a clause without a full stop.
    pub because: String,
}

/// What tells that a message is signed in some way.
struct Tell {
    scheme: &'static str,
    /// The header that carries such a signature, and its value.
    carrier: fn(&Headers) -> Option<Carrier<'_>>,
    /// The profile for a message with that carrier; whether a shared secret will verify it.
    profile: fn(&Carrier<'_>, bool) -> Result<Profile, String>,
}

struct Carrier<'a> {
    header: &'a str,
    /// What stands before the parameters of the signature.
    prefix: String,
    value: &'a str,
    /// All headers: how a date or a digest is written shows in them.
    headers: &'a Headers,
}

/// In this order: a message that RFC 9421 signs has a `Signature` header too.
const TELLS: &[Tell] = &[
    Tell { scheme: rfc9421::NAME, carrier: of_rfc9421, profile: as_rfc9421 },
    Tell { scheme: cavage::NAME, carrier: of_cavage, profile: as_cavage },
    Tell { scheme: jws::NAME, carrier: of_jws, profile: as_jws },
    Tell { scheme: aws_sigv4::NAME, carrier: of_aws, profile: as_aws },
    Tell { scheme: oauth1::NAME, carrier: of_oauth, profile: as_oauth },
];

/// Guesses how a message is signed; with a scheme, only what it leaves open. `secret` says whether
/// a shared secret will verify it.
pub fn guess(message: &Received, scheme: Option<&str>, secret: bool) -> Result<Guess, String> {
    if scheme == Some(hmac::NAME) {
        return Err("a message does not say what an HMAC over a template is made of".into());
    }
    let headers = &message.headers;
    let mut tells = TELLS.iter().filter(|tell| scheme.is_none_or(|scheme| tell.scheme == scheme));
    let found = tells.find_map(|tell| Some((tell, (tell.carrier)(headers)?)));
    let Some((tell, carrier)) = found else {
        return Err(match scheme {
            Some(scheme) => format!("no header of the message carries a signature of the scheme `{scheme}`"),
            None => "no header of the message tells how it is signed".into(),
        });
    };
    let profile = (tell.profile)(&carrier, secret)?;
    let because = match scheme {
        Some(_) => format!("the rest read from `{}`", carrier.header),
        None => format!("guessed from `{}`", carrier.header),
    };
    Ok(Guess { profile, because })
}

impl<'a> Carrier<'a> {
    fn of(headers: &'a Headers, header: &'a str) -> Option<Self> {
        Some(Self { header, prefix: String::new(), value: headers.get(header)?, headers })
    }

    /// Of an `Authorization` header with this scheme.
    fn authorization(headers: &'a Headers, scheme: &str) -> Option<Self> {
        let value = headers.get("authorization")?;
        let (before, rest) = value.split_at_checked(scheme.len() + 1)?;
        let prefix = before.to_owned();
        let fits = before.trim_end().eq_ignore_ascii_case(scheme) && before.ends_with(' ');
        fits.then_some(Self { header: "Authorization", prefix, value: rest, headers })
    }
}

fn of_rfc9421(headers: &Headers) -> Option<Carrier<'_>> {
    Carrier::of(headers, "Signature-Input")
}

fn of_cavage(headers: &Headers) -> Option<Carrier<'_>> {
    Carrier::authorization(headers, "Signature")
        .or_else(|| Carrier::of(headers, "Signature"))
        .or_else(|| behind_a_token(headers))
}

/// A signature that shares `Authorization` with a token: `Bearer …;Signature keyid=…`.
fn behind_a_token(headers: &Headers) -> Option<Carrier<'_>> {
    let (_, value) = headers.get("authorization")?.split_once(";Signature ")?;
    Some(Carrier { header: "Authorization", prefix: "Signature ".into(), value, headers })
}

/// `Signature` or whatever header a detached JWS stands in: two dots with nothing between them.
fn of_jws(headers: &Headers) -> Option<Carrier<'_>> {
    let is_detached =
        |value: &str| value.starts_with("eyJ") && value.matches('.').count() == 2 && value.contains("..");
    let (header, value) = headers.iter().find(|(_, value)| is_detached(value))?;
    Some(Carrier { header, prefix: String::new(), value, headers })
}

fn of_aws(headers: &Headers) -> Option<Carrier<'_>> {
    Carrier::authorization(headers, "AWS4-HMAC-SHA256")
}

fn of_oauth(headers: &Headers) -> Option<Carrier<'_>> {
    Carrier::authorization(headers, "OAuth")
}

/// The settings that a scheme has when nothing is said.
fn plain(scheme: &str, settings: &Value) -> Result<Profile, String> {
    Profile::read("", &json!({ scheme: settings }))
        .map_err(|error| format!("what the message says of its signature can't be used: {error}"))
}

/// What is signed stands in the message, and nothing more is asked for.
fn as_rfc9421(carrier: &Carrier<'_>, secret: bool) -> Result<Profile, String> {
    let named = carrier.value.split_once("alg=\"").and_then(|(_, rest)| rest.split('"').next());
    let algorithm = named.unwrap_or(if secret { "hmac-sha256" } else { "by_key" });
    plain(rfc9421::NAME, &json!({"algorithm": algorithm, "components": [], "parameters": []}))
}

/// What is signed and how stands in the parameters.
fn as_cavage(carrier: &Carrier<'_>, _: bool) -> Result<Profile, String> {
    let parameters =
        Parameters::parse(carrier.value).map_err(|error| format!("`{}` {error}", carrier.header))?;
    let named = parameters.algorithm.as_deref();
    let algorithm = named.map_or(Algorithm::Hs2019, meant);
    let mut settings = json!({
        "algorithm": algorithm.name(),
        "components": parameters.components(),
        "carried_in": [{ "header": carrier.header, "prefix": carrier.prefix, "join": ";" }],
    });
    // The draft has names in lower case; who lists them otherwise mostly signs them so.
    if parameters.components().iter().any(|name| name.contains(|letter: char| letter.is_ascii_uppercase())) {
        settings["names"] = "as_written".into();
    }
    if let Some(label) = named {
        settings["label"] = label.into();
    }
    if carrier.headers.get("date").is_some_and(|date| DateTime::parse_from_rfc3339(date).is_ok()) {
        settings["date"] = json!({"format": "rfc3339"});
    }
    let bare = carrier.headers.get("digest").and_then(bare_hash);
    if let Some(hash) = bare {
        settings["digest"] = json!({"prefix": "", "algorithm": hash});
    }
    if parameters.expires.is_some() {
        settings["expires_after"] = 1.into();
    }
    plain(cavage::NAME, &settings)
}

/// The hash of a digest that is written without its name, by its length.
fn bare_hash(digest: &str) -> Option<&'static str> {
    let decoded = STANDARD.decode(digest).ok()?;
    match decoded.len() {
        32 => Some("sha-256"),
        64 => Some("sha-512"),
        _ => None,
    }
}

/// The algorithm that a label means. Banks that have labels of their own name the hash, and sign
/// with RSA.
fn meant(label: &str) -> Algorithm {
    let by_hash = || match label {
        label if label.contains("512") => Algorithm::RsaSha512,
        label if label.contains("256") => Algorithm::RsaSha256,
        _ => Algorithm::Hs2019,
    };
    Algorithm::named(label).unwrap_or_else(by_hash)
}

/// The scope of the credential says region and service. S3 differs from every other service.
fn as_aws(carrier: &Carrier<'_>, _: bool) -> Result<Profile, String> {
    let scope = carrier.value.split_once("Credential=").map_or("", |(_, rest)| rest);
    let scope: Vec<&str> = scope.split(',').next().unwrap_or_default().split('/').collect();
    let [.., region, service, _] = scope.as_slice() else {
        return Err("the `Credential` in `Authorization` is not `ID/DATE/REGION/SERVICE/aws4_request`".into());
    };
    let s3 = *service == "s3";
    plain(
        aws_sigv4::NAME,
        &json!({"region": region, "service": service, "double_encode": !s3, "normalize": !s3}),
    )
}

/// A hash of the body ends in `=`, which shows whether values are percent-encoded.
fn as_oauth(carrier: &Carrier<'_>, _: bool) -> Result<Profile, String> {
    let parameter = |name: &str| {
        let (_, rest) = carrier.value.split_once(&format!("{name}=\""))?;
        rest.split('"').next()
    };
    let method = parameter("oauth_signature_method").unwrap_or_default().to_ascii_lowercase();
    let raw = parameter("oauth_body_hash").is_some_and(|hash| hash.ends_with('='));
    plain(
        oauth1::NAME,
        &json!({
            "algorithm": method,
            "body_hash": if parameter("oauth_body_hash").is_some() { "always" } else { "never" },
            "version": parameter("oauth_version").is_some(),
            "values": if raw { "raw" } else { "encoded" },
        }),
    )
}

/// The shipped profile that uses the header, or headers signed by way of `sigD`.
fn as_jws(carrier: &Carrier<'_>, _: bool) -> Result<Profile, String> {
    let header = carrier.value.split('.').next().and_then(jose::decode);
    let header: Value = header.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let name = match carrier.header.to_ascii_lowercase().as_str() {
        "tl-signature" => "truelayer",
        _ if header.get("sigD").is_some() => "ing-jws",
        _ => "openbanking-uk",
    };
    Profile::shipped(name)
        .ok_or_else(|| format!("`{}` carries a JWS of an API that is not known", carrier.header))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Start;

    fn told(name: &str, value: &str, scheme: Option<&str>) -> Result<(String, String), String> {
        let start = Start::Answer { status: 200, request: None };
        let headers = [(name, value)].into_iter().collect();
        let guess = guess(&Received { start, headers, body: Bytes::new() }, scheme, false)?;
        Ok((guess.profile.scheme().name().to_owned(), guess.because))
    }

    #[test]
    fn the_scheme_is_told_from_the_header_that_carries_the_signature() {
        let parameters = r#"keyId="a",algorithm="rsa-sha256",headers="date",signature="c2ln""#;
        let cavage = |header: &str| Ok(("cavage".to_owned(), format!("guessed from `{header}`")));
        assert_eq!(told("signature", parameters, None), cavage("Signature"));
        let input = told("signature-input", r#"sig1=("@method");created=1;alg="ed25519""#, None);
        assert_eq!(input, Ok(("rfc9421".into(), "guessed from `Signature-Input`".into())));
        let authorization = format!("Signature {parameters}");
        assert_eq!(told("authorization", &authorization, None), cavage("Authorization"));
        assert_eq!(
            told("signature", parameters, Some("cavage")),
            Ok(("cavage".into(), "the rest read from `Signature`".into()))
        );
    }

    #[test]
    fn what_tells_nothing_is_said_to() {
        for (name, value, scheme, reason) in [
            ("Date", "x", None, "no header of the message tells how it is signed"),
            ("Authorization", "Bearer abc", None, "no header of the message tells how it is signed"),
            ("Signature", "keyId", None, "`Signature` is not `name=\"value\",…` from `keyId` on"),
            (
                "Date",
                "x",
                Some("cavage"),
                "no header of the message carries a signature of the scheme `cavage`",
            ),
            ("Date", "x", Some("hmac"), "a message does not say what an HMAC over a template is made of"),
        ] {
            assert_eq!(told(name, value, scheme), Err(reason.to_owned()));
        }
        let forbidden = r#"keyId="a",algorithm="rsa-sha256",created=1,headers="(created)",signature="c2ln""#;
        assert!(
            told("Signature", forbidden, None)
                .unwrap_err()
                .starts_with("what the message says of its signature")
        );
    }
}
