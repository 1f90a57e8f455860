//! The filters beside minijinja's. A new one is a line in [`OURS`] and one in [`register`].
//!
//! `sha256` and its kin give text (hex, or what `encoding` says) rather than bytes: bytes have no
//! place in a template, and `| sha256 | base64` would silently encode the hex digits.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Environment, Error, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256, Sha512};

use super::arguments::Arguments;
use super::error::{Failure, THIS};
use super::jsonpath;
use super::value::{as_text, from_engine, too_large};
use crate::limits::TEMPLATE_OUTPUT;
use crate::secret::Redactor;

/// Every filter of a template that is not minijinja's.
pub(super) const OURS: &[&str] =
    &["base64", "base64url", "hex", "hmac", "json", "jsonpath", "sha256", "sha512", "tojson", "urlencode"];

/// minijinja's, less `pprint`, which prints values as debugging sees them, and those that hold a
/// value many times over (see `guard`).
pub(super) const THEIRS: &[&str] = &[
    "abs",
    "attr",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
];

const REMOVED: &[&str] = &["batch", "chain", "pprint", "slice", "zip"];

/// minijinja's tests.
pub(super) const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
];

/// Filters that read numbers: they get integers and floats, not digits.
pub(super) const CALCULATING: &[&str] = &[
    "abs",
    "dictsort",
    "float",
    "format",
    "groupby",
    "int",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "round",
    "select",
    "selectattr",
    "sort",
    "sum",
    "unique",
];

/// What stays as it is when text becomes part of a URL (RFC 3986, section 2.3).
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as one part of a URL: everything but unreserved characters is percent-encoded.
pub fn url_part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// Gives the engine the filters.
pub(super) fn register(engine: &mut Environment<'static>, redactor: &Redactor) {
    for name in REMOVED {
        engine.remove_filter(name);
    }
    let mut add = |name: &'static str, parameters, run: fn(&[u8], &Arguments) -> Result<Value, Failure>| {
        engine.add_filter(name, move |value: Value, rest: Rest<ValueOrKwargs>| -> Result<Value, Error> {
            Ok(run(&data(&value)?, &Arguments::read(&rest.into_values(), parameters)?)?)
        });
    };
    add("base64", &[], |data, _| Ok(Value::from(STANDARD.encode(data))));
    add("base64url", &[], |data, _| Ok(Value::from(URL_SAFE_NO_PAD.encode(data))));
    add("hex", &[], |data, _| Ok(Value::from(HEXLOWER.encode(data))));
    add("sha256", &["encoding"], |data, given| encoded(&Sha256::digest(data), given));
    add("sha512", &["encoding"], |data, given| encoded(&Sha512::digest(data), given));
    add("hmac", &["key", "encoding", "algorithm"], |data, given| {
        use aws_lc_rs::hmac::{HMAC_SHA256, HMAC_SHA512, Key, sign};
        let algorithm = match given.text("algorithm")?.unwrap_or("sha256") {
            "sha256" => HMAC_SHA256,
            "sha512" => HMAC_SHA512,
            other => {
                return Err(Failure::new(format!("`{THIS}`: `{other}` is neither `sha256` nor `sha512`")));
            }
        };
        encoded(sign(&Key::new(algorithm, given.required_text("key")?.as_bytes()), data).as_ref(), given)
    });
    // Marked as safe: what is encoded already is not encoded again inside a URL.
    add("urlencode", &[], |data, _| Ok(Value::from_safe_string(url_part(&String::from_utf8_lossy(data)))));
    let redactor = redactor.clone();
    engine.add_filter("jsonpath", move |value: Value, rest: Rest<ValueOrKwargs>| -> Result<Value, Error> {
        let given = Arguments::read(&rest.into_values(), jsonpath::PARAMETERS)?;
        Ok(jsonpath::jsonpath(&value, &given, &redactor)?)
    });
    for name in ["json", "tojson"] {
        engine.add_filter(name, |value: Value| -> Result<String, Error> {
            Ok(from_engine(&value)?.to_string())
        });
    }
}

/// The bytes of a scalar: of text, its UTF-8.
fn data(value: &Value) -> Result<Vec<u8>, Failure> {
    let bytes = match value.as_bytes() {
        Some(bytes) => bytes.to_vec(),
        None => as_text(value)?.into_bytes(),
    };
    if bytes.len() > TEMPLATE_OUTPUT { Err(too_large()) } else { Ok(bytes) }
}

fn encoded(digest: &[u8], given: &Arguments) -> Result<Value, Failure> {
    Ok(Value::from(match given.text("encoding")?.unwrap_or("hex") {
        "hex" => HEXLOWER.encode(digest),
        "base64" => STANDARD.encode(digest),
        "base64url" => URL_SAFE_NO_PAD.encode(digest),
        other => {
            return Err(Failure::new(format!("`{THIS}`: `{other}` is not an encoding"))
                .help("there are `hex`, `base64` and `base64url`"));
        }
    }))
}
