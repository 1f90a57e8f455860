//! An OpenAPI document as a contract: what a bank says its API does, held against what it did.
//!
//! The document is read from a [`Value`] and not by a crate that knows OpenAPI: `openapiv3` reads
//! 3.0 only, `oas3` 3.1 only, and both lose the digits of large numbers and the place of a mistake.
//! What is needed of a document is little: paths, statuses, media types, and where schemas stand.
//! Schemas themselves are judged by the `jsonschema` crate, those of 3.0 translated first.
//!
//! Nothing here knows suites or files: mistakes name a place in the document by its pointer.

mod at;
mod base;
mod coverage;
mod dialect;
mod find;
mod judge;
mod media;
mod operation;
mod read;
mod refs;
mod request;
mod schemas;
mod template;
mod text;
mod walk;
#[cfg(test)]
mod tests;

pub use coverage::{Coverage, CoveredAnswer, CoveredOperation, Reach};
pub use judge::{Aspect, Exchanged, Finding, Judged};

use serde_json::Value;

use base::Server;
use operation::Operation;
use schemas::Schemas;

/// A document that was read and found good.
#[derive(Debug)]
pub struct Contract {
    /// The file, relative to the suite root.
    pub file: String,
    document: Value,
    operations: Vec<Operation>,
    servers: Vec<Server>,
    answers: Schemas,
    requests: Schemas,
}

/// Something that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where: a JSON pointer; the nearest value around it may have to do.
    pub pointer: String,
    /// What: a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// The two dialects that a document may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// Schemas are close to those of JSON Schema, draft 5 (OpenAPI 3.0.4, section 4.7.24).
    V3_0,
    /// Schemas are JSON Schema, 2020-12.
    V3_1,
}

/// Which way a message goes: what is read-only is not sent, what is write-only does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To the server.
    Request,
    /// From the server.
    Answer,
}

impl Contract {
    /// Reads a document. `line` says on which line of the file a pointer stands.
    pub fn read(
        file: &str,
        document: Value,
        line: &dyn Fn(&str) -> Option<usize>,
    ) -> Result<Self, Vec<Mistake>> {
        let version = read::version(&document).map_err(|mistake| vec![mistake])?;
        let mut mistakes = refs::check(&document);
        mistakes.extend(schemas::check(&document, version));
        let read = read::operations(&document, line);
        mistakes.extend(read.mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let answers = Schemas::new(version, Way::Answer, read.answer_schemas);
        let requests = Schemas::new(version, Way::Request, read.request_schemas);
        let (operations, servers) = (read.operations, read.servers);
        Ok(Self { file: file.to_owned(), document, operations, servers, answers, requests })
    }

    /// `openapi.yaml:12`
    fn place(&self, line: Option<usize>) -> String {
        match line {
            Some(line) => format!("`{}:{line}`", self.file),
            None => format!("`{}`", self.file),
        }
    }
}

impl Mistake {
    fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
