//! `countersign report merge`: the JSON reports of a run's shards, joined into any report.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use countersign::diag::Code;
use countersign::files::{self, FileError};
use countersign::limits;
use countersign::report::{Form, Format, Making, Merged, Tree, merge};

use super::asked::{AllAsked, usage};
use super::context::Context;
use super::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum Report {
    /// Join the JSON reports of a run's shards into one report
    #[command(after_help = EXAMPLES)]
    Merge(Merge),
}

const EXAMPLES: &str = "Examples:
  countersign report merge shard-*.json                          what came of the run, and its exit code
  countersign report merge shard-*.json --report junit=all.xml   the whole run as JUnit";

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// JSON reports: one of a run, or those of all its shards
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write a report: `json`, `junit`, `tap`, `github`, `gitlab`, `har` or `html`; `json=PATH` writes a file
    #[arg(long = "report", value_name = "FORMAT[=PATH]")]
    reports: Vec<String>,
}

pub(super) fn report(context: &Context<'_>, command: &Report) -> Exit {
    let Report::Merge(arguments) = command;
    merged(context, arguments).unwrap_or_else(|exit| exit)
}

fn merged(context: &Context<'_>, arguments: &Merge) -> Result<Exit, Exit> {
    let asked = AllAsked::of(context, &arguments.reports, |_| None)?;
    let wanted: Vec<(Form, Option<&str>)> = asked
        .reports
        .iter()
        .map(|asked| Ok((form(context, asked.format)?, asked.path)))
        .collect::<Result<_, Exit>>()?;
    let trees =
        arguments.files.iter().map(|path| read(context, path)).collect::<Result<Vec<Tree>, Exit>>()?;
    let Merged { tree, class, gaps } = merge(&trees).map_err(|error| refuse(context, &error.to_string()))?;
    let mut exit = Exit::Ok;
    for gap in &gaps {
        exit = exit.max(refuse(context, gap));
    }
    if asked.at_stdout.is_none() {
        context.output.print(&countersign::report::summary(&tree));
    }
    for (form, path) in &wanted {
        exit = exit.max(write(context, *form, &tree, path.map(Path::new)));
    }
    if let Some(form) = asked.reports.iter().find_map(|asked| asked.format.summary()) {
        exit = exit.max(add_to_job(context, form, &tree));
    }
    Ok(match class {
        Some(class) => exit.max(class.into()),
        None if exit == Exit::Ok && !tree.has_passed() => Exit::Nothing,
        None => exit,
    })
}

fn form(context: &Context<'_>, format: Format) -> Result<Form, Exit> {
    match format.making() {
        Making::Terminal => Err(usage(context, "the terminal report is of a run while it goes on")),
        Making::Lines(form) | Making::Whole(form) => Ok(form),
    }
}

fn read(context: &Context<'_>, path: &Path) -> Result<Tree, Exit> {
    let text = files::read_text(path, limits::REPORT_FILE);
    let text = text.map_err(|error| refuse(context, &error.to_string()))?;
    Tree::read(&text).map_err(|error| refuse(context, &format!("`{}`, {error}", path.display())))
}

fn write(context: &Context<'_>, form: Form, tree: &Tree, path: Option<&Path>) -> Exit {
    let Some(path) = path else {
        // A reader that has seen enough is no failure.
        let _ = form.write(tree, &mut std::io::stdout());
        return Exit::Ok;
    };
    written(context, form.write_file(tree, path))
}

/// Adds to the summary of the CI job, where it has one.
fn add_to_job(context: &Context<'_>, form: Form, tree: &Tree) -> Exit {
    let mut summary = Vec::new();
    form.write(tree, &mut summary).expect("writing to memory does not fail");
    match context.settings.process.job_summary() {
        Some(path) => written(context, files::append(path, &summary)),
        None => Exit::Ok,
    }
}

fn written(context: &Context<'_>, result: Result<(), FileError>) -> Exit {
    match result {
        Ok(()) => Exit::Ok,
        Err(error) => refuse(context, &format!("the report can't be written: {error}")),
    }
}

fn refuse(context: &Context<'_>, message: &str) -> Exit {
    context.output.refuse(Code::ReportIo, message, None);
    Code::ReportIo.class().into()
}
