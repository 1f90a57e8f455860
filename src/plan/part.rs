//! A part of a plan that can run without the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, Plan, Step};

impl Plan {
    /// These steps, by their places, and all that they need at any distance.
    pub fn with_needs(&self, wanted: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut found = wanted.clone();
        // Needs stand before what needs them.
        for (place, step) in self.steps.iter().enumerate().rev() {
            if found.contains(&place) {
                found.extend(step.needs.iter().map(|edge| edge.step));
            }
        }
        found
    }

    /// The plan with nothing but these steps in it, which must have [all their
    /// needs](Plan::with_needs) among them. They keep their order.
    #[must_use]
    pub fn only(&self, kept: &BTreeSet<usize>) -> Self {
        let places: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let edge = |edge: &Edge| Edge { step: places[&edge.step], ..edge.clone() };
        let step = |step: &Step| Step { needs: step.needs.iter().map(edge).collect(), ..step.clone() };
        Self { steps: kept.iter().map(|&old| step(&self.steps[old])).collect(), shard: self.shard }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::plan::Why;

    /// A plan of steps that are named after their places and need these.
    pub(in crate::plan) fn plan(needs: &[&[usize]]) -> Plan {
        let edge = |&step: &usize| Edge { step, why: Why::Listed, mentioned: false, name: step.to_string() };
        let step = |(place, needs): (usize, &&[usize])| Step {
            place,
            name: place.to_string(),
            selector: place.to_string(),
            request: place.to_string(),
            case: None,
            with: None,
            environment: "embedded".into(),
            needs: needs.iter().map(edge).collect(),
            selected: true,
        };
        Plan { steps: needs.iter().enumerate().map(step).collect(), shard: None }
    }

    #[test]
    fn a_part_has_all_that_it_needs_and_nothing_else() {
        let whole = plan(&[&[], &[], &[0], &[1], &[2], &[4, 1]]);
        let kept = whole.with_needs(&BTreeSet::from([4]));
        assert_eq!(kept, BTreeSet::from([0, 2, 4]));
        let part = whole.only(&kept);
        let names: Vec<&str> = part.steps.iter().map(|step| step.request.as_str()).collect();
        assert_eq!(names, ["0", "2", "4"]);
        let needs: Vec<Vec<usize>> =
            part.steps.iter().map(|step| step.needs.iter().map(|edge| edge.step).collect()).collect();
        assert_eq!(needs, [vec![], vec![0], vec![1]]);
    }

    #[test]
    fn all_of_a_plan_is_the_plan() {
        let whole = plan(&[&[], &[0], &[0, 1]]);
        assert_eq!(whole.only(&BTreeSet::from([0, 1, 2])), whole);
    }
}
