//! Which step may go next, and which never will. Pure: it knows neither requests nor time.

use std::collections::BTreeSet;

/// What a schedule is made of.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// Step `n` waits for the steps `needs[n]`.
    pub(super) needs: Vec<Vec<usize>>,
    /// Whether step `n` runs though what it needs did not pass.
    pub(super) always: Vec<bool>,
    /// The groups that step `n` is in.
    pub(super) groups: Vec<Vec<usize>>,
    /// How many steps of each group may be on their way at once.
    pub(super) bounds: Vec<usize>,
    /// How many steps may be on their way at once.
    pub(super) jobs: usize,
    /// Of the steps that may start the one with the lowest rank does.
    pub(super) ranks: Vec<u128>,
}

/// How far each step is.
#[derive(Debug)]
pub(super) struct Schedule {
    order: Order,
    needed_by: Vec<Vec<usize>>,
    waiting: Vec<usize>,
    /// By rank.
    ready: BTreeSet<(u128, usize)>,
    closed: Closed,
    ended: Vec<bool>,
    in_flight: usize,
    /// How many steps of each group are on their way.
    busy: Vec<usize>,
    /// Steps that are ready but for a group that is full, by that group.
    parked: Vec<BTreeSet<(u128, usize)>>,
}

/// Whether steps may still start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// They may.
    No,
    /// Only those that run always.
    ButToAlways,
    /// None may.
    ToAll,
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
    pub(super) fn new(order: Order) -> Self {
        let steps = order.needs.len();
        let mut needed_by = vec![Vec::new(); steps];
        for (step, needs) in order.needs.iter().enumerate() {
            for &need in needs {
                needed_by[need].push(step);
            }
        }
        let waiting: Vec<usize> = order.needs.iter().map(Vec::len).collect();
        let ready = (0..steps).filter(|&step| waiting[step] == 0);
        let ready = ready.map(|step| (order.ranks[step], step)).collect();
        let groups = order.bounds.len();
        Self {
            needed_by,
            waiting,
            ready,
            closed: Closed::No,
            ended: vec![false; steps],
            in_flight: 0,
            busy: vec![0; groups],
            parked: vec![BTreeSet::new(); groups],
            order,
        }
    }

    /// The next step to start, if one may start now.
    pub(super) fn start(&mut self) -> Option<usize> {
        while self.in_flight < self.order.jobs.max(1) && self.closed != Closed::ToAll {
            let (rank, step) = self.ready.pop_first()?;
            if self.closed == Closed::ButToAlways && !self.order.always[step] {
                continue;
            }
            let groups = &self.order.groups[step];
            match groups.iter().find(|&&group| !self.has_room(group)) {
                None => {
                    for &group in groups {
                        self.busy[group] += 1;
                    }
                    self.in_flight += 1;
                    return Some(step);
                }
                Some(&full) => {
                    self.parked[full].insert((rank, step));
                    // It does not take the room that it was woken for.
                    let others: Vec<usize> = groups.iter().copied().filter(|&group| group != full).collect();
                    for group in others {
                        self.wake(group);
                    }
                }
            }
        }
        None
    }

    /// A step on its way leaves its place to another for a while; not its groups.
    pub(super) fn leave(&mut self) {
        self.in_flight -= 1;
    }

    /// A step that left its place comes back, if there is one.
    pub(super) fn come_back(&mut self) -> bool {
        let has_room = self.in_flight < self.order.jobs.max(1);
        self.in_flight += usize::from(has_room);
        has_room
    }

    fn has_room(&self, group: usize) -> bool {
        self.busy[group] < self.order.bounds[group].max(1)
    }

    fn wake(&mut self, group: usize) {
        if self.has_room(group) {
            self.ready.extend(self.parked[group].pop_first());
        }
    }

    /// From now on nothing starts but what this lets.
    pub(super) fn close(&mut self, closed: Closed) {
        self.closed = closed;
    }

    /// A step passed: what waited only for it becomes ready.
    pub(super) fn passed(&mut self, step: usize) {
        self.end(step);
        for dependent in self.needed_by[step].clone() {
            self.one_less(dependent);
        }
    }

    fn one_less(&mut self, step: usize) {
        self.waiting[step] -= 1;
        if self.waiting[step] == 0 && !self.ended[step] {
            self.ready.insert((self.order.ranks[step], step));
        }
    }

    /// A step did not pass: everything that needs it, at any distance, is skipped, but for what runs
    /// always. Each skip names the nearest need, so that a reader can follow the chain.
    pub(super) fn did_not_pass(&mut self, step: usize) -> Vec<Skip> {
        self.end(step);
        let mut skips = Vec::new();
        let mut causes = vec![step];
        while let Some(because) = causes.pop() {
            for dependent in self.needed_by[because].clone() {
                if self.order.always[dependent] {
                    self.one_less(dependent);
                } else if !std::mem::replace(&mut self.ended[dependent], true) {
                    skips.push(Skip { step: dependent, because });
                    causes.push(dependent);
                }
            }
        }
        skips.sort_by_key(|skip| skip.step);
        skips
    }

    fn end(&mut self, step: usize) {
        debug_assert!(
            self.order.needs[step].iter().all(|&need| self.ended[need]),
            "a step ran before its needs"
        );
        self.ended[step] = true;
        self.in_flight -= 1;
        for group in self.order.groups[step].clone() {
            self.busy[group] -= 1;
            self.wake(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(needs: Vec<Vec<usize>>, jobs: usize) -> Schedule {
        let (always, groups) = (vec![false; needs.len()], vec![Vec::new(); needs.len()]);
        let ranks = (0..needs.len() as u128).collect();
        Schedule::new(Order { needs, always, groups, bounds: Vec::new(), jobs, ranks })
    }

    fn started(schedule: &mut Schedule) -> Vec<usize> {
        std::iter::from_fn(|| schedule.start()).collect()
    }

    #[test]
    fn independent_steps_run_at_once_up_to_the_bound() {
        let mut schedule = schedule(vec![vec![]; 5], 2);
        assert_eq!(started(&mut schedule), [0, 1]);
        schedule.passed(1);
        assert_eq!(started(&mut schedule), [2]);
    }

    #[test]
    fn a_step_waits_for_all_of_its_needs() {
        let mut schedule = schedule(vec![vec![], vec![], vec![0, 1]], 8);
        assert_eq!(started(&mut schedule), [0, 1]);
        schedule.passed(0);
        assert!(started(&mut schedule).is_empty());
        schedule.passed(1);
        assert_eq!(started(&mut schedule), [2]);
    }

    #[test]
    fn what_needs_a_failed_step_is_skipped_once_and_names_its_nearest_need() {
        let mut schedule = schedule(vec![vec![], vec![0], vec![1], vec![0, 2], vec![]], 8);
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
        let mut schedule = schedule(vec![vec![], vec![], vec![0, 1]], 8);
        started(&mut schedule);
        assert_eq!(schedule.did_not_pass(0), [Skip { step: 2, because: 0 }]);
        schedule.passed(1);
        assert!(started(&mut schedule).is_empty());
    }

    #[test]
    fn what_runs_always_waits_for_its_needs_and_runs_though_they_failed_or_were_skipped() {
        let order = Order {
            needs: vec![vec![], vec![0], vec![0, 1], vec![2]],
            always: vec![false, false, true, false],
            groups: vec![vec![]; 4],
            bounds: vec![],
            jobs: 8,
            ranks: (0..24).collect(),
        };
        let mut schedule = Schedule::new(order);
        assert_eq!(started(&mut schedule), [0]);
        assert_eq!(schedule.did_not_pass(0), [Skip { step: 1, because: 0 }]);
        assert_eq!(started(&mut schedule), [2]);
        schedule.passed(2);
        assert_eq!(started(&mut schedule), [3]);
    }

    #[test]
    fn a_full_group_holds_up_nothing_but_its_own() {
        let order = Order {
            needs: vec![vec![]; 4],
            always: vec![false; 4],
            groups: vec![vec![0], vec![0], vec![], vec![0]],
            bounds: vec![1],
            jobs: 8,
            ranks: (0..24).collect(),
        };
        let mut schedule = Schedule::new(order);
        assert_eq!(started(&mut schedule), [0, 2]);
        schedule.passed(0);
        assert_eq!(started(&mut schedule), [1]);
        schedule.did_not_pass(1);
        assert_eq!(started(&mut schedule), [3]);
    }

    /// Whatever the groups, every step gets its turn, and no bound is passed.
    #[test]
    fn steps_of_several_groups_never_wait_for_each_other_for_ever() {
        for seed in 0..200_usize {
            let member = |step: usize, group: usize| (step * 7 + group * 13 + seed).is_multiple_of(3);
            let groups: Vec<Vec<usize>> =
                (0..24).map(|step| (0..3).filter(|&group| member(step, group)).collect()).collect();
            let bounds = vec![1 + seed % 2, 1, 2];
            let order = Order {
                needs: vec![vec![]; 24],
                always: vec![false; 24],
                groups: groups.clone(),
                bounds: bounds.clone(),
                jobs: 1 + seed % 5,
                ranks: (0..24).collect(),
            };
            let mut schedule = Schedule::new(order);
            let (mut flying, mut done) = (Vec::new(), 0);
            loop {
                flying.extend(started(&mut schedule));
                for (group, bound) in bounds.iter().enumerate() {
                    let busy = flying.iter().filter(|&&step: &&usize| groups[step].contains(&group)).count();
                    assert!(busy <= *bound, "seed {seed}");
                }
                if flying.is_empty() {
                    break;
                }
                schedule.passed(flying.remove(seed % flying.len()));
                done += 1;
            }
            assert_eq!(done, 24, "seed {seed}");
        }
    }
}
