//! The functions of the format. A new one is a line in [`NAMES`], one in [`parameters`] and an arm
//! in [`register`].
//!
//! What is impure comes in as a value, so that a run can be repeated byte for byte.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Environment, Error, Value};

use super::arguments::Arguments;
use super::error::{Failure, THIS};
use super::secret::Programs;
use super::time;
use crate::clock::{Clock, Ids, http_date};
use crate::diag::{Code, did_you_mean};
use crate::files::Root;
use crate::limits::TEMPLATE_OUTPUT;
use crate::secret::Redactor;

/// What the functions of templates reach.
#[derive(Debug, Clone)]
pub struct Functions {
    /// The values of `env()` and `secret()`: the process environment and `.env`.
    pub environment: Arc<BTreeMap<String, String>>,
    /// The time of `now()`, `timestamp()` and `http_date()`.
    pub clock: Clock,
    /// The ids of `uuid()`, and where random values come from.
    pub ids: Ids,
    /// The folder that `file()` reads in.
    pub root: Root,
    /// Learns what `secret()` returns.
    pub redactor: Redactor,
    /// What the programs of `secret(command=…)` answered.
    pub programs: Programs,
}

/// Every function of a template, minijinja's included.
pub(super) const NAMES: &[&str] = &[
    "env",
    "file",
    "http_date",
    "now",
    "random_int",
    "random_string",
    "range",
    "secret",
    "timestamp",
    "uuid",
];

/// What one of our own functions takes, by place or by name.
pub(super) fn parameters(function: &str) -> Option<&'static [&'static str]> {
    Some(match function {
        "env" => &["name", "default"],
        "secret" => &["name", "default", "file", "command"],
        "now" => &["format", "offset"],
        "random_int" => &["from", "to"],
        "random_string" => &["length"],
        "file" => &["path"],
        "uuid" | "http_date" | "timestamp" => &[],
        _ => return None,
    })
}

/// Longest text of `random_string`.
const LONGEST_RANDOM: i64 = 4096;

/// Gives the engine the functions.
pub(super) fn register(engine: &mut Environment<'static>, functions: &Functions) {
    // `debug()` prints every variable; a namespace can nest lists deeper than the stack, `dict()`
    // can hold a value many times over (see `guard`).
    for name in ["debug", "namespace", "dict"] {
        engine.remove_global(name);
    }
    let mut add = |name: &'static str, run: fn(&Functions, &Arguments) -> Result<Value, Failure>| {
        let functions = functions.clone();
        let parameters = parameters(name).expect("each of our functions has its parameters");
        engine.add_function(name, move |values: Rest<ValueOrKwargs>| -> Result<Value, Error> {
            Ok(run(&functions, &Arguments::read(&values.into_values(), parameters)?)?)
        });
    };
    add("env", |with, given| {
        with.variable(given)?.map(Value::from).ok_or_else(|| with.not_set(given, Code::Undefined))
    });
    add("secret", |with, given| with.secret(given).map(Value::from));
    add("uuid", |with, _| Ok(Value::from(with.ids.uuid().to_string())));
    add("now", |with, given| {
        time::now(with.clock.now(), given.text("format")?, given.text("offset")?).map(Value::from)
    });
    add("http_date", |with, _| Ok(Value::from(http_date(with.clock.now()))));
    add("timestamp", |with, _| Ok(Value::from(with.clock.now().timestamp())));
    add("random_int", |with, given| {
        with.random_int(given.required_integer("from")?, given.required_integer("to")?)
    });
    add("random_string", |with, given| with.random_string(given.required_integer("length")?));
    add("file", |with, given| with.file(given.required_text("path")?));
}

impl Functions {
    pub(super) fn variable(&self, given: &Arguments) -> Result<Option<String>, Failure> {
        let value = self.value(given.required_text("name")?);
        Ok(value.or(given.text("default")?).map(str::to_owned))
    }

    /// The variable's value. CI systems hand a secret that is not there over as an empty text.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn not_set(&self, given: &Arguments, code: Code) -> Failure {
        let name = given.required_text("name").unwrap_or_default();
        self.unset(name, code).expect("it is called for what is not set")
    }

    /// Why a variable of the environment can't be used; `None` when it is set.
    pub(super) fn unset(&self, name: &str, code: Code) -> Option<Failure> {
        if self.value(name).is_some() {
            return None;
        }
        let (what, function) =
            if code == Code::Secret { ("the secret", "secret") } else { ("the environment variable", "env") };
        if self.environment.contains_key(name) {
            let help =
                format!("give it a value, or write `{function}('{name}', '')` where empty text will do");
            return Some(Failure::new(format!("{what} `{name}` is empty")).code(code).help(help));
        }
        let help = match did_you_mean(name, self.environment.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("export `{name}`, or write `{name}=…` into `.env`"),
        };
        Some(Failure::new(format!("{what} `{name}` is not set")).code(code).help(help))
    }

    fn file(&self, path: &str) -> Result<Value, Failure> {
        let bytes = self
            .root
            .read_for_request(path, TEMPLATE_OUTPUT as u64)
            .map_err(|error| Failure::new(format!("`{path}` {}", error.fault)))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            Failure::new(format!("`{path}` is not UTF-8 text (byte {valid})"))
                .help("to send it as it is, use `body: {file: …}`")
        })?;
        Ok(Value::from(text))
    }

    fn random_int(&self, from: i64, to: i64) -> Result<Value, Failure> {
        if from > to {
            return Err(Failure::new(format!("`{THIS}`: there is no number from {from} to {to}")));
        }
        let span = u128::from(from.abs_diff(to)) + 1;
        // The last 62 bits of a version 4 UUID are random; 124 of them against at most 64 leave
        // no number noticeably more likely.
        let half = || self.ids.uuid().as_u128() & ((1 << 62) - 1);
        let drawn = i128::try_from((half() << 62 | half()) % span).expect("less than 2^64 + 1");
        Ok(Value::from(i128::from(from) + drawn))
    }

    fn random_string(&self, length: i64) -> Result<Value, Failure> {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        if !(0..=LONGEST_RANDOM).contains(&length) {
            return Err(Failure::new(format!("`{THIS}`: the length must be 0 to {LONGEST_RANDOM}")));
        }
        let mut text = String::new();
        while text.len() < usize::try_from(length).unwrap_or_default() {
            // A version 4 UUID has fixed bits in bytes 6 and 8; 248 = 4 × 62 keeps letters equal.
            let id = *self.ids.uuid().as_bytes();
            let random =
                id.iter().enumerate().filter(|(place, byte)| !matches!(place, 6 | 8) && **byte < 248);
            text.extend(random.map(|(_, byte)| char::from(LETTERS[usize::from(byte % 62)])));
        }
        text.truncate(usize::try_from(length).unwrap_or_default());
        Ok(Value::from(text))
    }
}
