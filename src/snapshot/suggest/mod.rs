//! What differs between two answers to one request, and the rules that would mask it.
//!
//! Both answers are compared as their snapshots would be: what the request masks already is masked,
//! secrets too, so that nothing is suggested twice and no secret is in a suggestion. It goes in rounds:
//! what is recognised for what it is (ids, times, tokens, another order) is masked first, since
//! whether two lists are the same but for their order shows only behind that; what merely differs comes
//! last. In the end the rules are tried on both answers.

mod affix;
mod differ;
mod document;
mod kind;
mod look;
mod place;
mod settle;
mod text;
mod tomorrow;
mod written;

use chrono::{DateTime, Utc};

pub use kind::Kind;
pub use written::{Written, filter_entry, redact_entry};

use super::{Filter, Redaction, Rule, Settings, SnapshotError, content};
use crate::limits;
use crate::message::Answer;
use crate::secret::Redactor;
use document::Document;

/// Most rounds: each masks something, and what lies in lists in lists takes several.
const ROUNDS: usize = 10;

/// Most differences that are told one by one where no rule masks them.
const REMAINDERS: usize = 20;

/// Two answers to one request, and how its snapshot is made.
#[derive(Debug, Clone, Copy)]
pub struct Answers<'a> {
    /// The answers, in the order in which they came.
    pub both: [&'a Answer; 2],
    /// What the request says of its snapshot.
    pub settings: &'a Settings,
    /// Selectors of secrets, with what is shown instead.
    pub masks: &'a [(String, String)],
    /// Every secret.
    pub redactor: &'a Redactor,
    /// When they came: a number that is near is a time.
    pub now: DateTime<Utc>,
}

/// What came of comparing two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// What would mask the differences.
    pub suggestions: Vec<Suggestion>,
    /// What no rule masks.
    pub remains: Vec<Remainder>,
    /// Whether both snapshots are equal with these rules.
    pub equal: bool,
    /// What is equal today and will not be tomorrow.
    pub tomorrow: Vec<Remainder>,
}

/// One rule, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The rule.
    pub advice: Advice,
    /// What the values were recognised as.
    pub kind: Kind,
    /// The beginnings of two values, where these can't be secrets.
    pub example: Option<(String, String)>,
}

/// What is to be added to `snapshot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// To `redact`.
    Redact {
        /// `$…` of the body or `header.NAME`.
        selector: String,
        /// What becomes of what it finds.
        rule: Rule,
    },
    /// To `filters`.
    Filter {
        /// The regular expression.
        pattern: String,
        /// What stands in the place of each match.
        replacement: String,
    },
}

/// A difference that no rule masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remainder {
    /// What differs: a sentence without its full stop.
    pub what: String,
    /// What helps.
    pub help: Option<String>,
}

/// Compares two answers to one request.
pub fn suggest(answers: &Answers<'_>) -> Result<Suggested, SnapshotError> {
    let mut settings = answers.settings.clone();
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for _ in 0..ROUNDS {
        let documents = answers.documents(&settings)?;
        let found = settle::settle(&documents, &settings, answers.now);
        if found.suggestions.is_empty() || suggestions.len() >= limits::SUGGESTIONS {
            return Ok(answers.suggested(suggestions, found.remains, &documents));
        }
        let room = limits::SUGGESTIONS - suggestions.len();
        for suggestion in found.suggestions.into_iter().take(room) {
            suggestion.advice.add_to(&mut settings);
            suggestions.push(suggestion);
        }
        answers.soften(&mut suggestions, &mut settings)?;
    }
    let documents = answers.documents(&settings)?;
    let found = settle::settle(&documents, &settings, answers.now);
    Ok(answers.suggested(suggestions, found.remains, &documents))
}

impl Answers<'_> {
    /// What a rule is to look at may be masked only behind it: one that holds for neither answer
    /// replaces whatever there is.
    fn soften(&self, suggestions: &mut [Suggestion], settings: &mut Settings) -> Result<(), SnapshotError> {
        let [first, second] = self.both.map(|answer| content(settings, self.masks, answer, self.redactor));
        let (first, second) = (first?.unused, second?.unused);
        for suggestion in suggestions {
            if let Advice::Redact { selector, rule } = &mut suggestion.advice
                && let Rule::ReplaceLike { text, .. } = rule
                && first.contains(selector)
                && second.contains(selector)
            {
                *rule = Rule::Replace(std::mem::take(text));
                suggestion.advice.add_to(settings);
            }
        }
        Ok(())
    }

    fn suggested(
        &self,
        suggestions: Vec<Suggestion>,
        mut remains: Vec<Remainder>,
        documents: &[Document; 2],
    ) -> Suggested {
        let more = remains.len().saturating_sub(REMAINDERS);
        if more > 0 {
            remains.truncate(REMAINDERS);
            remains.push(Remainder {
                what: format!("there are {more} more differences like these"),
                help: None,
            });
        }
        let [left, right] = documents;
        Suggested {
            suggestions,
            remains,
            equal: left.text == right.text,
            tomorrow: tomorrow::dates(left, self.now),
        }
    }

    /// Both as their snapshots show them; what does not matter in the second is as in the first.
    fn documents(&self, settings: &Settings) -> Result<[Document; 2], SnapshotError> {
        let [first, second] = self.both.map(|answer| content(settings, self.masks, answer, self.redactor));
        let (first, second) = (first?.text, second?);
        let second = second.against(&first).unwrap_or_else(|| first.clone());
        Ok([Document::of(&first, self.both[0]), Document::of(&second, self.both[1])])
    }
}

impl Advice {
    /// Adds the rule; one of the whole suite for the same selector gives way to it.
    pub fn add_to(&self, settings: &mut Settings) {
        match self {
            Self::Redact { selector, rule } => {
                let redaction = Redaction { selector: selector.clone(), rule: rule.clone(), own: true };
                match settings.redact.iter_mut().find(|known| known.selector == *selector) {
                    Some(known) => *known = redaction,
                    None => settings.redact.push(redaction),
                }
            }
            Self::Filter { pattern, replacement } => settings.filters.push(Filter {
                pattern: pattern.clone(),
                replacement: replacement.clone(),
                own: true,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
