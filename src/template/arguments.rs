//! The arguments of a function or filter, by place or by name, with errors that say what it takes.

use minijinja::Value;
use minijinja::value::{Kwargs, Rest, ValueKind, from_args};

use super::error::{Failure, THIS};
use crate::diag::did_you_mean;

/// Arguments by the names of the parameters; `null` counts as not given.
pub(super) struct Arguments {
    parameters: &'static [&'static str],
    given: Vec<Option<Value>>,
}

impl Arguments {
    /// Sorts `values` by `parameters`.
    pub(super) fn read(values: &[Value], parameters: &'static [&'static str]) -> Result<Self, Failure> {
        let (places, named): (Rest<Value>, Kwargs) = from_args(values)
            .map_err(|_| Failure::new(format!("`{THIS}` has arguments that can't be read")))?;
        fits(parameters, places.0.len(), named.args())?;
        let mut given: Vec<Option<Value>> = places.0.into_iter().map(Some).collect();
        given.resize(parameters.len(), None);
        for (place, name) in parameters.iter().enumerate().filter(|(_, name)| named.has(name)) {
            given[place] = named.get(name).ok();
        }
        let given = given.into_iter().map(|value| value.filter(|value| !value.is_none())).collect();
        Ok(Self { parameters, given })
    }

    /// An argument that need not be given, as it is.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        let place = self.parameters.iter().position(|parameter| *parameter == name);
        self.given[place.expect("functions ask for their own parameters")].as_ref()
    }

    /// An argument that need not be given, as text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let not_text = || Failure::new(format!("`{THIS}`: `{name}` must be text"));
        self.value(name).map(|value| value.as_str().ok_or_else(not_text)).transpose()
    }

    /// Whether an argument is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// An argument that need not be given, as a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let not_texts = || Failure::new(format!("`{THIS}`: `{name}` must be a list of texts"));
        if value.kind() != ValueKind::Seq {
            return Err(not_texts());
        }
        let items = value.try_iter().map_err(|_| not_texts())?;
        let texts = items.map(|item| item.as_str().map(str::to_owned).ok_or_else(not_texts));
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// An argument that must be given, as text.
    pub(super) fn required_text(&self, name: &str) -> Result<&str, Failure> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// An argument that must be given, as an integer.
    pub(super) fn required_integer(&self, name: &str) -> Result<i64, Failure> {
        let value = self.value(name).ok_or_else(|| self.missing(name))?;
        value.as_i64().ok_or_else(|| Failure::new(format!("`{THIS}`: `{name}` must be a whole number")))
    }

    fn missing(&self, name: &str) -> Failure {
        Failure::new(format!("`{THIS}` lacks `{name}`; {}", takes(self.parameters)))
    }
}

/// Whether a function with these parameters takes so many arguments by place, and these by name.
pub(super) fn fits<'n>(
    parameters: &[&str],
    places: usize,
    named: impl IntoIterator<Item = &'n str>,
) -> Result<(), Failure> {
    if places > parameters.len() {
        return Err(Failure::new(format!("`{THIS}` has {places} arguments; {}", takes(parameters))));
    }
    let Some(unknown) = named.into_iter().find(|name| !parameters.contains(name)) else { return Ok(()) };
    let failure = Failure::new(format!("`{THIS}` has no argument `{unknown}`; {}", takes(parameters)));
    Err(match did_you_mean(unknown, parameters.iter().copied()) {
        Some(meant) => failure.help(format!("did you mean `{meant}`?")),
        None => failure,
    })
}

fn takes(parameters: &[&str]) -> String {
    match parameters {
        [] => "it takes none".to_owned(),
        names => format!("it takes `{}`", names.join("`, `")),
    }
}
