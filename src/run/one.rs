//! One step by itself, after what it needs: as it would be sent, or its answers to being sent twice.

use std::sync::Arc;

use super::Running;
use super::attempts::Turn;
use super::journey::{self, Start};
use super::prepare::Prepared;
use super::rest::Rests;
use crate::limits;
use crate::render::Scope;
use crate::report::{Event, Status, StepResult, Summary};

/// Carries out the steps before `step`, which must be the last of the plan, and gives the scope
/// in which it would run, and its turn; the summary instead when one that it needs did not pass.
pub async fn gather(
    prepared: Arc<Prepared>,
    step: usize,
    tell: &mut (dyn FnMut(Event<'_>) + '_),
) -> Result<(Scope, Turn), Summary> {
    let mut running = Running::before(prepared, step, tell).await?;
    let scope = running.scope_of(step)?;
    Ok((scope, Turn::first(running.nonces.clone(), running.cookies(step))))
}

/// Carries out the steps before `step`, which must be the last of the plan, once, and then the step
/// itself twice, each time rendered and signed anew. The second follows late enough for a time
/// in whole seconds to be another one. Snapshots are left alone.
///
/// Gives both results where both passed; the summary instead when something did not.
pub async fn twice(
    prepared: Arc<Prepared>,
    step: usize,
    tell: &mut (dyn FnMut(Event<'_>) + '_),
) -> Result<[StepResult; 2], Summary> {
    let mut running = Running::before(prepared, step, tell).await?;
    let first = running.alone(step, 0).await?;
    tokio::time::sleep(limits::BETWEEN_ANSWERS).await;
    let second = running.alone(step, first.attempts()).await?;
    Ok([first, second])
}

impl<'a> Running<'a> {
    /// Carries out every step before `step`.
    async fn before(
        prepared: Arc<Prepared>,
        step: usize,
        tell: &'a mut (dyn FnMut(Event<'_>) + 'a),
    ) -> Result<Self, Summary> {
        let mut running = Self::new(prepared, step, tell);
        running.compares = false;
        running.drain().await;
        if running.lacks(step).is_some() { Err(running.summary) } else { Ok(running) }
    }

    fn scope_of(&mut self, step: usize) -> Result<Scope, Summary> {
        self.inherit(step).map_err(|problems| {
            let problems = self.stop(step).rendering(problems);
            let result = self.without_exchange(step, Status::Error, problems);
            self.give_up_on(result)
        })
    }

    /// Carries out a step whose needs have ended, and that was sent so often `before`.
    async fn alone(&mut self, step: usize, before: usize) -> Result<StepResult, Summary> {
        let scope = self.scope_of(step)?;
        let rests = Rests::without_place();
        let start = Start { alone: Some(before), rests, ..self.start(step, scope) };
        let ended = journey::carry_out(Arc::clone(&self.prepared), start).await;
        self.nonces.learn(ended.nonces);
        if ended.passed { Ok(ended.result) } else { Err(self.give_up_on(ended.result)) }
    }

    /// Tells of the last step, which did not pass.
    fn give_up_on(&mut self, result: StepResult) -> Summary {
        self.untold.insert(result.index, result);
        self.tell_in_order();
        std::mem::take(&mut self.summary)
    }
}
