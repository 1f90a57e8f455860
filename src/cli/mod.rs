//! The command line: arguments as typed, settings as meant, one file per command. The only place
//! that prints, and the only one that ends the process.

mod args;
mod asked;
mod certs;
mod certs_args;
mod certs_new;
mod check;
mod context;
mod curl;
mod exit;
mod explain;
mod flow;
mod last_run;
mod merge;
mod part;
mod layers;
mod list;
mod one;
mod output;
mod passphrase;
mod origins;
mod placeholder;
mod profiles;
mod reports;
mod repository;
mod run;
mod sandbox;
mod settings;
mod snapshots;
mod verify;
mod tokens;

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{CommandFactory, Parser};
use countersign::diag::Sources;
use countersign::launch;

use args::{Arguments, Command, SchemaOf};
use context::Context;
use exit::Exit;
use output::Output;
use settings::Settings;

/// Runs the command that the process was started with.
pub(crate) fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let settings = Settings::new(&arguments.general, arguments.command.refuses_insecure());
    let output = Output::new(&settings);
    output.mask_panics();
    let exit = catch_unwind(AssertUnwindSafe(|| dispatch(arguments.command, &settings, &output)));
    let unwritten = if output.failed() { Exit::Io } else { Exit::Ok };
    exit.unwrap_or(Exit::Bug).max(unwritten)
}

fn usage(error: &clap::Error) -> Exit {
    // A closed pipe is no reason to end otherwise.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Ok }
}

fn dispatch(command: Command, settings: &Settings, output: &Output) -> Exit {
    let environment = match launch::with_dotenv(&settings.suite, settings.process.variables()) {
        Ok(environment) => environment,
        Err(problem) => {
            output.show(&[problem], &Sources::default());
            return Exit::Suite;
        }
    };
    let context = Context { settings, output, environment };
    match command {
        Command::Run(arguments) => run::run(&context, arguments),
        Command::Check(arguments) => check::check(&context, &arguments.choice),
        Command::List(arguments) => context.planned(&arguments.choice, |suite, plan| {
            if arguments.json {
                output.print_json(&list::list_json(plan, suite));
            } else {
                output.print(&list::list(plan, suite));
            }
        }),
        Command::Graph(arguments) => {
            context.planned(&arguments.choice, |_, plan| output.print(&list::graph(plan, arguments.format)))
        }
        Command::Explain(arguments) => explain::explain(&context, &arguments),
        Command::Verify(arguments) => verify::verify(&context, &arguments),
        Command::Snapshots(command) => snapshots::snapshots(&context, &command),
        Command::Sandbox(arguments) => sandbox::sandbox(&context, &arguments),
        Command::Certs(command) => certs::certs(&context, &command),
        Command::Profiles(command) => profiles::profiles(&context, &command),
        Command::Report(command) => merge::report(&context, &command),
        Command::Schema(arguments) => {
            output.print_own(&schema(arguments.what));
            Exit::Ok
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "countersign", &mut script);
            output.print_own(&String::from_utf8_lossy(&script));
            Exit::Ok
        }
    }
}

fn schema(of: SchemaOf) -> String {
    let generated = |schema: &serde_json::Value| {
        format!("{}\n", serde_json::to_string_pretty(schema).expect("a schema is JSON"))
    };
    match of {
        SchemaOf::Request => include_str!("../../schema/request.json").into(),
        SchemaOf::Environment => include_str!("../../schema/environment.json").into(),
        SchemaOf::Suite => include_str!("../../schema/suite.json").into(),
        SchemaOf::Report => generated(&countersign::report::json_schema()),
        SchemaOf::Profile => generated(&countersign::sign::Profile::json_schema()),
    }
}
