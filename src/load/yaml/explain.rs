//! The parser's errors in our words, at the place where the mistake was made.
//!
//! A parser notices a mistake where it can't go on, often lines after it was made; what is open
//! at that moment tells where that was.

use granit_parser::{ErrorKind, ScanError, StructureStyle};

use super::compose::{Composer, Content, Open};
use super::unquoted;
use crate::diag::{Code, Diagnostic, Span, floor, literal};
use crate::limits::YAML_DEPTH;

/// What is wrong; `None` when it has been said already.
pub(super) fn explain(error: &ScanError, composer: &Composer<'_>) -> Option<Diagnostic> {
    let at = error.marker().byte_offset().unwrap_or(composer.text.len()).min(composer.text.len());
    let place = Place { composer, at: floor(composer.text, at) };
    if let Some(template) = place.open_template() {
        return (!composer.unquoted.contains(&template)).then(|| unquoted::explain(composer, template));
    }
    if place.follows_template() {
        return None;
    }
    Some(match error.kind() {
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            place.unclosed_quote()
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::BlockEntryInFlowCollection
            if place.flow().is_some() =>
        {
            place.in_flow()
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => place.mismatched(*open, *close),
        ErrorKind::MisplacedFlowCollectionEnd => place.no_opening(),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => place.tab(),
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            place.behind_quote()
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::ExpectedDocumentStart
        | ErrorKind::InvalidIndentation
        | ErrorKind::BlockSequenceEntryNotAllowed => place.structure(error.kind()),
        ErrorKind::UnexpectedCharacter { character } => place.reserved(*character),
        ErrorKind::UnknownQuotedScalarEscape => place.escape(),
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("nested deeper than {YAML_DEPTH} levels");
            Diagnostic::error(Code::YamlLimit, message).at(place.character(), "")
        }
        ErrorKind::UnsupportedYamlMajorVersion => place.version(),
        kind => place.other(kind),
    })
}

/// A mistake in the YAML itself.
pub(super) fn syntax_at(span: Span, message: impl Into<String>, label: &str) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, message).at(span, label)
}

/// Where the parser stopped.
pub(super) struct Place<'c, 't> {
    pub composer: &'c Composer<'t>,
    pub at: usize,
}

impl<'t> Place<'_, 't> {
    /// A template without quotes in which the parser stopped.
    fn open_template(&self) -> Option<usize> {
        let text = self.composer.text;
        let is_template = |open: &&Open| {
            open.style == StructureStyle::Flow
                && (text[open.start..].starts_with("{{") || text[open.start..].starts_with("{%"))
        };
        self.composer.open.iter().find(is_template).map(|open| open.start)
    }

    /// Whether a template without quotes ended just before, on the same line.
    fn follows_template(&self) -> bool {
        let line = self.line_start(self.at);
        self.composer.unquoted.iter().any(|start| (line..self.at).contains(start))
    }

    pub fn flow(&self) -> Option<&Open> {
        self.composer.open.iter().rev().find(|open| open.style == StructureStyle::Flow)
    }

    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.composer.source, start, end)
    }

    /// The character at the place, or nothing at the end of a line.
    pub fn character(&self) -> Span {
        let length = self.rest().chars().next().filter(|next| *next != '\n').map_or(0, char::len_utf8);
        self.span(self.at, self.at + length)
    }

    /// The rest of the line.
    pub fn rest(&self) -> &'t str {
        self.composer.text[self.at..].lines().next().unwrap_or_default()
    }

    pub fn line_start(&self, offset: usize) -> usize {
        self.composer.text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
    }

    pub fn syntax(&self, message: impl Into<String>, label: &str) -> Diagnostic {
        syntax_at(self.character(), message, label)
    }

    fn version(&self) -> Diagnostic {
        let line = self.composer.text[self.line_start(self.at)..].lines().next().unwrap_or_default();
        let start = self.line_start(self.at);
        let version = line.split_whitespace().nth(1).unwrap_or_default();
        let span = Span::new(self.composer.source, start, start + line.trim_end().len());
        Diagnostic::error(Code::YamlUnsupported, format!("YAML {version} is unknown here"))
            .at(span, "files are read as YAML 1.2")
            .help("delete the line")
    }

    fn unclosed_quote(&self) -> Diagnostic {
        let quote = &self.composer.text[self.at..=self.at];
        let diagnostic = self.syntax(format!("unclosed `{quote}`"), "opened here and never closed");
        diagnostic.help(format!("put a `{quote}` at the end of the text"))
    }

    fn in_flow(&self) -> Diagnostic {
        let open = self.flow().expect("asked for only inside brackets");
        let (opening, closing) =
            if matches!(open.content, Content::List(_)) { ('[', ']') } else { ('{', '}') };
        if self.line_start(open.start) == self.line_start(self.at) && !self.rest().is_empty() {
            let message = format!("`,` or `{closing}` expected");
            return self
                .syntax(message, "")
                .at(self.span(open.start, open.start + 1), format!("inside this `{opening}`"))
                .help("quote a value that contains `,`, `:`, brackets or braces");
        }
        syntax_at(
            self.span(open.start, open.start + 1),
            format!("unclosed `{opening}`"),
            "opened here and never closed",
        )
        .help(format!("put a `{closing}` behind its last item"))
    }

    fn mismatched(&self, open: char, close: char) -> Diagnostic {
        let opened = self.flow().map_or(self.at, |open| open.start);
        let expected = if open == '[' { ']' } else { '}' };
        let line = self.composer.text[opened..].find(close).map_or(self.at, |offset| opened + offset);
        syntax_at(self.span(line, line + 1), format!("`{open}` is closed by `{close}`"), "")
            .at(self.span(opened, opened + 1), "opened here")
            .help(format!("write `{expected}`"))
    }

    fn no_opening(&self) -> Diagnostic {
        let found = literal(self.rest().get(..1).unwrap_or_default());
        self.syntax(format!("{found} closes nothing"), "").help("quote the value if it is text")
    }

    fn tab(&self) -> Diagnostic {
        let text = self.composer.text;
        let line = self.line_start(self.at);
        let mut offset = line;
        for line in text[line..].split_inclusive('\n') {
            let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line[..indentation].find('\t') {
                return syntax_at(
                    self.span(offset + tab, offset + tab + 1),
                    "a tab in the indentation",
                    "here",
                )
                .help("YAML is indented with blanks only; set the editor to write blanks for tabs");
            }
            offset += line.len();
        }
        self.syntax("a tab where YAML wants blanks", "").help("write blanks instead of the tab")
    }

    fn behind_quote(&self) -> Diagnostic {
        let quoted = self.composer.text[..self.at].trim_end();
        let rest = self.rest().trim_end();
        let diagnostic = syntax_at(
            self.span(self.at, self.at + rest.len()),
            "text behind the closing quote",
            "not inside the quotes",
        );
        if quoted.ends_with('\'') {
            diagnostic.help("inside `'…'` an apostrophe is written twice: `''`")
        } else {
            diagnostic.help("inside `\"…\"` a quote is written `\\\"`; or quote the whole value with `'…'`")
        }
    }

    fn reserved(&self, character: char) -> Diagnostic {
        let rest = self.rest();
        let value = rest.find(" #").map_or(rest, |comment| &rest[..comment]).trim_end();
        let found = literal(&character.to_string());
        let diagnostic =
            self.syntax(format!("a value can't begin with {found}"), "YAML reserves this character");
        if value.contains('\'') { diagnostic } else { diagnostic.help(format!("quote it: `'{value}'`")) }
    }

    /// The parser stops at the opening quote; the mistake is the first backslash that escapes
    /// nothing.
    fn escape(&self) -> Diagnostic {
        let text = &self.composer.text[self.at..];
        let mut characters = text.char_indices();
        while let Some((at, character)) = characters.next() {
            if character != '\\' {
                continue;
            }
            let Some((_, escaped)) = characters.next() else { break };
            if !"0abt\tnvfre \"/\\N_LPxuU\n\r".contains(escaped) {
                let start = self.at + at;
                let span = self.span(start, start + 1 + escaped.len_utf8());
                let message = format!("{} is not an escape", literal(&format!("\\{escaped}")));
                return syntax_at(span, message, "")
                    .help("write `\\\\` for a backslash, or use single quotes, in which nothing is escaped");
            }
        }
        self.syntax("an escape that YAML does not have", "")
    }

    fn other(&self, kind: &ErrorKind) -> Diagnostic {
        let (message, help) = match kind {
            ErrorKind::DuplicateVersionDirective
            | ErrorKind::MissingYamlVersion
            | ErrorKind::MissingYamlVersionSeparator
            | ErrorKind::YamlVersionTooLong => {
                ("this version of YAML is unknown here", "files are read as YAML 1.2; delete the line")
            }
            ErrorKind::ZeroBlockScalarIndent
            | ErrorKind::InvalidBlockScalarHeader
            | ErrorKind::InvalidBlockScalarIndent => (
                "a `|` or `>` text is malformed",
                "`|` or `>` ends its line; the text stands below it, indented evenly",
            ),
            ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidLowSurrogateHexEscape
            | ErrorKind::InvalidLowSurrogate
            | ErrorKind::MissingLowSurrogate
            | ErrorKind::UnpairedLowSurrogate
            | ErrorKind::InvalidUnicodeEscape => {
                ("this escape is not a character", "write `\\uXXXX` with four hexadecimal digits")
            }
            ErrorKind::InvalidDocumentEnd => (
                "text after the end of the document",
                "delete the `...`, or begin another document with `---`",
            ),
            ErrorKind::MissingAnchorOrAliasName => {
                ("`&` and `*` need a name", "quote the value if it is text")
            }
            ErrorKind::UndeclaredTagHandle
            | ErrorKind::MissingTagUri
            | ErrorKind::UnclosedVerbatimTag
            | ErrorKind::InvalidTagTerminator
            | ErrorKind::ExpectedTagBang
            | ErrorKind::InvalidTagEscape => (
                "a value that begins with `!` is a tag, and this one is malformed",
                "quote the value if it is text",
            ),
            ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => {
                ("a comment in the middle of a text", "quote the text if `#` is part of it")
            }
            ErrorKind::FlowMappingValueAdjacentCollection
            | ErrorKind::InvalidMappingValueWhitespace
            | ErrorKind::InvalidBlockEntryWhitespace
            | ErrorKind::ExpectedWhitespace => {
                ("a blank is missing here", "write a blank behind `:`, `-` and `,`")
            }
            ErrorKind::InvalidQuotedScalarIndent => (
                "the text in quotes goes on with too little indentation",
                "indent its further lines, or close the quote",
            ),
            _ => (
                "this is not YAML",
                "quote the value if it is text; check the indentation and the line above",
            ),
        };
        self.syntax(message, "YAML does not allow this here").help(help)
    }
}
