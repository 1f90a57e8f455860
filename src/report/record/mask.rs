//! Strings without secrets. They are masked one by one, as they are and as JSON would write them, and
//! never a line as a whole: a secret that happens to look like a piece of JSON must not be able to
//! break it.

use serde_json::Value;

use crate::secret::Redactor;

/// Masks every string of a value. Keys are names of our own.
pub(in crate::report) fn mask_all(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = mask(text, redactor),
        Value::Array(list) => list.iter_mut().for_each(|value| mask_all(value, redactor)),
        Value::Object(map) => map.values_mut().for_each(|value| mask_all(value, redactor)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn mask(text: &str, redactor: &Redactor) -> String {
    let masked = redactor.redact(text).into_owned();
    let written = Value::from(masked.as_str()).to_string();
    let inside = &written[1..written.len() - 1];
    if inside == masked {
        return masked;
    }
    let again = redactor.redact(inside);
    if again == inside {
        return masked;
    }
    // The mask may have taken half of an escape with it.
    serde_json::from_str(&format!("\"{again}\"")).unwrap_or_else(|_| "[***]".to_owned())
}
