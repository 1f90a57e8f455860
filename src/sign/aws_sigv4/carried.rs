//! What a message says of its signature: in `Authorization`, or in the parameters of its query.

use super::scope::{ALGORITHM, Scope};
use crate::sign::encoding::unpercent;
use crate::sign::seen::{Seen, pairs};

/// What a message says of its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carried {
    pub key_id: String,
    pub scope: Scope,
    /// As written: maybe in the wrong order.
    pub names: Vec<String>,
    pub signature: String,
    /// `X-Amz-Date`, as written.
    pub date: String,
    /// The seconds after which it expires; only a signature in the query says so.
    pub expires: Option<String>,
}

impl Carried {
    /// Reads it; the error is a clause without a full stop.
    pub fn read(seen: &Seen<'_>) -> Result<Self, String> {
        if seen.headers.all("authorization").count() > 1 {
            return Err("there are several `Authorization` fields".into());
        }
        match seen.headers.get("authorization") {
            Some(value) if value.trim_start().starts_with("AWS4-") => Self::in_header(seen, value.trim()),
            _ if parameter(seen, "X-Amz-Signature").is_some() => Self::in_query(seen),
            Some(_) => Err(format!("`Authorization` does not begin with `{ALGORITHM}`")),
            None => {
                Err("there is no signature: neither `Authorization` nor `X-Amz-Signature` in the query"
                    .into())
            }
        }
    }

    fn in_header(seen: &Seen<'_>, value: &str) -> Result<Self, String> {
        let list =
            value.strip_prefix(ALGORITHM).ok_or_else(|| format!("the algorithm is not `{ALGORITHM}`"))?;
        let part = |name: &str| {
            let mut parts = list.split(',').filter_map(|part| part.trim().split_once('='));
            let found = parts.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
            found.ok_or_else(|| format!("`Authorization` has no `{name}`"))
        };
        let date = seen.headers.get("x-amz-date").ok_or("there is no header `X-Amz-Date`")?.to_owned();
        Self::of(&part("Credential")?, &part("SignedHeaders")?, part("Signature")?, (date, None))
    }

    fn in_query(seen: &Seen<'_>) -> Result<Self, String> {
        let part = |name: &str| parameter(seen, name).ok_or_else(|| format!("the query has no `{name}`"));
        if part("X-Amz-Algorithm")? != ALGORITHM {
            return Err(format!("the algorithm is not `{ALGORITHM}`"));
        }
        let times = (part("X-Amz-Date")?, Some(part("X-Amz-Expires")?));
        Self::of(&part("X-Amz-Credential")?, &part("X-Amz-SignedHeaders")?, part("X-Amz-Signature")?, times)
    }

    fn of(
        credential: &str,
        names: &str,
        signature: String,
        (date, expires): (String, Option<String>),
    ) -> Result<Self, String> {
        // From the right: an access key id may have a slash in it.
        let mut parts = credential.rsplitn(5, '/');
        let (end, service, region, day, key_id) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
        match (end, service, region, day, key_id) {
            (Some("aws4_request"), Some(service), Some(region), Some(day), Some(key_id)) => Ok(Self {
                key_id: key_id.to_owned(),
                scope: Scope { day: day.into(), region: region.into(), service: service.into() },
                names: names.split(';').map(str::to_owned).collect(),
                signature,
                date,
                expires,
            }),
            _ => Err(format!("the credential `{credential}` is not `ID/DAY/REGION/SERVICE/aws4_request`")),
        }
    }
}

fn parameter(seen: &Seen<'_>, name: &str) -> Option<String> {
    let found = pairs(seen.query()).into_iter().find(|(known, _)| *known == name)?;
    Some(String::from_utf8_lossy(&unpercent(found.1)).into_owned())
}
