//! What values look like: the table of looks, and what is no pattern: times in numbers, random texts.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;

use super::kind::Kind;
use crate::format;

/// What a text looks like, as an expression without anchors.
struct Look {
    kind: Kind,
    expression: &'static str,
    /// Whether it also stands somewhere in a longer text.
    within: bool,
    /// Whether one form of it is told by its digits and marks.
    shaped: bool,
}

/// From the most to the least special; a text is what comes first.
const LOOKS: &[Look] = &[
    Look {
        kind: Kind::Uuid,
        expression: "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        within: true,
        shaped: false,
    },
    Look {
        kind: Kind::Timestamp,
        expression: r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?([Zz]|GMT|UTC|[+-]\d\d(:?\d\d)?))?",
        within: true,
        shaped: true,
    },
    Look {
        kind: Kind::Timestamp,
        expression: r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
        within: true,
        shaped: false,
    },
    Look { kind: Kind::Timestamp, expression: r"20\d{6}T\d{6}([.,]\d+)?Z?", within: true, shaped: true },
    Look {
        kind: Kind::Timestamp,
        expression: r"\d\d[/.-]\d\d[/.-]20\d\d,? \d\d:\d\d(:\d\d)?",
        within: true,
        shaped: true,
    },
    Look { kind: Kind::Date, expression: r"\d{4}-\d\d-\d\d", within: true, shaped: false },
    Look {
        kind: Kind::Token,
        expression: r"ey[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*){2,4}",
        within: true,
        shaped: false,
    },
    Look {
        kind: Kind::Time,
        expression: r"\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
        within: false,
        shaped: false,
    },
    Look { kind: Kind::Counter, expression: r"\d+", within: false, shaped: false },
    Look { kind: Kind::Counter, expression: r"-?\d+", within: false, shaped: false },
    Look { kind: Kind::Number, expression: r"\d+\.\d+", within: false, shaped: false },
    Look { kind: Kind::Number, expression: r"-?\d+\.\d+", within: false, shaped: false },
    Look { kind: Kind::Number, expression: r"-?\d+(\.\d+)?([eE][+-]?\d+)?", within: false, shaped: false },
];

/// Characters of random texts, the fewest first.
const ALPHABETS: [&str; 7] =
    ["0-9a-f", "0-9A-F", "0-9a-z", "0-9A-Z", "0-9A-Za-z", "0-9A-Za-z_-", "0-9A-Za-z+/="];

/// Shortest text that is taken for a random one.
const SHORTEST_TOKEN: usize = 16;

/// What is known of values that differ.
pub(super) struct Recognised {
    pub kind: Kind,
    /// The format that all of them have.
    pub format: Option<&'static str>,
    /// What all of them match, without anchors.
    pub expression: String,
}

/// Patterns that also stand in longer texts, with what replaces them.
pub(super) fn within() -> impl Iterator<Item = (Kind, String, &'static str)> {
    let long = [r"[0-9a-f]{32,}", r"[0-9A-F]{32,}"].map(|expression| (Kind::Token, expression));
    let looks = LOOKS.iter().filter(|look| look.within).map(|look| (look.kind, look.expression));
    looks.chain(long).map(|(kind, expression)| (kind, format!(r"\b{expression}\b"), kind.mask()))
}

/// What all of these texts are.
pub(super) fn recognise(texts: &[&str], now: DateTime<Utc>) -> Option<Recognised> {
    let named =
        [("uuid", Kind::Uuid), ("date-time", Kind::Timestamp), ("date", Kind::Date), ("time", Kind::Time)];
    let has_format =
        |name: &str| format::named(name).is_some_and(|it| texts.iter().all(|text| (it.holds)(text)));
    let format = named.into_iter().find(|(name, _)| has_format(name));
    if let Some(moment) = epoch(texts, now) {
        return Some(moment);
    }
    let look = look(texts).map(|look| (look.kind, look.of(texts)));
    match format {
        Some((format, kind)) => {
            let expression = look.map_or_else(|| ".+".to_owned(), |(_, expression)| expression);
            Some(Recognised { kind, format: Some(format), expression })
        }
        None => look
            .map(|(kind, expression)| Recognised { kind, format: None, expression })
            .or_else(|| token(texts)),
    }
}

impl Look {
    /// What these texts match: of times in digits nothing but their own form, where all have one.
    fn of(&self, texts: &[&str]) -> String {
        let shapes: Vec<String> = texts.iter().map(|text| shape(text)).collect();
        match shapes.split_first() {
            Some((first, rest)) if self.shaped && rest.iter().all(|other| other == first) => first.clone(),
            Some(_) | None => self.expression.to_owned(),
        }
    }
}

/// A text with any digits in the place of its own; of a fraction, any number of them.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let (part, length) = match digits {
            0 => (literal(&rest[..first.len_utf8()]), first.len_utf8()),
            _ if shape.ends_with(r"\.") || shape.ends_with(',') => (r"\d+".to_owned(), digits),
            1 | 2 => (r"\d".repeat(digits), digits),
            _ => (format!(r"\d{{{digits}}}"), digits),
        };
        shape += &part;
        rest = &rest[length..];
    }
    shape
}

/// An expression for a text as it is, with no more backslashes than it needs.
pub(super) fn literal(text: &str) -> String {
    let mut expression = String::new();
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression
}

fn look(texts: &[&str]) -> Option<&'static Look> {
    static WHOLE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let whole = |look: &Look| Regex::new(&format!("^{}$", look.expression)).expect("it is an expression");
        LOOKS.iter().map(whole).collect()
    });
    let all = |(_, whole): &(&Look, &Regex)| texts.iter().all(|text| whole.is_match(text));
    LOOKS.iter().zip(WHOLE.iter()).find(all).map(|(look, _)| look)
}

/// Of seconds or milliseconds since 1970 that are within a year of now.
fn epoch(texts: &[&str], now: DateTime<Utc>) -> Option<Recognised> {
    let is_near = |text: &str, digits: usize| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = [whole, fraction].iter().all(|part| part.bytes().all(|it| it.is_ascii_digit()));
        let number = whole.parse::<i64>().ok().filter(|_| is_number && whole.len() == digits);
        let moment = number.and_then(|number| match digits {
            10 => DateTime::from_timestamp(number, 0),
            _ => DateTime::from_timestamp_millis(number),
        });
        moment.is_some_and(|moment| (moment - now).abs() < TimeDelta::days(366))
    };
    let digits = [10, 13].into_iter().find(|digits| texts.iter().all(|text| is_near(text, *digits)))?;
    let fraction = if texts.iter().any(|text| text.contains('.')) { r"(\.\d+)?" } else { "" };
    let expression = format!(r"\d{{{digits}}}{fraction}");
    Some(Recognised { kind: Kind::Timestamp, format: None, expression })
}

/// Of long texts with letters and digits that no person wrote.
fn token(texts: &[&str]) -> Option<Recognised> {
    let is_random = |text: &&str| {
        text.len() >= SHORTEST_TOKEN
            && text.chars().any(|it| it.is_ascii_digit())
            && text.chars().any(|it| it.is_ascii_alphabetic())
    };
    let alphabet = ALPHABETS.iter().find(|alphabet| texts.iter().all(|text| is_of(text, alphabet)))?;
    // Words with hyphens between them are no random text.
    let mixed = |text: &&str| {
        text.chars().any(|it| it.is_ascii_lowercase()) && text.chars().any(|it| it.is_ascii_uppercase())
    };
    let is_plain = !alphabet.contains('_') && !alphabet.contains('+');
    if !texts.iter().all(is_random) || !is_plain && !texts.iter().all(mixed) {
        return None;
    }
    let first = texts.first()?.len();
    let same = texts.iter().all(|text| text.len() == first);
    let length = if same { format!("{{{first}}}") } else { format!("{{{SHORTEST_TOKEN},}}") };
    Some(Recognised { kind: Kind::Token, format: None, expression: format!("[{alphabet}]{length}") })
}

fn is_of(text: &str, alphabet: &str) -> bool {
    let (lower, upper) = (alphabet.contains("a-z"), alphabet.contains("A-Z"));
    let allowed = |character: char| match character {
        '0'..='9' => true,
        'a'..='f' if alphabet.contains("a-f") => true,
        'A'..='F' if alphabet.contains("A-F") => true,
        'a'..='z' => lower,
        'A'..='Z' => upper,
        '_' | '-' => alphabet.contains('_'),
        '+' | '/' | '=' => alphabet.contains('+'),
        _ => false,
    };
    text.chars().all(allowed)
}
