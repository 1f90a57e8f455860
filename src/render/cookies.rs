//! The cookies of a message: those that the party was given, and those that the request writes.

use super::Step;
use super::fill::{At, Fill};
use crate::diag::pointer::join;
use crate::diag::{Code, Diagnostic};
use crate::load::Owner;
use crate::message::Headers;
use crate::spec::Cookies;
use url::Url;

/// Adds the field, and gives the cookies that the request writes itself. Where there is the field
/// already, that is what is sent.
pub(super) fn cookies(
    fill: &mut Fill<'_>,
    step: Step<'_>,
    url: &Url,
    headers: &mut Headers,
) -> Vec<(String, String)> {
    let written = match &step.request.cookies {
        Cookies::Off => return Vec::new(),
        Cookies::AsReceived => &[][..],
        Cookies::With(written) => written,
    };
    if headers.contains("cookie") {
        return Vec::new();
    }
    let mut sent = step.onward.cookies.map(|(jar, now)| jar.of(url, now)).unwrap_or_default();
    let own: Vec<_> = written.iter().filter_map(|(name, source)| own(fill, step, name, source)).collect();
    for (name, value) in &own {
        sent.retain(|(known, _)| known != name);
        sent.push((name.clone(), value.clone()));
    }
    if !sent.is_empty() {
        let pairs: Vec<String> = sent.iter().map(|(name, value)| format!("{name}={value}")).collect();
        headers.set("Cookie", pairs.join("; "));
    }
    own
}

fn own(fill: &mut Fill<'_>, step: Step<'_>, name: &str, source: &str) -> Option<(String, String)> {
    let at = At::new(&Owner::Request(step.request.name.clone()), join("/cookies", name));
    let value = fill.text(&at, source)?;
    // RFC 6265, section 4.1.1.
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    if !value.bytes().all(fits) {
        let message = format!("the value of the cookie `{name}` has a character that can't be in one");
        let help = "a cookie has no blanks, quotes, commas, semicolons or backslashes; encode it, as with `| urlencode`";
        fill.problem(&at, None, Diagnostic::error(Code::Unusable, message).help(help), "");
        return None;
    }
    Some((name.to_owned(), value))
}
