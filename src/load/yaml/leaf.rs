//! One scalar, with its style and tag, as a node.

use granit_parser::{ScalarStyle, Tag};

use super::compose::Composer;
use super::{Node, Style, Value, scalar};
use crate::diag::{Code, Span, literal};

impl Composer<'_> {
    /// Makes the node of a scalar.
    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<(Tag, Span)>,
        span: Span,
    ) -> Node {
        self.last_scalar = Some(span.start as usize..span.end as usize);
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal(self.column(span)),
            ScalarStyle::Folded => Style::Folded(self.column(span)),
        };
        let span = match style {
            Style::Literal(_) | Style::Folded(_) => self.with_header(span),
            _ => span,
        };
        // The parser writes `~` for what is not there.
        let text = if span.start == span.end && style == Style::Plain { "" } else { text };
        let is_tagged_text = tag.as_ref().is_some_and(|(tag, _)| tag.core_suffix() == Some("str"));
        let is_text = style != Style::Plain || is_tagged_text || self.is_key_position();
        let value = if is_text { Some(Value::Text(text.to_owned())) } else { scalar::plain(text) };
        let value = value.unwrap_or_else(|| {
            let message = format!("{} is not a number that JSON can carry", literal(text));
            self.problem(Code::WrongValue, message, span, "")
                .help
                .push("quote it if text is meant".to_owned());
            Value::Broken
        });
        let node = Node { span, style, alias: None, value };
        match tag {
            Some((tag, place)) => self.tagged(node, &tag.original(), tag.core_suffix().unwrap_or(""), place),
            None => node,
        }
    }

    fn column(&self, span: Span) -> usize {
        let before = &self.text[..span.start as usize];
        before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The parser's span of a block scalar begins at its first line; ours with its `|` or `>`.
    fn with_header(&self, span: Span) -> Span {
        let mut end = span.start as usize;
        for line in self.text[..end].split_inclusive('\n').rev() {
            end -= line.len();
            if let Some(header) = header(line) {
                return Span::new(self.source, end + header, span.end as usize);
            }
        }
        span
    }

    /// Holds a tag against what it tags; those of YAML's core that change nothing are allowed.
    pub(super) fn tagged(&mut self, mut node: Node, tag: &str, core: &str, place: Span) -> Node {
        let fits = match core {
            "str" => true,
            "null" => matches!(node.value, Value::Null),
            "bool" => matches!(node.value, Value::Bool(_)),
            "int" | "float" => matches!(node.value, Value::Number(_)),
            "seq" => matches!(node.value, Value::List(_)),
            "map" => matches!(node.value, Value::Map(_)),
            _ => false,
        };
        if !fits {
            let message = format!("the tag {} is not supported", literal(tag));
            self.problem(Code::YamlUnsupported, message, place, "").help.push(
                "nothing is included or converted by a tag; quote the value if text that begins with `!` is meant"
                    .to_owned(),
            );
            node.value = Value::Broken;
        }
        node
    }
}

/// Where the header of a block scalar stands in its line: `|` or `>`, indicators, a comment.
fn header(line: &str) -> Option<usize> {
    let is_header = |at: usize| {
        let rest = line[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '+' || c == '-');
        let comment = rest.trim_start();
        comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len())
    };
    line.match_indices(['|', '>']).map(|(at, _)| at).find(|at| is_header(*at))
}
