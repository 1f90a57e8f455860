//! Which part of the plan runs: what did not pass the last time, a shard, everything several times.

use std::path::Path;

use countersign::files;
use countersign::limits;
use countersign::load::Suite;
use countersign::plan::{Durations, Plan, Shard};
use countersign::report::Tree;

use super::context::Context;
use super::exit::Exit;
use super::flow::{Flow, Rerun, ShardChoice};
use super::last_run::LastRun;

/// The part of `plan` that the command line asks for.
pub(super) fn part(context: &Context<'_>, suite: &Suite, flow: &Flow, plan: Plan) -> Result<Plan, Exit> {
    let plan = match flow.rerun {
        None => plan,
        Some(Rerun::Failed) => failed_before(context, suite, &plan)?,
    };
    let plan = match flow.shard {
        None => plan,
        Some(choice) => {
            let durations = flow.durations.as_deref().map(|path| durations(context, path)).transpose()?;
            plan.sharded(shard(context, choice)?, &durations.unwrap_or_default())
        }
    };
    Ok(plan.repeated(flow.repeat.unwrap_or(1)))
}

fn failed_before(context: &Context<'_>, suite: &Suite, plan: &Plan) -> Result<Plan, Exit> {
    let known = LastRun::of(context, suite).read();
    if known.is_empty() {
        context.output.tell("nothing is known of an earlier run of this suite");
        return Err(Exit::Nothing);
    }
    let failed = plan.narrowed(|step| known.get(&step.key()).is_some_and(|passed| !passed));
    if failed.steps.is_empty() {
        context.output.tell("nothing of this failed the last time it ran");
        return Err(Exit::Nothing);
    }
    Ok(failed)
}

fn shard(context: &Context<'_>, choice: ShardChoice) -> Result<Shard, Exit> {
    match choice {
        ShardChoice::Is(shard) => Ok(shard),
        ShardChoice::Auto(total) => context.settings.process.shard(total).map_err(|message| {
            context.output.fail(&message, Some("write which one it is: `--shard 1/4`"));
            Exit::Usage
        }),
    }
}

fn durations(context: &Context<'_>, path: &Path) -> Result<Durations, Exit> {
    let tree = files::read_text(path, limits::REPORT_FILE)
        .map_err(|error| error.to_string())
        .and_then(|text| Tree::read(&text).map_err(|error| format!("`{}`, {error}", path.display())));
    tree.map(|tree| tree.durations()).map_err(|message| {
        context.output.fail(&message, Some("`--durations` names a JSON report of an earlier run"));
        Exit::Io
    })
}
