//! The shards of a run, joined into the run.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::line::{Class, RunFinished, Shard, Status, Step, StepFinished};
use super::{RunStarted, Tree};
use crate::diag;

/// Why trees can't be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are none.
    #[error("there is no report to join")]
    Nothing,
    /// One is of another run.
    #[error("{0}")]
    Other(String),
}

/// A run that was joined, and what is not known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The run.
    pub tree: Tree,
    /// The strongest class among the problems of all parts.
    pub class: Option<diag::Class>,
    /// A sentence for each shard that is missing or was cut short.
    pub gaps: Vec<String>,
}

/// What tells a step from every other of a run.
type Key = (usize, String, String, Option<String>);

fn key(step: &Step) -> Key {
    (step.place, step.name.clone(), step.environment.clone(), step.identity.clone())
}

/// Joins the reports of a run's shards, in any order; of one report it is that run itself.
pub fn merge(trees: &[Tree]) -> Result<Merged, MergeError> {
    let total = total(trees)?;
    let shards: BTreeSet<usize> = trees.iter().filter_map(number).collect();
    let missing = (1..=total).filter(|number| !shards.contains(number));
    let mut gaps: Vec<String> =
        missing.map(|number| format!("shard {number} of {total} is missing")).collect();
    let gap = |tree: &Tree| Some(format!("{}{}", part(tree, total), tree.gap()?));
    gaps.extend(trees.iter().filter_map(gap));
    let class = trees.iter().filter_map(Tree::class).max();
    let tree = joined(trees);
    let cut_short = (!gaps.is_empty()).then(|| gaps.join("; "));
    let finished = tree.finished.map(|finished| RunFinished { cut_short, ..finished });
    Ok(Merged { tree: Tree { finished, ..tree }, class, gaps })
}

/// What a gap is in, where that is not the run itself.
fn part(tree: &Tree, total: usize) -> String {
    number(tree).map(|number| format!("shard {number} of {total}: ")).unwrap_or_default()
}

fn number(tree: &Tree) -> Option<usize> {
    tree.started.shard.as_ref().map(|shard| shard.number)
}

/// How many shards there are, none of a whole run; when all of them are of one run.
fn total(trees: &[Tree]) -> Result<usize, MergeError> {
    let first = trees.first().ok_or(MergeError::Nothing)?;
    let mut seen = BTreeSet::new();
    for tree in trees {
        match (&first.started.shard, &tree.started.shard) {
            (None, None) if trees.len() == 1 => {}
            (Some(Shard { total, .. }), Some(shard)) if *total == shard.total => {
                if !seen.insert(shard.number) {
                    return Err(MergeError::Other(format!("shard {} is there twice", shard.number)));
                }
            }
            (Some(Shard { total, .. }), Some(other)) => {
                return Err(MergeError::Other(format!(
                    "one report is of a run of {total} shards, another of {}",
                    other.total
                )));
            }
            _ => {
                return Err(MergeError::Other(
                    "a report that is no shard can't be joined with others".into(),
                ));
            }
        }
    }
    Ok(first.started.shard.as_ref().map_or(0, |shard| shard.total))
}

fn joined(trees: &[Tree]) -> Tree {
    let mut planned: BTreeMap<Key, Step> = BTreeMap::new();
    let mut needs: HashMap<Key, BTreeSet<Key>> = HashMap::new();
    let mut ended: BTreeMap<Key, StepFinished> = BTreeMap::new();
    for tree in trees {
        let keys: Vec<Key> = tree.started.steps.iter().map(key).collect();
        for (step, own) in tree.started.steps.iter().zip(&keys) {
            let known = planned.entry(own.clone()).or_insert_with(|| step.clone());
            known.selected |= step.selected;
            let places = step.needs.iter().filter_map(|&place| keys.get(place).cloned());
            needs.entry(own.clone()).or_default().extend(places);
        }
        let late = late(tree, trees);
        for step in &tree.steps {
            let worse = |known: &StepFinished| severity(known.status) >= severity(step.status);
            if !ended.get(&key(&step.step)).is_some_and(worse) {
                let started_ms = step.started_ms + late;
                ended.insert(key(&step.step), StepFinished { started_ms, ..step.clone() });
            }
        }
    }
    let places: HashMap<Key, usize> = planned.keys().cloned().zip(0..).collect();
    for (own, step) in &mut planned {
        step.needs = needs[own].iter().map(|need| places[need]).collect();
    }
    let steps: Vec<StepFinished> = ended
        .into_iter()
        .filter_map(|(own, step)| {
            Some(StepFinished { index: *places.get(&own)?, step: planned.get(&own)?.clone(), ..step })
        })
        .collect();
    let started = RunStarted {
        at: trees.iter().map(|tree| tree.started.at.clone()).min().unwrap_or_default(),
        shard: None,
        environment: environments(trees),
        steps: planned.into_values().collect(),
        ..trees[0].started.clone()
    };
    let finished = trees.iter().all(|tree| tree.finished.is_some()).then(|| finished(trees, &steps));
    Tree { started, steps, finished }
}

/// How long after the first shard this one began, by their own clocks, in milliseconds.
fn late(tree: &Tree, trees: &[Tree]) -> f64 {
    let first = trees.iter().filter_map(|tree| tree.moment(0.0)).min();
    let late = tree.moment(0.0).zip(first).and_then(|(own, first)| (own - first).to_std().ok());
    late.map_or(0.0, |late| late.as_secs_f64() * 1000.0)
}

fn severity(status: Status) -> u8 {
    match status {
        Status::Passed => 0,
        Status::Skipped => 1,
        Status::Failed => 2,
        Status::Error => 3,
    }
}

fn environments(trees: &[Tree]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in trees.iter().flat_map(|tree| tree.started.environment.split(", ")) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn finished(trees: &[Tree], steps: &[StepFinished]) -> RunFinished {
    let all = || trees.iter().filter_map(|tree| tree.finished.as_ref());
    let count = |status| steps.iter().filter(|step| step.status == status).count();
    let contracts = all().map(|finished| finished.contracts.clone()).reduce(super::contract::joined);
    RunFinished {
        passed: count(Status::Passed),
        failed: count(Status::Failed),
        errors: count(Status::Error),
        skipped: count(Status::Skipped),
        flaky: steps.iter().filter(|step| step.flaky).count(),
        pending_snapshots: steps
            .iter()
            .filter(|step| step.snapshot.as_ref().is_some_and(|it| it.pending))
            .count(),
        // They ran at once.
        duration_ms: all().map(|finished| finished.duration_ms).fold(0.0, f64::max),
        contracts: contracts.unwrap_or_default(),
        class: all().filter_map(|finished| finished.class).max_by_key(|class| Class::strength(*class)),
        cut_short: None,
    }
}
