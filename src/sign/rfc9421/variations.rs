//! The signature bases that people build by mistake.
//!
//! One mistake at a time: two at once are rare, and naming the wrong pair would mislead. Likely
//! ones stand first.

use sfv::{InnerList, ListEntry};

use super::base::PARAMETERS;
use super::diagnose::Question;
use super::field::{self, serialize};
use super::identifier::Identifier;
use super::input::INPUT;
use super::slips;
use crate::sign::cavage::join;
use crate::sign::cavage::variations::{Found, Variation, hashes, joints, other_orders, title};

/// The usual mistake that the signature is good with; the likeliest are tried first.
pub(super) fn variation(question: &Question<'_>, good: &dyn Fn(&[u8]) -> bool) -> Option<Variation> {
    let mut found = Found::new(good);
    joints(question.lines, &mut found);
    values(question, &mut found);
    names(question, &mut found);
    parameters(question, &mut found);
    membership(question, &mut found);
    hashes(question.lines, &mut found);
    orders(question, &mut found);
    found.into_inner()
}

/// Other values of one component.
fn values(question: &Question<'_>, found: &mut Found<'_>) {
    for (at, identifier) in question.signed.identifiers.iter().enumerate() {
        for slip in slips::of(question.received, identifier, &question.lines[at].1) {
            found.replace(slip.sentence, question.lines, at, slip.value);
        }
    }
}

/// Names written otherwise.
fn names(question: &Question<'_>, found: &mut Found<'_>) {
    let renamed = |rename: &dyn Fn(&str) -> String| {
        let lines = question.lines.iter().map(|(name, value)| (rename(name), value.clone()));
        join(&lines.collect::<Vec<_>>())
    };
    found.push(
        "the names lack their quotes; a line begins `\"@method\": `",
        renamed(&|name| name.replacen('"', "", 2)),
    );
    let sent = |name: &str| {
        let bare = name.split('"').nth(1).unwrap_or_default();
        let field = question.received.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(bare));
        field.map_or_else(|| name.to_owned(), |(field, _)| name.replacen(bare, field, 1))
    };
    let sentence = "header names keep their upper case; the signature base has them in lower case";
    found.push(sentence, renamed(&sent));
    found.push(sentence, renamed(&quoted_title));
}

/// `"content-type"` as `"Content-Type"`.
fn quoted_title(name: &str) -> String {
    match name.strip_prefix('"').filter(|bare| !bare.starts_with('@')) {
        Some(bare) => format!("\"{}", title(bare)),
        None => name.to_owned(),
    }
}

/// The last line written otherwise.
fn parameters(question: &Question<'_>, found: &mut Found<'_>) {
    let (lines, signed) = (question.lines, question.signed);
    let Some(last) = lines.len().checked_sub(1) else { return };
    found.push("the line `@signature-params` is missing", join(&lines[..last]));
    let label = &signed.label;
    found.replace(
        "the label stands before the list in `@signature-params`; it is not signed",
        lines,
        last,
        format!("{label}={}", signed.input),
    );
    if let Some(whole) = field::joined(question.received, INPUT) {
        let sentence =
            "`@signature-params` is `Signature-Input` as it was sent, with its blanks; it is written anew";
        found.replace(sentence, lines, last, member_as_sent(&whole, label).to_owned());
        found.replace("`@signature-params` is the whole of `Signature-Input`", lines, last, whole);
    }
    let mut list = signed.list.clone();
    list.params.clear();
    let bare = written(&list);
    found.replace("the parameters are missing from `@signature-params`", lines, last, bare);
    for key in signed.list.params.keys() {
        let mut list = signed.list.clone();
        list.params.shift_remove(key);
        let sentence = format!("`{key}` is in `Signature-Input`, and was not signed");
        found.replace(sentence, lines, last, written(&list));
    }
    for list in reordered(&signed.list) {
        let names: Vec<&str> = list.params.keys().map(|key| key.as_str()).collect();
        let names = names.join(" ");
        let sentence = format!("the parameters were signed in another order than they are sent: `{names}`");
        found.replace(sentence, lines, last, written(&list));
    }
}

/// The member as it stands in the field, blanks and all.
fn member_as_sent<'a>(whole: &'a str, label: &str) -> &'a str {
    let start = whole.find(&format!("{label}=")).map_or(0, |at| at + label.len() + 1);
    let member = &whole[start..];
    let mut quoted = false;
    let end = member.find(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    member[..end.unwrap_or(member.len())].trim_end()
}

/// The list with its parameters in other orders: all of them for up to four.
fn reordered(list: &InnerList) -> Vec<InnerList> {
    let parameters: Vec<(String, String)> =
        list.params.keys().map(|key| (key.to_string(), String::new())).collect();
    let in_order = |order: &[(String, String)]| {
        let mut other = list.clone();
        other.params.sort_by_key(|key, _| order.iter().position(|(name, _)| name == key.as_str()));
        other
    };
    other_orders(&parameters).iter().map(|order| in_order(order)).collect()
}

fn written(list: &InnerList) -> String {
    serialize(&ListEntry::InnerList(list.clone())).unwrap_or_default()
}

/// One line too few, or a header that is sent and not listed.
fn membership(question: &Question<'_>, found: &mut Found<'_>) {
    let lines = question.lines;
    let last = lines.len().saturating_sub(1);
    for (at, identifier) in question.signed.identifiers.iter().enumerate() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        found.push(format!("`{identifier}` is listed and was not signed"), join(&fewer));
    }
    let sent = question.received.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    for name in sent.filter(|name| !name.starts_with("signature")) {
        let Ok(identifier) = Identifier::new(&name, Vec::new()) else { continue };
        let Some(value) = field::joined(question.received, &name) else { continue };
        if !question.signed.identifiers.iter().any(|known| known.is(&identifier)) {
            let mut more = lines.clone();
            more.insert(last, (identifier.serialize(), value));
            found.push(format!("`{name}` was signed and is not listed in `Signature-Input`"), join(&more));
        }
    }
}

/// Other orders of the lines, with the list as it was sent and with one that follows the lines.
fn orders(question: &Question<'_>, found: &mut Found<'_>) {
    let Some((_, components)) = question.lines.split_last() else { return };
    for mut order in other_orders(components) {
        let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
        let sentence =
            format!("the components were signed in another order than they are sent: `{}`", names.join(" "));
        let mut list = question.signed.list.clone();
        list.items.sort_by_key(|item| {
            let name = Identifier::from_item(item).map(|identifier| identifier.serialize());
            names.iter().position(|known| Ok(*known) == name.as_deref())
        });
        for input in [question.signed.input.clone(), written(&list)] {
            order.push((PARAMETERS.to_owned(), input));
            found.push(sentence.clone(), join(&order));
            order.pop();
        }
    }
}
