//! The messages of a step, one after the other, until one answer is the one that is judged.

use std::time::Duration;

use super::Surroundings;
use super::attempts::{Asking, Turn};
use super::journey::Journey;
use super::secrets;
use crate::limits;
use crate::render::{Rendered, Scope};
use crate::report::{Earlier, Problem, StepResult};
use crate::send::Exchange;
use crate::sign::{SignedMessage, Tamper};

impl Journey<'_> {
    /// Sends the message, and again for as long as something asks for it.
    pub(super) async fn attempts(
        &self,
        scope: &Scope,
        turn: &mut Turn,
        result: &mut StepResult,
    ) -> Result<(Rendered, Exchange), Vec<Problem>> {
        loop {
            let (rendered, signed) = self.message(scope, turn).await?;
            let replay = signed.tampered().contains(&Tamper::Replay).then(|| signed.clone());
            let exchange = self.send(&rendered, signed, turn).await;
            if self.wants_token(&rendered, &exchange) {
                return Ok((rendered, exchange));
            }
            let again = match turn.again(&self.asking(turn, &rendered), &exchange) {
                Ok(again) => again,
                Err(refused) => {
                    result.exchange = Some(exchange);
                    return Err(vec![self.stop().redirect(&refused)]);
                }
            };
            let Some(again) = again else {
                let (Some(signed), Ok(_)) = (replay, &exchange.answer) else {
                    return Ok((rendered, exchange));
                };
                self.keep(
                    Earlier { exchange, why: "`tamper: replay` asks for it".into(), token: false },
                    result,
                );
                // The answer to a replay is the answer, whatever it asks for.
                let exchange = self.send(&rendered, signed, turn).await;
                return Ok((rendered, exchange));
            };
            self.keep(Earlier { exchange, why: again.why, token: false }, result);
            // A run that is interrupted ends here.
            self.rests.rest(again.wait).await;
        }
    }

    /// Keeps an attempt for the reports. One that asks until something holds may ask for hours: of
    /// those before the last only a few are kept.
    fn keep(&self, earlier: Earlier, result: &mut StepResult) {
        result.earlier.push(earlier);
        if self.request().until.is_some() && result.earlier.len() > limits::POLLS_KEPT {
            let dropped = result.earlier.remove(0);
            secrets::forget_signature(&self.prepared.surroundings.redactor, &dropped.exchange.signed);
            result.unkept += 1;
        }
    }

    /// One exchange; what it teaches is kept before anybody tells of it.
    async fn send(&self, rendered: &Rendered, signed: SignedMessage, turn: &mut Turn) -> Exchange {
        let redactor = &self.prepared.surroundings.redactor;
        secrets::remember_signature(redactor, &signed);
        let exchange = self.prepared.transport(self.index, rendered).send(signed, self.timeout(turn)).await;
        if let Ok(answer) = &exchange.answer {
            secrets::remember_answer(redactor, answer);
            if rendered.own_origin {
                let now = self.prepared.surroundings.clock.now();
                turn.jar.learn(&exchange.signed.message().url, &answer.headers, now);
            }
        }
        turn.note(&self.prepared.party(self.index).environment, &exchange);
        exchange
    }

    fn asking<'s>(&'s self, turn: &Turn, rendered: &'s Rendered) -> Asking<'s> {
        let Surroundings { clock, ids, redactor, .. } = &self.prepared.surroundings;
        let name = turn.name(&self.prepared.sequence(self.index));
        Asking {
            request: self.request(),
            retry: self.request().retry.as_ref().or(self.prepared.party(self.index).retry.as_ref()),
            redirects: self.request().redirects.unwrap_or_default(),
            awaited: rendered.until.as_ref().map(|awaited| (awaited, redactor)),
            now: clock.now(),
            chance: ids.named(&format!("{name}/delay")),
        }
    }

    /// How long the exchange may take; a chain of redirects has one time for all of it.
    fn timeout(&self, turn: &Turn) -> Duration {
        let party = self.prepared.party(self.index);
        let whole = self.request().timeout.or(party.timeout).unwrap_or(limits::EXCHANGE_TIMEOUT);
        whole.saturating_sub(turn.spent).max(Duration::from_millis(1))
    }
}
