//! What a request needs: what it says (`needs`, `token`) and what its templates mention.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::mentions::Placed;
use super::node::{Node, With};
use super::reading::Reading;
use super::with;
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::load::{Owner, Suite};
use crate::spec::templates::is_in_with;
use crate::spec::{Request, acting};

/// What a need comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// `token:` names it.
    Token,
    /// Its token is sent in place of the request's own, on purpose.
    TokenOf,
    /// `needs:` lists it.
    Listed,
    /// A template mentions it.
    Mentioned,
    /// Variables that are set for the step mention it; the step itself can't name it. They are set
    /// by the request that needs the step (0), or by the one that sets variables for that (1), and
    /// so on, who has the name for it.
    ForWith(usize),
}

impl Why {
    /// In a word, for graphs and lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::TokenOf => "token_of",
            Self::Listed => "needs",
            Self::Mentioned => "template",
            Self::ForWith(_) => "with",
        }
    }
}

/// What a scope calls what `request` leaves behind as another identity. No request has such a name.
pub fn lent(request: &str) -> String {
    format!("{request}\0lent")
}

/// A need as the file shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The name of the needed request.
    pub(super) request: String,
    /// The environment in which it runs.
    pub(super) environment: String,
    /// The variables that are set for it.
    pub(super) with: Option<Arc<With>>,
    /// What its captures are found under.
    pub(super) called: String,
    /// What it comes from.
    pub(super) why: Why,
    /// Whether a template mentions it, whatever else it comes from.
    pub(super) mentioned: bool,
    /// Where it stands, for diagnostics.
    pub(super) owner: Owner,
    pub(super) pointer: String,
}

impl Need {
    /// What it leaves behind is found under its own name.
    fn is_found_by(&self, name: &str) -> bool {
        self.called == name && !matches!(self.why, Why::TokenOf | Why::ForWith(_))
    }

    /// The steps that it means: one for each row of a request with cases.
    pub(super) fn nodes(&self, suite: &Suite) -> Vec<Node> {
        let node = |case| Node {
            environment: self.environment.clone(),
            request: self.request.clone(),
            case,
            with: self.with.clone(),
        };
        cases(&suite.requests[&self.request]).map(node).collect()
    }
}

/// The rows of a request; one that never runs is told of once.
pub(super) fn cases(request: &Request) -> impl Iterator<Item = Option<usize>> {
    let told_once = request.is_always_skipped();
    let rows = request.row_places().filter(move |_| !told_once);
    rows.chain(told_once.then_some(None))
}

/// Everything that `node` needs, each request once, the strongest reason first.
pub(super) fn needs(reading: &Reading<'_>, node: &Node) -> Vec<Need> {
    let request = reading.request(node);
    if request.is_always_skipped() {
        return Vec::new();
    }
    let mut found = own_needs(reading, node);
    for need in mentioned(reading, node, &found, |pointer| !is_in_with(pointer)) {
        match found.iter_mut().find(|known| known.is_found_by(&need.called)) {
            Some(known) => known.mentioned = true,
            None => found.push(need),
        }
    }
    if let Some(with) = &node.with {
        found.extend(for_with(reading, with));
    }
    found
}

/// What `token` and `needs` say. A token may come from a request that `needs` lists under another name.
fn own_needs(reading: &Reading<'_>, node: &Node) -> Vec<Need> {
    let request = reading.request(node);
    let own = Owner::Request(request.name.clone());
    let need = |needed: &str, called: &str, why: Why, pointer: String| Need {
        request: needed.to_owned(),
        environment: node.environment.clone(),
        with: None,
        called: called.to_owned(),
        why,
        mentioned: false,
        owner: own.clone(),
        pointer,
    };
    let listed = request.needs.iter().enumerate().map(|(index, written)| {
        let pointer = format!("/needs/{index}");
        let with = (format!("{pointer}/with"), &written.with);
        (need(&written.request, written.name(), Why::Listed, pointer), with)
    });
    let mut listed: Vec<(Need, Written<'_>)> = listed.collect();
    let Some(token) = &request.token else { return settled(reading, node, listed) };
    let why = if request.token_of().is_some() { Why::TokenOf } else { Why::Token };
    let known = listed.iter().position(|(need, _)| need.called == token.from);
    let (mut from, mut with) = match known {
        Some(index) if why == Why::Token => listed.remove(index),
        Some(index) => listed[index].clone(),
        None => {
            let pointer = token_pointer(&own, reading.suite);
            (need(&token.from, &token.from, why, pointer), (String::new(), &token.with))
        }
    };
    from.why = why;
    if !token.with.is_empty() {
        with = ("/token/with".to_owned(), &token.with);
    }
    listed.insert(0, (from, with));
    let mut found = settled(reading, node, listed);
    if let Some(other) = request.token_of() {
        let environment = acting(&node.environment, other);
        found[0].with = found[0].with.as_ref().map(|with| Arc::new(elsewhere(with, &environment)));
        found[0].environment = environment;
    }
    found
}

/// Where variables are set for a need, and which.
type Written<'a> = (String, &'a IndexMap<String, Value>);

/// The needs with the variables that are set for them. These may mention any other need, listed
/// before or behind, so that each is settled after those that it mentions.
fn settled(reading: &Reading<'_>, node: &Node, listed: Vec<(Need, Written<'_>)>) -> Vec<Need> {
    let (mut needs, written): (Vec<Need>, Vec<Written<'_>>) = listed.into_iter().unzip();
    let mut waiting: Vec<usize> = (0..needs.len()).filter(|&index| !written[index].1.is_empty()).collect();
    while !waiting.is_empty() {
        let mentions = |&index: &usize, other: &usize| {
            index != *other && with::reaches(reading, node, written[index].1, &needs[*other].called)
        };
        let free = waiting.iter().position(|index| !waiting.iter().any(|other| mentions(index, other)));
        // Of those that mention each other the first goes first: the circle is found in the graph.
        let index = waiting.remove(free.unwrap_or(0));
        let (pointer, values) = &written[index];
        needs[index].with = with::with(reading, (node, pointer.clone()), values, &needs);
    }
    let mut distinct: Vec<Need> = Vec::new();
    for need in needs {
        let same = |known: &Need| {
            known.why == need.why
                && known.called == need.called
                && known.request == need.request
                && known.with == need.with
        };
        if !distinct.iter().any(same) {
            distinct.push(need);
        }
    }
    distinct
}

/// The same variables, set by the same requests as another identity.
fn elsewhere(with: &With, environment: &str) -> With {
    let outer = with.asker.with.as_ref().map(|outer| Arc::new(elsewhere(outer, environment)));
    let asker = Node { environment: environment.to_owned(), with: outer, ..with.asker.clone() };
    With { asker, ..with.clone() }
}

/// The requests that templates of `node` mention, where they stand at such a pointer.
fn mentioned(reading: &Reading<'_>, node: &Node, listed: &[Need], at: impl Fn(&str) -> bool) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    let mentions = reading.mentions(&node.request, &node.environment);
    for Placed { owner, pointer, mention } in mentions.iter().filter(|placed| at(&placed.pointer)) {
        let by_path = mention.name == "requests";
        let Some(name) = (if by_path { mention.path.first() } else { Some(&mention.name) }) else { continue };
        let known = listed.iter().find(|need| need.is_found_by(name));
        let is_request = known.is_some() || reading.suite.requests.contains_key(name);
        if !is_request || (!by_path && reading.is_variable(node, name)) {
            continue;
        }
        found.push(Need {
            request: known.map_or(name, |need| &need.request).clone(),
            environment: node.environment.clone(),
            with: known.and_then(|need| need.with.clone()),
            called: name.clone(),
            why: Why::Mentioned,
            mentioned: true,
            owner: owner.clone(),
            pointer: pointer.clone(),
        });
    }
    found
}

/// What the variables need that are set for a step: the requests that they mention, by the names
/// that whoever sets them has for these.
fn for_with(reading: &Reading<'_>, with: &With) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    let mut outer = Some(with);
    let mut depth = 0;
    while let Some(with) = outer {
        let listed = own_needs(reading, &with.asker);
        for name in &with.requests {
            let known = listed.iter().find(|need| need.is_found_by(name));
            found.push(Need {
                request: known.map_or(name, |need| &need.request).clone(),
                environment: with.asker.environment.clone(),
                with: known.and_then(|need| need.with.clone()),
                called: name.clone(),
                why: Why::ForWith(depth),
                mentioned: true,
                owner: Owner::Request(with.asker.request.clone()),
                pointer: with.pointer.clone(),
            });
        }
        outer = with.asker.with.as_deref();
        depth += 1;
    }
    found
}

/// A request that sets variables for itself, at some distance: each time they could be others, so
/// that there would be no end of steps.
pub(super) fn endless(suite: &Suite, node: &Node) -> Option<Diagnostic> {
    let with = node.with.as_ref()?;
    let mut path = vec![node.request.as_str()];
    let mut outer = Some(with);
    while let Some(with) = outer {
        path.insert(0, &with.asker.request);
        if with.asker.request == node.request {
            let message = format!("requests need each other: {}", path.join(" → "));
            let problem = Diagnostic::error(Code::DependencyCycle, message);
            let owner = Owner::Request(node.with.as_ref()?.asker.request.clone());
            let place = suite.locations.find(&owner, &node.with.as_ref()?.pointer);
            let problem = problem.at(place.map(|place| place.value), "set here");
            return Some(problem.help("remove one of these needs"));
        }
        outer = with.asker.with.as_ref();
    }
    None
}

/// What is wrong with the names of a request's needs: one name that means two steps.
pub(super) fn ambiguous(suite: &Suite, request: &Request, needs: &[Need]) -> Option<Diagnostic> {
    for (index, second) in needs.iter().enumerate() {
        let first = needs[..index].iter().find(|first| first.is_found_by(&second.called));
        let Some(first) = first.filter(|_| second.is_found_by(&second.called)) else { continue };
        if first.request == second.request && first.with == second.with {
            continue;
        }
        let message = format!("two needs of `{}` are called `{}`", request.name, second.called);
        let mut problem = Diagnostic::error(Code::AmbiguousNeed, message);
        for (need, label) in [(second, "the second"), (first, "the first")] {
            let place = suite.locations.find(&need.owner, &need.pointer);
            problem = problem.at(place.map(|place| place.value), label);
        }
        return Some(problem.help("give one of them another name: `{request: …, as: NAME}`"));
    }
    let token = needs.iter().find(|need| matches!(need.why, Why::Token | Why::TokenOf))?;
    let rows = suite.requests.get(&token.request)?.rows().len();
    if rows == 0 {
        return None;
    }
    let message = format!("`{}` runs for {rows} cases, and a token comes from one", token.request);
    let problem = Diagnostic::error(Code::AmbiguousNeed, message)
        .help("set what differs with `token: {from: …, with: {…}}`, instead of cases of the token's request");
    let place = suite.locations.find(&token.owner, &token.pointer);
    Some(problem.at(place.map(|place| place.value), ""))
}

fn token_pointer(owner: &Owner, suite: &Suite) -> String {
    let detailed = suite.locations.find(owner, "/token/from").is_some();
    if detailed { "/token/from" } else { "/token" }.to_owned()
}

/// What is wrong with a need: its request does not exist.
pub(super) fn unknown(request: &Request, need: &Need, suite: &Suite) -> Diagnostic {
    let written = &need.request;
    let place = suite.locations.find(&need.owner, &need.pointer).map(|place| place.value);
    let problem = Diagnostic::error(Code::UnknownRequest, format!("there is no request `{written}`"))
        .at(place, format!("`{}` needs it", request.name));
    match did_you_mean(written, suite.requests.keys().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("`countersign list` shows the requests of the suite"),
    }
}
