//! A document → its operations, and what keeps it from being one.

use serde_json::Value;

use super::at::At;
use super::base::{Server, anywhere, servers};
use super::media::Media;
use super::operation::{Answer, Carrier, Operation, Parameter, RequestBody, Status};
use super::template::Template;
use super::{Mistake, Version};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a document has.
#[derive(Default)]
pub(super) struct Read {
    pub(super) operations: Vec<Operation>,
    pub(super) servers: Vec<Server>,
    /// The pointers of the schemas of answers.
    pub(super) answer_schemas: Vec<String>,
    /// The pointers of the schemas of requests.
    pub(super) request_schemas: Vec<String>,
    pub(super) mistakes: Vec<Mistake>,
}

/// The version that a document says it has.
pub(super) fn version(document: &Value) -> Result<Version, Mistake> {
    let help = "the first line of a document is `openapi: 3.1.0`";
    let Some(written) = document.get("openapi") else {
        if document.get("swagger").is_some() {
            let help = "convert it: `npx swagger2openapi` makes OpenAPI 3.0 of it";
            return Err(Mistake::new("/swagger", "this is Swagger 2.0, not OpenAPI 3.0 or 3.1").help(help));
        }
        return Err(Mistake::new("", "this is no OpenAPI document: it has no `openapi`").help(help));
    };
    let text = written.as_str().unwrap_or_default();
    let is = |version: &str| text == version || text.starts_with(&format!("{version}."));
    let found = if is("3.0") {
        Version::V3_0
    } else if is("3.1") {
        Version::V3_1
    } else {
        let shown = crate::diag::literal(written.as_str().unwrap_or(&written.to_string()));
        let message = format!("OpenAPI {shown} is not supported");
        let help = if written.is_string() { "there are 3.0 and 3.1" } else { "put the version in quotes" };
        return Err(Mistake::new("/openapi", message).help(help));
    };
    if !document.get("paths").is_none_or(Value::is_object) {
        return Err(Mistake::new("/paths", "`paths` must be a map of paths"));
    }
    dialect(document)?;
    Ok(found)
}

/// Schemas in another dialect than the default would be judged wrongly.
fn dialect(document: &Value) -> Result<(), Mistake> {
    let Some(dialect) = document.get("jsonSchemaDialect").and_then(Value::as_str) else { return Ok(()) };
    let known = ["https://spec.openapis.org/oas/3.1/dialect/", "https://json-schema.org/draft/2020-12/"];
    if known.iter().any(|known| dialect.starts_with(known)) {
        return Ok(());
    }
    let message = format!("schemas in the dialect {} are not supported", crate::diag::literal(dialect));
    Err(Mistake::new("/jsonSchemaDialect", message).help("remove it: schemas are JSON Schema, 2020-12"))
}

/// Reads every operation.
pub(super) fn operations(document: &Value, line: &dyn Fn(&str) -> Option<usize>) -> Read {
    let root = At::root(document);
    let servers = servers(&root).unwrap_or_else(|| vec![anywhere()]);
    let mut reading = Reading { line, read: Read::default() };
    for (path, item) in root.get("paths").map(|paths| paths.members()).unwrap_or_default() {
        match Template::read(path) {
            Ok(template) => reading.item(path, &item, (&template, &servers)),
            Err(why) => {
                let pointer = crate::diag::pointer(["paths", path]);
                reading.mistake(&pointer, format!("`{}` is no path: {why}", crate::diag::escape(path)));
            }
        }
    }
    let operations = &reading.read.operations;
    let own = operations.iter().flat_map(|operation| &operation.servers);
    reading.read.servers = servers.iter().chain(own).cloned().collect();
    reading.read
}

struct Reading<'l> {
    line: &'l dyn Fn(&str) -> Option<usize>,
    read: Read,
}

impl Reading<'_> {
    fn mistake(&mut self, pointer: &str, message: impl Into<String>) {
        self.read.mistakes.push(Mistake::new(pointer, message));
    }

    fn item(&mut self, path: &str, item: &At<'_>, (template, above): (&Template, &[Server])) {
        if !item.value.is_object() {
            return self.mistake(&item.pointer, "a path must be a map of methods");
        }
        let shared = self.parameters(item);
        let own = servers(item);
        for method in METHODS {
            let Some(at) = item.get(method) else { continue };
            let mut parameters = self.parameters(&at);
            let is_own = |shared: &&Parameter| {
                parameters.iter().any(|own| own.name == shared.name && own.carrier == shared.carrier)
            };
            let inherited: Vec<Parameter> = shared.iter().filter(|shared| !is_own(shared)).cloned().collect();
            parameters.extend(inherited);
            let operation = Operation {
                method: method.to_ascii_uppercase(),
                path: path.to_owned(),
                id: at.text("operationId").map(str::to_owned),
                line: (self.line)(&at.pointer),
                template: template.clone(),
                servers: servers(&at).or_else(|| own.clone()).unwrap_or_else(|| above.to_vec()),
                answers: self.answers(&at),
                parameters,
                body: at.get("requestBody").map(|body| self.body(&body)),
            };
            self.read.operations.push(operation);
        }
    }

    fn answers(&mut self, operation: &At<'_>) -> Vec<Answer> {
        let mut answers = Vec::new();
        for (status, at) in operation.get("responses").map(|at| at.members()).unwrap_or_default() {
            let Some(read) = Status::read(status) else {
                let message = format!("`{}` is no status", crate::diag::escape(status));
                let pointer = crate::diag::pointer::join(&format!("{}/responses", operation.pointer), status);
                let help = "there are codes such as `200`, classes such as `4XX`, and `default`";
                self.read.mistakes.push(Mistake::new(pointer, message).help(help));
                continue;
            };
            let (content, ranges, schemas) = self.content(&at);
            self.read.answer_schemas.extend(schemas);
            let headers = self.headers(&at);
            let line = (self.line)(&at.pointer);
            answers.push(Answer { status: read, line, content, ranges, headers });
        }
        answers
    }

    fn headers(&mut self, answer: &At<'_>) -> Vec<Parameter> {
        let mut headers = Vec::new();
        for (name, at) in answer.get("headers").map(|at| at.members()).unwrap_or_default() {
            // OpenAPI 3.1.1, section 4.8.17: a definition of this one is ignored.
            if !name.eq_ignore_ascii_case("content-type") {
                let header = parameter(&at, name.to_owned(), Carrier::Header);
                self.read.answer_schemas.extend(header.schema.clone());
                headers.push(header);
            }
        }
        headers
    }

    fn parameters(&mut self, object: &At<'_>) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for at in object.get("parameters").map(|at| at.items()).unwrap_or_default() {
            let carrier = match at.text("in") {
                Some("path") => Carrier::Path,
                Some("query") => Carrier::Query,
                Some("header") => Carrier::Header,
                Some("cookie") => Carrier::Cookie,
                _ => {
                    let message = "a parameter must be `in` one of path, query, header, cookie";
                    self.mistake(&at.pointer, message);
                    continue;
                }
            };
            let Some(name) = at.text("name") else {
                self.mistake(&at.pointer, "a parameter without `name`");
                continue;
            };
            // OpenAPI 3.1.1, section 4.8.12.2.1: definitions of these are ignored.
            let is_ignored = carrier == Carrier::Header
                && ["accept", "content-type", "authorization"].contains(&&*name.to_ascii_lowercase());
            if !is_ignored {
                let parameter = parameter(&at, name.to_owned(), carrier);
                self.read.request_schemas.extend(parameter.schema.clone());
                parameters.push(parameter);
            }
        }
        parameters
    }

    fn body(&mut self, at: &At<'_>) -> RequestBody {
        let (content, ranges, schemas) = self.content(at);
        self.read.request_schemas.extend(schemas);
        RequestBody { required: at.is("required"), content, ranges }
    }

    fn content(&mut self, object: &At<'_>) -> Content {
        let (mut content, mut ranges, mut schemas) = (Vec::new(), Vec::new(), Vec::new());
        for (range, at) in object.get("content").map(|at| at.members()).unwrap_or_default() {
            let Some(media) = Media::read(range) else {
                let message = format!("`{}` is no media type", crate::diag::escape(range));
                self.mistake(&at.pointer, message);
                continue;
            };
            let schema = schema(&at);
            schemas.extend(schema.clone());
            content.push((media, schema));
            ranges.push(range.to_owned());
        }
        (content, ranges, schemas)
    }
}

/// Media ranges with their schemas; the ranges as written; the schemas.
type Content = (Vec<(Media, Option<String>)>, Vec<String>, Vec<String>);

/// Where the schema of an object stands.
fn schema(at: &At<'_>) -> Option<String> {
    at.value.get("schema").map(|_| format!("{}/schema", at.pointer))
}

fn parameter(at: &At<'_>, name: String, carrier: Carrier) -> Parameter {
    let usual = match carrier {
        Carrier::Path | Carrier::Header => "simple",
        Carrier::Query | Carrier::Cookie => "form",
    };
    let style = at.text("style").unwrap_or(usual);
    let explode = at.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
    Parameter {
        name,
        carrier,
        required: at.is("required"),
        schema: schema(at),
        is_plain: style == usual,
        explode,
    }
}
