//! `countersign certs`: what a file is, and whether a pair is good. Making them is beside this.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use countersign::certs::{self, Level, Pair, Thing};
use countersign::clock::{Clock, Ids};
use countersign::diag::{Code, Sources};
use countersign::files::{self, FileError};
use countersign::keys::{self, Certificate, PrivateKey};
use countersign::run::{Ready, SigningPair};
use countersign::secret::Passphrase;
use countersign::{launch, limits};
use serde_json::json;

use super::args::{Choice, Variables};
use super::certs_args::{Certs, KeyKind};
use super::certs_new;
use super::context::Context;
use super::exit::Exit;

pub(super) fn certs(context: &Context<'_>, command: &Certs) -> Exit {
    let done = match command {
        Certs::New(arguments) => certs_new::new(context, arguments),
        Certs::Csr(arguments) => certs_new::csr(context, arguments),
        Certs::Inspect { files, json, passphrase } => passphrase
            .read(context)
            .map(|passphrase| inspect(context, files, *json, passphrase.as_ref().map(Passphrase::expose))),
        Certs::Check { files, env, passphrase } => match files.as_slice() {
            [key, certificate] => passphrase.read(context).and_then(|passphrase| {
                check_pair(context, [key, certificate], passphrase.as_ref().map(Passphrase::expose))
            }),
            _ => check_environment(context, env.clone()),
        },
    };
    done.unwrap_or_else(|exit| exit)
}

fn inspect(context: &Context<'_>, paths: &[PathBuf], as_json: bool, passphrase: Option<&str>) -> Exit {
    let mut exit = Exit::Ok;
    for path in paths {
        let shown = path.display();
        let bytes = match read(context, path) {
            Ok(bytes) => bytes,
            Err(unreadable) => {
                exit = unreadable;
                continue;
            }
        };
        let things = match certs::inspect(&bytes, passphrase) {
            Ok(things) => things,
            Err(error) => {
                context.output.refuse(Code::Certificate, format!("`{shown}` {error}"), error.help());
                exit = Exit::Credentials;
                continue;
            }
        };
        if as_json {
            context.output.print_json(&json!({"file": shown.to_string(), "holds": things}).to_string());
        } else {
            context.output.print(&facts(path, &things));
        }
    }
    exit
}

fn facts(path: &Path, things: &[Thing]) -> String {
    let mut text = String::new();
    for thing in things {
        let _ = writeln!(text, "{}: {}", path.display(), thing.title());
        for (name, value) in thing.rows() {
            let _ = writeln!(text, "  {name:12} {value}");
        }
    }
    text
}

fn read(context: &Context<'_>, path: &Path) -> Result<Vec<u8>, Exit> {
    files::read(path, limits::KEY_FILE).map_err(|error| unreadable(context, Code::Certificate, &error))
}

fn unreadable(context: &Context<'_>, code: Code, error: &FileError) -> Exit {
    context.output.refuse(code, error.to_string(), None);
    Exit::Credentials
}

/// A key and its certificate, in either order.
fn check_pair(
    context: &Context<'_>,
    [one, other]: [&Path; 2],
    passphrase: Option<&str>,
) -> Result<Exit, Exit> {
    let read_key = |bytes: &[u8]| match passphrase {
        Some(passphrase) => PrivateKey::read_with(bytes, passphrase),
        None => PrivateKey::read(bytes),
    };
    let first =
        files::read_private(one, limits::KEY_FILE).map_err(|error| unreadable(context, Code::Key, &error))?;
    // A key may have its certificate in the same file: it is the key all the same.
    let swapped = read_key(&first.bytes).is_err() && Certificate::read_all(&first.bytes).is_ok();
    let (key_path, certificate_path) = if swapped { (other, one) } else { (one, other) };
    let file = files::read_private(key_path, limits::KEY_FILE)
        .map_err(|error| unreadable(context, Code::Key, &error))?;
    let chain = read(context, certificate_path)?;
    let unusable = |path: &Path, code: Code, error: &keys::KeyError| {
        context.output.refuse(code, format!("`{}` {error}", path.display()), error.help());
        Exit::Credentials
    };
    let key = read_key(&file.bytes).map_err(|error| unusable(key_path, Code::Key, &error))?;
    let chain = Certificate::read_all(&chain)
        .map_err(|error| unusable(certificate_path, Code::Certificate, &error))?;
    let (key_file, certificate_file) =
        (key_path.display().to_string(), certificate_path.display().to_string());
    let pair = Pair { key: &key, key_file: &key_file, chain: &chain, certificate_file: &certificate_file };
    let own = chain.iter().find(|certificate| certificate.public_key() == key.public()).unwrap_or(&chain[0]);
    let problems = certs::check(&pair, None, Clock::System.now());
    if let Some(exposure) = file.mode.and_then(|mode| certs::exposure(&key_file, mode)) {
        context.output.show(&[exposure.diagnostic()], &Sources::default());
    }
    if let Some(tracked) = countersign::run::tracked(key_path, &key_file) {
        context.output.show(&[tracked.diagnostic()], &Sources::default());
    }
    for problem in &problems {
        match problem.diagnostic() {
            Some(diagnostic) => context.output.show(&[diagnostic], &Sources::default()),
            None => context.output.tell(&format!("note: {problem}")),
        }
    }
    if problems.iter().any(|problem| problem.level() == Level::Error) {
        return Err(Exit::Credentials);
    }
    context.output.print(&format!("{}\n", together(&key_file, &certificate_file, own)));
    Ok(Exit::Ok)
}

/// All key material of the environments that a run would use, or of the one that is named.
fn check_environment(context: &Context<'_>, env: Option<String>) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let choice = Choice {
        names: vec![],
        env,
        tags: vec![],
        skip_tags: vec![],
        variables: Variables::default(),
        exact: false,
    };
    let plan = context.plan(&suite, &choice, &[])?;
    let surroundings = context.surroundings(Vec::new(), Clock::System, Ids::Random);
    let mut problems = Vec::new();
    for name in plan.environments() {
        match launch::environment(&suite, name, &surroundings) {
            Ok((ready, warnings)) => {
                context.output.show(&warnings, &suite.sources);
                context.output.print(&format!("{name}: tls      {}\n", of_tls(&ready)));
                context.output.print(&format!("{name}: signing  {}\n", of_signing(&ready)));
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(Exit::Ok) } else { Err(context.refuse(&problems, &suite.sources)) }
}

fn of_tls(ready: &Ready) -> String {
    match &ready.tls.client {
        Some(client) => {
            let tls = &ready.party.tls;
            let key = tls.pkcs12.as_ref().or(tls.key.as_ref()).map_or("", String::as_str);
            together(key, &client.certificate_file.display().to_string(), &client.chain[0])
        }
        None => "no client certificate".to_owned(),
    }
}

fn of_signing(ready: &Ready) -> String {
    match &ready.signing {
        None => "nothing is signed".to_owned(),
        Some(SigningPair { key: None, .. }) if is_by_program(ready) => {
            "a program signs; neither its certificate nor its public key is named".to_owned()
        }
        Some(SigningPair { key: None, .. }) => "a shared secret".to_owned(),
        Some(SigningPair { key: Some((program, _)), certificate: Some((file, certificate)) })
            if is_by_program(ready) =>
        {
            format!("not checked: the program `{program}` is not run; {file} is {}", valid_until(certificate))
        }
        Some(SigningPair { key: Some((key, _)), certificate: Some((file, certificate)) }) => {
            together(key, file, certificate)
        }
        Some(SigningPair { key: Some((program, public)), certificate: None }) if is_by_program(ready) => {
            let kind = public.kind();
            format!("not checked: the program `{program}` is not run; its public key is known ({kind})")
        }
        Some(SigningPair { key: Some((key, public)), certificate: None }) => {
            format!("{key} is a good key ({}); no certificate is named for it", public.kind())
        }
    }
}

fn is_by_program(ready: &Ready) -> bool {
    ready.party.signing.as_ref().is_some_and(|signing| signing.command.is_some())
}

fn together(key: &str, file: &str, certificate: &Certificate) -> String {
    let until = valid_until(certificate);
    if key == file {
        return format!("{key} holds a key and its certificate; {until}");
    }
    format!("{key} and {file} belong together; {until}")
}

fn valid_until(certificate: &Certificate) -> String {
    certificate.not_after().format("valid until %Y-%m-%d %H:%M UTC").to_string()
}

impl From<KeyKind> for keys::KeyKind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Rsa2048 => Self::Rsa(2048),
            KeyKind::Rsa3072 => Self::Rsa(3072),
            KeyKind::Rsa4096 => Self::Rsa(4096),
            KeyKind::P256 => Self::P256,
            KeyKind::P384 => Self::P384,
            KeyKind::P521 => Self::P521,
            KeyKind::Ed25519 => Self::Ed25519,
        }
    }
}
