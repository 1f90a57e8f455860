//! What `verify` reads: the recorded message, its profile, and the keys that may have signed it.

use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use countersign::clock::{Clock, Ids};
use countersign::diag::{Code, did_you_mean};
use countersign::keys::{Certificate, PublicKey, VerifyingFile};
use countersign::message::{Received, Start};
use countersign::recorded::{self, Choice, Recorded, RecordedError};
use countersign::run::Ready;
use countersign::secret::{ExposeSecret, SecretString};
use countersign::sign::{Candidate, Guess, Profile, VerifyingKey, guess};
use countersign::{files, launch, limits};

use super::args::Verify;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

/// A key, and what it is called.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) kid: Option<String>,
    held: Held,
    certificate: Option<Certificate>,
}

enum Held {
    Public(PublicKey),
    Secret(SecretString),
}

/// How the message should be signed, and how that is known.
pub(super) struct Chosen {
    pub(super) profile: Profile,
    /// Why this one, where nobody named it.
    pub(super) because: Option<String>,
}

impl Key {
    fn public(name: impl Into<String>, key: PublicKey) -> Self {
        Self { name: name.into(), kid: None, held: Held::Public(key), certificate: None }
    }

    pub(super) fn candidate(&self) -> Candidate<'_> {
        let key = match &self.held {
            Held::Public(key) => VerifyingKey::Public(key),
            Held::Secret(secret) => VerifyingKey::Secret(secret.expose_secret().as_bytes()),
        };
        Candidate { certificate: self.certificate.as_ref(), ..Candidate::new(&self.name, key) }
    }
}

/// The message that is meant, with the request that it answers.
pub(super) fn message(context: &Context<'_>, arguments: &Verify) -> Result<Recorded, Exit> {
    let data = arguments.data.as_deref().map(|path| bytes(context, path)).transpose()?;
    let choice = Choice { entry: arguments.entry, answer: arguments.answer, data };
    let mut recorded = read(context, &arguments.file, &choice)?;
    if let Some(path) = &arguments.request {
        let Start::Answer { request, .. } = &mut recorded.message.start else {
            let help = "`--request` belongs to an answer; add `--answer` where the file has both";
            context.output.fail("the message is a request itself", Some(help));
            return Err(Exit::Usage);
        };
        let asked: Received = read(context, path, &Choice::default())?.message;
        *request = Some(Box::new(asked));
    }
    Ok(recorded)
}

fn read(context: &Context<'_>, path: &Path, choice: &Choice) -> Result<Recorded, Exit> {
    let recording = bytes(context, path)?;
    recorded::read(&recording, choice).map_err(|error: RecordedError| {
        let message = format!("{} can't be read: {error}", shown(path));
        context.output.refuse(Code::Recording, message, error.what_to_do().map(str::to_owned));
        Exit::Suite
    })
}

fn bytes(context: &Context<'_>, path: &Path) -> Result<Bytes, Exit> {
    let read = if path == Path::new("-") {
        stdin().map_err(|reason| format!("standard input can't be read: {reason}"))
    } else {
        files::read(path, limits::RECORDING).map(Bytes::from).map_err(|error| error.to_string())
    };
    read.map_err(|message| {
        context.output.refuse(Code::Recording, message, None);
        Exit::Suite
    })
}

fn stdin() -> Result<Bytes, String> {
    let mut bytes = Vec::new();
    let mut bounded = std::io::stdin().lock().take(limits::RECORDING + 1);
    bounded.read_to_end(&mut bytes).map_err(|error| error.kind().to_string())?;
    if bytes.len() as u64 > limits::RECORDING {
        return Err(format!("it is larger than {} bytes", limits::RECORDING));
    }
    Ok(bytes.into())
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".into() } else { format!("`{}`", path.display()) }
}

/// An environment with its keys read.
pub(super) fn environment(
    context: &Context<'_>,
    arguments: &Verify,
) -> Result<Option<(Ready, Vec<Profile>)>, Exit> {
    let Some(name) = arguments.env.as_deref() else { return Ok(None) };
    let suite = context.load()?;
    let refuse = |problems: &[countersign::diag::Diagnostic]| context.refuse(problems, &suite.sources);
    let surroundings = context.surroundings(Vec::new(), Clock::System, Ids::Random);
    if !suite.environments.contains_key(name) {
        let message = format!("there is no environment `{name}`");
        let known = suite.environments.keys().map(String::as_str);
        let near = did_you_mean(name, known).map(|near| format!("did you mean `{near}`?"));
        context.output.refuse(Code::UnknownEnvironment, message, near);
        return Err(Exit::Suite);
    }
    let (ready, warnings) =
        launch::environment(&suite, name, &surroundings).map_err(|problems| refuse(&problems))?;
    context.output.show(&warnings, &suite.sources);
    let choices = ready.party.signing.as_ref().map_or(&[][..], |signing| &signing.profiles);
    let profiles = choices.iter().filter_map(|choice| suite.chosen(choice)).collect();
    Ok(Some((ready, profiles)))
}

/// The profile: the named one, else that of the environment, else the one that the headers suggest.
pub(super) fn profile(
    context: &Context<'_>,
    arguments: &Verify,
    environment: Vec<Profile>,
    message: &Received,
) -> Result<Chosen, Exit> {
    let named = |profile| Chosen { profile, because: None };
    if let Some(name) = &arguments.profile {
        return crate::cli::profiles::find(context, name).map(named);
    }
    if arguments.scheme.is_none() {
        let mut profiles = environment.into_iter();
        match (profiles.next(), profiles.next()) {
            (Some(profile), None) => return Ok(named(profile)),
            (Some(_), Some(_)) => {
                let reason = "the environment signs with several profiles, and one is verified at a time";
                context.output.fail(reason, Some("name the one that is meant with `--profile`"));
                return Err(Exit::Usage);
            }
            (None, _) => {}
        }
    }
    match guess(message, arguments.scheme.as_deref(), arguments.secret_env.is_some()) {
        Ok(Guess { profile, because }) => Ok(Chosen { profile, because: Some(because) }),
        Err(reason) => {
            let help = "name the profile with `--profile`; `countersign profiles list` shows them";
            context.output.fail(&reason, Some(help));
            Err(Exit::Usage)
        }
    }
}

/// The keys: those of the command line, else those of the environment. The first is the one that
/// should have signed.
pub(super) fn keys(
    context: &Context<'_>,
    arguments: &Verify,
    environment: Option<&Ready>,
) -> Result<Vec<Key>, Exit> {
    let mut keys = Vec::new();
    for path in &arguments.keys {
        keys.extend(key_file(context, path)?);
    }
    if let Some(variable) = &arguments.secret_env {
        keys.push(secret(context, variable)?);
    }
    keys.extend(environment.into_iter().flat_map(|ready| keys_of(context, ready)));
    if keys.is_empty() {
        let help = "name the signer's public key or certificate with `--key FILE`, the variable of a shared secret \
                    with `--secret-env`, or an environment with `--env`";
        context.output.fail("there is no key to verify with", Some(help));
        return Err(Exit::Usage);
    }
    Ok(keys)
}

fn key_file(context: &Context<'_>, path: &Path) -> Result<Vec<Key>, Exit> {
    let refuse = |message: String, help: Option<String>| {
        context.output.refuse(Code::Key, message, help);
        Exit::Credentials
    };
    let bytes = files::read(path, limits::KEY_FILE).map_err(|error| refuse(error.to_string(), None))?;
    let read = VerifyingFile::read_all(&bytes)
        .map_err(|error| refuse(format!("`{}` {error}", path.display()), error.help()))?;
    let name = |kid: Option<&String>| match kid {
        Some(kid) => format!("the key `{kid}` of `{}`", path.display()),
        None => format!("`{}`", path.display()),
    };
    Ok(read
        .into_iter()
        .map(|file| {
            let key = Key::public(name(file.kid.as_ref()), file.key);
            Key { kid: file.kid, certificate: file.certificate, ..key }
        })
        .collect())
}

fn secret(context: &Context<'_>, variable: &str) -> Result<Key, Exit> {
    let value = context.environment.get(variable).filter(|value| !value.is_empty());
    let Some(value) = value else {
        let message = format!("the environment variable `{variable}` is not set");
        context.output.refuse(Code::Secret, message, None);
        return Err(Exit::Credentials);
    };
    context.settings.redactor.remember(variable, value);
    let held = Held::Secret(value.clone().into());
    Ok(Key { name: format!("the secret of `{variable}`"), kid: None, held, certificate: None })
}

/// What an environment signs with, and the key that people take in its place.
fn keys_of(context: &Context<'_>, ready: &Ready) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(secret) = ready.party.signing.as_ref().and_then(|signing| signing.secret.as_ref()) {
        context.settings.redactor.remember("secret", secret);
        let held = Held::Secret(secret.clone().into());
        keys.push(Key { name: "the shared secret".into(), kid: None, held, certificate: None });
    }
    if let Some((signing, (file, key))) =
        ready.signing.as_ref().and_then(|signing| Some((signing, signing.key.as_ref()?)))
    {
        let certificate = signing.certificate.as_ref().map(|(_, certificate)| certificate.clone());
        keys.push(Key { certificate, ..Key::public(format!("`{file}`"), key.clone()) });
    }
    if let Some(client) = &ready.tls.client {
        let key = Key::public("the key of the TLS certificate", client.chain[0].public_key().clone());
        keys.push(Key { certificate: Some(client.chain[0].clone()), ..key });
    }
    keys
}
