//! `countersign sandbox`: the embedded bank, for other clients.
//!
//! Each start makes a CA of its own, so its file is named after the port: two banks never write
//! over each other's, and the file is there exactly as long as the bank listens.

use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, Ids};
use countersign::diag::Code;
use countersign::files::{Existing, Mode, Root};
use countersign::keys::Certificate;
use countersign::launch::{self, Bank, Opening};
use countersign::load::Suite;
use countersign::run::Ready;
use countersign::sandbox::{Entry, Log};
use countersign::sign::Profile;
use serde_json::json;
use tokio::runtime::Runtime;

use super::args::Sandbox;
use super::context::Context;
use super::exit::Exit;
use super::output::Output;
use super::run::Signals;

pub(super) fn sandbox(context: &Context<'_>, arguments: &Sandbox) -> Exit {
    serve(context, arguments).unwrap_or_else(|exit| exit)
}

fn serve(context: &Context<'_>, arguments: &Sandbox) -> Result<Exit, Exit> {
    let ready = prepare(context, arguments)?;
    let skew = Duration::from_secs(u64::from(arguments.skew));
    let profiles = profiles(context, &ready.suite, &arguments.profiles)?;
    let verified = profiles.iter().map(|profile| profile.name().to_owned()).collect();
    let opening = Opening { port: arguments.port, skew, log: log(context), profiles };
    let surroundings = context.surroundings(Vec::new(), Clock::System, Ids::Random);
    let bank = Bank::open(&ready.suite, &ready.clients.iter().collect::<Vec<_>>(), &surroundings, opening)
        .map_err(|problem| context.refuse(&[problem], &ready.suite.sources))?;
    // Before the file is there: a signal that comes in between has to find someone who removes it.
    let end = End::listen(context)?;
    let published = Published::write(context, &ready.suite.root, &bank, arguments.profiles.is_empty())?;
    let facts = Facts::of(&ready, &bank, &published, verified);
    context.output.print(&if arguments.json { facts.json() } else { facts.text() });
    end.wait(arguments.stop_with_stdin);
    // While the port is still ours: whoever takes it next writes a file of this name.
    drop(published);
    bank.stop();
    Ok(Exit::Ok)
}

/// The files with the bank's certificates, for clients that take them; removed when dropped.
struct Published<'a> {
    root: &'a Root,
    /// Its CA, then the certificate of the key that signs its answers, if it signs any.
    files: Vec<String>,
}

impl<'a> Published<'a> {
    fn write(context: &Context<'_>, root: &'a Root, bank: &Bank, signs: bool) -> Result<Self, Exit> {
        let port = bank.host().port_or_known_default().expect("https has a port");
        let mut published = Self { root, files: Vec::new() };
        published.add(context, format!("certificates/sandbox_{port}_ca.pem"), bank.authority())?;
        if signs {
            let file = format!("certificates/sandbox_{port}_signing.pem");
            published.add(context, file, bank.signing_certificate())?;
        }
        Ok(published)
    }

    /// Only what was written here is removed at the end.
    fn add(&mut self, context: &Context<'_>, file: String, certificate: &Certificate) -> Result<(), Exit> {
        let pem = certificate.to_pem();
        let written = self.root.write_inside(&file, pem.as_bytes(), Mode::Shared, Existing::Replace);
        written.map_err(|error| {
            let message = format!("the bank's certificate can't be written: {error}");
            context.output.refuse(Code::CertificateIo, message, None);
            Exit::Io
        })?;
        self.files.push(file);
        Ok(())
    }

    fn path(&self, index: usize) -> Option<PathBuf> {
        self.files.get(index).map(|file| self.root.join(file))
    }
}

impl Drop for Published<'_> {
    /// A file that somebody removed already is as gone as it should be.
    fn drop(&mut self) {
        for file in &self.files {
            drop(self.root.remove_inside(file));
        }
    }
}

struct Prepared {
    suite: Arc<Suite>,
    /// The environment, and then its identities.
    clients: Vec<Ready>,
}

/// The environment and the identities that the bank knows as clients, with their keys read.
fn prepare(context: &Context<'_>, arguments: &Sandbox) -> Result<Prepared, Exit> {
    let suite = context.load()?;
    let refuse = |problems: &[countersign::diag::Diagnostic]| context.refuse(problems, &suite.sources);
    let named = arguments.env.as_deref();
    let name =
        countersign::plan::embedded_environment(&suite, named).map_err(|problem| refuse(&[problem]))?;
    let surroundings = context.surroundings(Vec::new(), Clock::System, Ids::Random);
    let (clients, warnings) =
        launch::identities(&suite, &name, &surroundings).map_err(|problems| refuse(&problems))?;
    context.output.show(&warnings, &suite.sources);
    Ok(Prepared { suite, clients })
}

/// The profiles that are asked for by name.
fn profiles(context: &Context<'_>, suite: &Suite, names: &[String]) -> Result<Vec<Profile>, Exit> {
    if names.iter().any(|name| name == "all") {
        return Ok(Profile::shipped_names().filter_map(Profile::shipped).collect());
    }
    names.iter().map(|name| super::profiles::of_suite(context, Some(suite), name)).collect()
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
    /// `None`: a shared secret signs.
    signing_key: Option<PathBuf>,
    /// The certificate of the key that signs the bank's answers.
    answers: Option<PathBuf>,
    /// What is verified on every path; empty for the bank's own endpoints.
    profiles: Vec<String>,
}

impl Facts {
    fn of(ready: &Prepared, bank: &Bank, published: &Published<'_>, profiles: Vec<String>) -> Self {
        let party = &ready.clients[0].party;
        let path = |path: Option<&str>| ready.suite.root.join(path.unwrap_or_default());
        Self {
            host: bank.host().as_str().trim_end_matches('/').to_owned(),
            ca: published.path(0).unwrap_or_default(),
            answers: published.path(1),
            client_id: bank.client_id().to_owned(),
            profiles,
            tls_certificate: path(party.tls.certificate.as_deref()),
            tls_key: path(party.tls.key.as_deref()),
            signing_key: party
                .signing
                .as_ref()
                .and_then(|signing| signing.key.as_deref())
                .map(|key| path(Some(key))),
        }
    }

    fn json(&self) -> String {
        let mut facts = json!({
            "host": self.host,
            "ca": self.ca,
            "client_id": self.client_id,
            "tls_certificate": self.tls_certificate,
            "tls_key": self.tls_key,
            "signing_key": self.signing_key,
        });
        if let Some(certificate) = &self.answers {
            facts["answer_certificate"] = json!(certificate);
        }
        if !self.profiles.is_empty() {
            facts["profiles"] = json!(self.profiles);
        }
        format!("{facts}\n")
    }

    fn text(&self) -> String {
        let mut text = String::from("The sandbox bank is open; Ctrl-C closes it.\n\n");
        let paths =
            [("ca", &self.ca), ("tls certificate", &self.tls_certificate), ("tls key", &self.tls_key)];
        let signing_key = self.signing_key.as_ref().map(|path| ("signing key", path));
        let answers = self.answers.as_ref().map(|path| ("answers signed by", path));
        let _ = writeln!(text, "  {:17} {}", "host", self.host);
        let _ = writeln!(text, "  {:17} {}", "client id", self.client_id);
        if !self.profiles.is_empty() {
            let _ = writeln!(text, "  {:17} {}", "verifies", self.profiles.join(", "));
        }
        for (name, path) in paths.into_iter().chain(signing_key).chain(answers) {
            let _ = writeln!(text, "  {name:17} {}", shortened(path));
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

/// What ends the bank: a signal or, when asked to, the end of standard input. Being told to stop
/// is how a server ends well, so that is no failure.
struct End {
    runtime: Runtime,
    signals: Signals,
}

impl End {
    fn listen(context: &Context<'_>) -> Result<Self, Exit> {
        let runtime = super::run::runtime(context)?;
        let signals = runtime.block_on(async { Signals::listen(context) })?;
        Ok(Self { runtime, signals })
    }

    fn wait(mut self, stop_with_stdin: bool) {
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        let watched = stop_with_stdin.then(|| std::thread::spawn(move || drain_stdin(ended)));
        let stdin_ended = async {
            match watched {
                Some(_) => drop(end.await),
                None => std::future::pending().await,
            }
        };
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.signals.come() => {}
                () = stdin_ended => {}
            }
        });
        // A thread may still be reading standard input; it must not keep the process.
        self.runtime.shutdown_background();
    }
}

fn drain_stdin(ended: tokio::sync::oneshot::Sender<()>) {
    let mut buffer = [0; 1024];
    let mut stdin = std::io::stdin().lock();
    while matches!(stdin.read(&mut buffer), Ok(read) if read > 0) {}
    let _ = ended.send(());
}
