//! YAML text → a tree of nodes that know where they stand and how they were written.
//!
//! The tree is composed from the parser's events, not deserialised: only so do keys, aliases and
//! the style of a scalar keep their places, and only so can the reader say in our words what is
//! wrong. What is refused here (merge keys, tags, `.nan`) is what JSON could not carry or what
//! a reader would have to guess.

mod compose;
mod encoding;
mod explain;
mod keys;
mod leaf;
mod scalar;
mod structure;
mod unquoted;

use std::str::FromStr;

use serde_json::{Map, Number};

use crate::diag::{Diagnostic, SourceId, Span};
use crate::limits::YAML_NODES;

use compose::compose;
pub(in crate::load) use encoding::decode;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::load) enum Style {
    Plain,
    Single,
    Double,
    /// Below a `|`, with this indentation.
    Literal(usize),
    /// Below a `>`, with this indentation.
    Folded(usize),
    /// Not a scalar.
    Collection,
}

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub(in crate::load) struct Node {
    /// A scalar: all of it, with its quotes or the `|` of its header. A flow collection: from bracket to bracket. A block collection: its
    /// first key or dash.
    pub span: Span,
    pub style: Style,
    /// Where it is used, when it stands elsewhere (`*alias`).
    pub alias: Option<Span>,
    pub value: Value,
}

#[derive(Debug, Clone)]
pub(in crate::load) enum Value {
    Null,
    Bool(bool),
    /// With the spelling of the file.
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Could not be read, and that has been said.
    Broken,
}

/// One key of a map with its value.
#[derive(Debug, Clone)]
pub(in crate::load) struct Entry {
    pub key: Key,
    pub value: Node,
}

/// A key: always text, as written.
#[derive(Debug, Clone)]
pub(in crate::load) struct Key {
    pub text: String,
    pub span: Span,
    pub style: Style,
}

/// The documents of a file, and everything that is wrong with it.
#[derive(Debug, Default)]
pub(in crate::load) struct Documents {
    pub nodes: Vec<Node>,
    pub problems: Vec<Diagnostic>,
}

impl Node {
    /// The value as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null | Value::Broken => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::Text(text) => text.clone().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.text.clone(), entry.value.to_json()));
                serde_json::Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// What it is, for a message.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Null if self.span.start == self.span.end => "nothing".to_owned(),
            Value::Null => "`null`".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(number) => format!("the number `{number}`"),
            Value::Text(text) if text.is_empty() => "an empty text".to_owned(),
            Value::Text(text) => format!("the text {}", crate::diag::literal(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
            Value::Broken => "unreadable".to_owned(),
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is a whole one that the type can hold.
    pub fn as_whole<N: FromStr>(&self) -> Option<N> {
        match &self.value {
            Value::Number(number) => number.to_string().parse().ok(),
            _ => None,
        }
    }
}

/// Reads a text that has been added to the sources.
pub(in crate::load) fn read(source: SourceId, text: &str) -> Documents {
    read_within(source, text, YAML_NODES)
}

/// [`read`] with another bound on the number of values.
pub(in crate::load) fn read_within(source: SourceId, text: &str, most: usize) -> Documents {
    match encoding::forbidden_character(source, text) {
        Some(problem) => Documents { problems: vec![problem], ..Documents::default() },
        None => compose(source, text, most),
    }
}
