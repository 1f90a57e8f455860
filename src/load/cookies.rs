//! `cookies` and `redirects` of a request.

use super::headers::{is_token, why_no_token};
use super::reader::{Fields, Reader};
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::limits;
use crate::spec::Cookies;

/// Reads `cookies`: a map, or `false`.
pub(super) fn cookies(reader: &mut Reader, node: &Node) -> Cookies {
    let Value::Map(entries) = &node.value else {
        if !matches!(node.value, Value::Bool(false)) {
            let help = "cookies that the needed requests were given are sent anyway";
            reader.wrong(node, "`cookies`", "a map of names and values, or `false`", help);
        }
        return Cookies::Off;
    };
    let mut cookies = Vec::new();
    for entry in entries {
        let name = &entry.key.text;
        let subject = format!("the cookie {}", literal(name));
        if !is_token(name) {
            reader.problems.push(
                Diagnostic::error(
                    Code::WrongValue,
                    format!("{} can't be the name of a cookie", literal(name)),
                )
                .at(entry.key.span, why_no_token(name)),
            );
        } else if let Value::Number(number) = &entry.value.value {
            cookies.push((name.clone(), number.to_string()));
        } else if let Some(value) = reader.text(&entry.value, &subject) {
            cookies.push((name.clone(), value));
        }
    }
    Cookies::With(cookies)
}

/// Who writes the field itself says all that there is to say.
pub(super) fn check_header(reader: &mut Reader, fields: &Fields<'_>, headers: &[(String, Vec<String>)]) {
    let (Some(entry), true) =
        (fields.entry("cookies"), headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie")))
    else {
        return;
    };
    reader.problems.push(
        Diagnostic::error(Code::WrongValue, "`cookies` stands beside a header `Cookie`")
            .at(entry.key.span, "these become that header")
            .help("keep `cookies`, which hides the values in every output"),
    );
}

/// Reads `redirects`: how many are followed.
pub(super) fn redirects(reader: &mut Reader, node: &Node) -> Option<u32> {
    let most = limits::REDIRECTS;
    let found = node.as_whole().filter(|number| *number <= most);
    if found.is_none() {
        let help = "it is how many are followed, one after the other; `0` follows none";
        reader.wrong(node, "`redirects`", &format!("a whole number from 0 to {most}"), help);
    }
    found
}
