//! The words of `tamper`, as they are written: `digest`, `date(-1h)`.

use std::fmt;

use chrono::TimeDelta;

use super::Tamper;
use crate::diag::{did_you_mean, literal};

/// Every word, with an example of what stands in its brackets; empty where nothing does.
pub(super) const WORDS: &[(&str, &str)] = &[
    ("body", ""),
    ("digest", ""),
    ("date", "-1h"),
    ("signature", ""),
    ("target", ""),
    ("drop", "digest"),
    ("duplicate", "digest"),
    ("unsigned", "date"),
    ("algorithm", "rsa-sha512"),
    ("key", "IDENTITY"),
    ("token_of", "IDENTITY"),
    ("certificate_of", "IDENTITY"),
    ("replay", ""),
];

/// Furthest that a clock can be off.
const FURTHEST: TimeDelta = TimeDelta::days(3650);

/// What is wrong with a word, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TamperWordError {
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
}

impl Tamper {
    /// Reads `WORD` or `WORD(ARGUMENT)`.
    pub fn parse(text: &str) -> Result<Self, TamperWordError> {
        match text.trim().split_once('(') {
            None => Self::new(text.trim(), ""),
            Some((word, rest)) => match rest.strip_suffix(')') {
                Some(argument) => Self::new(word.trim(), argument.trim()),
                None => Err(error(format!("{} has no closing bracket", literal(text)), "add `)`")),
            },
        }
    }

    /// The word with its argument; empty for none.
    pub fn new(word: &str, argument: &str) -> Result<Self, TamperWordError> {
        let Some((_, example)) = WORDS.iter().find(|(known, _)| *known == word) else {
            return Err(unknown(word));
        };
        if argument.is_empty() != example.is_empty() {
            let wrong = if argument.is_empty() { "needs something" } else { "takes nothing" };
            return Err(error(
                format!("`{word}` {wrong} in brackets"),
                &format!("write {}", shown(word, example)),
            ));
        }
        let own = argument.to_owned();
        Ok(match word {
            "body" => Self::Body,
            "digest" => Self::Digest,
            "signature" => Self::Signature,
            "target" => Self::Target,
            "replay" => Self::Replay,
            "date" => Self::Date(offset(argument).ok_or_else(|| not_an_offset(argument))?),
            "drop" => Self::Drop(own),
            "duplicate" => Self::Duplicate(own),
            "unsigned" => Self::Unsigned(own),
            "algorithm" => Self::Algorithm(own),
            "key" => Self::Key(own),
            "token_of" => Self::TokenOf(own),
            _ => Self::CertificateOf(own),
        })
    }
}

fn unknown(word: &str) -> TamperWordError {
    let message = format!("{} is not a way to tamper", literal(word));
    let words = || WORDS.iter().map(|(word, _)| *word);
    match did_you_mean(word, words()) {
        Some(near) => error(message, &format!("did you mean `{near}`?")),
        None => {
            let known: Vec<_> = WORDS.iter().map(|(word, example)| shown(word, example)).collect();
            error(message, &format!("there are {}", known.join(", ")))
        }
    }
}

fn not_an_offset(argument: &str) -> TamperWordError {
    error(
        format!("{} does not say how far the clock is off", literal(argument)),
        "write `-1h`, `+10m` or `-90s`, at most ten years: behind or ahead of the time",
    )
}

fn error(message: String, help: &str) -> TamperWordError {
    TamperWordError { message, help: help.to_owned() }
}

fn shown(word: &str, argument: &str) -> String {
    if argument.is_empty() { format!("`{word}`") } else { format!("`{word}({argument})`") }
}

/// `-1h`, `+10m`, `90s`, `-3d`
fn offset(text: &str) -> Option<TimeDelta> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let unit = rest.find(|character: char| !character.is_ascii_digit())?;
    let seconds = match &rest[unit..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let seconds = rest[..unit].parse::<i64>().ok()?.checked_mul(seconds)?;
    let off = TimeDelta::try_seconds(sign * seconds)?;
    (!off.is_zero() && off.abs() <= FURTHEST).then_some(off)
}

impl fmt::Display for Tamper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, argument) = match self {
            Self::Body => ("body", ""),
            Self::Digest => ("digest", ""),
            Self::Signature => ("signature", ""),
            Self::Target => ("target", ""),
            Self::Replay => ("replay", ""),
            Self::Date(off) => return write!(formatter, "date({})", written(*off)),
            Self::Drop(header) => ("drop", header.as_str()),
            Self::Duplicate(header) => ("duplicate", header.as_str()),
            Self::Unsigned(component) => ("unsigned", component.as_str()),
            Self::Algorithm(name) => ("algorithm", name.as_str()),
            Self::Key(identity) => ("key", identity.as_str()),
            Self::TokenOf(identity) => ("token_of", identity.as_str()),
            Self::CertificateOf(identity) => ("certificate_of", identity.as_str()),
        };
        if argument.is_empty() { formatter.write_str(word) } else { write!(formatter, "{word}({argument})") }
    }
}

/// The offset in the largest unit that says it exactly.
fn written(off: TimeDelta) -> String {
    let seconds = off.num_seconds();
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds % size == 0).unwrap_or((1, "s"));
    format!("{:+}{unit}", seconds / size)
}
