//! Keys: text, each once in its map.

use super::compose::{Composer, Content, Open, Pending};
use super::{Key, Node, Style, Value};
use crate::diag::{Code, Diagnostic, literal};

impl Composer<'_> {
    /// Takes a node as the key of the innermost map.
    pub(super) fn key(&mut self, node: Node) {
        let span = node.alias.unwrap_or(node.span);
        let style = node.style;
        let pending = match node.value {
            Value::Text(text) => self.accept(Key { text, span, style }),
            Value::Broken => Pending::Refused,
            _ => {
                let message = format!("a key must be text, not {}", node.describe());
                self.problem(Code::YamlUnsupported, message, span, "");
                Pending::Refused
            }
        };
        if let Some(Open { content: Content::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(pending);
        }
    }

    fn accept(&mut self, key: Key) -> Pending {
        if key.span.start == key.span.end && key.style == Style::Plain {
            self.problem(Code::YamlSyntax, "a key is missing before `:`", key.span, "");
            return Pending::Refused;
        }
        if key.text == "<<" && key.style == Style::Plain {
            let message = "merge keys (`<<`) are not supported";
            self.problem(Code::YamlUnsupported, message, key.span, "").help.push(
                "write the keys out, or give what is common as `defaults` in `requests/suite.yaml`".into(),
            );
            return Pending::Refused;
        }
        let Some(Open { content: Content::Map { known, .. }, .. }) = self.open.last_mut() else {
            return Pending::Refused;
        };
        match known.get(&key.text).copied() {
            None => {
                known.insert(key.text.clone(), key.span);
                Pending::Kept(key)
            }
            Some(first) => {
                let message = format!("{} is given twice", literal(&key.text));
                let twice = Diagnostic::error(Code::DuplicateKey, message).at(key.span, "the second");
                self.done.problems.push(twice.at(first, "the first").help("delete one of them"));
                Pending::Refused
            }
        }
    }
}
