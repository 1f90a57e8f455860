//! HAR 1.2, as browsers and proxies export it.
//!
//! A body is text there. Where it was not UTF-8 or was compressed, the bytes that were signed are
//! gone unless the exporter wrote base64; that is said rather than guessed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::error::Category;

use super::error::RecordedError;
use super::head::{self, Head};
use super::{Exchange, Part};
use crate::message::{Received, Start};

#[derive(Deserialize)]
struct Har {
    log: Option<Log>,
}

#[derive(Deserialize)]
struct Log {
    entries: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    request: Option<Request>,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Request {
    method: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: Vec<Field>,
    #[serde(rename = "postData")]
    post_data: Option<Content>,
}

#[derive(Deserialize)]
struct Response {
    status: Option<u16>,
    #[serde(default)]
    headers: Vec<Field>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Content {
    text: Option<String>,
    #[serde(alias = "_encoding")]
    encoding: Option<String>,
    params: Option<Vec<serde_json::Value>>,
}

/// Reads the exchanges; where one is asked for, the others need not be complete.
pub(super) fn read(text: &[u8], asked: Option<usize>) -> Result<Vec<Exchange>, RecordedError> {
    let har: Har = serde_json::from_slice(text).map_err(|error| {
        let line = error.line();
        match error.classify() {
            Category::Data => RecordedError::at(line, "not what HAR 1.2 has here"),
            _ => RecordedError::at(line, "it begins like a HAR file, and is not JSON from here on"),
        }
    })?;
    let entries = har.log.and_then(|log| log.entries);
    let entries =
        entries.ok_or_else(|| RecordedError::new("it is JSON, and has no `log.entries`: not a HAR file"))?;
    let only = asked.filter(|_| entries.len() > 1);
    let numbered = entries.into_iter().enumerate();
    let exchange = |(at, entry)| match only {
        Some(asked) if asked != at + 1 => Ok(Exchange::default()),
        _ => exchange(entry, &format!("log.entries[{at}]")),
    };
    numbered.map(exchange).collect()
}

fn exchange(entry: Entry, place: &str) -> Result<Exchange, RecordedError> {
    let request = entry.request.map(|it| request(it, &format!("{place}.request"))).transpose()?;
    // Status 0 stands for an answer that never came.
    let response = entry.response.filter(|response| response.status != Some(0));
    let answer = response.map(|it| answer(it, &format!("{place}.response"))).transpose()?;
    Ok(Exchange { request, answer })
}

fn request(request: Request, place: &str) -> Result<Part, RecordedError> {
    let missing = |what: &str| RecordedError::new(format!("`{place}.{what}` is missing"));
    let method = request.method.ok_or_else(|| missing("method"))?;
    let url = request.url.ok_or_else(|| missing("url"))?;
    let url = url.split('#').next().unwrap_or_default();
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(RecordedError::new(format!("`{place}.url` is not an http or https URL")));
    }
    part(head::request(method, url), request.headers, request.post_data, &format!("{place}.postData"))
}

fn answer(response: Response, place: &str) -> Result<Part, RecordedError> {
    let status = response.status.ok_or_else(|| RecordedError::new(format!("`{place}.status` is missing")))?;
    let start = Start::Answer { status, request: None };
    part(start, response.headers, response.content, &format!("{place}.content"))
}

fn part(
    start: Start,
    fields: Vec<Field>,
    content: Option<Content>,
    place: &str,
) -> Result<Part, RecordedError> {
    let Head { start, headers } =
        Head::of_fields(start, fields.into_iter().map(|field| (field.name, field.value)))?;
    let coding = headers.get("content-encoding").filter(|coding| *coding != "identity").map(str::to_owned);
    let mut part = Part::new(Received { start, headers, body: Bytes::new() });
    match content {
        Some(Content { text: Some(text), encoding, .. }) => {
            part.message.body = body(text, encoding.as_deref(), place)?;
        }
        Some(Content { params: Some(params), .. }) if !params.is_empty() => {
            let message =
                format!("`{place}` has `params` and no `text`, so that the bytes of the body are not known");
            return Err(RecordedError::new(message).help("give the body with `--data FILE`"));
        }
        _ => part.without_body(),
    }
    if let Some(coding) = coding {
        part.doubts.push(format!(
            "the body was sent with `Content-Encoding: {coding}`, and a HAR file has it decoded: its digest can't be told"
        ));
    }
    Ok(part)
}

fn body(text: String, encoding: Option<&str>, place: &str) -> Result<Bytes, RecordedError> {
    match encoding {
        None | Some("") => Ok(text.into()),
        Some("base64") => STANDARD
            .decode(text)
            .map(Into::into)
            .map_err(|_| RecordedError::new(format!("`{place}.text` is said to be base64, and is not"))),
        Some(_) => Err(RecordedError::new(format!("`{place}.encoding` is not `base64`"))),
    }
}
