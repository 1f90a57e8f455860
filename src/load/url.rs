//! `endpoint` and `host`: what of a URL can be judged before its templates are filled.

use url::Url;

use super::decoded;
use super::reader::{Reader, is_template};
use super::yaml::Node;
use crate::diag::{Code, Diagnostic, is_invisible, literal};

/// Reads `endpoint`: a path with optional query, or an absolute URL.
pub(super) fn endpoint(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "`endpoint`")?;
    if text.is_empty() {
        reader.wrong(node, "`endpoint`", "a path such as `/accounts`", "write `/` for the host itself");
        return None;
    }
    check_characters(reader, node, &text, "`endpoint`")?;
    if text.contains("://") && !text.starts_with('/') {
        check_absolute(reader, node, &text, "`endpoint`")?;
    } else if !text.starts_with('/') && !is_template(&text) {
        let message = "`endpoint` must begin with `/`";
        reader.unusable(
            node,
            message,
            "a path below the host",
            &format!("write {}", literal(&format!("/{text}"))),
        );
        return None;
    }
    if text.contains('#') && !is_template(&text) {
        let help = "delete it, or write `%23` for a `#` in the path or query";
        reader.unusable(node, "`endpoint` has a fragment", "what follows `#` is never sent", help);
        return None;
    }
    Some(text)
}

/// Reads the URL of a `host`: scheme, authority and optional base path.
pub(super) fn host(reader: &mut Reader, node: &Node, text: &str) -> Option<()> {
    check_characters(reader, node, text, "`host`")?;
    if is_template(text) && !text.contains("://") {
        return Some(());
    }
    if !text.contains("://") {
        let help = format!("write {}", literal(&format!("https://{text}")));
        reader.unusable(node, "`host` has no scheme", "", &help);
        return None;
    }
    let Absolute::Static(url) = check_absolute(reader, node, text, "`host`")? else { return Some(()) };
    if url.query().is_some() || url.fragment().is_some() {
        let help = "give the query with each request, under `query`";
        reader.unusable(node, "`host` has a query or fragment", "only scheme, host and base path", help);
        return None;
    }
    let ascii = url.host_str().unwrap_or_default();
    if !text.is_ascii() && ascii.contains("xn--") {
        reader.warnings.push(
            Diagnostic::warning(
                Code::WrongValue,
                format!("the host's name is not ASCII: it is {}", literal(ascii)),
            )
            .at(node.span, "make sure that no letter is a look-alike"),
        );
    }
    Some(())
}

fn check_characters(reader: &mut Reader, node: &Node, text: &str, subject: &str) -> Option<()> {
    // Inside a template, blanks and line breaks are its own.
    let bad = text.chars().find(|c| is_invisible(*c) || (*c == ' ' && !is_template(text)));
    let Some(bad) = bad.filter(|bad| !(is_template(text) && matches!(bad, '\n' | '\t'))) else {
        return Some(());
    };
    let (what, help) = match bad {
        ' ' => ("a blank".to_owned(), "write `%20` for a blank"),
        '\n' => ("a line break".to_owned(), "write it on one line"),
        other => (format!("the invisible character U+{:04X}", u32::from(other)), "delete it"),
    };
    let at = text.find(bad).unwrap_or_default();
    let span = decoded::inside(node.span, node.style, at..at + bad.len_utf8(), reader.sources);
    let diagnostic = Diagnostic::error(Code::WrongValue, format!("{subject} contains {what}"));
    reader.report(node, diagnostic.at(span, "here").help(help));
    None
}

/// What an absolute URL is, as far as it can be judged.
enum Absolute {
    Static(Url),
    /// It holds templates.
    Template,
}

fn check_absolute(reader: &mut Reader, node: &Node, text: &str, subject: &str) -> Option<Absolute> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !matches!(scheme, "https" | "http") && !is_template(scheme) {
        let message = format!("{subject} has the scheme {}", literal(scheme));
        reader.unusable(node, message, "only `https` is sent to", "write `https://…`");
        return None;
    }
    if let Some(end) = authority.rfind('@').filter(|_| !is_template(authority)) {
        let start = scheme.len() + "://".len();
        let span = decoded::inside(node.span, node.style, start..start + end, reader.sources);
        let diagnostic = Diagnostic::error(Code::WrongValue, format!("{subject} contains credentials"));
        let diagnostic = diagnostic.at(span, "a user name or password in a URL ends up in logs");
        let help = "send them as a header: `authorization: Basic {{ secret(\"LOGIN\") | base64 }}`";
        reader.report(node, diagnostic.help(help));
        return None;
    }
    if scheme == "http" && !is_template(authority) && !is_loopback(authority) {
        let message = format!("{subject} is not encrypted");
        let help = "write `https://…`; plain `http` is allowed to `localhost`, `127.0.0.1` and `[::1]` only";
        reader.unusable(node, message, "anybody on the way could read and change it", help);
        return None;
    }
    if is_template(text) {
        return Some(Absolute::Template);
    }
    match Url::parse(text) {
        Ok(url) => Some(Absolute::Static(url)),
        Err(error) => {
            reader.unusable(node, format!("{subject} is not a URL"), &error.to_string(), "");
            None
        }
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
