//! Nodes → values, collecting every mistake on the way.
//!
//! Written by hand and not by serde: a reader that goes on after a mistake, knows what
//! other tools call our keys, and says what to write instead can't be derived.

use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic, Sources, Span, did_you_mean, literal};

/// What a map of the format is called, and which keys it has.
pub(super) struct Shape {
    /// For messages: `a request`, `` `tls` ``.
    pub what: &'static str,
    /// The keys that it may have.
    pub keys: &'static [&'static str],
}

/// What other tools call our keys.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("url", "endpoint"),
    ("uri", "endpoint"),
    ("path", "endpoint"),
    ("verb", "method"),
    ("id", "name"),
    ("title", "name"),
    ("params", "query"),
    ("parameters", "query"),
    ("depends_on", "needs"),
    ("dependencies", "needs"),
    ("requires", "needs"),
    ("auth", "token"),
    ("authorization", "token"),
    ("vars", "variables"),
    ("env", "environment"),
    ("assert", "expect"),
    ("asserts", "expect"),
    ("assertions", "expect"),
    ("response", "expect"),
    ("captures", "capture"),
    ("extract", "capture"),
    ("save", "capture"),
    ("signature", "sign"),
    ("signing", "sign"),
    ("base_url", "host"),
    ("cert", "certificate"),
    ("private_key", "key"),
    ("cacert", "ca"),
    ("code", "status"),
    ("status_code", "status"),
    ("data", "text"),
    ("raw", "text"),
    ("urlencoded", "form"),
];

/// What was wrong so far.
#[derive(Debug)]
pub(super) struct Reader<'s> {
    /// The texts, for finding places inside scalars.
    pub sources: &'s Sources,
    pub problems: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    /// Parts of the files that must not be shown.
    pub secrets: Vec<Span>,
}

/// What a reader found in a file.
pub(super) struct Read {
    pub problems: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    pub secrets: Vec<Span>,
}

/// The entries of a map whose keys were checked.
pub(super) struct Fields<'n> {
    entries: &'n [Entry],
    what: &'static str,
    span: Span,
    /// Keys that a misspelt one was probably meant to be.
    meant: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The value of a key, if it is there.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value)
    }

    /// The entry of a key, if it is there.
    pub fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key.text == key)
    }

    /// The value of a key that must be there.
    pub fn required(&self, key: &str, example: &str, reader: &mut Reader) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() && !self.meant.contains(&key) {
            let message = format!("{} needs `{key}`", self.what);
            reader.problems.push(
                Diagnostic::error(Code::MissingKey, message)
                    .at(self.span, format!("no `{key}` here"))
                    .help(format!("add {}", literal(example))),
            );
        }
        found
    }
}

/// Whether a text is a template, and so can't be judged before it is filled.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// What to write for a text that was meant as `true` or `false`.
pub(super) fn meant_boolean(text: &str) -> Option<String> {
    let meant = match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => "true",
        "false" | "no" | "off" | "n" => "false",
        _ => return None,
    };
    Some(format!("write `{meant}`, without quotes"))
}

impl<'s> Reader<'s> {
    /// A reader that has found nothing yet.
    pub fn new(sources: &'s Sources) -> Self {
        Self { sources, problems: Vec::new(), warnings: Vec::new(), secrets: Vec::new() }
    }

    /// Everything that was found.
    pub fn done(self) -> Read {
        Read { problems: self.problems, warnings: self.warnings, secrets: self.secrets }
    }

    /// Notes a problem with a value; not again when the value is known to be unreadable.
    pub fn report(&mut self, node: &Node, diagnostic: Diagnostic) {
        if matches!(node.value, Value::Broken) {
            return;
        }
        self.problems.push(match node.alias {
            Some(alias) => diagnostic.at(alias, "used here"),
            None => diagnostic,
        });
    }

    /// A value is not what it should be: `subject` is what it is called, `expected` completes
    /// "must be".
    pub fn wrong(&mut self, node: &Node, subject: &str, expected: &str, help: &str) {
        let message = format!("{subject} must be {expected}");
        let label = format!("this is {}", node.describe());
        let diagnostic = Diagnostic::error(Code::WrongValue, message).at(node.span, label);
        self.report(node, if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// A value of the right type that can't be used.
    pub fn unusable(&mut self, node: &Node, message: impl Into<String>, label: &str, help: &str) {
        let diagnostic = Diagnostic::error(Code::WrongValue, message).at(node.span, label);
        self.report(node, if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// The fields of a map of a known shape.
    pub fn fields<'n>(&mut self, node: &'n Node, shape: &Shape) -> Option<Fields<'n>> {
        let entries = self.map(node, shape.what, "")?;
        let mut meant = Vec::new();
        for entry in entries {
            if !shape.keys.contains(&entry.key.text.as_str()) {
                meant.extend(self.unknown_key(entry, shape));
            }
        }
        Some(Fields { entries, what: shape.what, span: node.span, meant })
    }

    /// Refuses a key; says which one was probably meant.
    fn unknown_key(&mut self, entry: &Entry, shape: &Shape) -> Option<&'static str> {
        let key = entry.key.text.as_str();
        let diagnostic =
            Diagnostic::error(Code::UnknownKey, format!("{} has no key {}", shape.what, literal(key)));
        let known = shape.keys.iter().copied();
        let normal = key.to_lowercase().replace('-', "_");
        let other_word = OTHER_WORDS.iter().find(|(word, _)| *word == normal).map(|(_, ours)| *ours);
        let meant =
            other_word.filter(|ours| shape.keys.contains(ours)).or_else(|| did_you_mean(&normal, known));
        self.problems.push(if let Some(meant) = meant {
            diagnostic.at(entry.key.span, format!("did you mean `{meant}`?"))
        } else {
            let keys = shape.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            diagnostic.at(entry.key.span, "unknown").help(format!("there are {keys}"))
        });
        meant
    }

    /// The entries of a map with any keys.
    pub fn map<'n>(&mut self, node: &'n Node, subject: &str, help: &str) -> Option<&'n [Entry]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            Value::Null if help.is_empty() => {
                self.wrong(node, subject, "a map", "delete the key if nothing is meant");
                None
            }
            _ => {
                self.wrong(node, subject, "a map", help);
                None
            }
        }
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node, subject: &str, help: &str) -> Option<&'n [Node]> {
        if let Value::List(items) = &node.value {
            return Some(items);
        }
        self.wrong(node, subject, "a list", help);
        None
    }

    /// A text, which may be a template.
    pub fn text(&mut self, node: &Node, subject: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => {
                let written = node.to_json().to_string();
                self.wrong(node, subject, "text", &format!("quote it: `\"{written}\"`"));
                None
            }
            _ => {
                self.wrong(node, subject, "text", "");
                None
            }
        }
    }

    /// A text that is needed before any template can be filled, such as a request's name.
    pub fn fixed(&mut self, node: &Node, subject: &str) -> Option<String> {
        let text = self.text(node, subject)?;
        if text.trim().is_empty() {
            self.wrong(node, subject, "a name", "");
            return None;
        }
        if is_template(&text) {
            let message = format!("{subject} can't be a template");
            self.unusable(node, message, "needed before any template is filled", "write the name itself");
            return None;
        }
        if text.chars().any(crate::diag::is_invisible) || text.trim() != text {
            let message = format!("{subject} has characters that can't be seen: {}", literal(&text));
            self.unusable(node, message, "", "use letters, digits and `-`, `_`, `.`, `/`");
            return None;
        }
        Some(text)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, node: &Node, subject: &str) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) => {
                self.wrong(node, subject, "`true` or `false`", &meant_boolean(text).unwrap_or_default());
                None
            }
            _ => {
                self.wrong(node, subject, "`true` or `false`", "");
                None
            }
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, node: &Node, subject: &str) -> Vec<String> {
        let help = match node.as_text() {
            Some(text) => format!("write `[{text}]`"),
            None => String::new(),
        };
        let items = self.list(node, subject, &help).unwrap_or_default();
        items.iter().filter_map(|item| self.fixed(item, &format!("an item of {subject}"))).collect()
    }
}
