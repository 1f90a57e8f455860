//! One request and what it needs, planned and prepared: for commands that look at it alone.

use std::sync::Arc;

use clap::Args;
use countersign::diag::Diagnostic;
use countersign::launch::{self, Bank};
use countersign::load::Suite;
use countersign::plan::Step;
use countersign::run::Prepared;

use super::args::{Choice, Determinism, Trust, Variables};
use super::context::Context;
use super::exit::Exit;

/// Most requests that are named where one was meant.
const SHOWN: usize = 10;

/// Which request is meant, and what it is made with.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The request, or a case of one
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The environment
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    #[command(flatten)]
    pub(crate) variables: Variables,
    #[command(flatten)]
    pub(crate) determinism: Determinism,
    #[command(flatten)]
    pub(crate) trust: Trust,
}

/// Plans the one request and what it needs. It is the last step: nothing in its plan needs it.
/// `refuse` may say, before anything is started, why it is not to be sent.
pub(super) fn prepare(
    context: &Context<'_>,
    one: &One,
    refuse: impl FnOnce(&Suite, &Step) -> Result<(), Diagnostic>,
) -> Result<(Arc<Prepared>, Vec<Bank>), Exit> {
    let suite = context.load()?;
    let choice = Choice {
        names: vec![one.name.clone()],
        env: one.env.clone(),
        tags: vec![],
        skip_tags: vec![],
        variables: one.variables.clone(),
        exact: true,
    };
    let given = context.given(&choice.variables)?;
    let plan = context.plan(&suite, &choice, &given)?;
    let selected: Vec<&Step> = plan.steps.iter().filter(|step| step.selected).collect();
    if selected.len() > 1 {
        return Err(several(context, &one.name, &selected));
    }
    let problems = |problems: Vec<Diagnostic>| context.refuse(&problems, &suite.sources);
    let step = plan.steps.last().expect("a plan that selects something has steps");
    refuse(&suite, step).map_err(|problem| problems(vec![problem]))?;
    let determinism = &one.determinism;
    let surroundings = context.surroundings(given, determinism.clock(), determinism.ids());
    let checked = launch::check(&suite, &plan, &surroundings).map_err(problems)?;
    context.output.show(&checked.warnings, &suite.sources);
    let (prepared, banks) =
        launch::start(Arc::clone(&suite), plan, surroundings, checked).map_err(problems)?;
    Ok((Arc::new(prepared), banks))
}

fn several(context: &Context<'_>, name: &str, selected: &[&Step]) -> Exit {
    let names: Vec<String> = selected.iter().take(SHOWN).map(|step| format!("`{}`", step.name)).collect();
    let more = if selected.len() > SHOWN { ", …" } else { "" };
    let help = format!("name one of them: {}{more}", names.join(", "));
    context.output.fail(&format!("`{name}` is more than one request"), Some(&help));
    Exit::Usage
}
