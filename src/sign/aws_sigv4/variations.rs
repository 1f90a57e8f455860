//! The strings to sign that people build by mistake, one mistake at a time.

use super::canonical::{Canonical, UNSIGNED, hash, path};
use super::carried::Carried;
use super::scope::Scope;
use super::settings::Settings;
use crate::limits;
use crate::sign::cavage::to_bytes;
use crate::sign::cavage::variations::other_bodies;
use crate::sign::encoding::unpercent;
use crate::sign::prove::Mistake;
use crate::sign::seen::{Seen, pairs};

/// Every usual mistake, the likeliest first.
pub(super) fn variations(
    seen: &Seen<'_>,
    settings: &Settings,
    carried: &Carried,
    right: &Canonical,
) -> Vec<Mistake> {
    let mut requests = Vec::new();
    paths(seen, settings, right, &mut requests);
    queries(seen, right, &mut requests);
    payloads(seen, right, &mut requests);
    headers(seen, right, &mut requests);
    texts(right, &mut requests);
    let string =
        |text: &str| carried.scope.string_to_sign(&carried.date, &to_bytes(text).unwrap_or_default());
    let mut found: Vec<Mistake> =
        requests.into_iter().map(|(sentence, text)| Mistake::new(sentence, string(&text))).collect();
    strings(&string(&right.text()), right, carried, &mut found);
    found
}

type Requests = Vec<(String, String)>;

fn push(sentence: impl Into<String>, changed: &Canonical, requests: &mut Requests) {
    requests.push((sentence.into(), changed.text()));
}

fn paths(seen: &Seen<'_>, settings: &Settings, right: &Canonical, requests: &mut Requests) {
    let sent = seen.path();
    let decoded = String::from_utf8_lossy(&unpercent(sent)).into_owned();
    let (normal, double) = (settings.normalize, settings.double_encode);
    let doubled = path(&right.path, false, true);
    let double_sentence = if double {
        "the path is encoded once; this service wants the path as sent encoded once more"
    } else {
        "the path is encoded twice; this service (S3) wants it encoded once"
    };
    let normal_sentence = if normal {
        "the path keeps its `.`, `..` or doubled slashes; this service wants them taken out"
    } else {
        "`.`, `..` or doubled slashes are taken out of the path; this service (S3) wants it as it is"
    };
    for (sentence, path) in [
        (double_sentence, path(sent, normal, !double)),
        (normal_sentence, path(sent, !normal, double)),
        ("the path is not percent-encoded", decoded),
        ("the path is percent-encoded once too often", doubled),
        ("the path is missing from the canonical request", "/".to_owned()),
    ] {
        push(sentence, &Canonical { path, ..right.clone() }, requests);
    }
}

fn queries(seen: &Seen<'_>, right: &Canonical, requests: &mut Requests) {
    let unsigned = |(name, _): &(&str, &str)| *name != "X-Amz-Signature";
    let as_sent: Vec<(&str, &str)> = pairs(seen.query()).into_iter().filter(unsigned).collect();
    let written = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    };
    let mut sorted = as_sent.clone();
    sorted.sort_unstable();
    let decoded = String::from_utf8_lossy(&unpercent(&right.query)).into_owned();
    for (sentence, query) in [
        ("the query is not sorted by the names of its parameters", written(&as_sent)),
        ("the query is not percent-encoded as AWS wants it", written(&sorted)),
        ("the query is percent-decoded", decoded),
        ("the query is missing from the canonical request", String::new()),
        ("spaces in the query are written as `+`; write `%20`", right.query.replace("%20", "+")),
    ] {
        push(sentence, &Canonical { query, ..right.clone() }, requests);
    }
}

fn payloads(seen: &Seen<'_>, right: &Canonical, requests: &mut Requests) {
    for (which, bytes) in other_bodies(seen.body) {
        let sentence = format!("the hash that was signed is that of {which}, not of the body that was sent");
        push(sentence, &Canonical { payload: hash(&bytes), ..right.clone() }, requests);
    }
    let upper = right.payload.to_ascii_uppercase();
    for (sentence, payload) in [
        ("the body was not signed: `UNSIGNED-PAYLOAD` stands in place of its hash", UNSIGNED.to_owned()),
        ("the hash of the body was signed, and `UNSIGNED-PAYLOAD` is asked for", hash(seen.body)),
        ("the hash of the body is in upper case", upper),
    ] {
        push(sentence, &Canonical { payload, ..right.clone() }, requests);
    }
}

fn headers(seen: &Seen<'_>, right: &Canonical, requests: &mut Requests) {
    let raw = |name: &str| seen.headers.all(name).collect::<Vec<_>>().join(",");
    let untrimmed = right.headers.iter().map(|(name, value)| match raw(name) {
        raw if raw.is_empty() => (name.clone(), value.clone()),
        raw => (name.clone(), raw),
    });
    push(
        "header values are signed as they are; trim them, and make blanks within them one",
        &Canonical { headers: untrimmed.collect(), ..right.clone() },
        requests,
    );
    let Canonical { method, path, query, payload, .. } = right;
    let place = |name: &str| seen.headers.iter().position(|(sent, _)| sent.eq_ignore_ascii_case(name));
    let mut as_sent = right.clone();
    as_sent.headers.sort_by_cached_key(|(name, _)| place(name));
    requests.push((
        "the header lines stand in the order they are sent; sort them by name".into(),
        format!("{method}\n{path}\n{query}\n{}\n{}\n{payload}", as_sent.lines(), right.names()),
    ));
    let host = |port: &str| {
        let mut changed = right.clone();
        for (_, value) in changed.headers.iter_mut().filter(|(name, _)| name == "host") {
            value.push_str(port);
        }
        changed
    };
    for port in [":443", ":80"] {
        push(format!("`host` is signed with `{port}`, and sent without"), &host(port), requests);
    }
    for at in 0..right.headers.len().min(limits::EXPLAINED_PARTS) {
        let mut fewer = right.clone();
        let (name, _) = fewer.headers.remove(at);
        requests.push((
            format!("`{name}` is listed in `SignedHeaders` and was not signed"),
            format!("{method}\n{path}\n{query}\n{}\n{}\n{payload}", fewer.lines(), right.names()),
        ));
        push(format!("`{name}` is listed in `SignedHeaders` and was not signed"), &fewer, requests);
    }
}

fn texts(right: &Canonical, requests: &mut Requests) {
    let Canonical { method, path, query, payload, .. } = right;
    push(
        "the method is in lower case",
        &Canonical { method: method.to_ascii_lowercase(), ..right.clone() },
        requests,
    );
    let (lines, names) = (right.lines(), right.names());
    for (sentence, text) in [
        (
            "the empty line between the headers and `SignedHeaders` is missing",
            format!("{method}\n{path}\n{query}\n{lines}{names}\n{payload}"),
        ),
        ("the empty line of a request without query is missing", right.text().replacen("\n\n", "\n", 1)),
        ("a newline stands at the end of the canonical request", format!("{}\n", right.text())),
        ("the lines of the canonical request are joined by CR LF", right.text().replace('\n', "\r\n")),
    ] {
        requests.push((sentence.into(), text));
    }
}

/// The string to sign itself.
fn strings(right: &str, canonical: &Canonical, carried: &Carried, found: &mut Vec<Mistake>) {
    let bytes = to_bytes(&canonical.text()).unwrap_or_default();
    let (date, day) = (&carried.date, &carried.scope.day);
    let upper = right
        .rsplit_once('\n')
        .map_or(right.to_owned(), |(head, hash)| format!("{head}\n{}", hash.to_ascii_uppercase()));
    let bare = Scope { region: carried.scope.region.to_ascii_uppercase(), ..carried.scope.clone() };
    for (sentence, text) in [
        ("a newline stands at the end of the string to sign", format!("{right}\n")),
        ("the lines of the string to sign are joined by CR LF", right.replace('\n', "\r\n")),
        ("the canonical request itself was signed; sign the string with its hash in it", canonical.text()),
        ("the date in the string to sign is the day alone", right.replacen(date.as_str(), day, 1)),
        ("the hash of the canonical request is in upper case", upper),
        ("the region in the string to sign is in upper case", bare.string_to_sign(date, &bytes)),
    ] {
        found.push(Mistake::new(sentence, text));
    }
}
