//! What the schedule of a plan is made of: needs, what runs always, and the bounds of tags.

use super::Prepared;
use super::schedule::Order;
use crate::clock::Ids;

/// The order of a plan's steps.
pub(super) fn order(prepared: &Prepared) -> Order {
    let bounds = &prepared.suite.file.concurrency;
    let steps = &prepared.plan.steps;
    let request = |index: usize| prepared.request(index);
    let groups = |index: usize| {
        let tags = request(index).tags.iter();
        tags.filter_map(|tag| bounds.get_index_of(tag)).collect()
    };
    Order {
        needs: steps.iter().map(|step| step.needs.iter().map(|edge| edge.step).collect()).collect(),
        always: (0..steps.len()).map(|index| request(index).always).collect(),
        groups: (0..steps.len()).map(groups).collect(),
        bounds: bounds.values().copied().collect(),
        jobs: prepared.surroundings.conduct.jobs,
        ranks: ranks(steps.len(), prepared.surroundings.conduct.shuffle),
    }
}

/// Which of the steps that may start goes first: the one with the lowest rank.
fn ranks(steps: usize, shuffle: Option<u64>) -> Vec<u128> {
    let rank = |place: usize| match shuffle {
        None => place as u128,
        Some(seed) => Ids::seeded(seed).named(&place.to_string()).uuid().as_u128(),
    };
    (0..steps).map(rank).collect()
}
