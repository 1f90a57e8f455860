//! From a selection to a plan.

use std::collections::{BTreeSet, HashSet, VecDeque};

use indexmap::IndexMap;

use super::graph::Graph;
use super::identity;
use super::names;
use super::needs::{self, Need};
use super::{Edge, Plan, Refusal, Selection, Step, environment_of};
use crate::diag::{Code, Diagnostic, distinct};
use crate::load::Suite;

/// A step before its place is known: environment and request.
type Node = (String, String);

/// Plans what `selection` asks for, in the environment `named` by the command line if any.
/// `given` are the names of the variables that the command line sets.
pub fn plan(
    suite: &Suite,
    selection: &Selection,
    named: Option<&str>,
    given: &[&str],
) -> Result<Plan, Refusal> {
    let chosen = selection.names(suite).map_err(Refusal::Nothing)?;
    let selected = in_environments(suite, &chosen, named).map_err(Refusal::Problems)?;
    let nodes = closure(suite, &selected, given).map_err(Refusal::Problems)?;
    let problems: Vec<Diagnostic> = nodes
        .iter()
        .flat_map(|((environment, request), needs)| names::check(suite, request, environment, needs, given))
        .collect();
    if !problems.is_empty() {
        return Err(Refusal::Problems(distinct(problems)));
    }
    order(suite, &nodes, &selected).map_err(|problem| Refusal::Problems(vec![problem]))
}

/// The selected requests, in the order of the files, each with its environment.
fn in_environments(
    suite: &Suite,
    chosen: &BTreeSet<&str>,
    named: Option<&str>,
) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let mut selected = Vec::new();
    let mut problems = Vec::new();
    for request in suite.requests.values().filter(|request| chosen.contains(request.name.as_str())) {
        let environment = environment_of(request, named, suite);
        match environment.and_then(|name| identity::environment_for(suite, request, name)) {
            Ok(environment) => selected.push((environment, request.name.clone())),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(selected) } else { Err(distinct(problems)) }
}

/// The selected steps and everything that they need, at any distance.
fn closure(
    suite: &Suite,
    selected: &[Node],
    given: &[&str],
) -> Result<IndexMap<Node, Vec<Need>>, Vec<Diagnostic>> {
    let mut found: IndexMap<Node, Vec<Need>> = IndexMap::new();
    let mut problems = Vec::new();
    let mut waiting: VecDeque<Node> = selected.iter().cloned().collect();
    while let Some(node) = waiting.pop_front() {
        if found.contains_key(&node) {
            continue;
        }
        let (environment, name) = &node;
        let request = &suite.requests[name];
        let is_variable = |name: &str| names::is_variable(suite, request, environment, given, name);
        let mut needs = needs::needs(request, environment, suite, is_variable);
        needs.retain(|need| {
            let known = suite.requests.contains_key(&need.request);
            if !known {
                problems.push(needs::unknown(request, need, suite));
            }
            known
        });
        problems.extend(identity::strangers(suite, request, environment));
        problems.extend(needs.iter().filter_map(|need| identity::crossing(suite, request, need)));
        let exists = |need: &&Need| suite.environments.contains_key(&need.environment);
        waiting.extend(needs.iter().filter(exists).map(node_of));
        found.insert(node, needs);
    }
    if problems.is_empty() { Ok(found) } else { Err(distinct(problems)) }
}

fn node_of(need: &Need) -> Node {
    (need.environment.clone(), need.request.clone())
}

fn order(suite: &Suite, nodes: &IndexMap<Node, Vec<Need>>, selected: &[Node]) -> Result<Plan, Diagnostic> {
    let mut files: Vec<usize> = (0..nodes.len()).collect();
    let file_order = |node: &usize| {
        let (environment, request) = nodes.get_index(*node).expect("it is one of the nodes").0;
        (environment.clone(), suite.requests.get_index_of(request))
    };
    files.sort_by_cached_key(file_order);
    let rank = inverse(&files);
    let place = |need: &Need| rank[nodes.get_index_of(&node_of(need)).expect("the closure has every need")];
    let graph = files.iter().map(|&node| nodes[node].iter().map(&place).collect()).collect();
    let order = Graph::new(graph).order().map_err(|cycle| {
        let cycle: Vec<usize> = cycle.into_iter().map(|ranked| files[ranked]).collect();
        cycle_problem(suite, nodes, &cycle)
    })?;
    let step_of = inverse(&order);
    let selected: HashSet<&Node> = selected.iter().collect();
    let step = |&ranked: &usize| {
        let node = files[ranked];
        let ((environment, request), needs) = nodes.get_index(node).expect("it is one of the nodes");
        Step {
            request: request.clone(),
            environment: environment.clone(),
            needs: needs
                .iter()
                .map(|need| Edge { step: step_of[place(need)], why: need.why, mentioned: need.mentioned })
                .collect(),
            selected: selected.contains(nodes.get_index(node).expect("it is one of the nodes").0),
        }
    };
    Ok(Plan { steps: order.iter().map(step).collect() })
}

/// `inverse(order)[order[n]] == n`
fn inverse(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (place, &node) in order.iter().enumerate() {
        places[node] = place;
    }
    places
}

fn cycle_problem(suite: &Suite, nodes: &IndexMap<Node, Vec<Need>>, cycle: &[usize]) -> Diagnostic {
    let name = |node: usize| nodes.get_index(node).expect("it is one of the nodes").0.1.as_str();
    let mut path: Vec<&str> = cycle.iter().map(|&node| name(node)).collect();
    path.push(path[0]);
    let message = match path.as_slice() {
        [own, _] => format!("`{own}` needs itself"),
        _ => format!("requests need each other: {}", path.join(" → ")),
    };
    let mut problem = Diagnostic::error(Code::DependencyCycle, message);
    for (turn, &node) in cycle.iter().enumerate() {
        let next = path[turn + 1];
        let closes = turn + 1 == cycle.len();
        let need = nodes[node].iter().find(|need| need.request == next).expect("the cycle follows needs");
        let text = if closes {
            "the circle closes here".to_owned()
        } else {
            format!("`{}` needs `{next}`", name(node))
        };
        if let Some(place) = suite.locations.find(&need.owner, &need.pointer) {
            problem = problem.at(place.value, text);
        }
    }
    problem.help("remove one of these needs")
}
