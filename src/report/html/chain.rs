//! Who needs whom, drawn. Of a large plan only what is around failures: what did not pass, all
//! that it needs, and what was skipped because of it.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use serde::Serialize;

use super::layers::{Layers, Places};
use super::outline::{Link, Outline, Verdict};
use super::shown::Shown;
use crate::report::words;

/// Most steps that a reader can follow in one drawing.
const MOST: usize = 60;
/// Most characters of a name in its box.
const NAME: usize = 25;
const WIDTH: f64 = 196.0;
const BOX: f64 = 34.0;
const BETWEEN: f64 = 56.0;
const ROW: f64 = 44.0;
const MARGIN: f64 = 6.0;

/// The drawing.
#[derive(Debug, Serialize)]
pub(super) struct Chain {
    width: String,
    height: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// What is not in it, and why.
    left_out: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Node {
    x: String,
    y: String,
    link: Link,
    short: Shown,
    needs: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Edge {
    path: String,
    /// Whether what is needed did not pass.
    is_broken: bool,
}

impl Chain {
    /// `None` when no step needs another.
    pub(super) fn of(outline: &Outline<'_>) -> Option<Self> {
        let is_connected =
            |step: &usize| !outline.needs(*step).is_empty() || !outline.needed_by(*step).is_empty();
        let connected: BTreeSet<usize> = (0..outline.steps.len()).filter(is_connected).collect();
        if connected.is_empty() {
            return None;
        }
        let alone = outline.steps.len() - connected.len();
        let drawn = if connected.len() > MOST { around_failures(outline) } else { connected.clone() };
        let mut chain = draw(&drawn, outline);
        if drawn.len() < connected.len() {
            let around = if drawn.is_empty() { "" } else { ": what is around failures" };
            let total = outline.steps.len();
            chain.left_out.insert(0, format!("{} of {total} steps are drawn{around}.", drawn.len()));
        } else if alone > 0 {
            let steps = words::count(alone, "step");
            chain.left_out.insert(0, format!("Not drawn: {steps} without needs that no other needs."));
        }
        Some(chain)
    }
}

/// What did not pass with all that it needs, then what was skipped, as far as it can be followed.
fn around_failures(outline: &Outline<'_>) -> BTreeSet<usize> {
    let steps = 0..outline.steps.len();
    let of = |wanted: fn(Verdict) -> bool| steps.clone().filter(move |&step| wanted(outline.verdict(step)));
    let mut drawn = BTreeSet::new();
    for step in of(Verdict::is_bad).chain(of(|verdict| verdict == Verdict::Skipped)) {
        let mut with = drawn.clone();
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            if with.len() <= MOST && with.insert(step) {
                open.extend(outline.needs(step));
            }
        }
        if with.len() > MOST {
            continue;
        }
        drawn = with;
    }
    drawn
}

fn draw(drawn: &BTreeSet<usize>, outline: &Outline<'_>) -> Chain {
    let place_of: HashMap<usize, usize> =
        drawn.iter().enumerate().map(|(place, &step)| (step, place)).collect();
    let needs = |step: &usize| -> Vec<usize> {
        outline.needs(*step).iter().filter_map(|needed| place_of.get(needed)).copied().collect()
    };
    let needs: Vec<Vec<usize>> = drawn.iter().map(needs).collect();
    let direct = direct(&needs);
    let is_shorter = needs.iter().flatten().count() > direct.iter().flatten().count();
    let places = Layers::of(&direct).placed();
    let node = |(place, &step): (usize, &usize)| {
        let (x, y) = corner(places.at[place]);
        Node {
            x: number(x),
            y: number(y),
            link: outline.link(step),
            short: Shown::cut(&outline.steps[step].name, NAME),
            needs: outline.needs(step).iter().map(|&needed| outline.link(needed).name).collect(),
        }
    };
    let steps: Vec<usize> = drawn.iter().copied().collect();
    let edge = |edge: &Vec<usize>| Edge {
        path: path(edge, &places),
        is_broken: outline.verdict(steps[edge[0]]) != Verdict::Passed,
    };
    Chain {
        nodes: drawn.iter().enumerate().map(node).collect(),
        edges: places.edges.iter().map(edge).collect(),
        width: number(corner((places.layers, 0.0)).0 - BETWEEN + MARGIN),
        height: number(places.height * ROW + 2.0 * MARGIN),
        left_out: is_shorter
            .then(|| "A line is left out where others lead the same way.".to_owned())
            .into_iter()
            .collect(),
    }
}

/// Without what is needed through another need anyway: a token that all need is drawn where it is
/// needed first.
fn direct(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut reached: Vec<BTreeSet<usize>> = Vec::with_capacity(needs.len());
    let mut direct = Vec::with_capacity(needs.len());
    for needed in needs {
        let through: BTreeSet<usize> =
            needed.iter().flat_map(|&other| reached[other].iter().copied()).collect();
        direct.push(needed.iter().copied().filter(|other| !through.contains(other)).collect());
        reached.push(needed.iter().copied().chain(through).collect());
    }
    direct
}

/// The upper left corner of a box.
fn corner((layer, middle): (usize, f64)) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss, reason = "there are at most 60 layers")]
    let layer = layer as f64;
    (MARGIN + layer * (WIDTH + BETWEEN), MARGIN + middle * ROW - BOX / 2.0)
}

/// From the right side of one box to the left side of another, straight where it passes a layer.
fn path(edge: &[usize], places: &Places) -> String {
    let mut path = String::new();
    for pair in edge.windows(2) {
        let [(x, y), (to_x, to_y)] = [corner(places.at[pair[0]]), corner(places.at[pair[1]])];
        let (x, y, to_y) = (x + WIDTH, y + BOX / 2.0, to_y + BOX / 2.0);
        let bend = x.midpoint(to_x);
        let start = if path.is_empty() { 'M' } else { 'L' };
        let [x, y, to_x, to_y, bend] = [x, y, to_x, to_y, bend].map(number);
        // Writing to a string does not fail.
        let _ = write!(path, "{start}{x} {y}C{bend} {y} {bend} {to_y} {to_x} {to_y}");
    }
    path
}

fn number(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_through_another_is_not_drawn_twice() {
        let needs = [vec![], vec![0], vec![0, 1], vec![0, 2], vec![0]];
        assert_eq!(direct(&needs), [vec![], vec![0], vec![1], vec![2], vec![0]]);
    }
}
