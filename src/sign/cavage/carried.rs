//! Where a received message carries its signature: the header that the profile names, without
//! whatever else the profile puts there.

use super::settings::{Carrier, Settings};
use crate::message::Headers;
use crate::sign::token_in;

/// The value that holds the signature's parameters. Where a request has a token decides where a
/// profile puts them; an answer has no token, and any of the profile's headers will do.
pub(super) fn find<'a>(
    headers: &'a Headers,
    settings: &'a Settings,
    is_request: bool,
) -> Result<&'a str, String> {
    let with_token = has_token(headers, settings);
    let meant = |carrier: &Carrier| !is_request || carrier.when.applies(with_token);
    let mut misplaced = None;
    for carrier in &settings.carried_in {
        let name = &carrier.header;
        let mut values = headers.all(name);
        let Some(value) = values.next() else { continue };
        if values.next().is_some() {
            return Err(format!("there are several `{name}` fields"));
        }
        match own(value, carrier) {
            Some((_, own)) if meant(carrier) => return unprefixed(own, carrier),
            Some(_) => {
                let with = if with_token { "without" } else { "with" };
                misplaced.get_or_insert(format!(
                    "`{name}` carries the signature of a request {with} a token; this one belongs in {}",
                    listed(settings, &meant)
                ));
            }
            None if meant(carrier) => {
                let wanted = format!("{}{}", carrier.join.as_deref().unwrap_or_default(), carrier.prefix);
                misplaced = Some(format!("`{name}` holds no `{wanted}…`"));
            }
            None => {}
        }
    }
    Err(misplaced
        .unwrap_or_else(|| format!("there is no signature; it belongs in {}", listed(settings, &meant))))
}

/// The headers that could carry it.
fn listed(settings: &Settings, meant: &dyn Fn(&Carrier) -> bool) -> String {
    let names = settings.carried_in.iter().filter(|carrier| meant(carrier)).map(|carrier| {
        let prefix = carrier.prefix.trim_end();
        if prefix.is_empty() {
            format!("`{}`", carrier.header)
        } else {
            format!("`{}: {prefix} …`", carrier.header)
        }
    });
    names.collect::<Vec<_>>().join(" or ")
}

/// Whether a request came with a token: an `Authorization` that is not a signature alone.
fn has_token(headers: &Headers, settings: &Settings) -> bool {
    let carriers: Vec<&Carrier> =
        settings.carried_in.iter().filter(|it| it.header.eq_ignore_ascii_case("authorization")).collect();
    let whole = |value: &str| carriers.iter().any(|it| matches!(own(value, it), Some((None, _))));
    token_in(headers) && headers.all("authorization").any(|value| !whole(value))
}

/// What stands before the signature, if anything does, and the signature; `None`: it holds none.
fn own<'a>(value: &'a str, carrier: &Carrier) -> Option<(Option<&'a str>, &'a str)> {
    let prefix = carrier.prefix.as_str();
    if let Some(start) = value.get(..prefix.len())
        && start.eq_ignore_ascii_case(prefix)
        && !prefix.is_empty()
    {
        return Some((None, &value[prefix.len()..]));
    }
    if let Some(join) = &carrier.join
        && let Some((before, own)) = value.split_once(&format!("{join}{prefix}"))
    {
        return Some((Some(before), own));
    }
    prefix.is_empty().then_some((None, value))
}

fn unprefixed<'a>(own: &'a str, carrier: &Carrier) -> Result<&'a str, String> {
    let word = own.get(..10).filter(|word| word.eq_ignore_ascii_case("signature "));
    match word {
        Some(word) => Err(format!(
            "`{}` begins with the word `{}`, which this profile does not write",
            carrier.header,
            word.trim_end()
        )),
        None => Ok(own.trim()),
    }
}
