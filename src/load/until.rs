//! `until` → [`Until`].

use super::duration::duration;
use super::expect::matched;
use super::reader::{Fields, Reader, Shape};
use super::yaml::Node;
use crate::diag::{Code, Diagnostic};
use crate::sign::Tamper;
use crate::spec::{Request, Until};

const UNTIL: Shape = Shape { what: "`until`", keys: &["status", "headers", "body", "every", "within"] };

/// Reads `until`.
pub(super) fn until(reader: &mut Reader, node: &Node) -> Option<Until> {
    let fields = reader.fields(node, &UNTIL)?;
    if ["status", "headers", "body"].iter().all(|key| fields.get(key).is_none()) {
        reader.problems.push(
            Diagnostic::error(Code::MissingKey, "`until` waits for nothing")
                .at(node.span, "no `status`, `headers` or `body` here")
                .help("say what is waited for, as under `expect`: `until: {body: {$.status: done}}`"),
        );
    }
    let every = fields.get("every").and_then(|node| duration(reader, node, "`every`"));
    let within = fields.get("within").and_then(|node| duration(reader, node, "`within`"));
    let (every, within) = (every.unwrap_or(Until::EVERY), within.unwrap_or(Until::WITHIN));
    if let Some(node) = fields.get("within").or(fields.get("every")).filter(|_| within < every) {
        let help = "`every` is from one answer to the next request, `within` how long it goes on";
        reader.unusable(node, "`within` is shorter than `every`: it would be asked once", "", help);
    }
    Some(Until { every, within, expect: matched(reader, &fields) })
}

/// A request that is sent twice to see the second refused has no answer that could be waited for.
pub(super) fn check_replay(reader: &mut Reader, fields: &Fields<'_>, request: &Request) {
    let (Some(entry), true) = (fields.entry("until"), request.tamper.contains(&Tamper::Replay)) else {
        return;
    };
    reader.problems.push(
        Diagnostic::error(Code::WrongValue, "`until` and `tamper: replay` don't go together")
            .at(entry.key.span, "waits for an answer")
            .help("wait in one request, and replay another that needs it"),
    );
}
