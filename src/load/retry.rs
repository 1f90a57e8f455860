//! `retry` → [`Retry`].

use super::duration::duration;
use super::expect::status_pattern;
use super::reader::{Reader, Shape};
use super::yaml::{Node, Value};
use crate::limits;
use crate::spec::{Retry, RetryOn};

const RETRY: Shape = Shape { what: "`retry`", keys: &["attempts", "delay", "backoff", "max_delay", "on"] };

/// Reads `retry`; `false` is a retry that is none.
pub(super) fn retry(reader: &mut Reader, node: &Node) -> Option<Retry> {
    match &node.value {
        Value::Bool(false) => return Some(Retry::OFF),
        Value::Map(_) => {}
        _ => {
            reader.wrong(node, "`retry`", "a map such as `{attempts: 3}`, or `false`", "");
            return None;
        }
    }
    let fields = reader.fields(node, &RETRY)?;
    let usual = Retry::USUAL;
    let delay = fields.get("delay").and_then(|node| duration(reader, node, "`delay`"));
    let longest = fields.get("max_delay").and_then(|node| duration(reader, node, "`max_delay`"));
    if let (Some(first), Some(longest), Some(node)) = (delay, longest, fields.get("max_delay"))
        && longest < first
    {
        let help = "`delay` is the first of the delays, `max_delay` the longest that one may become";
        reader.unusable(node, "`max_delay` is shorter than `delay`", "", help);
    }
    let delay = delay.unwrap_or_else(|| longest.map_or(usual.delay, |longest| longest.min(usual.delay)));
    Some(Retry {
        attempts: fields.get("attempts").and_then(|node| attempts(reader, node)).unwrap_or(usual.attempts),
        delay,
        backoff: fields.get("backoff").and_then(|node| backoff(reader, node)).unwrap_or(usual.backoff),
        max_delay: longest.unwrap_or(usual.max_delay).max(delay),
        on: fields.get("on").and_then(|node| on(reader, node)),
    })
}

fn attempts(reader: &mut Reader, node: &Node) -> Option<u32> {
    let most = limits::ATTEMPTS;
    let found = node.as_whole().filter(|number| (1..=most).contains(number));
    if found.is_none() {
        let help = "it counts every attempt: `attempts: 3` is the first and two more";
        reader.wrong(node, "`attempts`", &format!("a whole number from 1 to {most}"), help);
    }
    found
}

fn backoff(reader: &mut Reader, node: &Node) -> Option<f64> {
    let number = match &node.value {
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    let found = number.filter(|number| (1.0..=10.0).contains(number));
    if found.is_none() {
        let help = "each delay is that many times the one before; `1` keeps them alike";
        reader.wrong(node, "`backoff`", "a number from 1 to 10", help);
    }
    found
}

fn on(reader: &mut Reader, node: &Node) -> Option<Vec<RetryOn>> {
    let items = reader.list(node, "`on`", "write `[connect, timeout, 429, 5xx]`, or some of these")?;
    if items.is_empty() {
        reader.unusable(node, "`on` is empty", "nothing would be tried again", "write `retry: false`");
    }
    Some(items.iter().filter_map(|item| reason(reader, item)).collect())
}

fn reason(reader: &mut Reader, node: &Node) -> Option<RetryOn> {
    match node.as_text() {
        Some("connect") => return Some(RetryOn::Connect),
        Some("timeout") => return Some(RetryOn::Timeout),
        _ => {}
    }
    let found = status_pattern(&node.value).map(RetryOn::Status);
    if found.is_none() {
        let form = "`connect`, `timeout`, a status like `429` or a class like `5xx`";
        reader.wrong(node, "an item of `on`", form, "");
    }
    found
}
