//! Events → nodes: the budgets, the aliases, the duplicates.
//!
//! Composing goes on after a mistake that leaves the structure clear (a duplicate key, an unknown
//! tag), so that all of them are shown at once; the value is then [`Value::Broken`].

use std::collections::HashMap;

use granit_parser::{Event, Parser, StrInput, StructureStyle, Tag};

use super::{Documents, Entry, Key, Node, Style, Value, explain, unquoted};
use crate::diag::{Code, Diagnostic, SourceId, Span};
use crate::limits::{YAML_DEPTH, YAML_DOCUMENTS, YAML_NODES};

/// Composes every document of a text.
pub(super) fn compose(source: SourceId, text: &str, most: usize) -> Documents {
    let mut composer = Composer { most, ..Composer::new(source, text) };
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_comments: false,
        flow_nesting_limit: YAML_DEPTH * 2,
        block_nesting_limit: YAML_DEPTH * 2,
    };
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(text, options);
    while let Some(next) = parser.next_event() {
        let carried = match next {
            Ok((event, span)) => composer.event(event, &span),
            Err(error) => Err(explain::explain(&error, &composer)),
        };
        if let Err(fatal) = carried {
            composer.stop(fatal);
            break;
        }
    }
    composer.done
}

/// A collection whose end has not come yet.
pub(super) struct Open {
    pub style: StructureStyle,
    pub start: usize,
    anchor: usize,
    tag: Option<(String, Span)>,
    /// It can't be used, and that has been said.
    broken: bool,
    pub content: Content,
}

impl Open {
    fn new(
        style: StructureStyle,
        anchor: usize,
        tag: Option<(Tag, Span)>,
        span: Span,
        content: Content,
    ) -> Self {
        let tag = tag.map(|(tag, place)| {
            let core = tag.core_suffix().filter(|core| matches!(*core, "seq" | "map"));
            (core.map_or_else(|| tag.original(), str::to_owned), place)
        });
        Self { style, start: span.start as usize, anchor, tag, broken: false, content }
    }
}

pub(super) enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, known: HashMap<String, Span>, key: Option<Pending> },
}

/// A key whose value has not come yet.
pub(super) enum Pending {
    Kept(Key),
    /// A key that was refused: its value is read and dropped.
    Refused,
}

/// A finished node that an alias may repeat, with its size and depth.
struct Anchored {
    node: Node,
    nodes: usize,
    depth: usize,
}

pub(super) struct Composer<'t> {
    pub source: SourceId,
    pub text: &'t str,
    pub open: Vec<Open>,
    /// The last scalar, for explaining what comes behind it.
    pub last_scalar: Option<std::ops::Range<usize>>,
    /// The last flow collection that was closed.
    pub last_flow: Option<std::ops::Range<usize>>,
    /// Where templates without quotes begin.
    pub unquoted: Vec<usize>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    /// Most nodes.
    most: usize,
    documents: usize,
    /// How many documents have come to their end.
    complete: usize,
    pub done: Documents,
}

/// Why composing ends; `None` when it has been said already.
type Fatal = Option<Diagnostic>;

impl<'t> Composer<'t> {
    fn new(source: SourceId, text: &'t str) -> Self {
        Self {
            source,
            text,
            open: Vec::new(),
            last_scalar: None,
            last_flow: None,
            unquoted: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            most: YAML_NODES,
            documents: 0,
            complete: 0,
            done: Documents::default(),
        }
    }

    /// Ends composing. A document that was not read to its end is dropped; of a file beyond a
    /// limit, everything is.
    fn stop(&mut self, fatal: Option<Diagnostic>) {
        self.done.nodes.truncate(self.complete);
        if fatal.as_ref().is_some_and(|fatal| fatal.code == Code::YamlLimit) {
            self.done = Documents::default();
        }
        self.done.problems.extend(fatal);
    }

    pub(super) fn span(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        Span::new(self.source, range.start, range.end)
    }

    fn event(&mut self, event: Event<'_>, at: &granit_parser::Span) -> Result<(), Fatal> {
        let span = self.span(at);
        let tag = |tag: Option<std::borrow::Cow<'_, Tag>>| {
            let place = at.tag_span().map_or(span, |place| self.span(&place));
            tag.map(|tag| (tag.into_owned(), place))
        };
        match event {
            Event::DocumentStart(explicit, version) => self.document(explicit, version, span),
            Event::DocumentEnd => {
                self.anchors.clear();
                self.complete = self.done.nodes.len();
                Ok(())
            }
            Event::Scalar(text, style, anchor, scalar_tag) => {
                let tag = tag(scalar_tag);
                let node = self.scalar(&text, style, tag, span);
                self.place(node, anchor, 1, 0)
            }
            Event::SequenceStart(style, anchor, list_tag) => {
                let content = Content::List(Vec::new());
                self.begin(Open::new(style, anchor, tag(list_tag), span, content))
            }
            Event::MappingStart(style, anchor, map_tag) => {
                let content = Content::Map { entries: Vec::new(), known: HashMap::new(), key: None };
                self.begin(Open::new(style, anchor, tag(map_tag), span, content))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor `&{name}` stands before this alias");
                self.problem(Code::YamlUnsupported, message, span, "").help.push(format!(
                    "a value that begins with `*` is an alias; quote it if text is meant: `\"*{name}\"`"
                ));
                self.place(broken(span), 0, 1, 0)
            }
            _ => Ok(()),
        }
    }

    /// Notes a problem after which composing goes on.
    pub(super) fn problem(
        &mut self,
        code: Code,
        message: impl Into<String>,
        span: Span,
        label: &str,
    ) -> &mut Diagnostic {
        self.done.problems.push(Diagnostic::error(code, message).at(span, label));
        self.done.problems.last_mut().expect("it was just pushed")
    }

    fn document(
        &mut self,
        explicit: bool,
        version: Option<granit_parser::YamlVersion>,
        span: Span,
    ) -> Result<(), Fatal> {
        self.documents += 1;
        if self.documents > YAML_DOCUMENTS {
            let message = format!("more than {YAML_DOCUMENTS} documents in one file");
            return fatal(
                Diagnostic::error(Code::YamlLimit, message)
                    .at(Span::new(self.source, span.start as usize, span.start as usize), "one too many")
                    .help("put the requests into several files"),
            );
        }
        if !explicit && self.documents > 1 {
            let span = Span::new(self.source, span.start as usize, span.start as usize);
            return fatal(
                Diagnostic::error(Code::YamlSyntax, "text after the end of the document")
                    .at(span, "the document ended with `...`")
                    .help("delete the `...`, or begin another document with `---`"),
            );
        }
        if let Some(version) = version.filter(|version| version.major != 1 || !matches!(version.minor, 1 | 2))
        {
            let message = format!("YAML {}.{} is unknown here", version.major, version.minor);
            let start = self.text[..span.start as usize].rfind("%YAML").unwrap_or(span.start as usize);
            let span = Span::new(self.source, start, start + "%YAML".len());
            self.problem(Code::YamlUnsupported, message, span, "files are read as YAML 1.2")
                .help
                .push("delete the line".to_owned());
        }
        Ok(())
    }

    pub(super) fn is_key_position(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    fn begin(&mut self, mut open: Open) -> Result<(), Fatal> {
        let start = open.start;
        let is_key = self.is_key_position();
        if let Some(parent) = self.open.last_mut().filter(|_| is_key) {
            open.broken = true;
            let known = std::mem::replace(&mut parent.broken, true);
            let template = parent.style == StructureStyle::Flow && parent.start + 1 == start;
            if !known && template {
                self.unquoted.push(start - 1);
                self.done.problems.push(unquoted::explain(self, start - 1));
            } else if !known {
                let place = Span::new(self.source, start, start + 1);
                self.problem(Code::YamlUnsupported, "a key must be text, not a list or a map", place, "")
                    .help
                    .push("quote it if text is meant".to_owned());
            }
        }
        self.nodes += 1;
        if self.open.len() == YAML_DEPTH {
            let message = format!("nested deeper than {YAML_DEPTH} levels");
            let place = Span::new(self.source, start, start + 1);
            return fatal(Diagnostic::error(Code::YamlLimit, message).at(place, "one level too many"));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Fatal> {
        let open = self.open.pop().expect("the parser pairs the ends of collections with their starts");
        let (value, first) = match open.content {
            Content::List(items) => (Value::List(items), Span::new(self.source, open.start, open.start + 1)),
            Content::Map { entries, .. } => {
                let start = Span::new(self.source, open.start, open.start);
                let first = entries.first().map_or(start, |entry| entry.key.span);
                (Value::Map(entries), first)
            }
        };
        let span = match open.style {
            StructureStyle::Block => first,
            StructureStyle::Flow => {
                self.last_flow = Some(open.start..span.end as usize);
                Span::new(self.source, open.start, span.end as usize)
            }
        };
        let value = if open.broken { Value::Broken } else { value };
        let mut node = Node { span, style: Style::Collection, alias: None, value };
        if let Some((tag, place)) = open.tag {
            node = self.tagged(node, &tag, &tag, place);
        }
        let (nodes, depth) = size(&node);
        self.place_again(node, open.anchor, nodes, depth)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Fatal> {
        let name = self.text.get(span.start as usize + 1..span.end as usize).unwrap_or_default().to_owned();
        let Some(anchored) = self.anchors.get(&id) else {
            let message = format!("the alias `*{name}` refers to the value it stands in");
            self.problem(Code::YamlUnsupported, message, span, "it would never end");
            return self.place(broken(span), 0, 1, 0);
        };
        let (nodes, depth) = (anchored.nodes, anchored.depth);
        if self.nodes + nodes > self.most || self.open.len() + depth > YAML_DEPTH {
            let message = format!("aliases make the file too large: more than {} values", self.most);
            return fatal(
                Diagnostic::error(Code::YamlLimit, message)
                    .at(span, format!("this one repeats {nodes} values"))
                    .help("write out what is needed"),
            );
        }
        let node = Node { alias: Some(span), ..anchored.node.clone() };
        self.place(node, 0, nodes, depth)
    }

    /// Puts a node where it belongs, and counts it.
    fn place(&mut self, node: Node, anchor: usize, nodes: usize, depth: usize) -> Result<(), Fatal> {
        self.nodes += nodes;
        self.place_again(node, anchor, nodes, depth)
    }

    /// [`Composer::place`] for a collection: its children are counted already.
    fn place_again(&mut self, node: Node, anchor: usize, nodes: usize, depth: usize) -> Result<(), Fatal> {
        if self.nodes > self.most {
            let start = node.span.start as usize;
            return fatal(Diagnostic::error(Code::YamlLimit, format!("more than {} values in one file", self.most))
                .at(Span::new(self.source, start, start), "one too many")
                .help("put the requests into several files, or the data into a body file (`body: {file: …}`)"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, depth });
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.done.nodes.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key, .. }) => match key.take() {
                Some(Pending::Kept(key)) => entries.push(Entry { key, value: node }),
                Some(Pending::Refused) => {}
                None => self.key(node),
            },
        }
        Ok(())
    }
}

fn fatal(diagnostic: Diagnostic) -> Result<(), Fatal> {
    Err(Some(diagnostic))
}

fn broken(span: Span) -> Node {
    Node { span, style: Style::Plain, alias: None, value: Value::Broken }
}

/// How many values a node has, itself included, and how many levels.
fn size(node: &Node) -> (usize, usize) {
    let children: Vec<&Node> = match &node.value {
        Value::List(items) => items.iter().collect(),
        Value::Map(entries) => entries.iter().map(|entry| &entry.value).collect(),
        _ => return (1, 0),
    };
    let sizes = children.into_iter().map(size);
    let (nodes, depth) = sizes.fold((0, 0), |(nodes, depth), (more, deep)| (nodes + more, depth.max(deep)));
    (nodes + 1, depth + 1)
}
