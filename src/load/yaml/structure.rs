//! Lines that do not fit together: wrong indentation, a missing blank or colon, a second `:`.
//!
//! These are one kind of error to the parser and five to a person; the line itself and the line
//! above tell them apart.

use granit_parser::ErrorKind;

use super::explain::{Place, syntax_at};
use crate::diag::{Diagnostic, Span, literal};

impl Place<'_, '_> {
    /// Explains a line that does not fit where it stands.
    pub(super) fn structure(&self, kind: &ErrorKind) -> Diagnostic {
        self.missing_blank()
            .or_else(|| self.value_goes_on(kind))
            .or_else(|| self.second_colon(kind))
            .or_else(|| self.item_among_keys())
            .or_else(|| self.indentation())
            .or_else(|| self.missing_colon())
            .unwrap_or_else(|| {
                self.syntax("a key was expected here", "")
                    .help("check the indentation of this line and the one above")
            })
    }

    /// The line that the place is in, and its offset.
    fn line(&self) -> (usize, &str) {
        let start = self.line_start(self.at);
        (start, self.composer.text[start..].lines().next().unwrap_or_default())
    }

    /// `method:GET`, which YAML reads as one word that goes on in the next line.
    fn missing_blank(&self) -> Option<Diagnostic> {
        let scalar = self.composer.last_scalar.clone()?;
        let text = self.composer.text;
        let line = text[scalar.start..].lines().next()?;
        let is_line_start =
            text[self.line_start(scalar.start)..scalar.start].trim_start_matches([' ', '-']).is_empty();
        let colon = line.find(':').filter(|colon| !line[colon + 1..].starts_with([' ', '\t']))?;
        let key = &line[..colon];
        let is_key =
            !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !is_line_start
            || !is_key
            || colon + 1 == line.trim_end().len()
            || scalar.start + colon >= scalar.end
        {
            return None;
        }
        let at = scalar.start + colon;
        let value = line[colon + 1..].trim_end();
        Some(
            syntax_at(self.span(at, at + 1), "a blank is missing behind `:`", "here")
                .help(format!("write {}", literal(&format!("{key}: {value}")))),
        )
    }

    /// A key that is indented below a value, which YAML reads as more of that value.
    fn value_goes_on(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        let scalar = self.composer.last_scalar.clone()?;
        let text = self.composer.text.get(scalar.clone())?;
        if !matches!(kind, ErrorKind::MappingValueNotAllowed) || !text.contains('\n') || scalar.end != self.at
        {
            return None;
        }
        let (start, line) = self.line();
        let key = line[..self.at - start].trim_start();
        let key_start = self.at - key.len();
        let message =
            format!("{} is indented deeper than the line above, which has a value already", literal(key));
        let above = text.lines().next()?.trim_end().len();
        Some(
            syntax_at(self.span(key_start, self.at), message, "indented too deep")
                .at(self.span(scalar.start, scalar.start + above), "this value would go on")
                .help("give it the indentation of its siblings"),
        )
    }

    /// `a: b: c`
    fn second_colon(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        let (start, line) = self.line();
        if !matches!(kind, ErrorKind::MappingValueNotAllowed) || !self.rest().starts_with(':') {
            return None;
        }
        let colon = line.find(": ").filter(|colon| start + colon < self.at)?;
        let value = line[colon + 2..].trim();
        let value = value.find(" #").map_or(value, |comment| value[..comment].trim_end());
        let quoted = if value.contains('"') { format!("'{value}'") } else { format!("\"{value}\"") };
        Some(
            self.syntax("a second `:` in one value", "YAML reads this as another key")
                .help(format!("quote the value: `{quoted}`")),
        )
    }

    /// `- item` where the siblings are keys.
    fn item_among_keys(&self) -> Option<Diagnostic> {
        let (start, line) = self.line();
        let indentation = line.len() - line.trim_start().len();
        if !line.trim_start().starts_with("- ") && line.trim() != "-" {
            let inline = self.rest().starts_with("- ");
            return inline.then(|| {
                self.syntax("a list item can't stand on the line of its key", "")
                    .help("put it on a line of its own, or write the list as `[…]`")
            });
        }
        let sibling = self.sibling(start + indentation)?;
        let dash = self.span(start + indentation, start + indentation + 1);
        let beside = sibling.start as usize - self.line_start(sibling.start as usize);
        if self.composer.text[sibling.start as usize..].starts_with("- ") && beside != indentation {
            let how = if indentation < beside { "less" } else { "more" };
            let message = format!("this list item is indented {how} than its siblings");
            return Some(
                syntax_at(dash, message, &blanks(indentation))
                    .at(sibling, blanks(beside))
                    .help("all items of a list have the same indentation"),
            );
        }
        Some(
            syntax_at(dash, "a list item where a key is expected", "")
                .at(sibling, "its siblings are keys")
                .help("a list stands below a key of its own"),
        )
    }

    /// A line that is indented like none of what is open.
    fn indentation(&self) -> Option<Diagnostic> {
        let (start, line) = self.line();
        let content = line.trim_start();
        let at = start + line.len() - content.len();
        let key = content.split(':').next().filter(|_| content.contains(':'))?.trim_end();
        let sibling = self.sibling(at)?;
        let column = |offset: usize| offset - self.line_start(offset);
        let (here, there) = (column(at), column(sibling.start as usize));
        if here == there {
            return None;
        }
        let how = if here < there { "less" } else { "more" };
        Some(
            syntax_at(
                self.span(at, at + key.len()),
                format!("{} is indented {how} than its siblings", literal(key)),
                &blanks(here),
            )
            .at(sibling, blanks(there))
            .help("keys of one map have the same indentation"),
        )
    }

    /// A word on a line of its own among keys.
    fn missing_colon(&self) -> Option<Diagnostic> {
        let (start, line) = self.line();
        let content = line.trim();
        if content.is_empty() || content.contains(": ") || content.ends_with(':') {
            return None;
        }
        let at = start + line.len() - line.trim_start().len();
        let message = format!("{} is neither a key nor part of the value above", literal(content));
        Some(
            syntax_at(self.span(at, at + content.len()), message, "`:` expected behind a key")
                .help("write `key: value`; indent a text of several lines below a `|`"),
        )
    }

    /// The key or item above that the line at `offset` was probably meant to stand beside: of all
    /// levels that are above it, the one whose indentation is nearest.
    fn sibling(&self, offset: usize) -> Option<Span> {
        let text = self.composer.text;
        let end = self.line_start(offset);
        let here = offset - end;
        let mut nearest: Option<(usize, Span)> = None;
        let mut level = usize::MAX;
        let mut behind = end;
        for line in text[..end].split_inclusive('\n').rev() {
            behind -= line.len();
            let content = line.trim_start();
            let indentation = line.len() - content.len();
            if content.is_empty() || content.starts_with('#') || indentation >= level {
                continue;
            }
            level = indentation;
            let key = content
                .split(':')
                .next()
                .filter(|_| content.contains(':'))
                .map_or(1, |key| key.trim_end().len());
            let distance = here.abs_diff(indentation);
            if nearest.is_none_or(|(known, _)| distance < known) {
                nearest = Some((distance, self.span(behind + indentation, behind + indentation + key)));
            }
        }
        nearest.map(|(_, sibling)| sibling)
    }
}

fn blanks(count: usize) -> String {
    if count == 1 { "1 blank".to_owned() } else { format!("{count} blanks") }
}
