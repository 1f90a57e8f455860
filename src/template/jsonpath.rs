//! `value | jsonpath(path, default)`: a part of JSON.
//!
//! One node is itself, several are a list of them, as selectors have it. Text is read as JSON
//! first: a file, or a secret that is one. What is taken out of a secret is one as well.

use minijinja::Value as Inner;
use minijinja::value::ValueKind;
use serde_json::Value;

use super::arguments::Arguments;
use super::error::{Failure, THIS};
use super::value::{Numbers, from_engine, to_engine};
use crate::json::{self, Path};
use crate::secret::{Piece, Redactor};

pub(super) const PARAMETERS: &[&str] = &["path", "default"];

/// What the path finds in `value`.
pub(super) fn jsonpath(value: &Inner, given: &Arguments, redactor: &Redactor) -> Result<Inner, Failure> {
    let path = Path::parse(given.required_text("path")?).map_err(|error| {
        let failure = Failure::new(format!("`{THIS}`: {}", error.message));
        error.help.into_iter().fold(failure, Failure::help)
    })?;
    let json = read(value)?;
    let found = match path.find(&json).as_slice() {
        [] => None,
        [node] => Some((*node).clone()),
        several => Some(several.iter().map(|node| (*node).clone()).collect()),
    };
    match (found, given.value("default")) {
        (Some(found), _) => {
            if let Some(secret) = value.as_str().and_then(|text| structured_secret(text, redactor)) {
                redactor.remember_all(&secret, &found);
            }
            Ok(to_engine(&found, Numbers::Exact))
        }
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(Failure::new(format!("`{THIS}` finds nothing"))
            .help("check the path, or say what stands for nothing: `jsonpath(path, default)`")),
    }
}

fn read(value: &Inner) -> Result<Value, Failure> {
    match value.as_str().filter(|_| value.kind() == ValueKind::String) {
        // The reader's own words may quote the text, which may be a secret.
        Some(text) => json::parse(text.as_bytes())
            .map_err(|_| Failure::new(format!("`{THIS}` looks into a text that is not JSON"))),
        None => from_engine(value),
    }
}

/// The name of the secret in `text` that has JSON inside, if there is one: the parts of such a one
/// are not known as secrets yet.
fn structured_secret(text: &str, redactor: &Redactor) -> Option<String> {
    redactor.pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Secret { name, text, .. } if text.contains(['{', '[', '"']) => Some(name),
        Piece::Secret { .. } | Piece::Plain(_) => None,
    })
}
