//! One exchange against the document: its operation, then what came, then, where that is asked, what
//! was sent.

use serde_json::Value;

use super::at::At;
use super::find::{Found, Missing};
use super::media::{Media, closest};
use super::operation::{Answer as Declared, Operation, Parameter};
use super::schemas::{Schemas, Wrong};
use super::{Contract, Reach, text};
use crate::json::excerpt;
use crate::message::{Answer, Headers, Message};
use crate::secret::Redactor;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// The document has the operation.
    Operation,
    /// The operation has an answer of this status.
    Status,
    /// The answer has this media type.
    ContentType,
    /// The answer has this header field.
    Header,
    /// The answer's body is what its schema says.
    Body,
    /// The request is what the operation asks for.
    Request,
    /// A schema can't be used after all.
    Document,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub aspect: Aspect,
    /// Whether it is as the document says.
    pub held: bool,
    /// What was looked at: `status`, `header.etag`, `$.items[0].id`.
    pub selector: String,
    /// What the document says, and where.
    pub wanted: String,
    /// What was found, bounded and masked.
    pub got: String,
}

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Exchanged<'a> {
    /// What was sent.
    pub sent: &'a Message,
    /// What came.
    pub answer: &'a Answer,
    /// The base path of the environment's host.
    pub host: &'a str,
    /// Whether it went to that host.
    pub own_origin: bool,
    /// Whether the request is judged too.
    pub requests: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Judged {
    /// Each thing that was looked at.
    pub findings: Vec<Finding>,
    /// Which part of the document the exchange reached.
    pub reach: Option<Reach>,
}

impl Contract {
    /// Judges one exchange. One with another host is judged only if the document names that host.
    pub fn judge(&self, exchanged: &Exchanged<'_>, redactor: &Redactor) -> Judged {
        let Exchanged { sent, answer, host, .. } = exchanged;
        let origin = sent.url.origin().ascii_serialization();
        if !exchanged.own_origin && !self.servers.iter().any(|server| server.origin == origin) {
            return Judged::default();
        }
        let host = if exchanged.own_origin { host } else { "" };
        let found = match self.find(&sent.method, sent.url.path(), host) {
            Ok(found) => found,
            Err(missing) => {
                let name = format!("{} {}", sent.method, sent.url.path());
                let finding = self.missing(&name, &missing);
                return Judged { findings: vec![finding], reach: None };
            }
        };
        let Found { index, operation, .. } = &found;
        let mut findings = vec![Finding {
            aspect: Aspect::Operation,
            held: true,
            selector: format!("{} {}", sent.method, sent.url.path()),
            wanted: format!("an operation of {}", self.place(None)),
            got: format!("`{}`, {}", operation.name(), self.place(operation.line)),
        }];
        if exchanged.requests {
            findings.extend(self.request(&found, sent, redactor));
        }
        let declared = operation.answer(answer.status);
        findings.push(self.status(operation, answer.status));
        if let Some(declared) = declared {
            let side = Side { contract: self, operation, declared: &operation.answers[declared], redactor };
            findings.extend(side.judge(&sent.method, answer));
        }
        let reach = Reach {
            file: self.file.clone(),
            name: operation.name(),
            status: declared.map(|index| operation.answers[index].status.to_string()),
            operation: *index,
            answer: declared,
        };
        Judged { findings, reach: Some(reach) }
    }

    fn missing(&self, name: &str, missing: &Missing<'_>) -> Finding {
        let wanted = match missing {
            Missing::Path => format!("a path of {}", self.place(None)),
            Missing::Method(operations) => {
                let names: Vec<String> =
                    operations.iter().map(|operation| format!("`{}`", operation.name())).collect();
                let line = operations.first().and_then(|operation| operation.line);
                format!("{}, {}", names.join(" or "), self.place(line))
            }
        };
        let got = format!("no operation of {}", self.place(None));
        Finding { aspect: Aspect::Operation, held: false, selector: name.to_owned(), wanted, got }
    }

    fn status(&self, operation: &Operation, status: u16) -> Finding {
        let declared: Vec<String> =
            operation.answers.iter().map(|answer| answer.status.to_string()).collect();
        let declared = if declared.is_empty() { "no answer at all".to_owned() } else { declared.join(", ") };
        Finding {
            aspect: Aspect::Status,
            held: operation.answer(status).is_some(),
            selector: "status".to_owned(),
            wanted: format!("{declared}: `{}`, {}", operation.name(), self.place(operation.line)),
            got: status.to_string(),
        }
    }

    /// What a schema of the document says of a value.
    pub(super) fn told(
        &self,
        schemas: &Schemas,
        pointer: &str,
        value: &Value,
        redactor: &Redactor,
    ) -> Vec<Told> {
        let whole = |usable, held, got| vec![Told { path: "$".to_owned(), usable, held, got }];
        let masked = |text: &str| excerpt(text.as_bytes(), redactor);
        match schemas.judge(&self.document, pointer, value) {
            Err(why) => {
                let got = format!("not to be judged, its schema can't be used: {}", masked(&why));
                whole(false, false, got)
            }
            Ok(wrong) if wrong.is_empty() => whole(true, true, "as it says".to_owned()),
            Ok(wrong) => {
                let told = |Wrong { path, message }| {
                    let got = format!("wrong: {}", masked(&message));
                    Told { path, usable: true, held: false, got }
                };
                wrong.into_iter().map(told).collect()
            }
        }
    }

    /// A schema of the document.
    pub(super) fn schema(&self, pointer: &str) -> Option<At<'_>> {
        let value = self.document.pointer(pointer)?;
        Some(At { document: &self.document, pointer: pointer.to_owned(), value })
    }

    /// The value of a field or parameter, given as these texts; `None` when how it is written is not
    /// looked into.
    pub(super) fn value(&self, parameter: &Parameter, texts: &[String]) -> Option<Value> {
        let at = self.schema(parameter.schema.as_deref()?)?;
        if !parameter.is_plain || text::is_map(&at) {
            return None;
        }
        if text::is_list(&at) {
            let parts = texts.iter().flat_map(|text| text.split(','));
            let parts: Vec<String> = parts.map(|part| part.trim().to_owned()).collect();
            return Some(text::list(if parameter.explode { texts } else { &parts }, &at));
        }
        Some(text::typed(&texts.join(", "), &at))
    }
}

/// What a schema says of a value.
pub(super) struct Told {
    /// Where in the value, as a JSONPath.
    pub(super) path: String,
    /// Whether the schema can be used at all.
    usable: bool,
    pub(super) held: bool,
    pub(super) got: String,
}

impl Told {
    /// What a finding of this is about, where a value of `aspect` was judged.
    pub(super) fn of(&self, aspect: Aspect) -> Aspect {
        if self.usable { aspect } else { Aspect::Document }
    }
}

/// An answer and what the document says of it.
struct Side<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    declared: &'a Declared,
    redactor: &'a Redactor,
}

impl Side<'_> {
    fn judge(&self, method: &str, answer: &Answer) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            self.declared.headers.iter().flat_map(|header| self.header(header, &answer.headers)).collect();
        // An answer to HEAD has no body (RFC 9110, section 9.3.2), nor has one of these statuses.
        let has_none = method == "HEAD" || matches!(answer.status, 204 | 304);
        if !has_none && !self.declared.content.is_empty() {
            findings.extend(self.content(answer));
        }
        findings
    }

    fn says(&self) -> String {
        let (status, operation) = (self.declared.status, self.operation.name());
        format!("`{operation}` {status}, {}", self.contract.place(self.declared.line))
    }

    fn finding(&self, aspect: Aspect, selector: &str, held: bool, got: String) -> Finding {
        let wanted = if aspect == Aspect::ContentType {
            format!("{}: {}", self.declared.ranges.join(" or "), self.says())
        } else {
            format!("what the contract says: {}", self.says())
        };
        Finding { aspect, held, selector: selector.to_owned(), wanted, got }
    }

    fn header(&self, header: &Parameter, headers: &Headers) -> Vec<Finding> {
        let selector = format!("header.{}", header.name);
        let texts: Vec<String> = headers.all(&header.name).map(str::to_owned).collect();
        if texts.is_empty() {
            let got = "nothing, and it is required".to_owned();
            let missing = header.required.then(|| self.finding(Aspect::Header, &selector, false, got));
            return missing.into_iter().collect();
        }
        let (Some(pointer), Some(value)) = (&header.schema, self.contract.value(header, &texts)) else {
            return vec![self.finding(Aspect::Header, &selector, true, "there".to_owned())];
        };
        self.by_schema(Aspect::Header, pointer, &value, |_| selector.clone())
    }

    fn content(&self, answer: &Answer) -> Vec<Finding> {
        let written = answer.headers.get("content-type");
        let media = written.and_then(Media::read);
        let schema = media.as_ref().and_then(|media| closest(&self.declared.content, media));
        let got = match written {
            Some(written) => format!("`{}`", excerpt(written.as_bytes(), self.redactor)),
            None if answer.body.is_empty() => "nothing, and there is no body".to_owned(),
            None => "nothing".to_owned(),
        };
        let mut findings =
            vec![self.finding(Aspect::ContentType, "header.content-type", schema.is_some(), got)];
        if let (Some(media), Some(Some(pointer))) = (media, schema) {
            findings.extend(self.body(&media, pointer, &answer.body));
        }
        findings
    }

    fn body(&self, media: &Media, pointer: &str, body: &[u8]) -> Vec<Finding> {
        match self.contract.read_body(media, pointer, body) {
            None => Vec::new(),
            Some(Err(why)) => vec![self.finding(Aspect::Body, "$", false, why)],
            Some(Ok(value)) => self.by_schema(Aspect::Body, pointer, &value, str::to_owned),
        }
    }

    fn by_schema(
        &self,
        aspect: Aspect,
        pointer: &str,
        value: &Value,
        selector: impl Fn(&str) -> String,
    ) -> Vec<Finding> {
        let told = self.contract.told(&self.contract.answers, pointer, value, self.redactor);
        let finding = |told: Told| self.finding(told.of(aspect), &selector(&told.path), told.held, told.got);
        told.into_iter().map(finding).collect()
    }
}

impl Contract {
    /// A body as a value that a schema can judge; `None` for media that no schema describes.
    pub(super) fn read_body(
        &self,
        media: &Media,
        pointer: &str,
        body: &[u8],
    ) -> Option<Result<Value, String>> {
        if media.is_json() {
            return Some(crate::json::parse(body).map_err(|error| format!("no JSON: {error}")));
        }
        if media.is_form() {
            return self.schema(pointer).map(|at| Ok(text::form(body, &at)));
        }
        let text = std::str::from_utf8(body).ok().filter(|_| media.is_text())?;
        self.schema(pointer).map(|at| Ok(text::typed(text, &at)))
    }
}
