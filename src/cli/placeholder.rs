//! What stands in a message for a value that is not known before something else is sent.
//!
//! People see `[token.response.status]`. A program has to find the places again, also where the
//! text around them has brackets of its own, so that for it the name is written in hexadecimal
//! between two marks: these pass through URLs, forms, JSON and headers as they are.

use std::collections::BTreeSet;

use countersign::diag::Diagnostic;
use data_encoding::HEXLOWER;

use countersign::render::Scope;
use countersign::run::Prepared;

const BEGIN: &str = "zq0unknown0qz";
const END: &str = "zq0known0qz";

/// How a name is written for people.
pub(super) fn shown(name: &str) -> String {
    format!("[{name}]")
}

/// How a name is written so that it can be found again.
pub(super) fn marked(name: &str) -> String {
    format!("{BEGIN}{}{END}", HEXLOWER.encode(name.as_bytes()))
}

/// The next marked name, with the text before it and behind it.
pub(super) fn next(text: &str) -> Option<(&str, String, &str)> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (digits, behind) = rest.split_once(END)?;
    let name = HEXLOWER.decode(digits.as_bytes()).ok()?;
    Some((before, String::from_utf8(name).ok()?, behind))
}

/// Every marked name of a text, each once.
pub(super) fn names(mut text: &str, found: &mut Vec<String>) {
    while let Some((_, name, behind)) = next(text) {
        if !found.contains(&name) {
            found.push(name);
        }
        text = behind;
    }
}

/// The scope of a step before anything that it needs was sent. A capture is called by its own
/// name, and by that of its request too where several of that name are needed.
pub(super) fn scope(
    prepared: &Prepared,
    step: usize,
    written: fn(&str) -> String,
) -> Result<Scope, Vec<Diagnostic>> {
    let edges = &prepared.plan.steps[step].needs;
    let needed: Vec<_> =
        edges.iter().map(|edge| ((&edge.name, edge.depth()), prepared.request(edge.step))).collect();
    let is_alone = |name: &str| {
        let having = needed.iter().filter(|(_, request)| request.capture.contains_key(name));
        having.map(|(called, _)| called).collect::<BTreeSet<_>>().len() == 1
    };
    prepared.scope(step, &|scope, name, edges| {
        let Some(edge) = edges.first() else { return scope };
        let request = prepared.request(edge.step);
        let captures = request.capture.keys().map(|capture| {
            let called =
                if is_alone(capture) { capture.clone() } else { format!("{}.{capture}", request.name) };
            (capture.clone(), called)
        });
        scope.with_unknown(name, captures, written)
    })
}
