//! What a selector may be, read once when the suite is loaded.

use std::ops::Range;

use crate::diag::did_you_mean;
use crate::json::{Path, PathError};
use crate::pattern;
use crate::select::{CertificatePart, XPath};

/// Which part of an answer is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// `$…`: a JSONPath on the body.
    Json(Path),
    /// `status`: the status code, a number.
    Status,
    /// `header.NAME`: text; several values joined by `, `.
    Header(String),
    /// `body`: the body as text.
    Body,
    /// `size`: the length of the body after content decoding, in bytes.
    Size,
    /// `cookie.NAME`: the value of a cookie that the answer sets.
    Cookie(String),
    /// `regex:PATTERN`: what the first group of the pattern matches in the body, or all that the
    /// pattern matches where it has no group.
    Regex(String),
    /// `xpath:PATH`: the text of elements or attributes of an XML body.
    XPath(XPath),
    /// `duration`: how long the exchange took, in whole milliseconds.
    Duration,
    /// `url`: where the answer came from.
    Url,
    /// `certificate.PART`: a part of the certificate that the server showed.
    Certificate(CertificatePart),
    /// `signature`: whether the signature of the answer verified as `expect.signature` says.
    Signature,
}

/// Why a text is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SelectorError {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Where, in bytes of the selector.
    pub range: Range<usize>,
    /// What to do.
    pub help: Option<String>,
}

impl SelectorError {
    fn malformed(source: &str, message: String, help: Option<String>) -> Self {
        Self { message, range: 0..source.len(), help }
    }
}

impl From<PathError> for SelectorError {
    fn from(error: PathError) -> Self {
        let PathError { message, range, help } = error;
        Self { message, range, help }
    }
}

impl Selector {
    /// Reads a selector as it is written in a file.
    pub fn parse(source: &str) -> Result<Self, SelectorError> {
        if source.starts_with('$') {
            return Ok(Self::Json(Path::parse(source)?));
        }
        if let Some(name) = source.strip_prefix("header.") {
            return header(source, name);
        }
        if let Some(name) = source.strip_prefix("cookie.") {
            return cookie(source, name);
        }
        if let Some(pattern) = source.strip_prefix("regex:") {
            return regex(source, pattern);
        }
        if let Some(path) = source.strip_prefix("xpath:") {
            return xpath(source, path);
        }
        if let Some(part) = source.strip_prefix("certificate.") {
            return certificate(source, part);
        }
        match source {
            "status" => Ok(Self::Status),
            "body" => Ok(Self::Body),
            "size" => Ok(Self::Size),
            "duration" => Ok(Self::Duration),
            "url" => Ok(Self::Url),
            "signature" => Ok(Self::Signature),
            _ => Err(unknown(source)),
        }
    }

    /// Whether it looks into the JSON of the body.
    pub const fn needs_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }
}

fn certificate(source: &str, part: &str) -> Result<Selector, SelectorError> {
    CertificatePart::parse(part).map(Selector::Certificate).ok_or_else(|| {
        let message = format!("`{part}` is no part of a certificate");
        SelectorError::malformed(source, message, Some(CertificatePart::help(part)))
    })
}

fn cookie(source: &str, name: &str) -> Result<Selector, SelectorError> {
    if is_token(name) {
        return Ok(Selector::Cookie(name.to_owned()));
    }
    let message = if name.is_empty() {
        "`cookie.` names no cookie".to_owned()
    } else {
        format!("`{name}` is not the name of a cookie")
    };
    Err(SelectorError::malformed(source, message, Some("write it as in `cookie.session`".into())))
}

fn regex(source: &str, pattern: &str) -> Result<Selector, SelectorError> {
    match pattern::parse(pattern) {
        Ok(_) => Ok(Selector::Regex(pattern.to_owned())),
        Err(error) => Err(SelectorError::malformed(source, error.to_string(), None)),
    }
}

fn xpath(source: &str, path: &str) -> Result<Selector, SelectorError> {
    XPath::parse(path).map(Selector::XPath).map_err(|error| {
        let help = "there are `/a/b`, `//a`, `*`, `@attribute`, `text()` and the predicates `[1]`, `[@a='b']`, `[a='b']`";
        let begin = (source.len() - path.len() + error.at).min(source.len());
        SelectorError {
            range: begin..source.len(),
            ..SelectorError::malformed(source, error.message, Some(help.into()))
        }
    })
}

/// Whether this is a token (RFC 9110, section 5.6.2), which names of fields and cookies are.
fn is_token(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

fn header(source: &str, name: &str) -> Result<Selector, SelectorError> {
    if is_token(name) {
        return Ok(Selector::Header(name.to_ascii_lowercase()));
    }
    let message = if name.is_empty() {
        "`header.` names no header field".to_owned()
    } else {
        format!("`{name}` is not the name of a header field")
    };
    Err(SelectorError::malformed(source, message, Some("write it as in `header.etag`".into())))
}

/// Selectors that are one word.
const NAMES: [&str; 6] = ["status", "body", "size", "duration", "url", "signature"];

fn unknown(source: &str) -> SelectorError {
    let starts = [".", "[", "@"].iter().any(|start| source.starts_with(start));
    let help = match did_you_mean(source, NAMES) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if source.starts_with("headers.") => format!("did you mean `header.{}`?", &source[8..]),
        None if source.contains("{{") => {
            "selectors are taken as they are, no template is filled in them".into()
        }
        None if starts => "a JSONPath begins with `$`, as in `$.id`".into(),
        None => format!(
            "a part of a JSON body is `$.{source}`; there are also `status`, `header.NAME` and `body`"
        ),
    };
    let message = if source.is_empty() {
        "an empty selector selects nothing".to_owned()
    } else {
        format!("`{source}` is not a selector")
    };
    SelectorError::malformed(source, message, Some(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selector_of_this_version_is_read() {
        assert!(matches!(Selector::parse("$.a[0]"), Ok(Selector::Json(path)) if path.source() == "$.a[0]"));
        assert_eq!(Selector::parse("status"), Ok(Selector::Status));
        assert_eq!(Selector::parse("body"), Ok(Selector::Body));
        assert_eq!(Selector::parse("size"), Ok(Selector::Size));
        assert_eq!(Selector::parse("cookie.SID"), Ok(Selector::Cookie("SID".into())));
        assert_eq!(Selector::parse("regex:a(b)"), Ok(Selector::Regex("a(b)".into())));
        assert_eq!(Selector::parse("duration"), Ok(Selector::Duration));
        assert_eq!(Selector::parse("url"), Ok(Selector::Url));
        assert_eq!(Selector::parse("signature"), Ok(Selector::Signature));
        assert_eq!(Selector::parse("certificate.san"), Ok(Selector::Certificate(CertificatePart::San)));
        assert_eq!(Selector::parse("header.ETag"), Ok(Selector::Header("etag".into())));
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for source in [
            "sizes",
            "certificate.",
            "certificate.subjects",
            "cookie.",
            "cookie.a b",
            "regex:(",
            "xpath:a",
            "statuss",
            "",
            "x",
            "header.",
            "header.a b",
            "$.a b",
        ] {
            assert!(Selector::parse(source).is_err(), "{source}");
        }
    }

    #[test]
    fn a_mistake_is_answered_with_what_was_probably_meant() {
        let table = [
            ("statsu", "`statsu` is not a selector", "did you mean `status`?"),
            ("headers.etag", "`headers.etag` is not a selector", "did you mean `header.etag`?"),
            (".id", "`.id` is not a selector", "a JSONPath begins with `$`, as in `$.id`"),
            ("header.", "`header.` names no header field", "write it as in `header.etag`"),
        ];
        for (source, message, help) in table {
            let error = Selector::parse(source).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.help.as_deref()), (message, Some(help)));
        }
        let error = Selector::parse("message").unwrap_err();
        assert!(error.help.unwrap().contains("`$.message`"));
    }
}
