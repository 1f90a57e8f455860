//! What is changed in the message once it is signed.

use bytes::Bytes;

use crate::message::Message;

/// Changes the last letter or digit, so that a JSON text stays one and the length stays the same.
pub(super) fn body(message: &mut Message) -> Result<(), String> {
    if message.body.is_empty() {
        return Err("the request has no body".to_owned());
    }
    let mut bytes = message.body.to_vec();
    let last = bytes.iter().rposition(u8::is_ascii_alphanumeric).unwrap_or(bytes.len() - 1);
    bytes[last] = other(bytes[last]);
    message.body = Bytes::from(bytes);
    Ok(())
}

/// Changes the first character of the hash, in whichever field holds one.
pub(super) fn digest(message: &mut Message) -> Result<(), String> {
    let found = message.headers.iter().find(|(name, _)| is_digest(name));
    let (name, value) = found.ok_or("the request sends no digest")?;
    // `SHA-256=BASE64`, `sha-256=:BASE64:`; some APIs send the hash alone.
    let begin = value.trim_end_matches('=').find("=:").map(|at| at + 2);
    let begin = begin.or_else(|| value.trim_end_matches('=').find('=').map(|at| at + 1)).unwrap_or(0);
    let (name, value) = (name.to_owned(), changed(value, begin).ok_or("its digest is empty")?);
    message.headers.set(&name, value);
    Ok(())
}

fn is_digest(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("digest")
}

/// Whether the message says which hash its body has.
pub(super) fn says_hash(message: &Message) -> bool {
    message
        .headers
        .iter()
        .any(|(name, _)| is_digest(name) || name.eq_ignore_ascii_case("x-amz-content-sha256"))
}

/// Adds a parameter to the query.
#[allow(clippy::unnecessary_wraps, reason = "called as the others are")]
pub(super) fn target(message: &mut Message) -> Result<(), String> {
    message.url.query_pairs_mut().append_pair("tampered", "1");
    Ok(())
}

/// Removes a header.
pub(super) fn drop(message: &mut Message, header: &str) -> Result<(), String> {
    if !message.headers.contains(header) {
        return Err(not_sent(message, header));
    }
    message.headers.remove(header);
    Ok(())
}

/// Sends a header once more.
pub(super) fn duplicate(message: &mut Message, header: &str) -> Result<(), String> {
    let found = message.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header));
    let (name, value) = found.ok_or_else(|| not_sent(message, header))?;
    let (name, value) = (name.to_owned(), value.to_owned());
    message.headers.append(name, value);
    Ok(())
}

fn not_sent(message: &Message, header: &str) -> String {
    let sent: Vec<_> = message.headers.iter().map(|(name, _)| format!("`{name}`")).collect();
    if sent.is_empty() {
        return "the request sends no headers".to_owned();
    }
    format!("the request sends no `{header}`, only {}", sent.join(", "))
}

/// The text with the letter or digit at or behind `from` replaced.
pub(super) fn changed(text: &str, from: usize) -> Option<String> {
    let at = text[from..].bytes().position(|byte| byte.is_ascii_alphanumeric())? + from;
    let mut changed = text.to_owned();
    let byte = text.as_bytes()[at];
    changed.replace_range(at..=at, &char::from(other(byte)).to_string());
    Some(changed)
}

/// Another byte of the same kind: a digit for a digit, a letter for a letter.
fn other(byte: u8) -> u8 {
    match byte {
        b'9' => b'8',
        b'Z' | b'z' => byte - 1,
        b'0'..=b'8' | b'A'..=b'Y' | b'a'..=b'y' => byte + 1,
        _ => byte ^ 1,
    }
}
