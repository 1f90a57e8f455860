//! Suites on disk, rendered: what goes out, and what is said at which place.

mod client;
mod messages;
mod problems;
mod signing;

use std::sync::Arc;

use chrono::DateTime;
use indexmap::IndexMap;
use serde_json::Value;

use super::{Party, Rendered, Scope, Step, party, render};
use crate::clock::{Clock, Ids};
use crate::diag::Diagnostic;
use crate::files::{Existing, Mode, Root, write};
use crate::load::{Suite, load};
use crate::message::Answer;
use crate::secret::Redactor;
use crate::sign::Signer;
use crate::spec::Given;
use crate::template::{Engine, Functions, Programs};

pub(super) const ENVIRONMENT: &str = "host: https://bank.example/base/\n";

/// A suite with one request `pay` and one environment `e`.
pub(super) struct Desk {
    folder: tempfile::TempDir,
    pub(super) suite: Suite,
    pub(super) scope: Option<Scope>,
    pub(super) given: Vec<Given>,
    pub(super) signers: Vec<Arc<Signer>>,
}

impl Desk {
    pub(super) fn new(request: &str) -> Self {
        Self::with(request, ENVIRONMENT)
    }

    pub(super) fn with(request: &str, environment: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("requests/pay.yaml", request),
            ("requests/environments/e.yaml", environment),
            (
                "requests/token.yaml",
                "method: POST\nendpoint: /token\ncapture: {access_token: $.access_token}\n",
            ),
            ("bodies/a.json", "{ \"as\":  \"it is\" }\n"),
        ];
        for (path, text) in files {
            write(&folder.path().join(path), text.as_bytes(), Mode::Shared, Existing::Replace).unwrap();
        }
        let suite = load(Root::open(folder.path()).unwrap()).unwrap_or_else(|problems| panic!("{problems}"));
        Self { folder, suite, scope: None, given: Vec::new(), signers: Vec::new() }
    }

    pub(super) fn engine(&self) -> Engine {
        Engine::new(&Functions {
            environment: Arc::default(),
            clock: Clock::Fixed(DateTime::from_timestamp(1_700_553_545, 0).unwrap()),
            ids: Ids::seeded(7),
            root: Root::open(self.folder.path()).unwrap(),
            redactor: Redactor::default(),
            programs: Programs::default(),
        })
    }

    pub(super) fn party(&self) -> Result<Party, Vec<Diagnostic>> {
        party(&self.suite, "e", &self.engine(), &self.given)
    }

    /// Lets `token` have captured this, with an answer.
    pub(super) fn after_token(mut self, captures: &Value, answer: Option<&Answer>) -> Self {
        let captures: IndexMap<String, Value> =
            captures.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        self.scope = Some(self.party().unwrap().scope.with_captures("token", &captures, answer));
        self
    }

    pub(super) fn render(&self) -> Result<Rendered, Vec<Diagnostic>> {
        let party = self.party()?;
        let scope = self.scope.clone().unwrap_or_else(|| party.scope.clone());
        let step = Step {
            request: &self.suite.requests["pay"],
            case: None,
            party: &party,
            signers: &self.signers,
            onward: crate::render::Onward::default(),
        };
        render(&self.suite, step, &scope, &self.engine())
    }

    /// What goes out: request line, host, header fields, body.
    pub(super) fn sent(&self) -> String {
        let rendered = self.render().unwrap_or_else(|problems| panic!("{}", self.show(&problems)));
        let message = rendered.message;
        let headers: Vec<String> =
            message.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let body = String::from_utf8(message.body.to_vec()).unwrap();
        format!("{} {} {}\n{}\n{body}", message.method, message.target(), message.host(), headers.concat())
    }

    /// The problems, each as `file:line:column: code: message | label | help`, with the bytes at
    /// the place.
    pub(super) fn problems(&self) -> Vec<String> {
        let problems = self.render().map(|_| self.sent()).expect_err("it is rendered");
        problems.iter().map(|problem| self.line(problem)).collect()
    }

    fn line(&self, problem: &Diagnostic) -> String {
        let sources = &self.suite.sources;
        let place = problem.labels.first().map(|label| {
            let position = sources.position(label.span);
            format!(
                "{}:{}:{} ‘{}’",
                sources.path(label.span.source).display(),
                position.line,
                position.column,
                sources.slice(label.span)
            )
        });
        let label = problem.labels.first().map(|label| label.text.clone()).filter(|text| !text.is_empty());
        let parts: Vec<String> = [Some(problem.message.clone()), label]
            .into_iter()
            .flatten()
            .chain(problem.help.clone())
            .collect();
        format!("{} {}: {}", place.unwrap_or_default(), problem.code, parts.join(" | "))
    }

    fn show(&self, problems: &[Diagnostic]) -> String {
        crate::diag::render(problems, &self.suite.sources, false)
    }
}
