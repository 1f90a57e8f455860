//! One message of a step, from its templates to its signature: filled, then the client told of and
//! its key proved, then signed, since a signature covers all of that.

use std::sync::Arc;

use super::clients::StepClient;
use super::nonces::Nonces;
use crate::diag::Diagnostic;
use crate::load::Suite;
use crate::message::Message;
use crate::render::{self, Rendered, Scope};
use crate::sign::{
    Authenticator, Before, ClientMethod, Jwt, Making, Proof, SignError, SignedMessage, authenticate, prove,
    tamper,
};
use crate::template::Engine;

/// Why a message could not be made.
#[derive(Debug)]
pub enum Failure {
    /// A template could not be filled.
    Rendering(Vec<Diagnostic>),
    /// It can't say who the client is, or prove a key, as it is asked to.
    Client(SignError),
    /// It can't be signed as a profile asks.
    Signing {
        /// Why not.
        error: SignError,
        /// Which of its profiles, from 0.
        index: usize,
    },
}

/// How a message is made, beside its templates.
pub(super) struct How<'a> {
    pub(super) client: &'a StepClient,
    pub(super) nonces: &'a Nonces,
    pub(super) making: Making,
}

impl How<'_> {
    /// Says in the message who the client is, and proves what its token is bound to.
    pub(super) fn tokens(
        &self,
        message: &mut Message,
        client: &render::Client,
        environment: &str,
    ) -> Result<Vec<Jwt>, SignError> {
        let mut tokens = Vec::new();
        if let (Some(authenticator), Some(filled)) = (&self.client.authenticator, &client.authentication) {
            tokens.extend(authenticate(message, authenticator, filled, self.making)?);
        }
        if let (Some(prover), Some(proof)) = (&self.client.prover, &client.proof) {
            let nonce = self.nonces.of(environment, &message.url).map(str::to_owned);
            tokens.push(prove(message, prover, &Proof { nonce, ..proof.clone() }, self.making)?);
        }
        Ok(tokens)
    }
}

impl StepClient {
    /// Why a message can't be signed; where the client's secret is in the way, that is named, since
    /// the request does not show it.
    fn failure(&self, error: SignError, index: usize) -> Failure {
        let is_basic = |client: &Arc<Authenticator>| client.method() == ClientMethod::Basic;
        match error {
            SignError::Taken { header }
                if header.eq_ignore_ascii_case("authorization")
                    && self.authenticator.as_ref().is_some_and(is_basic) =>
            {
                let help =
                    "send the secret in the form, `client_authentication: {body: …}`, or say `sign: false`";
                Failure::Client(SignError::Unsignable {
                    message: format!("the signature goes into `{header}`, and so does the client's secret"),
                    help: Some(help.into()),
                })
            }
            error => Failure::Signing { error, index },
        }
    }
}

/// Renders a message and has it signed.
pub(super) fn compose(
    suite: &Suite,
    step: render::Step<'_>,
    scope: &Scope,
    engine: &Engine,
    how: &How<'_>,
) -> Result<(Rendered, SignedMessage), Failure> {
    let (signers, environment) = (step.signers, &step.party.environment);
    let rendered = render::render(suite, step, scope, engine).map_err(Failure::Rendering)?;
    let mut message = rendered.message.clone();
    let tokens = how.tokens(&mut message, &rendered.client, environment).map_err(Failure::Client)?;
    let unsigned = message.clone();
    let mut signed = SignedMessage::unsigned(message);
    for (index, (signer, filled)) in signers.iter().zip(&rendered.signing).enumerate() {
        signed = signed
            .and_signed(signer, filled, how.making)
            .map_err(|error| how.client.failure(error, index))?;
    }
    let tampers = &step.request.tamper;
    let signing = signers.first().map(|signer| &**signer).zip(rendered.signing.first());
    let before = Before { message: &unsigned, signing, at: how.making.at };
    let signed = tamper(signed.with_tokens(tokens), tampers, before)
        .map_err(|error| Failure::Signing { error, index: 0 })?;
    Ok((rendered, signed))
}
