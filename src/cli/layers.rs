//! The variables of a message, each with its value and with where that was said, for `explain`.
//!
//! Which layer wins is told from the files and the command line, in the order of the format; the
//! values are those that the message was made with.

use countersign::diag::pointer;
use countersign::diag::pointer::join;
use countersign::load::Owner;
use countersign::template::Variables;
use serde_json::{Value, json};

use super::origins::Origins;

/// A variable of a message.
pub(super) struct Layered {
    name: String,
    value: Value,
    /// Where it is said.
    from: String,
    /// Where it is said too, without effect, nearest first.
    over: Vec<String>,
}

impl Layered {
    /// Name, value and origin, for a table.
    pub(super) fn row(&self) -> (String, String) {
        let over =
            if self.over.is_empty() { String::new() } else { format!(", over {}", self.over.join(", ")) };
        let value = match &self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (self.name.clone(), format!("{value}  ({}{over})", self.from))
    }

    pub(super) fn json(&self) -> Value {
        json!({"name": self.name, "value": self.value, "from": self.from, "over": self.over})
    }
}

impl Origins<'_> {
    /// The variables that the message was made with, and what it took from other requests.
    pub(super) fn variables(&self, used: &Variables) -> Vec<Layered> {
        used.names().flat_map(|name| self.variable(name, used)).collect()
    }

    fn variable(&self, name: &str, used: &Variables) -> Vec<Layered> {
        let Some(node) = used.get(name) else { return Vec::new() };
        let steps = &self.prepared.plan.steps;
        if let Some(edge) = steps[self.step].needs.iter().find(|edge| edge.called().as_deref() == Some(name))
        {
            let captures = self.prepared.request(edge.step).capture.keys();
            let captured = captures.filter_map(|capture| {
                let value = node.member(capture)?.to_value()?;
                let from = format!("captured by `{}`", steps[edge.step].name);
                Some(Layered { name: format!("{name}.{capture}"), value, from, over: Vec::new() })
            });
            return captured.collect();
        }
        let mut layers = self.layers(name).into_iter();
        let (Some(value), Some(from)) = (node.to_value(), layers.next()) else { return Vec::new() };
        vec![Layered { name: name.to_owned(), value, from, over: layers.collect() }]
    }

    /// Every place that says a variable, the one that wins first.
    fn layers(&self, name: &str) -> Vec<String> {
        let prepared = self.prepared;
        let step = &prepared.plan.steps[self.step];
        let request = prepared.request(self.step);
        let own = Owner::Request(request.name.clone());
        let given = prepared.surroundings.given.iter().rev().filter(|given| given.name == name);
        let mut layers: Vec<String> = given.map(|given| given.by.to_string()).collect();
        if let Some(with) = step.with.as_ref().filter(|with| with.values.contains_key(name)) {
            let asker = Owner::Request(with.asker.request.clone());
            let place = self.place_of(&asker, &join(&with.pointer, name));
            layers.push(place.unwrap_or_else(|| format!("`with` of `{}`", with.asker.request)));
        }
        if let Some(row) = request.row(step.case).filter(|row| row.values.contains_key(name)) {
            let index = step.case.unwrap_or_default().to_string();
            let file = request.cases.as_ref().and_then(|cases| cases.file.as_deref());
            let written = || self.place_of(&own, &pointer(["cases", &index, name]));
            let in_file = || file.map(|file| format!("{file}, case `{}`", row.name));
            layers.extend(written().or_else(in_file));
        }
        let files = [own, Owner::Environment(step.environment.clone()), Owner::SuiteFile];
        layers.extend(files.iter().filter_map(|owner| self.place_of(owner, &pointer(["variables", name]))));
        layers
    }
}
