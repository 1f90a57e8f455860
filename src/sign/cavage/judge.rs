//! Whether a captured message is signed as its profile says: where the signature is carried, what
//! it covers, the date and the digest, and the signature itself.
//!
//! The signature comes last, so that a wrong digest is called a wrong digest, and not a signature
//! that does not verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::component::{Component, Only};
use super::diagnose::{Asked, explain};
use super::parameters::Parameters;
use super::settings::{Names, Settings, Target};
use super::string::{Covered, StringError, components, to_bytes};
use super::{carried, vouched};
use crate::message::{Received, Start};
use crate::sign::judge::{Candidate, Judgement, Moment, Refusal};
use crate::sign::verify::verify;

type Lines = Vec<(String, String)>;

/// Whether the signature of a captured message verifies, and why not.
pub(in crate::sign) fn judge(
    received: &Received,
    settings: &Settings,
    keys: &[Candidate<'_>],
    moment: Moment,
) -> Judgement {
    let is_request = matches!(received.start, Start::Request { .. });
    let parameters = carried::find(&received.headers, settings, is_request).and_then(|value| {
        read(value, settings, received).map_err(|reason| format!("the signature {reason}"))
    });
    let parameters = match parameters {
        Ok(parameters) => parameters,
        Err(reason) => return Judgement::refused(reason),
    };
    let line = RequestLine::of(received);
    let target = match settings.target {
        Target::PathAndQuery => line.target,
        Target::Path => line.target.split('?').next().unwrap_or_default(),
    };
    let RequestLine { method, host, .. } = line;
    let covered = Covered { method, target, headers: &received.headers, host, body: &received.body };
    let lines = lines(&covered, &parameters, settings, line.known);
    let built = lines.as_ref().map(Vec::as_slice).unwrap_or_default();
    let asked = Asked {
        covered: &covered,
        parameters: &parameters,
        lines: built,
        trailing_newline: settings.trailing_newline,
        target: line.target,
    };
    let checked = (Check { received, settings, asked, moment }).all(lines.as_ref().err(), keys);
    Judgement {
        key_id: Some(parameters.key_id.clone()).filter(|id| !id.is_empty()),
        algorithm: Some(parameters.algorithm.clone().unwrap_or_else(|| settings.label().to_owned())),
        components: built.to_vec(),
        signing_string: if built.is_empty() { String::new() } else { asked.text() },
        refusal: checked.err(),
    }
}

/// What `(request-target)` and `host` are of.
struct RequestLine<'a> {
    method: &'a str,
    target: &'a str,
    host: Option<&'a str>,
    known: bool,
}

impl<'a> RequestLine<'a> {
    fn of(received: &'a Received) -> Self {
        match &received.start {
            Start::Request { method, target, authority, .. } => {
                Self { method, target, host: authority.as_deref(), known: true }
            }
            Start::Answer { request: Some(request), .. } => Self { host: None, ..Self::of(request) },
            Start::Answer { request: None, .. } => Self { method: "", target: "", host: None, known: false },
        }
    }
}

/// The signature's parameters, read as the profile has them written.
fn read(value: &str, settings: &Settings, received: &Received) -> Result<Parameters, String> {
    let Some(layout) = &settings.parameters else {
        return Parameters::read(value, settings.escape).map_err(|error| error.to_string());
    };
    let values = layout.read(value, settings.escape)?;
    let of = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let named = of("headers").map(|list| list.split_whitespace().map(str::to_owned).collect());
    let signature = of("signature").unwrap_or_default();
    Ok(Parameters {
        key_id: of("key_id").unwrap_or_default(),
        algorithm: of("algorithm"),
        headers: Some(named.unwrap_or_else(|| asked_of(settings, received))),
        created: of("created"),
        expires: of("expires"),
        signature: STANDARD.decode(signature).map_err(|_| "is not padded base64 on one line")?,
        others: Vec::new(),
    })
}

/// What the profile wants signed of this message.
fn asked_of(settings: &Settings, received: &Received) -> Vec<String> {
    let asked = |component: &&Component| match component.only() {
        Only::Always => true,
        Only::IfSent => component.name().starts_with('(') || received.headers.contains(component.name()),
        Only::IfBody => !received.body.is_empty(),
    };
    settings.components.iter().filter(asked).map(|component| component.name().to_owned()).collect()
}

/// The lines of the signing string, their names in the case that the profile signs.
fn lines(
    covered: &Covered<'_>,
    parameters: &Parameters,
    settings: &Settings,
    target_known: bool,
) -> Result<Lines, String> {
    let mut lines = components(covered, parameters).map_err(|error: StringError| error.to_string())?;
    if !target_known && lines.iter().any(|(name, _)| name == "(request-target)") {
        return Err("`(request-target)` is signed, and the request of this answer is not known".into());
    }
    if settings.names == Names::AsWritten {
        for (line, listed) in lines.iter_mut().zip(parameters.components()) {
            listed.clone_into(&mut line.0);
        }
    }
    Ok(lines)
}

struct Check<'a> {
    received: &'a Received,
    settings: &'a Settings,
    asked: Asked<'a>,
    moment: Moment,
}

impl Check<'_> {
    fn all(&self, unbuilt: Option<&String>, keys: &[Candidate<'_>]) -> Result<(), Refusal> {
        self.label().map_err(Refusal::new)?;
        self.required().map_err(Refusal::new)?;
        unbuilt.map_or(Ok(()), |reason| Err(Refusal::new(reason.clone())))?;
        self.moment().map_err(Refusal::new)?;
        self.digest().map_err(Refusal::new)?;
        self.signature(keys)
    }

    fn label(&self) -> Result<(), String> {
        let label = self.settings.label();
        match &self.asked.parameters.algorithm {
            Some(named) if !named.eq_ignore_ascii_case(label) => {
                Err(format!("the message calls the algorithm `{named}`; this profile calls it `{label}`"))
            }
            _ => Ok(()),
        }
    }

    fn required(&self) -> Result<(), String> {
        let signed = self.asked.parameters.components();
        let missing: Vec<String> = asked_of(self.settings, self.received)
            .into_iter()
            .filter(|asked| !signed.iter().any(|name| name.eq_ignore_ascii_case(asked)))
            .map(|name| format!("`{name}`"))
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("{} must be signed too", missing.join(" and "))) }
    }

    fn moment(&self) -> Result<(), String> {
        let date = &self.settings.date;
        if self.signs(&date.header) {
            vouched::date(date, self.only(&date.header)?, self.moment)?;
        }
        vouched::times(self.asked.parameters, self.moment)
    }

    fn digest(&self) -> Result<(), String> {
        let field = &self.settings.digest;
        if self.signs(&field.header) {
            vouched::digest(field, self.only(&field.header)?, &self.received.body)?;
        }
        Ok(())
    }

    fn signs(&self, header: &str) -> bool {
        self.asked.parameters.components().iter().any(|name| name.eq_ignore_ascii_case(header))
    }

    fn only(&self, header: &str) -> Result<&str, String> {
        let mut values = self.received.headers.all(header);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => Err(format!("there is no `{header}` field")),
            (Some(_), Some(_)) => Err(format!("there are several `{header}` fields")),
        }
    }

    fn signature(&self, keys: &[Candidate<'_>]) -> Result<(), Refusal> {
        let Some(right) = keys.first() else {
            return Err(Refusal::new("there is no key to verify the signature with"));
        };
        let (algorithm, text) = (self.settings.algorithm(), self.asked.text());
        let signature = &self.asked.parameters.signature;
        if to_bytes(&text).is_some_and(|bytes| verify(right.key, algorithm, &bytes, signature)) {
            return Ok(());
        }
        let reason = format!("the signature does not verify with {}", right.name);
        match explain(&self.asked, algorithm, keys) {
            Some(found) => Err(Refusal {
                reason: format!("{reason}: {}", found.sentence),
                verifies: Some(found.verifies).filter(|verifies| *verifies != text),
            }),
            None => Err(Refusal::new(reason)),
        }
    }
}
