//! One round: from the differences between two snapshots to rules, and to what no rule masks.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::super::{Compared, Redaction, Rule, Settings};
use super::differ::{Difference, differences};
use super::document::{Body, Document};
use super::kind::{self, Kind};
use super::place::Place;
use super::{Advice, Remainder, Suggestion, text};
use crate::diag::literal;
use crate::json::Path;
use crate::limits;

/// What came of a round.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub suggestions: Vec<Suggestion>,
    pub remains: Vec<Remainder>,
}

/// Suggests what masks the differences between two snapshots.
pub(super) fn settle(documents: &[Document; 2], settings: &Settings, now: DateTime<Utc>) -> Found {
    let [left, right] = documents;
    let mut found = Found::default();
    if left.status != right.status {
        let what = format!("the status differs: `{}` and `{}`", left.status, right.status);
        found.remains(what, "a snapshot shows it; `expect: {status: …}` says which one is right");
    }
    headers([&left.headers, &right.headers], settings, now, &mut found);
    match (&left.body, &right.body) {
        (Body::Json(same), Body::Json(other)) if same == other && left.below() != right.below() => {
            let help =
                "`exact: true` of `snapshot` compares it; without it, only what JSON means is compared";
            found.remains("keys are in another order".to_owned(), help);
        }
        (left, right) if left == right => {}
        (Body::Json(left), Body::Json(right)) => {
            let round = Round { bodies: [left, right], settings, now, sorted: sorted(left, settings) };
            round.settle(&mut found);
        }
        (Body::Text(left), Body::Text(right)) if is_binary(left) && is_binary(right) => {
            let help = "a snapshot has only its size and hash; set `snapshot: false` if it always differs";
            found.remains("the body is binary, and differs".to_owned(), help);
        }
        (Body::Text(left), Body::Text(right)) => {
            let filters = text::filters([left, right], settings);
            if filters.is_empty() {
                let same = left.lines().zip(right.lines()).take_while(|(left, right)| left == right).count();
                let what = format!("the body is no JSON, and differs from its line {} on", same + 1);
                found.remains(
                    what,
                    "`filters` of `snapshot` replace parts of a text: `[regular expression, replacement]`",
                );
            }
            found.suggestions.extend(filters);
        }
        _ => {
            let help = "`expect` can say what the body must be";
            found.remains("the bodies are of different types".to_owned(), help);
        }
    }
    found
}

fn is_binary(body: &str) -> bool {
    body.starts_with(super::super::lines::BINARY)
}

impl Found {
    fn remains(&mut self, what: String, help: &str) {
        self.remains.push(Remainder { what, help: Some(help.to_owned()) });
    }
}

fn headers(
    [left, right]: [&[(String, String)]; 2],
    settings: &Settings,
    now: DateTime<Utc>,
    found: &mut Found,
) {
    let mut names: Vec<&str> = left.iter().chain(right).map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let values = |fields: &[(String, String)]| {
            let named = fields.iter().filter(|(field, _)| field == name);
            named.map(|(_, value)| Value::String(value.clone())).collect::<Vec<_>>()
        };
        let (ours, theirs) = (values(left), values(right));
        let selector = format!("header.{name}");
        if ours == theirs {
            continue;
        }
        if ours.len() != theirs.len() {
            let what =
                format!("the field {} is there {} and {} times", literal(name), ours.len(), theirs.len());
            found.remains(what, "leave it out of `headers` of `snapshot`");
        } else if is_own(&selector, settings) {
            found.remains.push(has_rule(&selector));
        } else {
            let all: Vec<&Value> = ours.iter().chain(&theirs).collect();
            let (kind, rule) = kind::rule(&all, Some(name), now);
            let example = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
            let example = example.and_then(|(ours, theirs)| kind::example(kind, [ours, theirs]));
            found.suggestions.push(Suggestion { advice: Advice::Redact { selector, rule }, kind, example });
        }
    }
}

/// Whether the request has a rule of its own for a selector: somebody decided it, and it stays.
fn is_own(selector: &str, settings: &Settings) -> bool {
    settings.redact.iter().any(|known| known.own && known.selector == selector)
}

fn has_rule(selector: &str) -> Remainder {
    Remainder {
        what: format!("{} differs, though the request has a rule for it", literal(selector)),
        help: Some(
            "the values do not look as the rule wants them; change it by hand if they are right".into(),
        ),
    }
}

/// The lists that are put in order already, by the rules that there are.
fn sorted(body: &Value, settings: &Settings) -> Vec<Place> {
    let rules = settings.redact.iter().filter(|redaction| redaction.rule == Rule::Sort);
    let paths = rules.filter_map(|Redaction { selector, .. }| Path::parse(selector).ok());
    paths.flat_map(|path| path.locate(body)).map(|pointer| place_of(&pointer, body)).collect()
}

fn place_of(pointer: &str, body: &Value) -> Place {
    let (mut place, mut value) = (Place::default(), Some(body));
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let index = value.filter(|value| value.is_array()).and_then(|_| name.parse::<usize>().ok());
        (place, value) = match index {
            Some(index) => (place.item(index), value.and_then(|value| value.get(index))),
            None => (place.key(&name), value.and_then(|value| value.get(&name))),
        };
    }
    place
}

/// The differences of two JSON bodies, while they are dealt with.
struct Round<'r> {
    bodies: [&'r Value; 2],
    settings: &'r Settings,
    now: DateTime<Utc>,
    /// Lists whose elements have no number that would be the same in both answers.
    sorted: Vec<Place>,
}

impl<'r> Round<'r> {
    fn settle(mut self, found: &mut Found) {
        let (mut values, mut others) = (Vec::new(), Vec::new());
        for difference in differences(self.bodies[0], self.bodies[1]) {
            match difference {
                Difference::Value(place, both) => values.push((place, both)),
                Difference::Order(place) => self.sorts(&place, found),
                other @ (Difference::Length(..) | Difference::Presence(..)) => others.push(other),
            }
        }
        let mut uncertain = Vec::new();
        while let Some((place, both)) = values.first().cloned() {
            if found.suggestions.len() + uncertain.len() >= limits::SUGGESTIONS {
                let what = format!("{} more values differ", values.len());
                found.remains(what, "`shape: true` shows types in place of values");
                break;
            }
            if let Some((pattern, suggestion)) = self.suggestion(&place, both, &values) {
                values.retain(|(place, _)| !pattern.stands_for(place));
                let certain = suggestion.kind.is_certain();
                if certain { &mut found.suggestions } else { &mut uncertain }.push(suggestion);
            } else {
                found.remains.push(self.unmasked(&place));
                values.remove(0);
            }
        }
        // Values that merely differ may be those of other elements: lists are put in order first.
        if found.suggestions.is_empty() {
            found.suggestions = uncertain;
        }
        found.remains.extend(others.iter().map(unmaskable));
    }

    fn sorts(&mut self, place: &Place, found: &mut Found) {
        let is_new = !self.sorted.iter().any(|known| known == place);
        for pattern in place.patterns() {
            let selector = pattern.selector();
            let all = pattern.find(self.bodies[0]);
            let lists = all.iter().all(|value| value.is_array());
            if !is_new || pattern.counts_below(&self.sorted) || !lists || is_own(&selector, self.settings) {
                continue;
            }
            let advice = Advice::Redact { selector, rule: Rule::Sort };
            let suggestion = Suggestion { advice, kind: Kind::Order, example: None };
            if !found.suggestions.contains(&suggestion) {
                found.suggestions.push(suggestion);
            }
            self.sorted.push(pattern);
            return;
        }
    }

    /// The most general rule that masks a difference, and the places that it is for.
    fn suggestion(
        &self,
        place: &Place,
        both: [&'r Value; 2],
        values: &[(Place, [&'r Value; 2])],
    ) -> Option<(Place, Suggestion)> {
        let patterns = place.patterns();
        // Columns of a table are of different kinds: they are told apart before all is replaced.
        let recognised = patterns.iter().filter(|pattern| patterns.len() == 1 || *pattern != place);
        let recognised = recognised.filter_map(|pattern| self.of_pattern(pattern, place, both, values));
        let recognised = recognised.into_iter().find(|(_, suggestion)| suggestion.kind != Kind::Other);
        recognised
            .or_else(|| patterns.iter().find_map(|pattern| self.of_pattern(pattern, place, both, values)))
    }

    /// The rule of one pattern, where it masks what differs and nothing else.
    fn of_pattern(
        &self,
        pattern: &Place,
        place: &Place,
        both: [&'r Value; 2],
        values: &[(Place, [&'r Value; 2])],
    ) -> Option<(Place, Suggestion)> {
        let selector = pattern.selector();
        let is_long = selector.len() > limits::JSONPATH_SOURCE;
        let unordered = self.settings.compared == Compared::Unordered && pattern.counts();
        if is_long || unordered || pattern.counts_below(&self.sorted) || is_own(&selector, self.settings) {
            return None;
        }
        let meant = values.iter().filter(|(other, _)| pattern.stands_for(other));
        let differing: Vec<&Value> = meant.flat_map(|(_, both)| *both).collect();
        let (kind, rule) = kind::rule(&differing, pattern.name(), self.now);
        let all = self.bodies.map(|body| pattern.find(body));
        let takes_all = all.iter().flatten().all(|value| kind::fits(&rule, value));
        // A text in the place of whatever is there would also hide what is the same.
        let differs_everywhere = differing.len() == all.iter().map(Vec::len).sum::<usize>();
        if pattern != place && !(takes_all && (kind != Kind::Other || differs_everywhere)) {
            return None;
        }
        let example = kind::example(kind, both);
        Some((pattern.clone(), Suggestion { advice: Advice::Redact { selector, rule }, kind, example }))
    }

    fn unmasked(&self, place: &Place) -> Remainder {
        let selector = place.selector();
        if place.patterns().iter().any(|pattern| is_own(&pattern.selector(), self.settings)) {
            return has_rule(&selector);
        }
        Remainder {
            what: format!("{} differs, in a list that is put in order", literal(&selector)),
            help: Some("a rule for all elements of the list has to say what they look like".into()),
        }
    }
}

/// What no rule for a value can mask.
fn unmaskable(difference: &Difference<'_>) -> Remainder {
    match difference {
        Difference::Length(place, [left, right]) => Remainder {
            what: format!("{} has {left} and {right} elements", literal(&place.selector())),
            help: Some(
                "`shape: true` shows each form of its elements once; or replace the list as a whole".into(),
            ),
        },
        Difference::Presence(place, first) => Remainder {
            what: format!(
                "{} is there only in the {} answer",
                literal(&place.selector()),
                if *first { "first" } else { "second" }
            ),
            help: Some(
                "replace what holds it as a whole, or expect single values and set `snapshot: false`".into(),
            ),
        },
        Difference::Value(place, _) | Difference::Order(place) => {
            Remainder { what: format!("{} differs", literal(&place.selector())), help: None }
        }
    }
}
