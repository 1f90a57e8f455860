//! What differs in a body that is not JSON, as filters.

use super::super::Settings;
use super::kind::{self, Kind};
use super::look;
use super::{Advice, Suggestion};
use crate::pattern;

/// The filters that mask what differs between two texts and is recognised wherever it stands.
pub(super) fn filters([left, right]: [&str; 2], settings: &Settings) -> Vec<Suggestion> {
    let (mut left, mut right) = (left.to_owned(), right.to_owned());
    let mut found = Vec::new();
    for (kind, expression, mask) in look::within() {
        let Ok(regex) = pattern::parse(&expression) else { continue };
        let all =
            |text: &str| regex.find_iter(text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>();
        let (ours, theirs) = (all(&left), all(&right));
        if ours == theirs || ours.is_empty() || theirs.is_empty() {
            continue;
        }
        let is_known = settings.filters.iter().any(|filter| filter.pattern == expression);
        if is_known {
            continue;
        }
        left = regex.replace_all(&left, mask).into_owned();
        right = regex.replace_all(&right, mask).into_owned();
        let differ = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        found.push(suggestion(kind, &expression, mask, differ));
    }
    found
}

fn suggestion(kind: Kind, pattern: &str, mask: &str, differ: Option<(&String, &String)>) -> Suggestion {
    let values = differ.map(|(left, right)| [left.as_str().into(), right.as_str().into()]);
    let example =
        values.and_then(|[left, right]: [serde_json::Value; 2]| kind::example(kind, [&left, &right]));
    let advice = Advice::Filter { pattern: pattern.to_owned(), replacement: mask.to_owned() };
    Suggestion { advice, kind, example }
}
