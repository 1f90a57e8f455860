//! The parameters of a received signature, read strictly: what a lenient reader repairs, a bank
//! refuses, and a sandbox that repairs it teaches the wrong thing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::settings::forbids_times;

/// What a `Signature` header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// `keyId`
    pub key_id: String,
    /// `algorithm`, as written.
    pub algorithm: Option<String>,
    /// `headers`, as written, split at blanks; `None` when the parameter is not there.
    pub headers: Option<Vec<String>>,
    /// `created`, the decimal digits.
    pub created: Option<String>,
    /// `expires`, the decimal digits.
    pub expires: Option<String>,
    /// `signature`, decoded.
    pub signature: Vec<u8>,
    /// Parameters that the draft does not have.
    pub others: Vec<(String, String)>,
}

/// Why parameters can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// Not `name="value",…`.
    #[error("is not `name=\"value\",…` from `{0}` on")]
    Malformed(String),
    /// It ends where a parameter should stand.
    #[error("ends where `name=\"value\"` should follow")]
    Incomplete,
    /// The same parameter again.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// A parameter that must be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A parameter that is there and says nothing.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// The signature is not base64.
    #[error("`signature` is not padded base64 on one line")]
    Base64,
    /// `created` or `expires` is not a number.
    #[error("`{0}` is not a number of seconds")]
    Number(&'static str),
}

impl Parameters {
    /// Reads the value of a `Signature` header.
    pub fn parse(value: &str) -> Result<Self, ParameterError> {
        Self::read(value, true)
    }

    /// [`Parameters::parse`], where a backslash between quotes may stand for itself.
    pub(super) fn read(value: &str, escaped: bool) -> Result<Self, ParameterError> {
        let mut pairs = pairs(value, escaped)?;
        let mut take = |name: &str| {
            let at = pairs.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))?;
            Some(pairs.remove(at).1)
        };
        let key_id = present("keyId", take("keyId"))?;
        let signature = present("signature", take("signature"))?;
        let headers = match take("headers") {
            Some(list) => {
                Some(present("headers", Some(list))?.split_whitespace().map(str::to_owned).collect())
            }
            None => None,
        };
        Ok(Self {
            key_id,
            algorithm: take("algorithm"),
            headers,
            created: number("created", take("created"), false)?,
            expires: number("expires", take("expires"), true)?,
            signature: STANDARD.decode(signature).map_err(|_| ParameterError::Base64)?,
            others: pairs,
        })
    }

    /// Reads the value of an `Authorization` header; `None` when its scheme is not `Signature`.
    pub fn parse_authorization(value: &str) -> Option<Result<Self, ParameterError>> {
        let (scheme, parameters) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("signature").then(|| Self::parse(parameters))
    }

    /// What is signed, in order: `headers`, or the draft's default. That is `(created)`, except
    /// for algorithms that forbid it, and for a message that names neither an algorithm nor a
    /// creation time, as earlier drafts allowed: there it is `date`.
    pub fn components(&self) -> Vec<&str> {
        if let Some(headers) = &self.headers {
            return headers.iter().map(String::as_str).collect();
        }
        let old = self.algorithm.as_deref().map_or(self.created.is_none(), forbids_times);
        vec![if old { "date" } else { "(created)" }]
    }

    /// What is signed, where it must be said: `headers` has no default here.
    pub fn named_headers(&self) -> Result<&[String], ParameterError> {
        self.headers.as_deref().ok_or(ParameterError::Missing("headers"))
    }
}

fn present(name: &'static str, value: Option<String>) -> Result<String, ParameterError> {
    match value {
        None => Err(ParameterError::Missing(name)),
        Some(value) if value.trim().is_empty() => Err(ParameterError::Empty(name)),
        Some(value) => Ok(value),
    }
}

fn number(
    name: &'static str,
    value: Option<String>,
    fraction: bool,
) -> Result<Option<String>, ParameterError> {
    let Some(value) = value else { return Ok(None) };
    let digits =
        |text: &str| !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    let good = match value.split_once('.') {
        Some((whole, part)) => fraction && digits(whole) && digits(part),
        None => digits(&value),
    };
    if good { Ok(Some(value)) } else { Err(ParameterError::Number(name)) }
}

/// `name=value` pairs, separated by commas; a value is a token or a quoted string.
fn pairs(text: &str, escaped: bool) -> Result<Vec<(String, String)>, ParameterError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim();
    loop {
        if rest.is_empty() {
            return Err(ParameterError::Incomplete);
        }
        let malformed = || ParameterError::Malformed(rest.chars().take(40).collect());
        let (name, after) = rest.split_once('=').ok_or_else(malformed)?;
        let name = name.trim_end();
        if !super::is_field_name(name) {
            return Err(malformed());
        }
        let (value, after) = value(after.trim_start(), escaped).ok_or_else(malformed)?;
        if pairs.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(ParameterError::Twice(name.to_owned()));
        }
        pairs.push((name.to_owned(), value));
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(pairs);
        }
        rest = after.strip_prefix(',').ok_or_else(malformed)?.trim_start();
    }
}

/// The value at the start of the text, and what follows it.
fn value(text: &str, escaped: bool) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let bare = &text[..end];
        let good =
            !bare.is_empty() && bare.bytes().all(|byte| byte == b'.' || super::is_field_name_byte(byte));
        return good.then(|| (bare.to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' if escaped => value.push(characters.next()?.1),
            control if control.is_control() && control != '\t' => return None,
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::sign::Moment;
    use crate::sign::cavage::vouched::times;

    #[test]
    fn parameters_are_read_in_any_order_with_quotes_undone_and_strangers_kept() {
        let read = Parameters::parse(
            r#"signature="c2ln", headers="(request-target) Date",keyId="a\"b\\c",created=1402170695,expires=1402170699.5,opaque="""#,
        )
        .unwrap();
        assert_eq!(read.key_id, r#"a"b\c"#);
        assert_eq!(read.signature, b"sig");
        assert_eq!(read.components(), ["(request-target)", "Date"]);
        assert_eq!(read.created.as_deref(), Some("1402170695"));
        assert_eq!(read.expires.as_deref(), Some("1402170699.5"));
        assert_eq!(read.others, [("opaque".to_owned(), String::new())]);
        let holds_at = |now, skew| {
            let now = DateTime::from_timestamp(now, 0).unwrap();
            times(&read, Moment { now, skew: TimeDelta::seconds(skew) }).is_ok()
        };
        assert!(holds_at(1_402_170_699, 0) && holds_at(1_402_170_690, 5));
        assert!(!holds_at(1_402_170_690, 0) && !holds_at(1_402_170_705, 5));
    }

    #[test]
    fn what_a_bank_refuses_is_refused_and_the_reason_names_the_parameter() {
        for (value, reason) in [
            (r#"keyId="a",keyid="b",signature="c2ln""#, "`keyid` is given twice"),
            (r#"headers="date",signature="c2ln""#, "`keyId` is missing"),
            (r#"keyId="",signature="c2ln""#, "`keyId` is empty"),
            (r#"keyId="a",headers="date""#, "`signature` is missing"),
            (r#"keyId="a",headers=" ",signature="c2ln""#, "`headers` is empty"),
            (r#"keyId="a",signature="c2l""#, "`signature` is not padded base64 on one line"),
            (r#"keyId="a",signature="c2ln",created="soon""#, "`created` is not a number of seconds"),
            (r#"keyId="a",created=1.5,signature="c2ln""#, "`created` is not a number of seconds"),
            (
                r#"keyId="a" signature="c2ln""#,
                "is not `name=\"value\",…` from `keyId=\"a\" signature=\"c2ln\"` on",
            ),
            (r#"keyId="a",signature="c2ln"#, "is not `name=\"value\",…` from `signature=\"c2ln` on"),
            (r#"keyId="a","#, "ends where `name=\"value\"` should follow"),
            ("", "ends where `name=\"value\"` should follow"),
            (r#"Signature keyId="a""#, "is not `name=\"value\",…` from `Signature keyId=\"a\"` on"),
        ] {
            assert_eq!(Parameters::parse(value).unwrap_err().to_string(), reason, "{value}");
        }
        let unnamed = Parameters::parse(r#"keyId="a",signature="c2ln""#).unwrap();
        assert_eq!(unnamed.named_headers().unwrap_err().to_string(), "`headers` is missing");
    }

    #[test]
    fn what_is_signed_by_default_depends_on_the_algorithm() {
        for (extra, default) in [
            (r#",algorithm="rsa-sha256""#, "date"),
            (r#",algorithm="hmac-sha256",created=1"#, "date"),
            (r#",algorithm="hs2019""#, "(created)"),
            (",created=1", "(created)"),
            ("", "date"),
        ] {
            let read = Parameters::parse(&format!(r#"keyId="a",signature="c2ln"{extra}"#)).unwrap();
            assert_eq!(read.components(), [default], "{extra}");
        }
    }

    #[test]
    fn only_the_signature_scheme_of_authorization_is_read() {
        assert!(Parameters::parse_authorization("Bearer abc").is_none());
        assert!(Parameters::parse_authorization("Signature").is_none());
        assert!(Parameters::parse_authorization(r#"signature keyId="a",signature="c2ln""#).unwrap().is_ok());
    }
}
