//! The signing strings that people build by mistake.
//!
//! One mistake at a time: two at once are rare, and naming the wrong pair would mislead.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use percent_encoding::percent_decode_str;

use super::diagnose::Asked;
use super::string::{Covered, join, to_bytes};
use crate::sign::digest::Hash;

/// A signing string with a mistake in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sign) struct Variation {
    /// What the mistake is.
    pub sentence: String,
    /// The signing string with it.
    pub text: String,
}

type Lines = [(String, String)];

/// The usual mistake that the signature is good with; the likeliest are tried first.
pub(super) fn variation(asked: &Asked<'_>, good: &dyn Fn(&[u8]) -> bool) -> Option<Variation> {
    let Asked { covered, lines, .. } = *asked;
    let mut found = Found::new(good);
    found.tail = if asked.trailing_newline { "\n" } else { "" };
    joints(lines, &mut found);
    targets(asked, &mut found);
    names(asked, &mut found);
    digests(covered, lines, &mut found);
    membership(covered, lines, &mut found);
    hashes(lines, &mut found);
    orders(lines, &mut found);
    found.first
}

/// The first variation that the signature is good with. Each is tried as it comes and dropped, so
/// that there is never more than one of a large message in memory.
pub(in crate::sign) struct Found<'a> {
    first: Option<Variation>,
    good: &'a dyn Fn(&[u8]) -> bool,
    /// What stands behind the last line where nothing is wrong.
    tail: &'static str,
}

impl<'a> Found<'a> {
    /// Nothing yet; `good` says whether the signature is of these bytes.
    pub fn new(good: &'a dyn Fn(&[u8]) -> bool) -> Self {
        Self { first: None, good, tail: "" }
    }

    /// What was found.
    pub fn into_inner(self) -> Option<Variation> {
        self.first
    }

    /// A text with a mistake in it, unless no header could have held it.
    pub fn push(&mut self, sentence: impl Into<String>, text: String) {
        let tail = self.tail;
        self.push_whole(sentence, text + tail);
    }

    fn push_whole(&mut self, sentence: impl Into<String>, text: String) {
        if let Some(bytes) = to_bytes(&text) {
            self.push_bytes(sentence, text, &bytes);
        }
    }

    fn push_bytes(&mut self, sentence: impl Into<String>, text: String, bytes: &[u8]) {
        if self.first.is_none() && (self.good)(bytes) {
            self.first = Some(Variation { sentence: sentence.into(), text });
        }
    }

    /// The lines with the value of one of them replaced.
    pub fn replace(&mut self, sentence: impl Into<String>, lines: &Lines, at: usize, value: String) {
        let mut lines = lines.to_vec();
        if lines[at].1 != value {
            lines[at].1 = value;
            self.push(sentence, join(&lines));
        }
    }
}

/// What stands between and behind the lines.
pub(in crate::sign) fn joints(lines: &Lines, found: &mut Found<'_>) {
    let right = join(lines);
    if found.tail.is_empty() {
        let sentence = "a newline stands at the end of the signing string; the last line has none";
        found.push_whole(sentence, format!("{right}\n"));
    } else {
        let sentence = "no newline stands at the end of the signing string; this profile signs one there";
        found.push_whole(sentence, right.clone());
    }
    found.push("the lines are joined by CR LF; join them by LF alone", right.replace('\n', "\r\n"));
    found.push_whole("CR LF ends every line; join the lines by LF", right.replace('\n', "\r\n") + "\r\n");
    found.push(
        r"the lines are joined by a backslash and an `n`; join them by a real newline",
        right.replace('\n', r"\n"),
    );
    let tight: Vec<String> = lines.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    found.push("the space after each colon is missing", tight.join("\n"));
}

/// What people write into `(request-target)`.
fn targets(asked: &Asked<'_>, found: &mut Found<'_>) {
    let Asked { covered, lines, .. } = *asked;
    let Some(at) = position(lines, "(request-target)") else { return };
    let (method, target) = (covered.method.to_ascii_lowercase(), covered.target);
    let path = target.split('?').next().unwrap_or_default();
    let upper = covered.method.to_ascii_uppercase();
    found.replace(
        "the method is in upper case; `(request-target)` has it in lower case",
        lines,
        at,
        format!("{upper} {target}"),
    );
    found.replace(
        "the query is missing from `(request-target)`; it belongs to the target as sent",
        lines,
        at,
        format!("{method} {path}"),
    );
    found.replace(
        "the query is missing from `(request-target)`, and the method is in upper case",
        lines,
        at,
        format!("{upper} {path}"),
    );
    found.replace("the method is missing from `(request-target)`", lines, at, target.to_owned());
    if let Some(host) = covered.field("host") {
        let absolute = format!("{method} https://{host}{target}");
        found.replace(
            "`(request-target)` holds the whole URL; it is the path and query alone",
            lines,
            at,
            absolute,
        );
    }
    if asked.target != target {
        let whole = format!("{method} {}", asked.target);
        found.replace(
            "`(request-target)` holds the query; this profile signs the path alone",
            lines,
            at,
            whole,
        );
    }
    let decoded = percent_decode_str(target).decode_utf8_lossy();
    found.replace(
        "`(request-target)` is percent-decoded; sign the target as it is sent",
        lines,
        at,
        format!("{method} {decoded}"),
    );
}

/// Header names in another case.
fn names(asked: &Asked<'_>, found: &mut Found<'_>) {
    const UPPER: &str = "header names keep their upper case; the signing string has them in lower case";
    const LOWER: &str = "header names are in lower case; this profile signs them as it lists them";
    let Asked { covered, parameters, lines, .. } = *asked;
    let renamed = |rename: &dyn Fn(usize, &str) -> String| {
        let lines = lines.iter().enumerate().map(|(at, (name, value))| (rename(at, name), value.clone()));
        join(&lines.collect::<Vec<_>>())
    };
    let right = join(lines);
    let sent = |name: &str| covered.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
    let as_sent = renamed(&|_, name| sent(name).map_or(name, |(field, _)| field).to_owned());
    let listed: Vec<String> = parameters.components().into_iter().map(str::to_owned).collect();
    let as_listed = renamed(&|at, _| listed[at].clone());
    let titled = renamed(&|_, name| title(name));
    let lowered = renamed(&|_, name| name.to_ascii_lowercase());
    if lowered != right {
        return found.push(LOWER, lowered);
    }
    for text in [as_sent, as_listed, titled] {
        if text != right {
            found.push(UPPER, text);
        }
    }
}

/// `x-ing-reqid` as `X-Ing-Reqid`.
pub(in crate::sign) fn title(name: &str) -> String {
    let mut start = true;
    let cased = name.chars().map(|letter| {
        let cased = if start { letter.to_ascii_uppercase() } else { letter };
        start = letter == '-';
        cased
    });
    cased.collect()
}

/// Digests of other bytes, or written otherwise.
fn digests(covered: &Covered<'_>, lines: &Lines, found: &mut Found<'_>) {
    let Some(at) = position(lines, "digest") else { return };
    let (prefix, hash) = match lines[at].1.split_once('=').map(|(name, _)| (name, Hash::named(name))) {
        Some((name, Some(hash))) => (format!("{name}="), hash),
        _ => return,
    };
    let body = covered.body;
    for (which, bytes) in other_bodies(body) {
        let sentence =
            format!("the `digest` that was signed is that of {which}, not of the body that was sent");
        found.replace(sentence, lines, at, format!("{prefix}{}", hash.base64_of(&bytes)));
    }
    let hex = HEXLOWER.encode(&hash.of(body));
    found.replace("the `digest` that was signed is in hexadecimal", lines, at, format!("{prefix}{hex}"));
    let twice = STANDARD.encode(&hex);
    found.replace(
        "the `digest` that was signed is base64 of hexadecimal",
        lines,
        at,
        format!("{prefix}{twice}"),
    );
    let bare = format!("the `digest` that was signed lacks its `{prefix}`");
    found.replace(bare, lines, at, hash.base64_of(body));
}

/// The bodies that people take the digest of instead.
pub(in crate::sign) fn other_bodies(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut bodies = vec![
        ("an empty body", Vec::new()),
        ("the body with a newline behind it", [body, b"\n"].concat()),
        ("the body without the blanks around it", body.trim_ascii().to_vec()),
    ];
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) {
        bodies.push(("the same JSON without blanks", value.to_string().into_bytes()));
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
        bodies.push(("the same JSON indented", pretty.into_bytes()));
        bodies.push(("the same JSON with a space behind each comma and colon", spaced(&value).into_bytes()));
    }
    bodies
}

/// JSON as Python's `json.dumps` writes it.
fn spaced(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Object(map) => {
            let entry = |(key, value)| {
                format!("{}: {}", serde_json::Value::String(String::clone(key)), spaced(value))
            };
            format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Array(list) => {
            format!("[{}]", list.iter().map(spaced).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// One line too few, or a header that is sent and not listed.
fn membership(covered: &Covered<'_>, lines: &Lines, found: &mut Found<'_>) {
    for at in 0..lines.len() {
        let mut fewer = lines.to_vec();
        let (name, _) = fewer.remove(at);
        found.push(format!("`{name}` is listed and was not signed"), join(&fewer));
    }
    let extra = covered.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let carrier = |name: &String| matches!(name.as_str(), "signature" | "authorization");
    for name in extra.filter(|name| position(lines, name).is_none() && !carrier(name)) {
        let value = covered.field(&name).unwrap_or_default();
        let more = [lines, &[(name.clone(), value)]].concat();
        found.push(format!("`{name}` was signed and is not listed in `headers`"), join(&more));
    }
}

/// The hash of the signing string signed in its place: hashed twice.
pub(in crate::sign) fn hashes(lines: &Lines, found: &mut Found<'_>) {
    const SENTENCE: &str =
        "a hash of the signing string was signed; sign the string itself, signing hashes it";
    let right = join(lines) + found.tail;
    let Some(bytes) = to_bytes(&right) else { return };
    for hash in [Hash::Sha256, Hash::Sha512] {
        let hashed = hash.of(&bytes);
        found.push_whole(SENTENCE, HEXLOWER.encode(&hashed));
        found.push_whole(SENTENCE, STANDARD.encode(&hashed));
        let text = format!("({} of the signing string, {} bytes)", hash.name(), hashed.len());
        found.push_bytes(SENTENCE, text, &hashed);
    }
}

/// The lines in other orders than `headers` lists.
fn orders(lines: &Lines, found: &mut Found<'_>) {
    for order in other_orders(lines) {
        let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
        let sentence =
            format!("the lines were signed in another order than `headers` lists: `{}`", names.join(" "));
        found.push(sentence, join(&order));
    }
}

/// Other orders: all of them for up to five lines, the likely ones for more.
pub(in crate::sign) fn other_orders(lines: &Lines) -> Vec<Vec<(String, String)>> {
    let mut orders = Vec::new();
    if lines.len() <= 5 {
        permute(&mut lines.to_vec(), 0, &mut orders);
    } else {
        orders.push(lines.iter().rev().cloned().collect());
        let mut sorted = lines.to_vec();
        sorted.sort();
        orders.push(sorted);
        // Beyond that, the attempts would cost more than the answer is worth.
        let movable = if lines.len() <= 12 { lines.len() } else { 0 };
        for from in 0..movable {
            for to in (0..lines.len()).filter(|to| *to != from) {
                let mut moved = lines.to_vec();
                let line = moved.remove(from);
                moved.insert(to, line);
                orders.push(moved);
            }
        }
    }
    orders.retain(|order| order.as_slice() != lines);
    orders
}

fn permute(lines: &mut Vec<(String, String)>, from: usize, orders: &mut Vec<Vec<(String, String)>>) {
    if from + 1 >= lines.len() {
        orders.push(lines.clone());
        return;
    }
    for at in from..lines.len() {
        lines.swap(from, at);
        permute(lines, from + 1, orders);
        lines.swap(from, at);
    }
}

fn position(lines: &Lines, name: &str) -> Option<usize> {
    lines.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
}
