//! `countersign check`: every problem at once, without a byte on the network. A program that tells
//! a secret may well use it, so that one is run only where a key can't be read without.

use countersign::clock::{Clock, Ids};
use countersign::launch;
use countersign::run::Surroundings;

use super::args::Choice;
use super::context::Context;
use super::exit::Exit;

pub(super) fn check(context: &Context<'_>, choice: &Choice) -> Exit {
    try_check(context, choice).unwrap_or_else(|exit| exit)
}

fn try_check(context: &Context<'_>, choice: &Choice) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let given = context.given(&choice.variables)?;
    let plan = context.plan(&suite, choice, &given)?;
    let surroundings = context.surroundings(given, Clock::System, Ids::Random);
    let surroundings = Surroundings { programs: surroundings.programs.not_run(), ..surroundings };
    let checked = launch::check(&suite, &plan, &surroundings)
        .map_err(|problems| context.refuse(&problems, &suite.sources))?;
    context.output.show(&checked.warnings, &suite.sources);
    let requests = plan.steps.len();
    let environments = plan.environments();
    let count = if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") };
    let found = if checked.warnings.is_empty() { "nothing is wrong" } else { "nothing but warnings" };
    context.output.print(&format!("{count} in {}: {found}\n", environments.join(", ")));
    for command in surroundings.programs.waiting() {
        context.output.print(&format!("not run, a run asks it for a secret: `{command}`\n"));
    }
    Ok(Exit::Ok)
}
