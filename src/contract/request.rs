//! What was sent against what the operation asks for.

use serde_json::Value;

use super::Contract;
use super::find::Found;
use super::judge::{Aspect, Finding, Told};
use super::media::{Media, closest};
use super::operation::{Carrier, Operation, Parameter, RequestBody};
use crate::json::excerpt;
use crate::message::Message;
use crate::secret::Redactor;

impl Contract {
    /// Judges a request by its operation.
    pub(super) fn request(&self, found: &Found<'_>, sent: &Message, redactor: &Redactor) -> Vec<Finding> {
        let side = Side { contract: self, operation: found.operation, redactor };
        let parameters = found.operation.parameters.iter();
        let mut findings: Vec<Finding> = parameters
            .flat_map(|parameter| side.parameter(parameter, &texts(parameter, found, sent)))
            .collect();
        findings.extend(found.operation.body.iter().flat_map(|body| side.body(body, sent)));
        findings
    }
}

/// Every value that a request gives a parameter.
fn texts(parameter: &Parameter, found: &Found<'_>, sent: &Message) -> Vec<String> {
    let name = parameter.name.as_str();
    match parameter.carrier {
        Carrier::Path => {
            let own = found.parameters.iter().filter(|(own, _)| own == name);
            own.map(|(_, value)| value.clone()).collect()
        }
        Carrier::Query => {
            let pairs = sent.url.query_pairs().filter(|(own, _)| own == name);
            pairs.map(|(_, value)| value.into_owned()).collect()
        }
        Carrier::Header => sent.headers.all(name).map(str::to_owned).collect(),
        Carrier::Cookie => {
            let cookies = sent.headers.all("cookie").flat_map(|field| field.split(';'));
            let pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
            pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.to_owned()).collect()
        }
    }
}

struct Side<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    redactor: &'a Redactor,
}

impl Side<'_> {
    fn finding(&self, selector: &str, held: bool, got: String) -> Finding {
        let place = self.contract.place(self.operation.line);
        let wanted = format!("what the contract asks for: `{}`, {place}", self.operation.name());
        Finding { aspect: Aspect::Request, held, selector: format!("request {selector}"), wanted, got }
    }

    fn parameter(&self, parameter: &Parameter, texts: &[String]) -> Vec<Finding> {
        let carrier = match parameter.carrier {
            Carrier::Path => "path",
            Carrier::Query => "query",
            Carrier::Header => "header",
            Carrier::Cookie => "cookie",
        };
        let selector = format!("{carrier}.{}", parameter.name);
        if texts.is_empty() {
            let got = "nothing, and it is required".to_owned();
            return parameter.required.then(|| self.finding(&selector, false, got)).into_iter().collect();
        }
        match (&parameter.schema, self.contract.value(parameter, texts)) {
            (Some(pointer), Some(value)) => self.value(pointer, &value, |_| selector.clone()),
            _ => vec![self.finding(&selector, true, "there".to_owned())],
        }
    }

    fn body(&self, body: &RequestBody, sent: &Message) -> Vec<Finding> {
        if sent.body.is_empty() {
            let got = "nothing, and it is required".to_owned();
            return body.required.then(|| self.finding("body", false, got)).into_iter().collect();
        }
        let written = sent.headers.get("content-type").unwrap_or_default();
        let media = Media::read(written);
        let Some((media, schema)) =
            media.and_then(|media| closest(&body.content, &media).map(|schema| (media, schema)))
        else {
            let got = format!(
                "`{}`, which is none of {}",
                excerpt(written.as_bytes(), self.redactor),
                body.ranges.join(", ")
            );
            return vec![self.finding("header.content-type", false, got)];
        };
        let Some(pointer) = schema else { return Vec::new() };
        match self.contract.read_body(&media, pointer, &sent.body) {
            None => Vec::new(),
            Some(Err(why)) => vec![self.finding("body", false, why)],
            Some(Ok(value)) => self.value(pointer, &value, |path| format!("body {path}")),
        }
    }

    fn value(&self, pointer: &str, value: &Value, selector: impl Fn(&str) -> String) -> Vec<Finding> {
        let told = self.contract.told(&self.contract.requests, pointer, value, self.redactor);
        let finding = |told: Told| Finding {
            aspect: told.of(Aspect::Request),
            ..self.finding(&selector(&told.path), told.held, told.got)
        };
        told.into_iter().map(finding).collect()
    }
}
