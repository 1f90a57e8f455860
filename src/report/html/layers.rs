//! Places for the drawing of a graph: in layers from left to right, each node right of everything
//! that it needs, with few crossings. An edge over several layers gets a place in each of them, so
//! that it runs between the nodes and not across.

/// A graph to draw. Nodes are numbers from 0; what a node needs has a smaller number.
#[derive(Debug)]
pub(super) struct Layers {
    /// Of each layer from top to bottom.
    order: Vec<Vec<usize>>,
    /// Both ways, for nodes and for the places of edges, which are numbered after the nodes.
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    nodes: usize,
    /// The places of each edge, from its node on the left to that on the right.
    edges: Vec<Vec<usize>>,
}

/// Where everything is, in layers and in heights of a node.
#[derive(Debug, PartialEq)]
pub(super) struct Places {
    /// Of each node, then of each place of an edge: its layer, and its middle from the top.
    pub(super) at: Vec<(usize, f64)>,
    pub(super) edges: Vec<Vec<usize>>,
    pub(super) layers: usize,
    pub(super) height: f64,
}

/// How often the order is improved, to the right and back.
const SWEEPS: usize = 4;
/// The height of the place of an edge, where a node has 1.
const EDGE: f64 = 0.4;

impl Layers {
    pub(super) fn of(needs: &[Vec<usize>]) -> Self {
        let nodes = needs.len();
        let mut layer_of: Vec<usize> = Vec::with_capacity(nodes);
        for needed in needs {
            layer_of.push(needed.iter().map(|&node| layer_of[node] + 1).max().unwrap_or(0));
        }
        let mut layers = vec![Vec::new(); layer_of.iter().max().map_or(0, |last| last + 1)];
        layer_of.iter().enumerate().for_each(|(node, &layer)| layers[layer].push(node));
        let (before, after) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
        let mut made = Self { order: layers, before, after, nodes, edges: Vec::new() };
        for (node, needed) in needs.iter().enumerate() {
            for &from in needed {
                made.edge(from, node, layer_of[from] + 1..layer_of[node]);
            }
        }
        made
    }

    fn edge(&mut self, from: usize, to: usize, between: std::ops::Range<usize>) {
        let mut path = vec![from];
        for layer in between {
            let place = self.before.len();
            self.order[layer].push(place);
            self.before.push(Vec::new());
            self.after.push(Vec::new());
            path.push(place);
        }
        path.push(to);
        for pair in path.windows(2) {
            self.after[pair[0]].push(pair[1]);
            self.before[pair[1]].push(pair[0]);
        }
        self.edges.push(path);
    }

    /// Every place, after the order of each layer was improved.
    pub(super) fn placed(mut self) -> Places {
        for _ in 0..SWEEPS {
            for layer in 1..self.order.len() {
                self.sort(layer, layer - 1, |layers| &layers.before);
            }
            for layer in (1..self.order.len()).rev() {
                self.sort(layer - 1, layer, |layers| &layers.after);
            }
        }
        let height = |place: &usize| if *place < self.nodes { 1.0 } else { EDGE };
        let tallest = |layer: &Vec<usize>| layer.iter().map(height).sum::<f64>();
        let whole = self.order.iter().map(tallest).fold(0.0, f64::max);
        let mut at = vec![(0, 0.0); self.before.len()];
        for (number, layer) in self.order.iter().enumerate() {
            let mut top = (whole - tallest(layer)) / 2.0;
            for place in layer {
                at[*place] = (number, top + height(place) / 2.0);
                top += height(place);
            }
        }
        Places { at, layers: self.order.len(), edges: self.edges, height: whole }
    }

    /// Orders a layer by where its neighbours stand in the one beside it.
    fn sort(&mut self, layer: usize, beside: usize, neighbours: fn(&Self) -> &Vec<Vec<usize>>) {
        let mut rank = vec![0.0; self.before.len()];
        for number in [beside, layer] {
            let mut count = 0.0;
            for &place in &self.order[number] {
                rank[place] = count;
                count += 1.0;
            }
        }
        let middle = |place: usize| {
            let near = &neighbours(self)[place];
            let mut number = 0.0;
            let sum = near.iter().fold(0.0, |sum, &other| {
                number += 1.0;
                sum + rank[other]
            });
            if near.is_empty() { rank[place] } else { sum / number }
        };
        let mut ordered: Vec<(f64, usize)> =
            self.order[layer].iter().map(|&place| (middle(place), place)).collect();
        ordered.sort_by(|left, right| left.0.total_cmp(&right.0));
        self.order[layer] = ordered.into_iter().map(|(_, place)| place).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(needs: &[&[usize]]) -> Places {
        Layers::of(&needs.iter().map(|needs| needs.to_vec()).collect::<Vec<_>>()).placed()
    }

    #[test]
    fn a_node_is_right_of_everything_that_it_needs() {
        let places = placed(&[&[], &[0], &[1], &[0, 2], &[]]);
        let layers: Vec<usize> = places.at.iter().take(5).map(|at| at.0).collect();
        assert_eq!(layers, [0, 1, 2, 3, 0]);
        assert_eq!(places.layers, 4);
        assert!(placed(&[]).height < 0.1);
    }

    #[test]
    fn an_edge_over_several_layers_has_a_place_in_each() {
        let places = placed(&[&[], &[0], &[1], &[0, 2]]);
        let long = places.edges.iter().find(|edge| edge.len() > 2).unwrap();
        assert_eq!((long[0], long[3], long.len()), (0, 3, 4));
        assert_eq!([places.at[long[1]].0, places.at[long[2]].0], [1, 2]);
        let apart = (places.at[long[1]].1 - places.at[1].1).abs();
        assert!(apart > 0.5, "it does not run across the node");
    }

    #[test]
    fn edges_that_need_not_cross_do_not() {
        // 0 → 3, 1 → 2: in the order of the plan they would.
        let places = placed(&[&[], &[], &[1], &[0]]);
        let y = |node: usize| places.at[node].1;
        assert_eq!(y(0) < y(1), y(3) < y(2));
    }
}
