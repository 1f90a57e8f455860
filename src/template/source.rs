//! The source of one template, parsed within bounds.
//!
//! The engine recurses over flat operator chains when it compiles and when it drops them, so
//! their length is bounded before it sees them.

use std::ops::Range;

use minijinja::machinery::{Instructions, Token, ast, parse, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::walk::{self, Use};
use super::{TemplateError, guard};
use crate::diag::Code;
use crate::limits::{TEMPLATE_SOURCE, TEMPLATE_TAGS, TEMPLATE_TOKENS};

/// What is known of a template before it is filled.
pub(super) struct Source<'s> {
    /// As written.
    pub text: &'s str,
    tree: ast::Stmt<'s>,
    /// Whether it is exactly one `{{ expression }}`.
    pub single: bool,
    /// Everything it uses.
    pub uses: Vec<Use>,
}

impl<'s> Source<'s> {
    /// Parses `source`; what the engine would refuse or choke on is an error here.
    pub(super) fn parse(source: &'s str) -> Result<Self, TemplateError> {
        if source.len() > TEMPLATE_SOURCE {
            let message =
                format!("this template has {} bytes; at most {TEMPLATE_SOURCE} are allowed", source.len());
            return Err(TemplateError::new(Code::TemplateLimit, message, 0..source.len())
                .help("put long text into a file and send it with `body: {file: …}`"));
        }
        bounded(source)?;
        let parsed = parse(source, "", syntax()).map_err(|error| super::error::syntax(&error, source))?;
        Ok(Self { text: source, single: is_single(&parsed), uses: walk::uses(&parsed), tree: parsed })
    }

    /// The instructions that fill it.
    pub(super) fn compile(&self) -> Instructions<'s> {
        guard::compile(&self.tree, self.text)
    }
}

/// Whether `text` has anything for the engine to do.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// minijinja's default, except that a final newline is data.
pub(super) fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder().keep_trailing_newline(true).build().expect("the default delimiters are valid")
}

fn is_single(template: &ast::Stmt<'_>) -> bool {
    match template {
        ast::Stmt::Template(template) => matches!(template.children.as_slice(), [ast::Stmt::EmitExpr(_)]),
        _ => false,
    }
}

/// Refuses tags that are too long and templates with too many of them.
fn bounded(source: &str) -> Result<(), TemplateError> {
    let (mut tags, mut tokens) = (0, 0);
    // A token that can't be read ends the count: the parser reports it with its place.
    for (token, span) in tokenize(source, false, syntax()).map_while(Result::ok) {
        match token {
            Token::VariableStart | Token::BlockStart => (tags, tokens) = (tags + 1, 0),
            _ => tokens += 1,
        }
        let place = span.start_offset as usize..span.end_offset as usize;
        if tokens > TEMPLATE_TOKENS {
            return Err(too_complex(
                place,
                &format!("more than {TEMPLATE_TOKENS} words and signs in one expression"),
            ));
        }
        if tags > TEMPLATE_TAGS {
            return Err(too_complex(
                place,
                &format!("more than {TEMPLATE_TAGS} expressions in one template"),
            ));
        }
    }
    Ok(())
}

fn too_complex(place: Range<usize>, what: &str) -> TemplateError {
    TemplateError::new(Code::TemplateLimit, format!("this template is too complex: {what}"), place)
        .help("split it into several variables")
}

/// The innermost statement that has a body and no end: its word and the place of that. A tag that
/// is not closed itself is none.
pub(super) fn open_statement(source: &str) -> Option<(&'static str, Range<usize>)> {
    const WITH_BODY: [&str; 8] = ["if", "for", "macro", "call", "filter", "with", "autoescape", "set"];
    let (mut open, mut begins, mut closed) = (Vec::new(), false, true);
    for (token, span) in tokenize(source, false, syntax()).map_while(Result::ok) {
        let place = span.start_offset as usize..span.end_offset as usize;
        match token {
            Token::Ident(word) if begins => {
                let statement = WITH_BODY.iter().find(|known| **known == word);
                open.extend(statement.map(|word| (*word, place)));
                if WITH_BODY.iter().any(|known| word.strip_prefix("end") == Some(*known)) {
                    open.pop();
                }
            }
            // `{% set a = b %}` has no body.
            Token::Assign if matches!(open.last(), Some(("set", _))) => drop(open.pop()),
            Token::BlockStart | Token::VariableStart => closed = false,
            Token::BlockEnd | Token::VariableEnd => closed = true,
            _ => {}
        }
        begins = matches!(token, Token::BlockStart);
    }
    open.pop().filter(|_| closed)
}
