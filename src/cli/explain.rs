//! `countersign explain`: a request as it would be sent, and why.

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use countersign::diag::Diagnostic;
use countersign::plan::Why;
use countersign::render::{Rendered, Scope};
use countersign::report::Event;
use countersign::run::{self, Failure, Prepared, Turn};
use countersign::sign::{DPOP, Signature, SignedMessage};
use countersign::spec::{Signing, Tls, parted};
use countersign::template::Variables;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::args::Explain;
use super::context::Context;
use super::curl::{Curl, Route};
use super::exit::Exit;
use super::layers::Layered;
use super::one;
use super::origins::Origins;
use super::placeholder;
use super::reports::Reports;

pub(super) fn explain(context: &Context<'_>, arguments: &Explain) -> Exit {
    try_explain(context, arguments).unwrap_or_else(|exit| exit)
}

fn try_explain(context: &Context<'_>, arguments: &Explain) -> Result<Exit, Exit> {
    let (prepared, _banks) = one::prepare(context, &arguments.one, |_, _| Ok(()))?;
    let step = prepared.plan.steps.len() - 1;
    let make = |scope: &Scope, turn: &Turn| message(context, &prepared, step, (scope, turn));
    let (marked, shown) = if arguments.send {
        let (scope, turn) = sent(context, &prepared, step)?;
        let made = make(&scope, &turn)?;
        (made.clone(), made)
    } else {
        // First as people read it: what is refused is told with that in it.
        let turn = Turn::default();
        let scope = |written| {
            let refuse = |problems: Vec<Diagnostic>| context.refuse(&problems, &prepared.suite.sources);
            placeholder::scope(&prepared, step, written).map_err(refuse)
        };
        let shown = make(&scope(placeholder::shown)?, &turn)?;
        (make(&scope(placeholder::marked)?, &turn)?, shown)
    };
    let ((_, marked), (rendered, shown)) = (marked, shown);
    let (own_origin, used) = (rendered.own_origin, &rendered.variables);
    let explained = Explained { prepared: &prepared, step, signed: &shown, used, own_origin };
    if arguments.curl {
        curl(context, &Explained { signed: &marked, ..explained });
    } else if arguments.json {
        context.output.print_json(&explained.json().to_string());
    } else {
        context.output.print(&explained.text());
    }
    warn_of_placeholders(context, &marked);
    Ok(Exit::Ok)
}

fn message(
    context: &Context<'_>,
    prepared: &Prepared,
    step: usize,
    (scope, turn): (&Scope, &Turn),
) -> Result<(Rendered, SignedMessage), Exit> {
    match prepared.message(step, scope, turn) {
        Ok(made) => Ok(made),
        Err(Failure::Rendering(problems)) => Err(context.refuse(&problems, &prepared.suite.sources)),
        Err(Failure::Client(error) | Failure::Signing { error, .. }) => {
            let problem = Diagnostic::error(error.code(), error.to_string());
            let problem = error.help().into_iter().fold(problem, Diagnostic::help);
            Err(context.refuse(&[problem], &prepared.suite.sources))
        }
    }
}

/// A signature over what is not known yet is one that no bank will accept.
fn warn_of_placeholders(context: &Context<'_>, marked: &SignedMessage) {
    let mut names = Vec::new();
    for signature in marked.signatures() {
        placeholder::names(&signature.signing_string, &mut names);
        let is_digest = |name: &str| name.trim_matches('"').to_ascii_lowercase().ends_with("digest");
        // Some schemes sign a hash of these, so that they are not in the string itself.
        signature.components.iter().for_each(|(_, value)| placeholder::names(value, &mut names));
        let is_digest = |name: &str| {
            is_digest(name) || matches!(name, "payload" | "oauth_body_hash") || name.starts_with("body.")
        };
        if signature.components.iter().any(|(name, _)| is_digest(name)) {
            placeholder::names(&String::from_utf8_lossy(&marked.message().body), &mut names);
        }
    }
    for token in marked.tokens() {
        placeholder::names(&format!("{}{}", token.header, token.claims), &mut names);
        if token.claims.get("ath").is_some() {
            let headers = marked.message().headers.iter().filter(|(name, _)| *name != DPOP);
            headers.for_each(|(_, value)| placeholder::names(value, &mut names));
        }
    }
    if !names.is_empty() {
        let names = names.join("`, `");
        context
            .output
            .tell(&format!("warning: signed over placeholders: `{names}`; use `--send` for real values"));
    }
}

fn curl(context: &Context<'_>, explained: &Explained<'_>) {
    let Explained { prepared, step, signed, .. } = *explained;
    let party = prepared.party(step);
    let (tls, redactor) = (&explained.identity(), &context.settings.redactor);
    let message = signed.message();
    let way = &prepared.way(step, &message.url);
    let straight = prepared.travel(step).is_straight();
    let route = Route { resolve: &party.resolve, way, straight };
    let command = Curl { message, tls, route, root: prepared.root(), redactor }.command();
    context.output.print(&command.text);
    if !command.variables.is_empty() {
        context.output.tell(&format!("# set {} before running it", command.variables.join(", ")));
    }
    if !command.encoded.is_empty() {
        let encoded = command.encoded.join(", ");
        context.output.tell(&format!("# {encoded}: encoded as in the request (percent, base64, JSON)"));
    }
    if tls.ca.len() > 1 {
        let files = tls.ca.join(" ");
        context.output.tell(&format!(
            "# curl takes one file of roots, here the first; to trust all: `cat {files}` into one file and name that"
        ));
    }
    if party.is_embedded() && explained.own_origin {
        context.output.tell(
            "# the embedded bank lives only while countersign runs: \
             serve it with `countersign sandbox` and name its host in an environment",
        );
    }
}

/// The scope after running what the step needs.
fn sent(context: &Context<'_>, prepared: &Arc<Prepared>, step: usize) -> Result<(Scope, Turn), Exit> {
    let mut reports = Reports::of_failures(context, &prepared.suite);
    let runtime = super::run::runtime(context)?;
    let mut tell = |event: Event<'_>| reports.event(&event);
    let gathered = runtime.block_on(run::gather(Arc::clone(prepared), step, &mut tell));
    gathered.map_err(|summary| summary.class.map_or(Exit::Bug, Exit::from))
}

#[derive(Clone, Copy)]
struct Explained<'a> {
    prepared: &'a Prepared,
    step: usize,
    signed: &'a SignedMessage,
    /// The names that its templates took from their surroundings.
    used: &'a Variables,
    own_origin: bool,
}

impl Explained<'_> {
    fn text(&self) -> String {
        let message = self.signed.message();
        let request = self.prepared.request(self.step);
        let party = self.prepared.party(self.step);
        let name = &self.prepared.plan.steps[self.step].name;
        let mut text = format!("{name}  {}\n", party.environment);
        if let Some(description) = &request.description {
            let _ = writeln!(text, "{description}");
        }
        section(&mut text, "needs", &self.needs());
        let mut head = vec![format!("{} {}", message.method, message.url)];
        head.extend(message.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        section(&mut text, "request", &head);
        section(&mut text, &format!("body, {} bytes", message.body.len()), &body_lines(&message.body));
        section(&mut text, "where the headers come from", &table(&self.origins().headers()));
        section(
            &mut text,
            "variables",
            &table(&self.variables().iter().map(Layered::row).collect::<Vec<_>>()),
        );
        section(&mut text, "client", &table(&self.origins().client()));
        for token in self.signed.tokens() {
            section(&mut text, token.kind.name(), &self.origins().token_lines(token));
        }
        for index in 0..self.signed.signatures().len() {
            self.signature(&mut text, index);
        }
        if self.signed.signatures().is_empty() {
            section(&mut text, "signature", &["none".to_owned()]);
        }
        section(&mut text, "tampered", &self.tampered());
        section(&mut text, "TLS", &self.tls());
        text
    }

    fn variables(&self) -> Vec<Layered> {
        self.origins().variables(self.used)
    }

    fn tampered(&self) -> Vec<String> {
        self.signed.tampered().iter().map(ToString::to_string).collect()
    }

    fn origins(&self) -> Origins<'_> {
        let Self { prepared, step, signed, own_origin, .. } = *self;
        Origins { prepared, step, signed, own_origin }
    }

    fn needs(&self) -> Vec<String> {
        let steps = &self.prepared.plan.steps;
        let why = |why: Why| match why {
            Why::Token => "its token is sent",
            Why::TokenOf => "its token is sent in place of its own",
            Why::Listed => "`needs` lists it",
            Why::Mentioned => "a template mentions it",
            Why::ForWith(_) => "variables that are set for it mention it",
        };
        steps[self.step]
            .needs
            .iter()
            .map(|edge| (edge, &steps[edge.step]))
            .map(|(edge, step)| match parted(&step.environment).1 {
                Some(identity) => format!("{} as {identity}: {}", step.name, why(edge.why)),
                None => format!("{}: {}", step.name, why(edge.why)),
            })
            .collect()
    }

    fn signature(&self, text: &mut String, index: usize) {
        let signatures = self.signed.signatures();
        let signature = &signatures[index];
        // Only the first is made with another's key where `tamper` says so.
        let party = if index == 0 { self.prepared.key_of(self.step) } else { self.prepared.party(self.step) };
        let key = party.signing.as_ref().and_then(key_of);
        let from = self.origins().key_id(index).map_or_else(String::new, |place| format!("  ({place})"));
        let mut facts = vec![
            format!("profile    {} ({})", signature.profile, signature.scheme),
            format!("key id     {}{from}", signature.key_id),
            format!("algorithm  {}", signature.algorithm),
        ];
        facts.extend(key.map(|key| format!("key        {key}")));
        facts.push(format!("carried in {}", signature.carried_in.join(", ")));
        let count = signatures.len();
        let title =
            if count > 1 { format!("signature {} of {count}", index + 1) } else { "signature".to_owned() };
        section(text, &title, &facts);
        section(text, "what is signed, and where it comes from", &self.signed_lines(index));
        let lines: Vec<String> = signature.signing_string.split('\n').map(str::to_owned).collect();
        section(text, "signing string", &lines);
        section(text, "signature value", std::slice::from_ref(&signature.value));
    }

    /// Whom TLS is with: another host gets no client certificate.
    fn identity(&self) -> Tls {
        if self.own_origin { self.prepared.connection(self.step).tls.clone() } else { Tls::default() }
    }

    fn tls(&self) -> Vec<String> {
        let tls = self.identity();
        let mut lines = Vec::new();
        lines.extend(tls.certificate.as_ref().map(|path| format!("certificate {path}")));
        lines.extend(tls.key.as_ref().map(|path| format!("key         {path}")));
        lines.extend(tls.pkcs12.as_ref().map(|path| format!("pkcs12      {path}")));
        lines.extend(tls.ca.iter().map(|path| format!("ca          {path}")));
        lines.extend(tls.options.pins.iter().map(|pin| format!("pin         {pin}")));
        lines.extend(tls.options.server_name.as_ref().map(|name| format!("server name {name}")));
        lines.extend((!tls.options.verify).then(|| "not verified".to_owned()));
        lines
    }

    /// Each component with where it came from, and its value where the signing string has it encoded.
    fn signed_lines(&self, index: usize) -> Vec<String> {
        let signature = &self.signed.signatures()[index];
        let told = table(&self.origins().components(index));
        let values = signature.components.iter().map(|(_, value)| value);
        let encoded =
            |value: &&String| !value.is_empty() && !signature.signing_string.contains(value.as_str());
        told.into_iter()
            .zip(values)
            .flat_map(|(line, value)| {
                let value = Some(value).filter(encoded).map(|value| format!("  {value}"));
                std::iter::once(line).chain(value)
            })
            .collect()
    }

    /// What the signature at this index signs: name, value, and where it came from.
    fn components(&self, index: usize) -> Vec<Value> {
        let told = self.origins().components(index);
        self.signed.signatures()[index]
            .components
            .iter()
            .zip(told)
            .map(|((name, value), (_, from))| json!({"name": name, "value": value, "from": from}))
            .collect()
    }

    fn signatures(&self) -> Vec<Value> {
        let shown = |(index, signature): (usize, &Signature)| {
            json!({
                "profile": signature.profile,
                "scheme": signature.scheme,
                "key_id": signature.key_id,
                "algorithm": signature.algorithm,
                "signing_string": signature.signing_string,
                "signature": signature.value,
                "carried_in": signature.carried_in,
                "components": self.components(index),
            })
        };
        self.signed.signatures().iter().enumerate().map(shown).collect()
    }

    fn json(&self) -> Value {
        let message = self.signed.message();
        let signature = self.signed.signature();
        let headers: Vec<_> = message.headers.iter().map(|(name, value)| json!([name, value])).collect();
        json!({
            "name": self.prepared.plan.steps[self.step].name,
            "environment": parted(&self.prepared.party(self.step).environment).0,
            "identity": parted(&self.prepared.party(self.step).environment).1,
            "tampered": self.tampered(),
            "method": message.method,
            "url": message.url.as_str(),
            "headers": headers,
            "body_base64": BASE64_STANDARD.encode(&message.body),
            "signing_string": signature.map(|signature| &signature.signing_string),
            "signature": signature.map(|signature| &signature.value),
            "key_id": signature.map(|signature| &signature.key_id),
            "origins": self.origins().headers().into_iter().collect::<IndexMap<_, _>>(),
            "variables": self.variables().iter().map(Layered::json).collect::<Vec<_>>(),
            "components": signature.map(|_| self.components(0)).unwrap_or_default(),
            "signatures": self.signatures(),
            "tokens": self.origins().tokens_json(),
        })
    }
}

/// Names in a column of their own.
fn table(rows: &[(String, String)]) -> Vec<String> {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    rows.iter().map(|(name, told)| format!("{name:width$}  {told}")).collect()
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn body_lines(body: &[u8]) -> Vec<String> {
    match std::str::from_utf8(body) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(_) => vec!["(not text)".to_owned()],
    }
}

/// Where the key that signs is kept.
fn key_of(signing: &Signing) -> Option<String> {
    let program = signing.command.as_ref().and_then(|command| command.words.first());
    let program = program.map(|program| format!("the program {program}"));
    program.or_else(|| signing.key.clone()).or_else(|| signing.pkcs12.clone())
}
