//! Where a key comes from when it is not simply a file: an encrypted one, a PKCS#12 store, or a
//! program that signs.

use super::duration::duration;
use super::environment::path;
use super::reader::{Fields, Reader, Shape, is_template};
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic};
use crate::secret::Passphrase;
use crate::sign::{ProgramInput, ProgramOutput};
use crate::spec::SignCommand;

const COMMAND: Shape = Shape { what: "`key`", keys: &["command", "timeout", "input", "output"] };

/// Reads a passphrase. One in plain text works, and is warned of.
pub(super) fn passphrase(reader: &mut Reader, node: &Node) -> Option<Passphrase> {
    // Before anything is said about it: whatever stands here is meant to be secret.
    if !node.as_text().is_some_and(is_template) {
        reader.secrets.push(node.span);
    }
    // Said here and not by `Reader::text`, which shows what it found.
    let Some(text) = node.as_text().map(str::to_owned) else {
        reader.unusable(node, "`passphrase` must be text", "this is none", "put it in quotes");
        return None;
    };
    if !is_template(&text) {
        reader.warnings.push(
            Diagnostic::warning(Code::Secret, "`passphrase` is written in plain text")
                .at(node.span, "")
                .help("write `passphrase: \"{{ secret('KEY_PASSPHRASE') }}\"`, and set the variable or put it into `.env`"),
        );
    }
    Some(Passphrase::new(text))
}

/// Reads the path of a PKCS#12 store, which can't stand beside what it holds.
pub(super) fn store(reader: &mut Reader, fields: &Fields<'_>, holds: &[&str]) -> Option<String> {
    let store = fields.entry("pkcs12")?;
    for entry in holds.iter().filter_map(|name| fields.entry(name)) {
        let message = format!("`pkcs12` and `{}` can't stand together", entry.key.text);
        let problem = Diagnostic::error(Code::WrongValue, message)
            .at(entry.key.span, "the store holds it already")
            .at(store.key.span, "the store")
            .help("keep one of them");
        reader.problems.push(problem);
    }
    path(reader, &store.value, "`pkcs12`")
}

/// A passphrase must belong to something.
pub(super) fn check_passphrase(reader: &mut Reader, fields: &Fields<'_>, what: &str) {
    let (Some(entry), None, None) = (fields.entry("passphrase"), fields.get("key"), fields.get("pkcs12"))
    else {
        return;
    };
    reader.problems.push(
        Diagnostic::error(Code::MissingKey, format!("{what} has a `passphrase` and nothing that it opens"))
            .at(entry.key.span, "needs `key` or `pkcs12` beside it")
            .help("add `key: certificates/NAME.key` or `pkcs12: certificates/NAME.p12`"),
    );
}

/// A public key and no passphrase belong to a program that signs; a file needs no public key.
pub(super) fn check_public_key(reader: &mut Reader, fields: &Fields<'_>) {
    let by_program = fields.get("key").is_some_and(|node| matches!(node.value, Value::Map(_)));
    let (key, told, help) = if by_program {
        ("passphrase", "the program opens its own key", "remove it, or give it to the program its own way")
    } else {
        (
            "public_key",
            "only a program that signs needs one",
            "remove it: every private key holds its public half",
        )
    };
    if let Some(entry) = fields.entry(key) {
        let message = format!("`{key}` has no meaning here");
        reader
            .problems
            .push(Diagnostic::error(Code::WrongValue, message).at(entry.key.span, told).help(help));
    }
}

/// Reads a program that signs.
pub(super) fn command(reader: &mut Reader, node: &Node) -> Option<SignCommand> {
    let fields = reader.fields(node, &COMMAND)?;
    let words = fields.required("command", "command: [program, argument]", reader)?;
    let words = words_of(reader, words)?;
    let input = fields.get("input").and_then(|node| {
        choice(
            reader,
            node,
            "`input`",
            &[("message", ProgramInput::Message), ("digest", ProgramInput::Digest)],
        )
    });
    let output = fields.get("output").and_then(|node| {
        let forms =
            [("raw", ProgramOutput::Raw), ("base64", ProgramOutput::Base64), ("hex", ProgramOutput::Hex)];
        choice(reader, node, "`output`", &forms)
    });
    Some(SignCommand {
        words,
        timeout: fields.get("timeout").and_then(|node| duration(reader, node, "`timeout`")),
        input: input.unwrap_or_default(),
        output: output.unwrap_or_default(),
    })
}

fn words_of(reader: &mut Reader, node: &Node) -> Option<Vec<String>> {
    let help = "write the program and each argument as an item of its own; no shell takes a line apart";
    let Value::List(items) = &node.value else {
        reader.wrong(node, "`command`", "a list of words, such as `[openssl, dgst, -sign, my.key]`", help);
        return None;
    };
    let words: Vec<_> = items.iter().map(|item| reader.text(item, "a word of `command`")).collect();
    let words = words.into_iter().collect::<Option<Vec<String>>>()?;
    if words.first().is_none_or(|program| program.trim().is_empty()) {
        reader.unusable(node, "`command` names no program", "the first word is the program", help);
        return None;
    }
    Some(words)
}

fn choice<T: Copy>(reader: &mut Reader, node: &Node, subject: &str, of: &[(&str, T)]) -> Option<T> {
    let found = node.as_text().and_then(|text| of.iter().find(|(name, _)| *name == text));
    if found.is_none() {
        let names: Vec<String> = of.iter().map(|(name, _)| format!("`{name}`")).collect();
        reader.wrong(node, subject, &format!("one of {}", names.join(", ")), "");
    }
    found.map(|(_, value)| *value)
}
