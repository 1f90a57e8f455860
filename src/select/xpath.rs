//! A small part of `XPath` 1.0: paths, `//`, attributes, positions and equality in predicates.
//!
//! Names match whatever the namespace, as `Document` does in ISO 20022 messages of every version;
//! `p:name` asks for the prefix that the document itself uses. Axes, functions and arithmetic are
//! not there, and are refused by name.

use std::iter::Peekable;
use std::str::CharIndices;

use roxmltree::{Node, ParsingOptions};

use crate::limits;

/// Most elements of a document: a bound on time and memory beside that on the body.
const NODES: u32 = 1_000_000;

/// A path that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XPath {
    source: String,
    steps: Vec<Step>,
    last: Last,
    /// Whether `//` stands before the attribute or `text()`.
    last_deep: bool,
}

/// Why a text is no path of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct XPathError {
    pub(super) message: String,
    /// The byte from which on it can't be read.
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    /// Whether `//` stands before it: any depth.
    deep: bool,
    name: Name,
    predicates: Vec<Predicate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Any,
    Is { prefix: Option<String>, local: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Predicate {
    Position(usize),
    Attribute(Name, Option<String>),
    Child(Name, Option<String>),
}

/// What is taken of the elements that the steps find.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Last {
    /// All text in them.
    Text,
    /// Only text that stands directly in them: `text()`.
    OwnText,
    /// An attribute.
    Attribute(Name),
}

impl XPath {
    /// Reads a path.
    pub(super) fn parse(source: &str) -> Result<Self, XPathError> {
        let mut reader = Reader { source, rest: source.char_indices().peekable() };
        reader.path()
    }

    /// The texts that it finds in a document, in its order; or why the document can't be read.
    pub(super) fn find(&self, document: &str) -> Result<Vec<String>, String> {
        let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
        let document =
            roxmltree::Document::parse_with_options(document, options).map_err(|error| error.to_string())?;
        if is_too_deep(&document) {
            return Err(format!("its elements lie more than {} deep in each other", limits::XML_DEPTH));
        }
        let mut nodes = vec![document.root()];
        for step in &self.steps {
            nodes = step.from(&nodes);
            nodes.sort_unstable_by_key(|node| node.id().get());
            nodes.dedup_by_key(|node| node.id());
        }
        let mut texts = Vec::new();
        let mut length = 0;
        for node in parents(&nodes, self.last_deep) {
            for text in self.last.of(node) {
                length += text.len();
                if length > limits::ANSWER_BODY {
                    return Err("the path finds more text than an answer may have".to_owned());
                }
                texts.push(text);
            }
        }
        Ok(texts)
    }
}

/// The text of an element is that of everything in it: in a document that is one long chain, all
/// of them together would be longer than any memory.
fn is_too_deep(document: &roxmltree::Document<'_>) -> bool {
    let mut depths: Vec<usize> = Vec::new();
    document.descendants().any(|node| {
        let depth = node.parent().map_or(0, |parent| depths[parent.id().get() as usize] + 1);
        depths.push(depth);
        depth > limits::XML_DEPTH
    })
}

impl Step {
    fn from<'a, 'd>(&self, nodes: &[Node<'a, 'd>]) -> Vec<Node<'a, 'd>> {
        let mut found = Vec::new();
        for parent in parents(nodes, self.deep) {
            let mut children: Vec<Node<'a, 'd>> =
                parent.children().filter(|child| child.is_element() && self.name.is(*child)).collect();
            for predicate in &self.predicates {
                children = predicate.among(children);
            }
            found.extend(children);
        }
        found
    }
}

/// The nodes in whose children a step looks, in the order of the document: of `//` everything in
/// them too, each once, however they lie in each other.
fn parents<'a, 'd>(nodes: &[Node<'a, 'd>], deep: bool) -> Vec<Node<'a, 'd>> {
    if !deep {
        return nodes.to_vec();
    }
    let mut parents: Vec<Node<'a, 'd>> = Vec::new();
    for node in nodes {
        let seen = parents.last().is_some_and(|last| last.id().get() >= node.id().get());
        if !seen {
            parents.extend(node.descendants());
        }
    }
    parents
}

impl Name {
    fn is(&self, node: Node<'_, '_>) -> bool {
        let name = node.tag_name();
        self.fits(node, name.name(), name.namespace())
    }

    fn attributes(&self, node: Node<'_, '_>) -> Vec<String> {
        let attributes = node.attributes().filter(|it| self.fits(node, it.name(), it.namespace()));
        attributes.map(|it| it.value().to_owned()).collect()
    }

    /// Without a prefix, a name is meant in any namespace; with one, in that of the document.
    fn fits(&self, node: Node<'_, '_>, name: &str, namespace: Option<&str>) -> bool {
        let Self::Is { prefix, local } = self else { return true };
        let in_namespace = |prefix: &str| {
            let meant = node.lookup_namespace_uri(Some(prefix));
            meant.is_some() && meant == namespace
        };
        local == name && prefix.as_deref().is_none_or(in_namespace)
    }
}

impl Predicate {
    fn among<'a, 'd>(&self, nodes: Vec<Node<'a, 'd>>) -> Vec<Node<'a, 'd>> {
        let says = |value: &Option<String>, texts: Vec<String>| match value {
            None => !texts.is_empty(),
            Some(value) => texts.iter().any(|text| text == value),
        };
        match self {
            Self::Position(position) => nodes.into_iter().skip(position - 1).take(1).collect(),
            Self::Attribute(name, value) => {
                nodes.into_iter().filter(|node| says(value, name.attributes(*node))).collect()
            }
            Self::Child(name, value) => {
                let texts = |node: Node<'_, '_>| {
                    let children = node.children().filter(|child| child.is_element() && name.is(*child));
                    children.map(text).collect::<Vec<_>>()
                };
                nodes.into_iter().filter(|node| says(value, texts(*node))).collect()
            }
        }
    }
}

impl Last {
    fn of(&self, node: Node<'_, '_>) -> Vec<String> {
        match self {
            Self::Text => vec![text(node)],
            Self::OwnText => {
                let own = node.children().filter(Node::is_text);
                own.filter_map(|node| node.text().map(str::to_owned)).collect()
            }
            Self::Attribute(name) => name.attributes(node),
        }
    }
}

/// All text in a node, as `XPath`'s string value.
fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

struct Reader<'s> {
    source: &'s str,
    rest: Peekable<CharIndices<'s>>,
}

impl Reader<'_> {
    fn path(&mut self) -> Result<XPath, XPathError> {
        let mut steps = Vec::new();
        let (mut last, mut last_deep) = (Last::Text, false);
        while let Some(deep) = self.slashes(steps.is_empty())? {
            last_deep = deep;
            if self.take('@') {
                last = Last::Attribute(self.name()?);
            } else if self.source[self.at()..].starts_with("text()") {
                self.rest.by_ref().take("text()".len()).for_each(|_| ());
                last = Last::OwnText;
            } else {
                steps.push(Step { deep, name: self.name()?, predicates: self.predicates()? });
                last_deep = false;
                continue;
            }
            break;
        }
        match self.rest.peek() {
            None if steps.is_empty() && !last_deep => Err(self.wrong("the path names no element")),
            None => Ok(XPath { source: self.source.to_owned(), steps, last, last_deep }),
            Some(_) => Err(self.wrong("the path can't be read from here on")),
        }
    }

    /// `/` or `//` before a step; the first step needs one.
    fn slashes(&mut self, first: bool) -> Result<Option<bool>, XPathError> {
        if !self.take('/') {
            return if first { Err(self.wrong("a path begins with `/` or `//`")) } else { Ok(None) };
        }
        Ok(Some(self.take('/')))
    }

    fn name(&mut self) -> Result<Name, XPathError> {
        if self.take('*') {
            return Ok(Name::Any);
        }
        let first = self.word()?;
        match self.rest.peek() {
            Some((_, '(')) => Err(self.wrong(&format!("the function `{first}()` is not supported"))),
            Some((at, ':')) if self.source[*at..].starts_with("::") => {
                Err(self.wrong(&format!("the axis `{first}::` is not supported")))
            }
            Some((_, ':')) => {
                self.rest.next();
                Ok(Name::Is { prefix: Some(first), local: self.word()? })
            }
            _ => Ok(Name::Is { prefix: None, local: first }),
        }
    }

    fn word(&mut self) -> Result<String, XPathError> {
        let begins = |letter: char| letter.is_alphabetic() || letter == '_';
        let goes_on = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let mut word = String::new();
        while let Some((_, letter)) = self.rest.peek().copied() {
            if !(if word.is_empty() { begins(letter) } else { goes_on(letter) }) {
                break;
            }
            word.push(letter);
            self.rest.next();
        }
        if word.is_empty() { Err(self.wrong("the name of an element is missing")) } else { Ok(word) }
    }

    fn predicates(&mut self) -> Result<Vec<Predicate>, XPathError> {
        let mut predicates = Vec::new();
        while self.take('[') {
            predicates.push(self.predicate()?);
            if !self.take(']') {
                return Err(
                    self.wrong("the predicate is not closed, or is more than `[1]`, `[@a='b']` or `[a='b']`")
                );
            }
        }
        Ok(predicates)
    }

    fn predicate(&mut self) -> Result<Predicate, XPathError> {
        let mut digits = String::new();
        while let Some((_, digit)) = self.rest.next_if(|(_, letter)| letter.is_ascii_digit()) {
            digits.push(digit);
        }
        if !digits.is_empty() {
            let position = digits.parse().ok().filter(|position| *position > 0);
            return position.map(Predicate::Position).ok_or_else(|| self.wrong("positions count from 1"));
        }
        if self.take('@') {
            return Ok(Predicate::Attribute(self.name()?, self.value()?));
        }
        Ok(Predicate::Child(self.name()?, self.value()?))
    }

    /// `='text'`, if it is there.
    fn value(&mut self) -> Result<Option<String>, XPathError> {
        if !self.take('=') {
            return Ok(None);
        }
        let Some((_, quote @ ('"' | '\''))) = self.rest.next() else {
            return Err(self.wrong("a value stands in quotes"));
        };
        let mut value = String::new();
        for (_, letter) in self.rest.by_ref() {
            if letter == quote {
                return Ok(Some(value));
            }
            value.push(letter);
        }
        Err(self.wrong("the quote is not closed"))
    }

    fn take(&mut self, wanted: char) -> bool {
        self.rest.next_if(|(_, letter)| *letter == wanted).is_some()
    }

    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.source.len(), |(at, _)| *at)
    }

    fn wrong(&mut self, message: &str) -> XPathError {
        XPathError { message: message.to_owned(), at: self.at() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIN: &str = r#"<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10" xmlns:x="urn:x">
  <Rpt><Sts>RCVD</Sts><Amt Ccy="EUR">10.00</Amt></Rpt>
  <Rpt kind="late"><Sts>ACSC</Sts><Amt Ccy="USD">2<x:Cents>.50</x:Cents></Amt><Sts>last</Sts></Rpt>
</Document>"#;

    fn found(path: &str) -> Vec<String> {
        XPath::parse(path).unwrap().find(PAIN).unwrap()
    }

    #[test]
    fn paths_find_what_xpath_would_whatever_the_namespace() {
        for (path, texts) in [
            ("/Document/Rpt/Sts", vec!["RCVD", "ACSC", "last"]),
            ("//Sts[1]", vec!["RCVD", "ACSC"]),
            ("//Rpt[2]/Sts[2]", vec!["last"]),
            ("//Rpt[@kind]/Sts[1]", vec!["ACSC"]),
            ("//Amt/@Ccy", vec!["EUR", "USD"]),
            ("//Amt[@Ccy='USD']", vec!["2.50"]),
            ("//Amt[@Ccy='USD']/text()", vec!["2"]),
            ("//Rpt[Sts='RCVD']/Amt", vec!["10.00"]),
            ("/Document/*/Amt/x:Cents", vec![".50"]),
            ("//x:Sts", vec![]),
            ("//nowhere:Sts", vec![]),
            ("/Document//@Ccy", vec!["EUR", "USD"]),
            ("//@Ccy", vec!["EUR", "USD"]),
            ("/Document/Rpt[1]//text()", vec!["RCVD", "10.00"]),
            ("//Rpt//Amt//text()", vec!["10.00", "2", ".50"]),
            ("//Rpt/@x:kind", vec![]),
            ("/Rpt", vec![]),
        ] {
            assert_eq!(found(path), texts, "{path}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_at_its_place_and_never_finds_nothing_instead() {
        for (path, message, at) in [
            ("Document", "a path begins with `/` or `//`", 0),
            ("/", "the name of an element is missing", 1),
            ("//a[", "the name of an element is missing", 4),
            ("//a[0]", "positions count from 1", 5),
            ("//a[@b=c]", "a value stands in quotes", 8),
            ("//a[@b='c]", "the quote is not closed", 10),
            ("//count(a)", "the function `count()` is not supported", 7),
            ("//ancestor::a", "the axis `ancestor::` is not supported", 10),
            ("//a | //b", "the path can't be read from here on", 3),
        ] {
            let error = XPath::parse(path).unwrap_err();
            assert_eq!((error.message.as_str(), error.at), (message, at), "{path}");
        }
    }

    #[test]
    fn an_attribute_with_a_prefix_is_that_of_its_namespace() {
        let document = r#"<a xmlns:x="urn:x" id="1" x:id="2"/>"#;
        let found = |path: &str| XPath::parse(path).unwrap().find(document).unwrap();
        assert_eq!(found("/a/@x:id"), ["2"]);
        assert_eq!(found("/a/@id"), ["1", "2"]);
    }

    #[test]
    fn a_chain_of_elements_is_refused_before_it_fills_the_memory() {
        let document = format!("{}x{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
        let refused = XPath::parse("//a//a").unwrap().find(&document).unwrap_err();
        assert!(refused.contains("more than"), "{refused}");
    }

    #[test]
    fn a_document_that_defines_entities_is_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>";
        assert!(XPath::parse("/a").unwrap().find(bomb).is_err());
    }
}
