//! What values that differ are, as far as their look tells, and the rule that masks them and nothing
//! else.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::super::masking;
use super::super::rules::looks;
use super::super::{Like, Rule};
use super::affix::{affixes, touch_digits};
use super::look::{Recognised, literal, recognise};
use crate::diag::is_invisible;

/// What values were recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A UUID.
    Uuid,
    /// A moment: RFC 3339 and its relatives, an HTTP date, seconds or milliseconds since 1970.
    Timestamp,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A JWT, or a long random text.
    Token,
    /// A whole number, or a text of digits.
    Counter,
    /// A number that is not whole.
    Number,
    /// Numbers that differ only far behind the point.
    Decimals,
    /// The same elements in another order.
    Order,
    /// None of these.
    Other,
}

impl Kind {
    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Time => "time",
            Self::Token => "token",
            Self::Counter => "counter",
            Self::Number => "number",
            Self::Decimals => "late decimals",
            Self::Order => "another order",
            Self::Other => "differs",
        }
    }

    /// Whether values like this are new in every answer: what merely differs may do so because lists
    /// are compared that are in another order.
    pub(super) const fn is_certain(self) -> bool {
        match self {
            Self::Uuid | Self::Timestamp | Self::Date | Self::Time | Self::Token | Self::Order => true,
            Self::Counter | Self::Number | Self::Decimals | Self::Other => false,
        }
    }

    /// Whether the beginning of such a value can be shown: it is no part of a secret.
    pub(super) const fn is_shown(self) -> bool {
        match self {
            Self::Uuid | Self::Timestamp | Self::Date | Self::Time | Self::Counter | Self::Number => true,
            Self::Token | Self::Decimals | Self::Order | Self::Other => false,
        }
    }

    /// What stands in the place of such a value.
    pub(super) const fn mask(self) -> &'static str {
        match self {
            Self::Uuid => "[uuid]",
            Self::Timestamp => "[timestamp]",
            Self::Date => "[date]",
            Self::Time => "[time]",
            Self::Token => "[token]",
            Self::Counter | Self::Number | Self::Decimals | Self::Order | Self::Other => "[number]",
        }
    }
}

/// The kind of values that stand in one place, and the rule for them. `name` is what the place is
/// called.
pub(super) fn rule(values: &[&Value], name: Option<&str>, now: DateTime<Utc>) -> (Kind, Rule) {
    let recognised = decimals(values).or_else(|| {
        let texts: Option<Vec<&str>> = values.iter().map(|value| spelling(value)).collect();
        of_texts(&texts.filter(|_| are_alike(values))?, now)
    });
    recognised.unwrap_or_else(|| (Kind::Other, Rule::Replace(mask_of(name))))
}

/// Whether the rule masks a value.
pub(super) fn fits(rule: &Rule, value: &Value) -> bool {
    match rule {
        Rule::ReplaceLike { like, .. } => looks(like).is_ok_and(|looks| looks.hold(value)),
        Rule::Replace(_) => true,
        Rule::Sort => value.is_array(),
        Rule::Round(_) => value.is_number(),
    }
}

/// The beginnings of two values, where they can be shown.
pub(super) fn example(kind: Kind, values: [&Value; 2]) -> Option<(String, String)> {
    let [left, right] = values.map(spelling);
    let short = |text: &str| {
        let most = if kind == Kind::Uuid { 8 } else { 24 };
        let shown: String = text.chars().take(most).collect();
        if shown.len() < text.len() { format!("{shown}…") } else { shown }
    };
    let plain = |text: &&str| !text.chars().any(is_invisible);
    let (left, right) = (left.filter(plain)?, right.filter(plain)?);
    kind.is_shown().then(|| (short(left), short(right)))
}

fn spelling(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.as_str()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn are_alike(values: &[&Value]) -> bool {
    values.iter().all(|value| value.is_string()) || values.iter().all(|value| value.is_number())
}

fn mask_of(name: Option<&str>) -> String {
    let plain = |character: &char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ' ');
    let name: String = name.unwrap_or_default().chars().filter(plain).take(40).collect();
    if name.trim().is_empty() { "[value]".into() } else { format!("[{}]", name.trim()) }
}

/// Of numbers that differ by less than a hundred-millionth and are equal once they are rounded.
fn decimals(values: &[&Value]) -> Option<(Kind, Rule)> {
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.as_f64()).collect();
    let (first, rest) = numbers.as_deref()?.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let noise = |other: &f64| (first - other).abs() <= first.abs().max(other.abs()) * 1e-8;
    let fractions = values.iter().filter_map(|value| spelling(value)?.split_once('.'));
    let longest = fractions.map(|(_, fraction)| fraction.len()).max().filter(|_| rest.iter().all(noise))?;
    let rounded = |value: &Value, to: usize| masking::rounded_value(value, u16::try_from(to).ok()?);
    let equal = |to: &usize| {
        let first = rounded(values[0], *to);
        first.is_some() && values.iter().all(|value| rounded(value, *to) == first)
    };
    // One less than would do today: the next answer is a little off, too.
    let decimals = (3..longest.min(12)).rev().find(equal)? - 1;
    Some((Kind::Decimals, Rule::Round(u16::try_from(decimals).ok()?)))
}

fn of_texts(texts: &[&str], now: DateTime<Utc>) -> Option<(Kind, Rule)> {
    if let Some(Recognised { kind, format, expression }) = recognise(texts, now) {
        let like = match format {
            Some(format) => Like::Format(format.into()),
            None => Like::Pattern(format!("^{expression}$")),
        };
        return Some((kind, Rule::ReplaceLike { text: kind.mask().into(), like }));
    }
    let within = affixes(texts).filter_map(|(before, behind)| within_affixes(texts, (before, behind), now));
    let within: Vec<(Kind, Rule)> = within.collect();
    let certain = within.iter().position(|(kind, _)| kind.is_certain());
    within.into_iter().nth(certain.unwrap_or_default())
}

/// The rule for texts that all begin and end alike.
fn within_affixes(
    texts: &[&str],
    (before, behind): (&str, &str),
    now: DateTime<Utc>,
) -> Option<(Kind, Rule)> {
    let middle = |text: &str| before.len()..text.len() - behind.len();
    let middles: Vec<&str> = texts.iter().map(|text| &text[middle(text)]).collect();
    // Most do not pass, which the first few show.
    recognise(&middles[..middles.len().min(8)], now)?;
    let Recognised { kind, expression, .. } = recognise(&middles, now)?;
    if matches!(kind, Kind::Counter | Kind::Number) && touch_digits(before, behind) {
        return None;
    }
    let text = format!("{before}{}{behind}", kind.mask());
    let pattern = format!("^{}{expression}{}$", literal(before), literal(behind));
    Some((kind, Rule::ReplaceLike { text, like: Like::Pattern(pattern) }))
}

#[cfg(test)]
mod tests;
