//! What changed from one snapshot to the next, place by place: `$.balance.amount: 10.00 → 12.50`.

use serde_json::Value;
use similar::DiffOp;

use super::alike::{aligned, body};
use crate::diag::escape;
use crate::diag::pointer::{item, join};
use crate::json::path_of;
use crate::limits;

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// At most [`limits::CHANGES`].
    pub list: Vec<Change>,
    /// How many more there are.
    pub omitted: usize,
}

/// One place whose value changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `status`, `header.NAME` or `$…` of the body.
    pub place: String,
    /// What was there, cut to [`limits::CHANGE_VALUE`] characters; `None`: nothing.
    pub old: Option<String>,
    /// What is there now.
    pub new: Option<String>,
}

impl Change {
    /// As a line for people: `$.balance.amount: 10.00 → 12.50`, with this arrow.
    pub fn told(&self, arrow: &str) -> String {
        let Self { place, old, new } = self;
        match (old, new) {
            (Some(old), Some(new)) => format!("{place}: {old} {arrow} {new}"),
            (Some(old), None) => format!("{place}: {old} is gone"),
            (None, new) => format!("{place}: {} is new", new.as_deref().unwrap_or_default()),
        }
    }
}

/// What changed from `old` to `new`. A body that is not JSON has no places: its lines show what
/// changed.
pub fn changes(old: &str, new: &str) -> Changes {
    let mut changes = Changes::default();
    if old.is_empty() {
        return changes;
    }
    let parts = |text: &'_ str| match text.split_once("\n\n") {
        Some((head, body)) => (head.to_owned(), self::body(body)),
        None => (text.to_owned(), None),
    };
    let ((old_head, old_body), (new_head, new_body)) = (parts(old), parts(new));
    changes.head(&Head::of(&old_head), &Head::of(&new_head));
    if let (Some(old), Some(new)) = (old_body, new_body) {
        changes.value("", &old, &new);
    }
    changes
}

/// The first lines of a snapshot.
struct Head<'t> {
    status: &'t str,
    headers: Vec<(&'t str, &'t str)>,
}

impl<'t> Head<'t> {
    fn of(text: &'t str) -> Self {
        let (status, headers) = text.split_once('\n').unwrap_or((text, ""));
        let headers = headers.lines().map(|line| line.split_once(':').unwrap_or((line, "")));
        let headers = headers.map(|(name, value)| (name, value.trim_start())).collect();
        Self { status: status.strip_prefix("HTTP ").unwrap_or(status), headers }
    }

    fn all(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

impl Changes {
    fn head(&mut self, old: &Head<'_>, new: &Head<'_>) {
        if old.status != new.status {
            self.push("status", Some(old.status), Some(new.status));
        }
        let mut names: Vec<&str> = old.headers.iter().chain(&new.headers).map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (old, new) = (old.all(name), new.all(name));
            if old != new {
                self.push(&format!("header.{name}"), old.as_deref(), new.as_deref());
            }
        }
    }

    fn value(&mut self, pointer: &str, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    self.place(&join(pointer, key), old.get(key), new.get(key));
                }
            }
            (Value::Array(old), Value::Array(new)) => self.list(pointer, old, new),
            _ if old != new => self.place(pointer, Some(old), Some(new)),
            _ => {}
        }
    }

    fn place(&mut self, pointer: &str, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(old), Some(new)) if is_same_kind(old, new) => self.value(pointer, old, new),
            _ if old == new => {}
            _ => {
                let [old, new] = [old, new].map(|value| value.map(Value::to_string));
                self.push(&path_of(pointer), old.as_deref(), new.as_deref());
            }
        }
    }

    /// What is gone has the place that it had, everything else the place that it has.
    fn list(&mut self, pointer: &str, old: &[Value], new: &[Value]) {
        let texts = |list: &[Value]| -> Vec<String> { list.iter().map(super::masking::canonical).collect() };
        for operation in aligned(&texts(old), &texts(new)) {
            if let DiffOp::Equal { .. } = operation {
                continue;
            }
            let (mut olds, mut news) = (operation.old_range(), operation.new_range());
            loop {
                let (before, now) = (olds.next(), news.next());
                let Some(place) = now.or(before) else { break };
                let (before, now) = (before.map(|place| &old[place]), now.map(|place| &new[place]));
                self.place(&item(pointer, place), before, now);
            }
        }
    }

    fn push(&mut self, place: &str, old: Option<&str>, new: Option<&str>) {
        if self.list.len() < limits::CHANGES {
            let place = escape(place);
            self.list.push(Change { place, old: old.map(short), new: new.map(short) });
        } else {
            self.omitted += 1;
        }
    }
}

/// Whether both are lists, or both are maps: then what is in them is compared.
fn is_same_kind(old: &Value, new: &Value) -> bool {
    old.is_object() && new.is_object() || old.is_array() && new.is_array()
}

fn short(value: &str) -> String {
    let cut = value.char_indices().nth(limits::CHANGE_VALUE).map_or(value.len(), |(place, _)| place);
    let more = if cut < value.len() { "…" } else { "" };
    format!("{}{more}", escape(&value[..cut]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> Vec<String> {
        changes(old, new).list.iter().map(|change| change.told("→")).collect()
    }

    #[test]
    fn every_place_that_changed_is_named_with_what_was_there_and_what_is() {
        let body = |old: &str, new: &str| told(&format!("HTTP 200\n\n{old}"), &format!("HTTP 200\n\n{new}"));
        let table: &[(&str, &str, &[&str])] = &[
            (
                r#"{"balance":{"amount":10.00}}"#,
                r#"{"balance":{"amount":12.50}}"#,
                &["$.balance.amount: 10.00 → 12.50"],
            ),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"c d":[1]}"#, &["$.a: 1 is gone", "$['c d']: [1] is new"]),
            (r#"{"a":[1,2,3]}"#, r#"{"a":[1,3]}"#, &["$.a[1]: 2 is gone"]),
            (r#"{"a":[1,3]}"#, r#"{"a":[1,2,3]}"#, &["$.a[1]: 2 is new"]),
            (r#"[{"id":1,"x":"a"}]"#, r#"[{"id":1,"x":"b"}]"#, &["$[0].x: \"a\" → \"b\""]),
            (r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#, &["$.a: {\"b\":1} → [1]"]),
            (r#"{"a":null}"#, "{}", &["$.a: null is gone"]),
            ("1.0", "1.00", &["$: 1.0 → 1.00"]),
            ("hello", "bye", &[]),
            (r#"{"a":1}"#, r#"{"a":1}"#, &[]),
        ];
        for (old, new, expected) in table {
            assert_eq!(body(old, new), *expected, "{old} {new}");
        }
    }

    #[test]
    fn status_and_headers_have_places_too() {
        let old = "HTTP 200\ncontent-type: application/json\nvary: a\nvary: b\n\n{}";
        let new = "HTTP 404\nallow: GET\nvary: a";
        let expected = [
            "status: 200 → 404",
            "header.allow: GET is new",
            "header.content-type: application/json is gone",
            "header.vary: a, b → a",
        ];
        assert_eq!(told(old, new), expected);
        assert!(told("", new).is_empty());
    }

    #[test]
    fn a_flood_of_changes_is_counted_and_cut() {
        let list = |salt: usize| (0..1000).map(|n| (n * salt).to_string()).collect::<Vec<_>>().join(",");
        let [old, new] = [3, 7].map(|salt| {
            format!("HTTP 200\n\n{{\"a\":[{}],\"b\":\"{}\"}}", list(salt), "x\u{202e}".repeat(salt * 100))
        });
        let changes = changes(&old, &new);
        assert_eq!(changes.list.len(), limits::CHANGES);
        assert!(changes.omitted > 100);
        let long =
            self::changes(&format!("HTTP 200\n\n[\"{}\"]", "x".repeat(500)), "HTTP 200\n\n[\"\u{202e}\"]");
        let [change] = long.list.as_slice() else { panic!("{long:?}") };
        assert_eq!(change.old.as_ref().unwrap().chars().count(), limits::CHANGE_VALUE + 1);
        assert_eq!(change.new.as_deref(), Some("\"\\u{202e}\""));
    }
}
