//! What `verify` says.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use countersign::clock::http_date;
use countersign::diag::escape;
use countersign::message::{Received, Start};
use countersign::recorded::{Form, Recorded};
use countersign::sign::{Judgement, Refusal};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use super::input::{Chosen, Key};

pub(super) struct Report<'a> {
    pub(super) recorded: &'a Recorded,
    pub(super) chosen: &'a Chosen,
    pub(super) keys: &'a [Key],
    pub(super) at: DateTime<Utc>,
    /// Where that time is from.
    pub(super) judged_by: &'a str,
    pub(super) judgement: &'a Judgement,
}

impl Report<'_> {
    pub(super) fn text(&self) -> String {
        let judgement = self.judgement;
        let verdict = if judgement.verified() { "verified" } else { "not verified" };
        let mut text = format!("{verdict}  {}\n", line(&self.recorded.message));
        if let Some(refusal) = &judgement.refusal {
            let _ = writeln!(text, "\n{}", escape(&refusal.reason));
        }
        self.facts(&mut text);
        let signed =
            judgement.components.iter().map(|(name, value)| format!("{}: {}", escape(name), escape(value)));
        section(&mut text, "signed", signed);
        if let Some(Refusal { verifies: Some(verifies), .. }) = &judgement.refusal {
            let title = "signing string: - of this message, + the one that the signature is of";
            section(&mut text, title, difference(&judgement.signing_string, verifies));
        } else if !is_joined(judgement) {
            section(&mut text, "signing string", judgement.signing_string.split('\n').map(str::to_owned));
        }
        section(&mut text, "notes", self.notes().map(str::to_owned));
        text
    }

    fn facts(&self, text: &mut String) {
        let judgement = self.judgement;
        let _ = writeln!(text, "\n{}", self.profile());
        let _ = writeln!(text, "key        {}", self.keys[0].name);
        if let Some(key_id) = &judgement.key_id {
            let _ = writeln!(text, "key id     {}", escape(key_id));
        }
        if let Some(algorithm) = &judgement.algorithm {
            let _ = writeln!(text, "algorithm  {}", escape(algorithm));
        }
        let _ = writeln!(text, "read from  {}", form(self.recorded.form));
        let _ = writeln!(text, "judged at  {}, {}", http_date(self.at), self.judged_by);
    }

    fn profile(&self) -> String {
        let profile = &self.chosen.profile;
        let scheme = profile.scheme().name();
        let because = self.chosen.because.iter().map(|because| format!(", {because}"));
        let because: String = because.collect();
        match profile.name() {
            "" => format!("scheme     {scheme}{because}"),
            name => format!("profile    {name} ({scheme}){because}"),
        }
    }

    /// What may be wrong with the recording matters only where something is wrong.
    fn notes(&self) -> impl Iterator<Item = &str> {
        let doubts = self.recorded.doubts.iter().filter(|_| !self.judgement.verified());
        self.recorded.notes.iter().chain(doubts).map(String::as_str)
    }

    pub(super) fn json(&self) -> Value {
        let judgement = self.judgement;
        let components: Vec<_> =
            judgement.components.iter().map(|(name, value)| json!([name, value])).collect();
        let refusal = judgement.refusal.as_ref();
        json!({
            "verified": judgement.verified(),
            "message": line(&self.recorded.message),
            "reason": refusal.map(|refusal| &refusal.reason),
            "profile": Some(self.chosen.profile.name()).filter(|name| !name.is_empty()),
            "scheme": self.chosen.profile.scheme().name(),
            "guessed": self.chosen.because,
            "key": self.keys[0].name,
            "key_id": judgement.key_id,
            "algorithm": judgement.algorithm,
            "read_from": form(self.recorded.form),
            "judged_at": self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "components": components,
            "signing_string": judgement.signing_string,
            "verifies": refusal.and_then(|refusal| refusal.verifies.as_ref()),
            "notes": self.notes().collect::<Vec<_>>(),
        })
    }
}

/// What the recording was taken for.
fn form(form: Form) -> &'static str {
    match form {
        Form::Raw => "a raw message",
        Form::Har => "a HAR file",
        Form::CurlVerbose => "a log of curl --verbose",
        Form::CurlTrace => "a trace of curl",
    }
}

/// The first line of a message.
fn line(message: &Received) -> String {
    match &message.start {
        Start::Request { method, target, .. } => format!("{} {}", escape(method), escape(target)),
        Start::Answer { status, request: Some(request) } => {
            format!("{status}, the answer to {}", line(request))
        }
        Start::Answer { status, request: None } => format!("{status}, an answer"),
    }
}

/// Whether the signing string says no more than the list of what is signed.
fn is_joined(judgement: &Judgement) -> bool {
    let lines: Vec<_> = judgement.components.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    judgement.signing_string == lines.join("\n")
}

/// Line by line; an empty line at the end is a newline there.
fn difference(built: &str, verifies: &str) -> Vec<String> {
    let (built, verifies): (Vec<_>, Vec<_>) = (built.split('\n').collect(), verifies.split('\n').collect());
    let difference = TextDiff::from_slices(&built, &verifies);
    let sign = |tag| match tag {
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
        ChangeTag::Equal => ' ',
    };
    difference.iter_all_changes().map(|change| format!("{} {}", sign(change.tag()), change.value())).collect()
}

fn section(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}
