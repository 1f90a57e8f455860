//! What becomes of a run, step by step.

use crate::diag::Class;
use crate::report::{Status, StepResult, Summary};
use crate::snapshot::Comparison;

/// Counts a step that ended.
pub(super) fn count(summary: &mut Summary, result: &StepResult) {
    match result.status {
        Status::Passed => summary.passed += 1,
        Status::Failed => summary.failed += 1,
        Status::Error => summary.errors += 1,
        Status::Skipped => summary.skipped += 1,
    }
    summary.flaky += usize::from(result.flaky);
    for contract in &mut summary.contracts {
        result.reached.iter().for_each(|reached| contract.note(reached));
    }
    let pending = result.snapshot.as_ref().is_some_and(|snapshot| {
        matches!(
            snapshot.comparison,
            Comparison::New { pending: true, .. } | Comparison::Mismatch { pending: true, .. }
        )
    });
    summary.pending += usize::from(pending);
    let classes = result.problems.iter().map(|problem| problem.code.class());
    // What is skipped on purpose is no failure.
    let strongest: Option<Class> = classes.filter(|class| *class != Class::Nothing).max();
    summary.class = summary.class.max(strongest);
}
