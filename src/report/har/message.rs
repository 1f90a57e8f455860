//! Requests and answers as HAR has them.

use serde_json::{Value, json};

use crate::report::record::{Answer, Body, Request};

/// What HAR writes where something is not known.
const UNKNOWN: i64 = -1;

pub(super) fn request(request: &Request, version: &str) -> Value {
    let mut value = json!({
        "method": request.method,
        "url": request.url,
        "httpVersion": version,
        "cookies": [],
        "headers": fields(&request.headers),
        "queryString": query(&request.url),
        "headersSize": UNKNOWN,
        "bodySize": request.body.bytes,
    });
    if request.body.bytes > 0 {
        value["postData"] = content(&request.body, &request.headers);
    }
    value
}

pub(super) fn answer(answer: &Answer) -> Value {
    let mut content = content(&answer.body, &answer.headers);
    content["size"] = answer.body.bytes.into();
    let location = named(&answer.headers, "location").unwrap_or_default();
    json!({
        "status": answer.status,
        "statusText": "",
        "httpVersion": answer.version,
        "cookies": [],
        "headers": fields(&answer.headers),
        "content": content,
        "redirectURL": location,
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    })
}

/// Status 0, as browsers write it.
pub(super) fn no_answer() -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    })
}

fn fields(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn named<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

/// Not decoded: a secret would be another text then than the one that was masked.
fn query(url: &str) -> Value {
    let Some((_, query)) = url.split('#').next().unwrap_or_default().split_once('?') else {
        return json!([]);
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

fn content(body: &Body, headers: &[(String, String)]) -> Value {
    let mut value = json!({"mimeType": named(headers, "content-type").unwrap_or_default()});
    match &body.text {
        Some(text) => value["text"] = text.as_str().into(),
        None => value["comment"] = format!("{} bytes that are no text", body.bytes).into(),
    }
    if body.cut && body.text.is_some() {
        value["comment"] = format!("the beginning of {} bytes", body.bytes).into();
    }
    value
}
