//! A run on several machines: each carries out its shard of the plan, with all that it needs.
//!
//! Every machine works out the same division by itself. What a selected request needs runs in each
//! shard that needs it; a selected request that others need belongs to the first of these shards,
//! so that no shard runs it only for itself.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Plan, Step};

/// One of several shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which, from 1.
    pub number: usize,
    /// Of how many.
    pub total: usize,
}

/// How long steps took before, by [`Step::key`].
pub type Durations = HashMap<String, Duration>;

impl Shard {
    /// The shard, when there is such a one.
    pub fn new(number: usize, total: usize) -> Option<Self> {
        (total <= MOST && (1..=total).contains(&number)).then_some(Self { number, total })
    }
}

/// Most shards of a run.
const MOST: usize = 10_000;

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text
            .split_once('/')
            .and_then(|(number, total)| Some((number.parse().ok()?, total.parse().ok()?)));
        parts.and_then(|(number, total)| Self::new(number, total)).ok_or_else(|| {
            format!("`{text}` is no shard: write `1/4` for the first of four; there are at most 10000")
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.total)
    }
}

impl Step {
    /// What tells the step from every other that was selected, in every run.
    pub fn key(&self) -> String {
        step_key(&self.name, &self.environment)
    }
}

/// The [key](Step::key) of a step of this name, in this environment or as an identity of one.
pub fn step_key(name: &str, environment: &str) -> String {
    format!("{name}@{environment}")
}

impl Plan {
    /// One shard of this plan. Shards are balanced by how long steps took before, where that is
    /// known; otherwise a step goes where its name says, whatever else there is.
    #[must_use]
    pub fn sharded(&self, shard: Shard, durations: &Durations) -> Self {
        let homes = self.homes(shard.total, durations);
        let leaves = |number: usize| {
            let at_home = |place: &usize| homes[*place] == Some(number);
            self.with_needs(&(0..self.steps.len()).filter(at_home).collect())
        };
        let mut owners: Vec<Option<usize>> = vec![None; self.steps.len()];
        for number in 1..=shard.total {
            for place in leaves(number) {
                owners[place].get_or_insert(number);
            }
        }
        let mut part = self.only_selected(&leaves(shard.number), |place| owners[place] == Some(shard.number));
        part.shard = Some(shard);
        part
    }

    /// The steps that were selected and that `is_meant` means, and all that they need.
    #[must_use]
    pub fn narrowed(&self, is_meant: impl Fn(&Step) -> bool) -> Self {
        let meant = |place: &usize| self.steps[*place].selected && is_meant(&self.steps[*place]);
        let wanted: BTreeSet<usize> = (0..self.steps.len()).filter(meant).collect();
        self.only_selected(&self.with_needs(&wanted), |place| wanted.contains(&place))
    }

    /// These steps; of those that were selected, only some still are.
    fn only_selected(&self, kept: &BTreeSet<usize>, stays: impl Fn(usize) -> bool) -> Self {
        let mut part = self.only(kept);
        for (step, &place) in part.steps.iter_mut().zip(kept) {
            step.selected = step.selected && stays(place);
        }
        part
    }

    /// The shard of each step that was selected and that no other such step needs.
    fn homes(&self, total: usize, durations: &Durations) -> Vec<Option<usize>> {
        let mut is_inner = vec![false; self.steps.len()];
        for (place, step) in self.steps.iter().enumerate().rev() {
            if step.selected || is_inner[place] {
                step.needs.iter().for_each(|edge| is_inner[edge.step] = true);
            }
        }
        let leaves = (0..self.steps.len()).filter(|&place| self.steps[place].selected && !is_inner[place]);
        let mut homes = vec![None; self.steps.len()];
        if durations.is_empty() {
            leaves.for_each(|place| homes[place] = Some(1 + hashed(&self.steps[place].key(), total)));
            return homes;
        }
        let usual = durations.values().sum::<Duration>() / u32::try_from(durations.len()).unwrap_or(u32::MAX);
        let long = |place: usize| durations.get(&self.steps[place].key()).copied().unwrap_or(usual);
        let mut longest_first: Vec<usize> = leaves.collect();
        longest_first.sort_by_cached_key(|&place| (std::cmp::Reverse(long(place)), self.steps[place].key()));
        let mut loads = vec![Duration::ZERO; total];
        for place in longest_first {
            let least = (0..total).min_by_key(|&number| loads[number]).unwrap_or_default();
            loads[least] += long(place);
            homes[place] = Some(1 + least);
        }
        homes
    }
}

/// A number below `total` that depends on the text alone.
fn hashed(text: &str, total: usize) -> usize {
    let digest = Sha256::digest(text);
    let number = digest[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number % total.max(1) as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::part::tests::plan;

    const NONE: &[usize] = &[];

    fn selected(plan: &Plan) -> BTreeSet<String> {
        plan.steps.iter().filter(|step| step.selected).map(|step| step.name.clone()).collect()
    }

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, total: 3 }));
        for wrong in ["0/3", "4/3", "1/0", "1", "a/b", "1/", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_balance_shards_and_names_keep_them_as_they_were() {
        let whole = plan(&[NONE; 6]);
        let durations: Durations = [("0", 60), ("1", 10), ("2", 10), ("3", 10), ("4", 10), ("5", 20)]
            .map(|(name, seconds)| (format!("{name}@embedded"), Duration::from_secs(seconds)))
            .into();
        let shards = [1, 2].map(|number| selected(&whole.sharded(Shard { number, total: 2 }, &durations)));
        assert_eq!(shards[0], BTreeSet::from(["0".to_owned()]));
        // A request that is added moves no other.
        let (few, more) = (plan(&[NONE; 20]), plan(&[NONE; 21]));
        for number in 1..=4 {
            let shard = Shard { number, total: 4 };
            let [few, more] = [&few, &more].map(|plan| selected(&plan.sharded(shard, &Durations::new())));
            assert!(few.is_subset(&more) && more.len() <= few.len() + 1);
        }
    }

    proptest! {
        /// Every step that was selected is in one shard, with all that it needs, whatever the plan.
        #[test]
        fn the_shards_of_a_plan_are_the_plan(
            edges in proptest::collection::vec(proptest::collection::vec(any::<proptest::sample::Index>(), 0..3), 1..24),
            total in 1_usize..=16,
            seconds in proptest::collection::vec(0_u64..100, 0..24),
        ) {
            let needs: Vec<Vec<usize>> = edges
                .iter()
                .enumerate()
                .map(|(place, edges)| if place == 0 { Vec::new() } else {
                    edges.iter().map(|edge| edge.index(place)).collect::<BTreeSet<_>>().into_iter().collect()
                })
                .collect();
            let whole = plan(&needs.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let durations: Durations = seconds.iter().enumerate()
                .map(|(place, &seconds)| (format!("{place}@embedded"), Duration::from_secs(seconds))).collect();
            let mut seen = Vec::new();
            for number in 1..=total {
                let part = whole.sharded(Shard { number, total }, &durations);
                for step in &part.steps {
                    let whole = whole.steps.iter().find(|whole| whole.name == step.name).unwrap();
                    let names = |plan: &Plan, step: &Step| -> Vec<String> {
                        step.needs.iter().map(|edge| plan.steps[edge.step].name.clone()).collect()
                    };
                    prop_assert_eq!(names(&part, step), whole.needs.iter().map(|edge| edge.step.to_string()).collect::<Vec<_>>());
                }
                seen.extend(selected(&part));
            }
            seen.sort();
            prop_assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "twice");
            let mut all: Vec<String> = selected(&whole).into_iter().collect();
            all.sort();
            prop_assert_eq!(seen, all);
        }
    }
}
