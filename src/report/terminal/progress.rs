//! The line that lives while a run does: what is done, what is on its way, for how long.
//!
//! It stands on standard error and is gone while anything else is written, so that the result on
//! standard output is the same whether somebody watches or not.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::super::event::{Status, StepResult};
use super::super::{escape, words};

/// How often the line is drawn while nothing happens: time goes on.
const BEAT: Duration = Duration::from_millis(100);
/// No pace is told before.
const SETTLED: Duration = Duration::from_secs(1);

/// The live line.
pub(super) struct Progress {
    bar: ProgressBar,
    running: Vec<(usize, String)>,
}

impl Progress {
    pub(super) fn new(target: ProgressDrawTarget) -> Self {
        let time = |state: &ProgressState, text: &mut dyn Write| {
            // Nobody misses what can't be written to a line that lives for a moment.
            let _ = text.write_str(&words::time(state.elapsed()));
        };
        let pace = |state: &ProgressState, text: &mut dyn Write| {
            if state.pos() > 0 && state.elapsed() >= SETTLED {
                let _ = text.write_str(&pace(state.per_sec(), state.eta()));
            }
        };
        let style = ProgressStyle::with_template("  {pos}/{len}  {time}{pace}  {wide_msg}");
        let style = style.expect("the template is ours").with_key("time", time).with_key("pace", pace);
        Self { bar: ProgressBar::with_draw_target(None, target).with_style(style), running: Vec::new() }
    }

    pub(super) fn expect(&self, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.enable_steady_tick(BEAT);
    }

    /// `mask` takes the secrets out of every name.
    pub(super) fn started(&mut self, index: usize, name: String, mask: impl Fn(&str) -> String) {
        self.running.push((index, name));
        self.name(mask);
    }

    pub(super) fn ended(&mut self, index: usize, mask: impl Fn(&str) -> String) {
        self.running.retain(|(running, _)| *running != index);
        self.name(mask);
        self.bar.inc(1);
    }

    /// One that never began has ended, too.
    pub(super) fn told(&self, result: &StepResult) {
        if result.status == Status::Skipped {
            self.bar.inc(1);
        }
    }

    /// Takes the line away for good.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// What takes the line away while something else is written.
    pub(super) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    fn name(&self, mask: impl Fn(&str) -> String) {
        let names: Vec<&str> = self.running.iter().map(|(_, name)| name.as_str()).collect();
        self.bar.set_message(escape::line(&mask(&names.join(", "))).into_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// How many end in a second, and how long the rest will take.
fn pace(rate: f64, left: Duration) -> String {
    let digits = usize::from(rate < 10.0);
    format!("  {rate:.digits$}/s  {} left", words::time(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_pace_is_told_finer_than_a_fast_one() {
        assert_eq!(pace(2.5, Duration::from_secs(2)), "  2.5/s  2.0 s left");
        assert_eq!(pace(100.0, Duration::ZERO), "  100/s  0 ms left");
    }
}
