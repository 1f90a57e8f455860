//! When each step ran, and what of that time was which part of its exchange.

use serde::Serialize;

use super::exchange::{parts, time};
use super::outline::{Link, Outline};
use crate::report::record::{Status, StepFinished, Tree};

/// Every step on the time of the run.
#[derive(Debug, Serialize)]
pub(super) struct Waterfall {
    ticks: Vec<Tick>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Tick {
    /// In percent.
    x: String,
    anchor: &'static str,
    time: String,
}

#[derive(Debug, Serialize)]
struct Row {
    link: Link,
    /// Both `None` for what was never tried.
    started: Option<String>,
    duration: Option<String>,
    bars: Vec<Bar>,
}

/// A piece of time.
#[derive(Debug, PartialEq, Serialize)]
struct Bar {
    class: &'static str,
    /// In percent, both.
    x: String,
    width: String,
}

impl Waterfall {
    pub(super) fn of(tree: &Tree, outline: &Outline<'_>) -> Self {
        let ends = tree.steps.iter().map(|step| step.started_ms + step.duration_ms);
        let whole = tree.finished.as_ref().map_or(0.0, |finished| finished.duration_ms);
        let whole = ends.fold(whole, f64::max).max(0.001);
        let row = |index: usize| {
            let end = outline.end(index)?;
            let tried = Some(end).filter(|end| end.status != Status::Skipped);
            Some(Row {
                link: outline.link(index),
                started: tried.map(|end| time(end.started_ms)),
                duration: tried.map(|end| time(end.duration_ms)),
                bars: tried.map(|end| bars(end, whole)).unwrap_or_default(),
            })
        };
        Self { ticks: ticks(whole), rows: (0..outline.steps.len()).filter_map(row).collect() }
    }
}

fn ticks(whole: f64) -> Vec<Tick> {
    let tick = |(part, anchor): (f64, &'static str)| Tick {
        x: percent(part, 1.0),
        anchor,
        time: time(whole * part),
    };
    [(0.0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1.0, "end")].map(tick).into()
}

/// The step, and over it the parts of its last exchange, which ends with it but for the judging.
fn bars(step: &StepFinished, whole: f64) -> Vec<Bar> {
    let bar = |class, start: f64, length: f64| Bar {
        class,
        x: percent(start, whole),
        width: percent(length, whole),
    };
    let mut bars = vec![bar("own", step.started_ms, step.duration_ms)];
    let Some(phases) = &step.phases else { return bars };
    let mut start = (step.started_ms + step.duration_ms - phases.total_ms).max(step.started_ms);
    for part in parts(phases) {
        if part.ms > 0.0 {
            bars.push(bar(part.class, start, part.ms));
        }
        start += part.ms;
    }
    bars
}

fn percent(part: f64, whole: f64) -> String {
    let share = (part / whole * 100.0).clamp(0.0, 100.0);
    format!("{share:.2}%")
}
