//! `countersign sandbox`: the embedded bank, for other clients.

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, Ids};
use countersign::files::{self, Existing, Mode};
use countersign::launch::{self, Bank, Opening};
use countersign::run::Ready;
use countersign::sandbox::{Entry, Log};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::args::Sandbox;
use super::context::Context;
use super::exit::Exit;
use super::output::Output;

/// Where the bank's CA is written, for clients that take a file.
const AUTHORITY: &str = "certificates/sandbox_ca.pem";

pub(super) fn sandbox(context: &Context<'_>, arguments: &Sandbox) -> Exit {
    serve(context, arguments).unwrap_or_else(|exit| exit)
}

fn serve(context: &Context<'_>, arguments: &Sandbox) -> Result<Exit, Exit> {
    let ready = prepare(context, arguments)?;
    let log = if arguments.json { Log::silent() } else { log(context) };
    let opening = Opening { port: arguments.port, skew: Duration::from_secs(u64::from(arguments.skew)), log };
    let surroundings = context.surroundings(&[], Clock::System, Ids::Random);
    let bank = Bank::open(&ready.suite, &ready.environment, &surroundings, opening)
        .map_err(|problem| context.refuse(&[problem], &ready.suite.sources))?;
    let facts = Facts::of(&ready, &bank);
    files::write(&facts.ca, bank.authority().to_pem().as_bytes(), Mode::Shared, Existing::Replace).map_err(
        |error| {
            context.output.fail(&error.to_string(), None);
            Exit::Io
        },
    )?;
    context.output.print(&if arguments.json { facts.json() } else { facts.text() });
    let exit = wait(arguments.stop_with_stdin);
    bank.stop();
    Ok(exit)
}

struct Prepared {
    suite: Arc<countersign::load::Suite>,
    environment: Ready,
}

/// The environment whose client the bank knows, with its keys read.
fn prepare(context: &Context<'_>, arguments: &Sandbox) -> Result<Prepared, Exit> {
    let suite = context.load()?;
    let refuse = |problems: &[countersign::diag::Diagnostic]| context.refuse(problems, &suite.sources);
    let named = arguments.env.as_deref();
    let name =
        countersign::plan::embedded_environment(&suite, named).map_err(|problem| refuse(&[problem]))?;
    let surroundings = context.surroundings(&[], Clock::System, Ids::Random);
    let (environment, warnings) =
        launch::environment(&suite, &name, &surroundings).map_err(|problems| refuse(&problems))?;
    context.output.show(&warnings, &suite.sources);
    Ok(Prepared { suite, environment })
}

/// Tells of each request on standard error.
fn log(context: &Context<'_>) -> Log {
    let output = Output::new(context.settings);
    Log::new(move |entry: &Entry| output.tell(&entry.to_string()))
}

/// What another client has to know.
struct Facts {
    host: String,
    ca: PathBuf,
    client_id: String,
    tls_certificate: PathBuf,
    tls_key: PathBuf,
    signing_key: PathBuf,
}

impl Facts {
    fn of(ready: &Prepared, bank: &Bank) -> Self {
        let party = &ready.environment.party;
        let path = |path: Option<&str>| ready.suite.root.join(path.unwrap_or_default());
        Self {
            host: bank.host().as_str().trim_end_matches('/').to_owned(),
            ca: ready.suite.root.join(AUTHORITY),
            client_id: bank.client_id().to_owned(),
            tls_certificate: path(party.tls.certificate.as_deref()),
            tls_key: path(party.tls.key.as_deref()),
            signing_key: path(party.signing.as_ref().and_then(|signing| signing.key.as_deref())),
        }
    }

    fn json(&self) -> String {
        let facts = json!({
            "host": self.host,
            "ca": self.ca,
            "client_id": self.client_id,
            "tls_certificate": self.tls_certificate,
            "tls_key": self.tls_key,
            "signing_key": self.signing_key,
        });
        format!("{facts}\n")
    }

    fn text(&self) -> String {
        let mut text = String::from("The sandbox bank is open; Ctrl-C closes it.\n\n");
        let paths = [
            ("ca", &self.ca),
            ("tls certificate", &self.tls_certificate),
            ("tls key", &self.tls_key),
            ("signing key", &self.signing_key),
        ];
        let _ = writeln!(text, "  {:16} {}", "host", self.host);
        let _ = writeln!(text, "  {:16} {}", "client id", self.client_id);
        for (name, path) in paths {
            let _ = writeln!(text, "  {name:16} {}", shortened(path));
        }
        text.push('\n');
        text
    }
}

/// Relative to the working directory where that is shorter to read.
fn shortened(path: &Path) -> String {
    let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
    let short = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    short.unwrap_or_else(|| path.to_owned()).display().to_string()
}

/// Serves until a signal comes or, when asked to, standard input ends. Being told to stop is how
/// a server ends well, so that is no failure.
fn wait(stop_with_stdin: bool) -> Exit {
    let runtime = super::run::runtime();
    runtime.block_on(async {
        let listen = |kind| signal(kind).expect("a process may listen to its signals");
        let (mut interrupt, mut terminate) =
            (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        // Dropped, and so never heard, unless standard input is to be watched.
        let watched = stop_with_stdin.then(|| std::thread::spawn(move || drain_stdin(ended)));
        let stdin_ended = async {
            match watched {
                Some(_) => drop(end.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = stdin_ended => {}
        }
    });
    // A thread may still be reading standard input; it must not keep the process.
    runtime.shutdown_background();
    Exit::Ok
}

fn drain_stdin(ended: tokio::sync::oneshot::Sender<()>) {
    let mut buffer = [0; 1024];
    let mut stdin = std::io::stdin().lock();
    while matches!(stdin.read(&mut buffer), Ok(read) if read > 0) {}
    let _ = ended.send(());
}
