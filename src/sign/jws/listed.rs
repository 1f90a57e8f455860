//! What the protected header of a captured message says it covers.
//!
//! The list is the sender's: it is bounded, and a name that stands in it twice is refused, before
//! anything is looked up, joined or tried.

use super::judge::{Carried, said};
use super::payload::Parts;
use super::placeholder::{HTTP_HEADERS, Placeholder};
use super::settings::{Payload, Settings};
use crate::limits;

impl Carried {
    /// What is signed of the message: what the protected header names, where it does.
    pub(super) fn components(
        &self,
        settings: &Settings,
        parts: &Parts<'_>,
    ) -> Result<Vec<(String, String)>, String> {
        match settings.payload {
            Payload::Body => Ok(Vec::new()),
            Payload::Headers => {
                let sig_d =
                    self.member(settings, Placeholder::SigD).ok_or("the protected header has no `sigD`")?;
                if sig_d["mId"] != HTTP_HEADERS {
                    return Err(format!("the `mId` of `sigD` is {}, not \"{HTTP_HEADERS}\"", sig_d["mId"]));
                }
                let pars = sig_d["pars"].as_array().ok_or("`sigD` has no list of `pars`")?;
                let names =
                    pars.iter().map(|name| name.as_str().ok_or("`pars` of `sigD` is not a list of names"));
                parts.named(&bounded("`pars` of `sigD`", names)?).map_err(said)
            }
            Payload::Request => match self.member(settings, Placeholder::Components) {
                Some(names) => {
                    let names = names.as_str().unwrap_or_default();
                    let names = names.split(',').filter(|name| !name.is_empty()).map(Ok);
                    parts.named(&bounded("the list of signed headers", names)?).map_err(said)
                }
                None => parts.signed(settings).map_err(said),
            },
        }
    }
}

/// At most as many names as are taken, each once: the case of header names means nothing.
fn bounded<'a>(
    list: &str,
    names: impl Iterator<Item = Result<&'a str, &'static str>>,
) -> Result<Vec<&'a str>, String> {
    let most = limits::SIGNED_COMPONENTS;
    let names: Vec<&str> = names.take(most + 1).collect::<Result<_, _>>()?;
    if names.len() > most {
        return Err(format!("{list} names more than {most} components, which is the most that is taken"));
    }
    match names
        .iter()
        .enumerate()
        .find(|(at, name)| names[..*at].iter().any(|it| it.eq_ignore_ascii_case(name)))
    {
        Some((_, name)) => Err(format!("{list} names `{name}` twice")),
        None => Ok(names),
    }
}
