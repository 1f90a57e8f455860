//! The report as one page of HTML that needs nothing else: no network, no other file.
//!
//! What a run brought is data of the template only. The page's policy (CSP) allows the style and
//! the script of this folder by their hashes and nothing besides, so that markup which got through
//! all the same would be dead.

mod body;
mod chain;
mod difference;
mod exchange;
mod layers;
mod outline;
mod page;
mod shown;
mod step;
mod waterfall;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use sha2::{Digest, Sha256};

use super::record::Tree;
use page::Page;

const TEMPLATE: &str = concat!(include_str!("parts.html"), include_str!("page.html"));
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole page.
pub(super) fn html(tree: &Tree) -> String {
    rendered(&Page::of(tree)).expect("the template reads only what a page has, as tests of each part show")
}

fn rendered(page: &Page) -> Result<String, minijinja::Error> {
    // Empty: none of the functions and filters that request files have.
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let blocks = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(blocks);
    let (style, script) = (settled(STYLE), settled(SCRIPT));
    let policy = policy(&style, &script);
    environment.render_named_str(
        "page.html",
        TEMPLATE,
        context! {
            page => Serde(page),
            policy,
            style => Value::from_safe_string(style),
            script => Value::from_safe_string(script),
        },
    )
}

/// A browser takes both ends of a line for one before it hashes.
fn settled(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What the page may do (Content Security Policy, level 3).
fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(style),
        hash(script)
    )
}
