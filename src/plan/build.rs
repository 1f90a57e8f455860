//! From a selection to a plan.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use indexmap::IndexMap;

use super::graph::Graph;
use super::identity;
use super::names;
use super::needs::{self, Need};
use super::node::Node;
use super::reading::Reading;
use super::{Edge, Plan, Refusal, Selection, Step, environment_of};
use crate::diag::{Code, Diagnostic, distinct};
use crate::limits;
use crate::load::Suite;

/// Plans what `selection` asks for, in the environment `named` by the command line if any.
/// `given` are the names of the variables that the command line sets.
pub fn plan(
    suite: &Suite,
    selection: &Selection,
    named: Option<&str>,
    given: &[&str],
) -> Result<Plan, Refusal> {
    let chosen = selection.names(suite).map_err(Refusal::Nothing)?;
    let reading = Reading::new(suite, given);
    let selected = in_environments(suite, selection, &chosen, named).map_err(Refusal::Problems)?;
    let nodes = closure(&reading, &selected).map_err(Refusal::Problems)?;
    let mut checked = HashSet::new();
    let mut problems = Vec::new();
    for (node, needs) in &nodes {
        // Rows of one request differ in their values, and hardly ever in their names.
        let names: BTreeSet<&str> = node.own_variables(suite).collect();
        if checked.insert((&node.request, &node.environment, names)) {
            problems.extend(names::check(&reading, node, needs));
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::Problems(distinct(problems)));
    }
    order(suite, &nodes, &selected).map_err(|problem| Refusal::Problems(vec![problem]))
}

/// The selected requests, in the order of the files, each with its environment and its rows.
fn in_environments(
    suite: &Suite,
    selection: &Selection,
    chosen: &BTreeSet<&str>,
    named: Option<&str>,
) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let mut selected = Vec::new();
    let mut problems = Vec::new();
    for request in suite.requests.values().filter(|request| chosen.contains(request.name.as_str())) {
        let environment = environment_of(request, named, suite);
        match environment.and_then(|name| identity::environment_for(suite, request, name)) {
            Ok(environment) => {
                let cases = needs::cases(request).filter(|case| selection.means_case(request, *case));
                let node = |case| Node {
                    environment: environment.clone(),
                    request: request.name.clone(),
                    case,
                    with: None,
                };
                selected.extend(cases.map(node));
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(selected) } else { Err(distinct(problems)) }
}

/// The selected steps and everything that they need, at any distance.
fn closure(reading: &Reading<'_>, selected: &[Node]) -> Result<IndexMap<Node, Vec<Need>>, Vec<Diagnostic>> {
    let suite = reading.suite;
    let mut found: IndexMap<Node, Vec<Need>> = IndexMap::new();
    let mut problems = Vec::new();
    let mut edges = 0;
    let mut waiting: VecDeque<Node> = selected.iter().cloned().collect();
    while let Some(node) = waiting.pop_front() {
        if found.contains_key(&node) {
            continue;
        }
        if let Some(problem) = needs::endless(suite, &node) {
            problems.push(problem);
            break;
        }
        let request = reading.request(&node);
        let mut needs = needs::needs(reading, &node);
        needs.retain(|need| {
            let known = suite.requests.contains_key(&need.request);
            if !known {
                problems.push(needs::unknown(request, need, suite));
            }
            known
        });
        problems.extend(needs::ambiguous(suite, request, &needs));
        problems.extend(identity::strangers(suite, request, &node.environment));
        problems.extend(needs.iter().filter_map(|need| identity::crossing(suite, request, need)));
        let exists = |need: &&Need| suite.environments.contains_key(&need.environment);
        let needed = needs.iter().filter(exists).flat_map(|need| need.nodes(suite));
        let before = waiting.len();
        waiting.extend(needed.filter(|needed| !found.contains_key(needed)));
        edges += needs.iter().map(|need| suite.requests[&need.request].rows().len().max(1)).sum::<usize>();
        found.insert(node, needs);
        if found.len() > limits::STEPS || edges > limits::EDGES || before > limits::EDGES {
            problems.push(too_many());
            break;
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(distinct(problems)) }
}

fn too_many() -> Diagnostic {
    let message =
        format!("the plan has more than {} steps, or {} needs among them", limits::STEPS, limits::EDGES);
    Diagnostic::error(Code::YamlLimit, message).help("run a part of the suite, or split its data files")
}

fn order(suite: &Suite, nodes: &IndexMap<Node, Vec<Need>>, selected: &[Node]) -> Result<Plan, Diagnostic> {
    let mut files: Vec<usize> = (0..nodes.len()).collect();
    let file_order = |node: &usize| {
        let node = nodes.get_index(*node).expect("it is one of the nodes").0;
        let with = node.with.as_ref().map(|with| with.meaning.clone());
        (node.environment.clone(), suite.requests.get_index_of(&node.request), node.case, with)
    };
    files.sort_by_cached_key(file_order);
    let rank = inverse(&files);
    let place = |node: &Node| rank[nodes.get_index_of(node).expect("the closure has every need")];
    let places = |need: &Need| need.nodes(suite).iter().map(&place).collect::<Vec<_>>();
    let graph = files.iter().map(|&node| nodes[node].iter().flat_map(&places).collect()).collect();
    let order = Graph::new(graph).order().map_err(|cycle| {
        let cycle: Vec<usize> = cycle.into_iter().map(|ranked| files[ranked]).collect();
        cycle_problem(suite, nodes, &cycle)
    })?;
    let step_of = inverse(&order);
    let selected: HashSet<&Node> = selected.iter().collect();
    let edges = |need: &Need| {
        let edge = |ranked: usize| Edge {
            step: step_of[ranked],
            why: need.why,
            mentioned: need.mentioned,
            name: need.called.clone(),
        };
        places(need).into_iter().map(edge).collect::<Vec<_>>()
    };
    let step = |&ranked: &usize| {
        let (node, needs) = nodes.get_index(files[ranked]).expect("it is one of the nodes");
        let name = node.name(suite);
        Step {
            place: step_of[ranked],
            selector: name.clone(),
            name,
            request: node.request.clone(),
            environment: node.environment.clone(),
            case: node.case,
            with: node.with.clone(),
            needs: needs.iter().flat_map(edges).collect(),
            selected: selected.contains(node),
        }
    };
    let mut steps: Vec<Step> = order.iter().map(step).collect();
    number(&mut steps);
    Ok(Plan { steps, shard: None })
}

/// Tells steps apart whose variables are written alike and have other values.
fn number(steps: &mut [Step]) {
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for step in steps.iter_mut().filter(|step| step.with.is_some()) {
        let count = seen.entry((step.environment.clone(), step.name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            step.name = format!("{} #{count}", step.name);
            step.selector.clone_from(&step.name);
        }
    }
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
    let name = |node: usize| nodes.get_index(node).expect("it is one of the nodes").0.request.as_str();
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
        let place = suite.locations.find(&need.owner, &need.pointer);
        problem = problem.at(place.map(|place| place.value), text);
    }
    problem.help("remove one of these needs")
}
