//! How a secret may look when it is somewhere else: every spelling that is searched for literally.
//!
//! Escapes that work character by character (percent, `\u`, `&#`) are listed only as the usual
//! encoders write them, so that they are found even behind a stray `\` or `%`. An encoder is free
//! to escape other characters too: for that, the text is unescaped (see `view.rs`).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use data_encoding::{HEXLOWER, HEXUPPER};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use crate::limits::SHORTEST_MASKED_SECRET;

/// What is escaped in a part of a URL (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Every spelling of a secret that is worth searching for.
pub(super) fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let mut spellings = Vec::new();
    for part in parts(secret) {
        spellings.push(part.as_bytes().to_vec());
        base64(part.as_bytes(), &mut spellings);
        hex(part.as_bytes(), &mut spellings);
        escaped(part, &mut spellings);
    }
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}

/// The secret itself, without blanks around it, and line by line: an answer may hold one line of
/// a key, and a log may break a key into lines.
fn parts(secret: &str) -> Vec<&str> {
    let lines = secret.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let mut parts: Vec<&str> = [secret, secret.trim()].into_iter().chain(lines).collect();
    parts.retain(|part| part.len() >= SHORTEST_MASKED_SECRET);
    parts.dedup();
    parts
}

/// Base64 of something that has the secret in it. Where the secret begins within a group of three
/// bytes is not known, so that its first and last character may also depend on its neighbours: the
/// characters between are the same whatever stands around it.
fn base64(secret: &[u8], spellings: &mut Vec<Vec<u8>>) {
    for alphabet in [&STANDARD, &URL_SAFE] {
        for before in 0..3 {
            let shifted = [&[0; 3][..before], secret].concat();
            let encoded = alphabet.encode(&shifted).into_bytes();
            let certain = (before * 8).div_ceil(6)..shifted.len() * 8 / 6;
            spellings.push(encoded[certain].to_vec());
            if before == 0 {
                let unpadded = encoded.iter().position(|&byte| byte == b'=').unwrap_or(encoded.len());
                spellings.push(encoded[..unpadded].to_vec());
                spellings.push(encoded);
            }
        }
    }
}

fn hex(secret: &[u8], spellings: &mut Vec<Vec<u8>>) {
    spellings.push(HEXLOWER.encode(secret).into_bytes());
    spellings.push(HEXUPPER.encode(secret).into_bytes());
}

fn escaped(secret: &str, spellings: &mut Vec<Vec<u8>>) {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let percent = |text: &str| percent_encoding::utf8_percent_encode(text, RESERVED).to_string();
    // JSON in a URL.
    let within = percent(&json);
    let percent = percent(secret);
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;");
    // Within single quotes: of a shell (two ways), and of YAML.
    let single = [r"'\''", r#"'"'"'"#, "''"].map(|quote| secret.replace('\'', quote));
    let others = [
        json.replace('/', r"\/"),
        lower_case(&percent),
        lower_case(&within),
        within,
        json,
        percent,
        form,
        xml,
        quoted,
    ];
    spellings.extend(others.into_iter().chain(single).map(String::into_bytes));
}

/// The same with `%2f` for `%2F`.
fn lower_case(percent: &str) -> String {
    let mut parts = percent.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(2);
        text + "%" + &digits.to_ascii_lowercase() + rest
    })
}
