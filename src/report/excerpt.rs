//! Messages as a report shows them: bounded, masked before they are cut (half a secret would pass
//! every mask), and with fields that carry credentials never shown in the clear.

use std::fmt::Write;

use crate::secret::{Piece, Redactor};

/// How much more than is shown is searched for secrets, so that one at the edge is seen whole: several
/// times the longest that a secret may be.
const MARGIN: usize = 512 * 1024;
/// Header fields whose value is a credential, whatever it is.
const CREDENTIALS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "authentication-info",
    "dpop",
];

/// The beginning of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Masked; `None` when it is no text.
    pub(super) text: Option<String>,
    /// How many bytes there are behind it.
    pub(super) more: usize,
}

/// At most `limit` bytes of a body, without secrets.
pub(super) fn body(bytes: &[u8], limit: usize, redactor: &Redactor) -> Excerpt {
    let near = &bytes[..bytes.len().min(limit.saturating_add(MARGIN))];
    let mut text = String::new();
    let mut strange: usize = near.iter().map(|byte| usize::from(*byte == 0)).sum();
    for chunk in near.utf8_chunks() {
        text.push_str(chunk.valid());
        // A character cut by our own bound is no sign of a binary body.
        strange += chunk.invalid().len().saturating_sub(3);
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("writing to a string does not fail");
        }
    }
    if strange > near.len() / 10 {
        return Excerpt { text: None, more: bytes.len() };
    }
    let beginning = beginning(&text, limit, redactor);
    let masked = redactor.redact(beginning);
    let end = floor_char_boundary(&masked, limit);
    let is_whole = beginning.len() == text.len() && end == masked.len();
    let more = if is_whole { bytes.len() - near.len() } else { bytes.len().saturating_sub(limit).max(1) };
    Excerpt { text: Some(masked[..end].to_owned()), more }
}

/// The first `limit` bytes of a text, and the rest of a secret that begins in them. What comes behind is
/// never shown, however short masks make what is before: it may end within a secret.
fn beginning<'t>(text: &'t str, limit: usize, redactor: &Redactor) -> &'t str {
    let mut end = 0;
    for piece in redactor.pieces(text) {
        let (length, is_secret) = match piece {
            Piece::Plain(plain) => (plain.len(), false),
            Piece::Secret { text, .. } => (text.len(), true),
        };
        end += length;
        if end >= limit {
            return &text[..if is_secret { end } else { floor_char_boundary(text, limit) }];
        }
    }
    text
}

/// The value of a header field without secrets; a credential that is not known as one is hidden
/// by its field.
pub(super) fn header(name: &str, value: &str, redactor: &Redactor) -> String {
    credential(name, value, redactor).unwrap_or_else(|| redactor.redact(value).into_owned())
}

/// What is shown of a credential that is not known as one; `None` for every other value.
pub(super) fn credential(name: &str, value: &str, redactor: &Redactor) -> Option<String> {
    let is_credential = CREDENTIALS.iter().any(|known| name.eq_ignore_ascii_case(known));
    if !is_credential || value.is_empty() || is_only_known(name, value, redactor) {
        return None;
    }
    let mask = format!("[{}]", name.to_ascii_lowercase());
    Some(match value.split_once(' ') {
        // The scheme is no secret, and tells a wrong one from a missing one.
        Some((scheme, _)) if scheme.chars().all(|letter| letter.is_ascii_alphabetic()) => {
            format!("{scheme} {mask}")
        }
        _ => mask,
    })
}

/// Whether a secret is known in the value, and nothing beside it is one by itself.
fn is_only_known(name: &str, value: &str, redactor: &Redactor) -> bool {
    let masked = redactor.redact(value);
    let is_mask = |pair: &str| {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value).trim().trim_matches('"');
        value.starts_with('[') && value.ends_with(']')
    };
    let are_all = || masked.split(';').all(is_mask);
    match name.to_ascii_lowercase().as_str() {
        "cookie" | "x-api-key" => masked != value && are_all(),
        _ if masked.to_ascii_lowercase().starts_with("digest ") => false,
        _ => masked != value,
    }
}

fn floor_char_boundary(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowing(secret: &str) -> Redactor {
        let redactor = Redactor::default();
        redactor.remember("token", secret);
        redactor
    }

    #[test]
    fn a_secret_at_the_edge_of_an_excerpt_is_not_shown_by_half() {
        let redactor = knowing("s3cr3t-T0ken");
        let shown = body(b"0123456789s3cr3t-T0ken", 16, &redactor);
        assert_eq!(shown, Excerpt { text: Some("0123456789[token".into()), more: 6 });
        assert_eq!(body("äöü".as_bytes(), 3, &redactor).text.as_deref(), Some("ä"));
        assert_eq!(body(b"short", 16, &redactor), Excerpt { text: Some("short".into()), more: 0 });
    }

    #[test]
    fn of_a_body_that_repeats_a_long_secret_nothing_is_shown_that_may_be_a_part_of_it() {
        let numbers = (1000..1500).flat_map(|number: u32| number.to_string().into_bytes());
        let secret: String = numbers.map(char::from).collect();
        let redactor = knowing(&secret);
        for times in [40, 3000] {
            let shown = body(secret.repeat(times).as_bytes(), 4096, &redactor);
            let text = shown.text.unwrap();
            assert!(shown.more > 0 && text.replace("[token]", "").is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_counted_and_a_stray_byte_is_shown() {
        let redactor = Redactor::default();
        assert_eq!(body(&[0, 1, 2, 255, 254], 100, &redactor), Excerpt { text: None, more: 5 });
        assert_eq!(
            body(b"caf\xe9 au lait, s'il vous plait", 100, &redactor).text.as_deref(),
            Some("caf\\xe9 au lait, s'il vous plait")
        );
    }

    #[test]
    fn a_credential_is_hidden_by_its_field_when_it_is_not_known() {
        let redactor = knowing("s3cr3t-T0ken");
        let table = [
            ("Authorization", "Bearer s3cr3t-T0ken", "Bearer [token]"),
            ("Authorization", "Bearer short", "Bearer [authorization]"),
            ("authorization", "Signature keyId=\"x\",signature=\"y\"", "Signature [authorization]"),
            ("Cookie", "a=1; b=2", "[cookie]"),
            ("Cookie", "a=s3cr3t-T0ken; b=2", "[cookie]"),
            ("Cookie", "a=s3cr3t-T0ken; b=s3cr3t-T0ken", "a=[token]; b=[token]"),
            ("Authorization", "Digest username=\"s3cr3t-T0ken\", response=\"x\"", "Digest [authorization]"),
            ("Accept", "s3cr3t-T0ken", "[token]"),
            ("Accept", "text/html", "text/html"),
        ];
        for (name, value, shown) in table {
            assert_eq!(header(name, value, &redactor), shown);
        }
    }
}
