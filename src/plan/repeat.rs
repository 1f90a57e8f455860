//! A plan several times over (`--repeat`).

use super::{Edge, Plan, Step};

impl Plan {
    /// Every step so often, each time with what it needs.
    #[must_use]
    pub fn repeated(&self, times: usize) -> Self {
        if times <= 1 {
            return self.clone();
        }
        let length = self.steps.len();
        let step = |time: usize, step: &Step| Step {
            name: format!("{} ({} of {times})", step.name, time + 1),
            place: step.place + time * length,
            needs: step
                .needs
                .iter()
                .map(|edge| Edge { step: edge.step + time * length, ..edge.clone() })
                .collect(),
            ..step.clone()
        };
        let steps = (0..times).flat_map(|time| self.steps.iter().map(move |each| step(time, each))).collect();
        Self { steps, shard: self.shard }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::part::tests::plan;

    #[test]
    fn each_time_has_what_it_needs_of_its_own() {
        let twice = plan(&[&[], &[0]]).repeated(2);
        let told: Vec<(&str, Vec<usize>)> = twice
            .steps
            .iter()
            .map(|step| (step.name.as_str(), step.needs.iter().map(|edge| edge.step).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("0 (1 of 2)", vec![]),
                ("1 (1 of 2)", vec![0]),
                ("0 (2 of 2)", vec![]),
                ("1 (2 of 2)", vec![2])
            ]
        );
    }
}
