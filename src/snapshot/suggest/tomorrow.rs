//! What two answers of one day have in common and will not have tomorrow.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Remainder;
use super::document::{Body, Document};
use super::place::Place;
use crate::diag::literal;

/// The places of a snapshot that hold today's date, as a date or as its midnight.
pub(super) fn dates(document: &Document, now: DateTime<Utc>) -> Vec<Remainder> {
    let Body::Json(body) = &document.body else { return Vec::new() };
    let mut found = BTreeSet::new();
    walk(&Place::default(), body, &now.format("%Y-%m-%d").to_string(), &mut found);
    let remainder = |selector: String| Remainder {
        what: format!(
            "{} is today's date in both answers, and will be another one tomorrow",
            literal(&selector)
        ),
        help: Some(format!(
            "if so, add `{selector}: {{as: \"[date]\", matches: '/^\\d{{4}}-\\d\\d-\\d\\d/'}}`"
        )),
    };
    found.into_iter().map(remainder).collect()
}

fn walk(place: &Place, value: &Value, today: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let rest = text.strip_prefix(today);
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("T00:00:00")) {
                found.extend(place.patterns().first().map(Place::selector));
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| walk(&place.item(index), value, today, found));
        }
        Value::Object(map) => map.iter().for_each(|(key, value)| walk(&place.key(key), value, today, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
