//! Order and cycles of a dependency graph. Pure: nodes are numbers, so that it can be tested
//! without a suite.
//!
//! Written by hand because a cycle is shown to the user with its whole path, in the order in
//! which the requests need each other; graph crates answer with one node of it.

/// A graph in which node `n` needs the nodes `needs[n]`.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    needs: Vec<Vec<usize>>,
}

impl Graph {
    pub(super) fn new(needs: Vec<Vec<usize>>) -> Self {
        Self { needs }
    }

    /// The nodes, needed ones first; among those that are free to run, the lowest first.
    /// A cycle instead, when there is one: each node needs the next, the last needs the first.
    pub(super) fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        let mut waiting: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let needed_by = self.needed_by();
        let mut free: std::collections::BTreeSet<usize> =
            (0..self.needs.len()).filter(|&node| waiting[node] == 0).collect();
        let mut order = Vec::with_capacity(self.needs.len());
        while let Some(node) = free.pop_first() {
            order.push(node);
            for &dependent in &needed_by[node] {
                waiting[dependent] -= 1;
                if waiting[dependent] == 0 {
                    free.insert(dependent);
                }
            }
        }
        if order.len() == self.needs.len() { Ok(order) } else { Err(self.cycle(&waiting)) }
    }

    fn needed_by(&self) -> Vec<Vec<usize>> {
        let mut needed_by = vec![Vec::new(); self.needs.len()];
        for (node, needs) in self.needs.iter().enumerate() {
            for &need in needs {
                needed_by[need].push(node);
            }
        }
        needed_by
    }

    /// Walks from a node that never became free to another such one until a node comes again.
    fn cycle(&self, waiting: &[usize]) -> Vec<usize> {
        let stuck = |node: &usize| waiting[*node] > 0;
        let mut path: Vec<usize> = Vec::new();
        let mut node = (0..self.needs.len()).find(stuck).expect("a node is stuck, or the order is complete");
        while !path.contains(&node) {
            path.push(node);
            node =
                *self.needs[node].iter().find(|need| stuck(need)).expect("a stuck node needs a stuck node");
        }
        let start = path.iter().position(|&visited| visited == node).expect("the walk came back to it");
        let mut cycle = path.split_off(start);
        let lowest = cycle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(place, _)| place);
        cycle.rotate_left(lowest);
        cycle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(needs: &[&[usize]]) -> Result<Vec<usize>, Vec<usize>> {
        Graph::new(needs.iter().map(|needs| needs.to_vec()).collect()).order()
    }

    #[test]
    fn what_is_needed_comes_first_and_ties_follow_the_files() {
        assert_eq!(order(&[&[1], &[], &[1, 0]]), Ok(vec![1, 0, 2]));
        assert_eq!(order(&[&[3], &[3], &[], &[]]), Ok(vec![2, 3, 0, 1]));
        assert_eq!(order(&[]), Ok(vec![]));
    }

    #[test]
    fn a_cycle_is_told_whole_and_without_what_only_leads_to_it() {
        assert_eq!(order(&[&[0]]), Err(vec![0]));
        assert_eq!(order(&[&[1], &[0]]), Err(vec![0, 1]));
        assert_eq!(order(&[&[1], &[2], &[3], &[1], &[]]), Err(vec![1, 2, 3]));
    }

    #[test]
    fn a_chain_of_ten_thousand_needs_no_deep_stack() {
        let chain: Vec<Vec<usize>> =
            (0..10_000_usize).map(|node| node.checked_sub(1).into_iter().collect()).collect();
        assert_eq!(Graph::new(chain.clone()).order(), Ok((0..10_000).collect()));
        let mut circle = chain;
        circle[0] = vec![9_999];
        assert_eq!(Graph::new(circle).order().unwrap_err().len(), 10_000);
    }
}
