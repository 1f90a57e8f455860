//! Which step may go next, and which never will. Pure: it knows neither requests nor time.

use std::collections::BTreeSet;

/// How far each step is, and how many may be on their way at once.
#[derive(Debug)]
pub(super) struct Schedule {
    needs: Vec<Vec<usize>>,
    needed_by: Vec<Vec<usize>>,
    waiting: Vec<usize>,
    ready: BTreeSet<usize>,
    ended: Vec<bool>,
    in_flight: usize,
    jobs: usize,
}

/// A step that can't run because of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Skip {
    /// The step.
    pub(super) step: usize,
    /// The step that it needs and that did not pass.
    pub(super) because: usize,
}

impl Schedule {
    /// Step `n` waits for the steps `needs[n]`; at most `jobs` are on their way at once.
    pub(super) fn new(needs: Vec<Vec<usize>>, jobs: usize) -> Self {
        let mut needed_by = vec![Vec::new(); needs.len()];
        for (step, needs) in needs.iter().enumerate() {
            for &need in needs {
                needed_by[need].push(step);
            }
        }
        let waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
        let ready = (0..needs.len()).filter(|&step| waiting[step] == 0).collect();
        let ended = vec![false; needs.len()];
        Self { needs, needed_by, waiting, ready, ended, in_flight: 0, jobs: jobs.max(1) }
    }

    /// The next step to start, if one may start now.
    pub(super) fn start(&mut self) -> Option<usize> {
        if self.in_flight >= self.jobs {
            return None;
        }
        let step = self.ready.pop_first()?;
        self.in_flight += 1;
        Some(step)
    }

    /// A step passed: what waited only for it becomes ready.
    pub(super) fn passed(&mut self, step: usize) {
        self.end(step);
        for dependent in self.needed_by[step].clone() {
            self.waiting[dependent] -= 1;
            if self.waiting[dependent] == 0 && !self.ended[dependent] {
                self.ready.insert(dependent);
            }
        }
    }

    /// A step did not pass: everything that needs it, at any distance, is skipped. Each skip
    /// names the nearest need, so that a reader can follow the chain.
    pub(super) fn did_not_pass(&mut self, step: usize) -> Vec<Skip> {
        self.end(step);
        let mut skips = Vec::new();
        let mut causes = vec![step];
        while let Some(because) = causes.pop() {
            for dependent in self.needed_by[because].clone() {
                if !std::mem::replace(&mut self.ended[dependent], true) {
                    skips.push(Skip { step: dependent, because });
                    causes.push(dependent);
                }
            }
        }
        skips.sort_by_key(|skip| skip.step);
        skips
    }

    fn end(&mut self, step: usize) {
        debug_assert!(self.needs[step].iter().all(|&need| self.ended[need]), "a step ran before its needs");
        self.ended[step] = true;
        self.in_flight -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(schedule: &mut Schedule) -> Vec<usize> {
        std::iter::from_fn(|| schedule.start()).collect()
    }

    #[test]
    fn independent_steps_run_at_once_up_to_the_bound() {
        let mut schedule = Schedule::new(vec![vec![]; 5], 2);
        assert_eq!(started(&mut schedule), [0, 1]);
        schedule.passed(1);
        assert_eq!(started(&mut schedule), [2]);
    }

    #[test]
    fn a_step_waits_for_all_of_its_needs() {
        let mut schedule = Schedule::new(vec![vec![], vec![], vec![0, 1]], 8);
        assert_eq!(started(&mut schedule), [0, 1]);
        schedule.passed(0);
        assert!(started(&mut schedule).is_empty());
        schedule.passed(1);
        assert_eq!(started(&mut schedule), [2]);
    }

    #[test]
    fn what_needs_a_failed_step_is_skipped_once_and_names_its_nearest_need() {
        let mut schedule = Schedule::new(vec![vec![], vec![0], vec![1], vec![0, 2], vec![]], 8);
        assert_eq!(started(&mut schedule), [0, 4]);
        let skips = schedule.did_not_pass(0);
        assert_eq!(skips.iter().map(|skip| skip.step).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(skips[0], Skip { step: 1, because: 0 });
        assert_eq!(skips[1], Skip { step: 2, because: 1 });
        schedule.passed(4);
        assert!(started(&mut schedule).is_empty());
    }

    #[test]
    fn a_step_with_one_failed_and_one_passed_need_never_starts() {
        let mut schedule = Schedule::new(vec![vec![], vec![], vec![0, 1]], 8);
        started(&mut schedule);
        assert_eq!(schedule.did_not_pass(0), [Skip { step: 2, because: 0 }]);
        schedule.passed(1);
        assert!(started(&mut schedule).is_empty());
    }
}
