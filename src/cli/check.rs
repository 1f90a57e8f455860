//! `countersign check`: every problem at once, without a byte on the network.

use countersign::clock::{Clock, Ids};
use countersign::launch;

use super::args::Choice;
use super::context::Context;
use super::exit::Exit;

pub(super) fn check(context: &Context<'_>, choice: &Choice) -> Exit {
    try_check(context, choice).unwrap_or_else(|exit| exit)
}

fn try_check(context: &Context<'_>, choice: &Choice) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let plan = context.plan(&suite, choice)?;
    let surroundings = context.surroundings(&choice.variables, Clock::System, Ids::Random);
    let checked = launch::check(&suite, &plan, &surroundings)
        .map_err(|problems| context.refuse(&problems, &suite.sources))?;
    context.output.show(&checked.warnings, &suite.sources);
    let requests = plan.steps.len();
    let environments = plan.environments();
    let count = if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") };
    let found = if checked.warnings.is_empty() { "nothing is wrong" } else { "nothing but warnings" };
    context.output.print(&format!("{count} in {}: {found}\n", environments.join(", ")));
    Ok(Exit::Ok)
}
