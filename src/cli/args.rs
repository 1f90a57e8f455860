//! The command line as typed. What it means is decided in `settings`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::certs_args;
use super::flow::Flow;
use super::one::One;

/// Runs declarative request suites against signed APIs.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Start with `countersign run` in a folder that holds `requests/`; \
    `countersign explain NAME` shows what would be sent and why.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) general: General,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct General {
    /// The folder that holds `requests/` [default: the working directory]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) suite: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: When,
}

/// Of commands that send, or say whether sending is possible.
#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Send to servers that prove nothing (`verify: false`), even when `CI` is set
    #[arg(long)]
    pub(crate) allow_insecure: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run requests, check the answers, compare them with their snapshots
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Check the suite, its keys and certificates without sending anything
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// List what would run, in order, and why
    List(List),
    /// Show what needs what
    Graph(Graph),
    /// Show a request as it would be sent: values, digest, signing string, headers
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Check the signature of a recorded HTTP message, and say what differs
    #[command(after_help = super::verify::args::EXAMPLES)]
    Verify(Box<super::verify::args::Verify>),
    /// Review, accept, reject or list snapshots that wait, prune those without a request, find what differs
    #[command(subcommand)]
    Snapshots(super::snapshots::args::Snapshots),
    /// Serve the embedded bank on loopback for other clients
    #[command(after_help = SANDBOX_EXAMPLES)]
    Sandbox(Sandbox),
    /// Make, inspect and check keys and certificates
    #[command(subcommand)]
    Certs(certs_args::Certs),
    /// List and show the signing profiles
    #[command(subcommand)]
    Profiles(Profiles),
    /// Join the JSON reports of a run on several machines
    #[command(subcommand)]
    Report(super::merge::Report),
    /// Print a JSON Schema: of request files for an editor, or of the JSON report
    Schema(Schema),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether it is refused in a CI job where an environment trusts any server.
    pub(crate) fn refuses_insecure(&self) -> bool {
        let trust = match self {
            Self::Run(run) => &run.trust,
            Self::Check(check) => &check.trust,
            Self::Explain(explain) => &explain.one.trust,
            Self::Snapshots(super::snapshots::args::Snapshots::Suggest(suggest)) => &suggest.one.trust,
            _ => return false,
        };
        !trust.allow_insecure
    }
}

const RUN_EXAMPLES: &str = "Examples:
  countersign run                              every request, in the suite's default environment
  countersign run greeting --env sandbox       one request and what it needs
  countersign run 'showcase/*' --tag smoke     a selection
  countersign run --report json=report.json    with a report for machines
  countersign run --report github --report junit=junit.xml
                                               in a job of GitHub Actions
  countersign run --update                     accept every snapshot as it comes";

const EXPLAIN_EXAMPLES: &str = "Examples:
  countersign explain greeting                 what would be sent; what is not known yet stays a name
  countersign explain greeting --send          run what it needs first, then show it with real values
  countersign explain token --curl -e sandbox  as a curl command; secrets are shell variables";

const CHECK_EXAMPLES: &str = "Examples:
  countersign check                            every request, in the suite's default environment
  countersign check --env production           another environment, its keys and certificates too
  countersign check 'showcase/*'               a selection and what it needs";

const SANDBOX_EXAMPLES: &str = "Examples:
  countersign sandbox                          prints host, CA, client id and the paths of its keys
  countersign sandbox --json                   the same as one line for a program to read
  countersign sandbox --port 8443 --skew 30    a fixed port, dates within 30 seconds
  countersign sandbox --profile rabobank       verify what another client signs as a profile says";

/// Which requests, where.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Requests by name, file, folder or glob [default: all]
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The environment
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Only requests with this tag
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// No requests with this tag
    #[arg(long = "skip-tag", value_name = "TAG")]
    pub(crate) skip_tags: Vec<String>,
    #[command(flatten)]
    pub(crate) variables: Variables,
    /// Whether a name that a request has means that request alone.
    #[arg(skip)]
    pub(crate) exact: bool,
}

impl Choice {
    /// Whether no request is left out.
    pub(crate) fn is_everything(&self) -> bool {
        self.names.is_empty() && self.tags.is_empty() && self.skip_tags.is_empty()
    }
}

/// Values from outside of the suite.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Variables {
    /// Set a variable, over whatever the files say
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) given: Vec<(String, String)>,
    /// Set the variables of a YAML or JSON file, over whatever the suite says; `--var` goes before
    #[arg(long = "vars-file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// What makes a run reproducible.
#[derive(Debug, Args)]
pub(crate) struct Determinism {
    /// Draw every UUID from this seed
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// Pretend that it is this moment, such as `2026-11-23T09:00:00Z`
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) now: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) flow: Flow,
    /// What becomes of snapshots that are new or differ [default: `INSTA_UPDATE`, else auto]
    #[arg(long, value_name = "MODE")]
    pub(crate) snapshots: Option<SnapshotMode>,
    /// The same as `--snapshots always`
    #[arg(long, conflicts_with = "snapshots")]
    pub(crate) update: bool,
    /// Write a report: `terminal`, `json`, `junit`, `tap`, `github`, `gitlab`, `har` or `html`; `json=PATH` writes a file
    #[arg(long = "report", value_name = "FORMAT[=PATH]")]
    pub(crate) reports: Vec<String>,
    #[command(flatten)]
    pub(crate) determinism: Determinism,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Show requests and answers, secrets masked
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Show no live line on the terminal
    #[arg(long)]
    pub(crate) no_progress: bool,
    /// Show failures and the last line only
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnapshotMode {
    /// `no` when `CI` is set, else `new`
    Auto,
    /// Write `.snap.new` for review, and fail
    New,
    /// Accept whatever comes
    Always,
    /// Accept new snapshots, fail on changed ones
    Unseen,
    /// Write nothing
    No,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) trust: Trust,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// As JSON, one request a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// How it is drawn
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: GraphFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A tree for the terminal
    Text,
    /// A Mermaid flowchart for Markdown
    Mermaid,
}

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) one: One,
    /// Run what it needs first, so that captured values are known
    #[arg(long)]
    pub(crate) send: bool,
    /// Print the signed request as a curl command
    #[arg(long, conflicts_with = "json")]
    pub(crate) curl: bool,
    /// Print it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// The environment whose client the bank knows; its `host` must be `embedded`
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// The port on 127.0.0.1; 0 for a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Seconds that a Date may be away from the bank's clock
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) skew: u32,
    /// Verify requests of this signing profile on every path, in place of the bank's endpoints; `all` for every shipped one
    #[arg(long = "profile", value_name = "NAME")]
    pub(crate) profiles: Vec<String>,
    /// Print one line of JSON: host, ca, `client_id`, `tls_certificate`, `tls_key`, `signing_key`,
    /// `answer_certificate`
    #[arg(long)]
    pub(crate) json: bool,
    /// Stop when standard input ends
    #[arg(long)]
    pub(crate) stop_with_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Profiles {
    /// List the shipped profiles and the suite's own
    List,
    /// Print a profile as YAML
    Show {
        /// The profile
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_name = "WHAT", default_value = "request")]
    pub(crate) what: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A request file
    Request,
    /// A file of `requests/environments/`
    Environment,
    /// `requests/suite.yaml`
    Suite,
    /// A line of the JSON report
    Report,
    /// A signing profile
    Profile,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".into()),
    }
}

fn moment(text: &str) -> Result<chrono::DateTime<chrono::Utc>, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .map_err(|_| "write it as RFC 3339 has it, such as 2026-11-23T09:00:00Z".into())
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a whole number from 0 to {}", u64::MAX))
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number >= 1 => Ok(number),
        _ => Err("a number from 1".into()),
    }
}
