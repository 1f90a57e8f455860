//! What the schedule of a plan is made of: needs, what runs always, and the bounds of tags.

use super::Prepared;
use super::schedule::Order;

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
        jobs: prepared.surroundings.jobs,
    }
}
