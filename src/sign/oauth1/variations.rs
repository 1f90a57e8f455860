//! The base strings that people build by mistake, one mistake at a time.

use std::collections::HashMap;

use super::base::{Base, of_form, of_query};
use super::carried::Carried;
use super::settings::{Settings, ValueForm};
use crate::limits;
use crate::sign::encoding::percent;
use crate::sign::prove::Mistake;
use crate::sign::seen::Seen;

/// Every usual mistake, the likeliest first.
pub(super) fn variations(
    seen: &Seen<'_>,
    settings: &Settings,
    carried: &Carried,
    right: &Base,
) -> Vec<Mistake> {
    let mut found = Vec::new();
    parameters(seen, settings, carried, right, &mut found);
    requests(seen, right, &mut found);
    texts(right, &mut found);
    found
}

fn push(sentence: &str, base: &Base, found: &mut Vec<Mistake>) {
    found.push(Mistake::new(sentence, base.text()));
}

/// The base string without these parameters, each as often as it is among them.
fn without(right: &Base, left_out: Vec<(String, String)>) -> Base {
    let mut often: HashMap<(String, String), usize> = HashMap::new();
    for parameter in left_out {
        *often.entry(parameter).or_default() += 1;
    }
    let kept = |parameter: &&(String, String)| match often.get_mut(*parameter) {
        Some(0) | None => true,
        Some(left) => {
            *left -= 1;
            false
        }
    };
    Base { parameters: right.parameters.iter().filter(kept).cloned().collect(), ..right.clone() }
}

fn parameters(
    seen: &Seen<'_>,
    settings: &Settings,
    carried: &Carried,
    right: &Base,
    found: &mut Vec<Mistake>,
) {
    let without = |left_out: Vec<(String, String)>| without(right, left_out);
    let sentence = "the parameters of the form in the body are left out of the base string";
    push(sentence, &without(of_form(seen)), found);
    let sentence = "the parameters of the query are left out of the base string";
    push(sentence, &without(of_query(seen, settings.values)), found);
    let mut unsorted = right.clone();
    let sent = carried.protocol.iter().map(|(name, value)| (percent(name), percent(value)));
    unsorted.parameters =
        of_query(seen, settings.values).into_iter().chain(sent).chain(of_form(seen)).collect();
    push("the parameters are not sorted", &unsorted, found);
    let other = match settings.values {
        ValueForm::Encoded => (
            "values are not percent-encoded before they are joined; RFC 5849 encodes them twice in the end",
            ValueForm::Raw,
        ),
        ValueForm::Raw => (
            "values are percent-encoded before they are joined; this API wants them as they are",
            ValueForm::Encoded,
        ),
    };
    push(other.0, &Base::of(seen, &carried.protocol, other.1), found);
    if let Some(realm) = &carried.realm {
        let mut more = right.clone();
        more.parameters.push(("realm".into(), percent(realm)));
        more.parameters.sort();
        push("`realm` is in the base string; it is sent and not signed", &more, found);
    }
    for at in 0..right.parameters.len().min(limits::EXPLAINED_PARTS) {
        let mut fewer = right.clone();
        let (name, _) = fewer.parameters.remove(at);
        push(&format!("`{name}` is sent and was not signed"), &fewer, found);
    }
    let mut plus = right.clone();
    plus.parameters.iter_mut().for_each(|(_, value)| *value = value.replace("%20", "+"));
    push("blanks in values are written as `+`; OAuth wants `%20`", &plus, found);
}

fn requests(seen: &Seen<'_>, right: &Base, found: &mut Vec<Mistake>) {
    let uri = |uri: String| Base { uri, ..right.clone() };
    let lower = right.method.to_ascii_lowercase();
    push("the method is in lower case", &Base { method: lower, ..right.clone() }, found);
    let (scheme, rest) = right.uri.split_once("://").unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let other = if scheme == "https" { "http" } else { "https" };
    let port = if scheme == "https" { 443 } else { 80 };
    for (sentence, changed) in [
        ("the URI in the base string has the query; its parameters stand behind it", seen.url()),
        (
            "the URI in the base string has the port that goes without saying",
            format!("{scheme}://{host}:{port}{path}"),
        ),
        ("the URI in the base string has another scheme than the request", format!("{other}://{rest}")),
        ("the URI in the base string is the path alone", path.to_owned()),
        ("the URI in the base string lacks the slash at its end", right.uri.trim_end_matches('/').to_owned()),
        ("the host in the base string is not in lower case", format!("{scheme}://{}{path}", seen.host)),
    ] {
        push(sentence, &uri(changed), found);
    }
}

fn texts(right: &Base, found: &mut Vec<Mistake>) {
    let text = right.text();
    let plain = format!("{}&{}&{}", right.method, right.uri, right.normalized());
    let half = format!("{}&{}&{}", right.method, percent(&right.uri), right.normalized());
    for (sentence, text) in [
        ("a newline stands at the end of the base string", format!("{text}\n")),
        ("the parts of the base string are not percent-encoded", plain),
        ("the parameters are not percent-encoded once more in the base string", half),
        ("the base string is percent-encoded once too often", percent(&text)),
    ] {
        found.push(Mistake::new(sentence, text));
    }
}
