//! One entry of `components`: what is signed, and on which requests.
//!
//! Written as a person would say it, `tpp-redirect-uri if sent`, so that a list of components
//! reads like the table in a bank's documentation.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A header or pseudo-header that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Component {
    name: String,
    only: Only,
}

/// On which requests a component is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// All; a request without it is a mistake.
    Always,
    /// Those that have the header.
    IfSent,
    /// Those that have a body.
    IfBody,
}

impl Component {
    /// Its name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// On which requests it is signed.
    pub fn only(&self) -> Only {
        self.only
    }

    /// Whether it has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl TryFrom<String> for Component {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let mut words = written.split_whitespace();
        let name = words.next().ok_or("is empty: a component is a header name")?;
        let only = match words.collect::<Vec<_>>()[..] {
            [] => Only::Always,
            ["if", "sent"] => Only::IfSent,
            ["if", "body"] => Only::IfBody,
            _ => return Err(format!("after `{name}` only `if sent` or `if body` can stand")),
        };
        if !matches!(name, "(request-target)" | "(created)" | "(expires)") && !super::is_field_name(name) {
            let known = "`(request-target)`, `(created)` and `(expires)`";
            return Err(format!("`{name}` is not a header name, nor one of {known}"));
        }
        Ok(Self { name: name.to_owned(), only })
    }
}

impl From<Component> for String {
    fn from(component: Component) -> Self {
        component.to_string()
    }
}

impl fmt::Display for Component {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.name, self.only)
    }
}

/// As it stands behind a name.
impl fmt::Display for Only {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Always => "",
            Self::IfSent => " if sent",
            Self::IfBody => " if body",
        })
    }
}

impl schemars::JsonSchema for Component {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Component".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^(\((request-target|created|expires)\)|[!#$%&'*+.^_`|~0-9A-Za-z-]+)( if (sent|body))?$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_read_as_it_is_said_and_anything_else_is_refused_with_a_reason() {
        for (written, name, only) in [
            ("(request-target)", "(request-target)", Only::Always),
            ("Digest  if body", "Digest", Only::IfBody),
            ("tpp-redirect-uri if sent", "tpp-redirect-uri", Only::IfSent),
        ] {
            let component = Component::try_from(written.to_owned()).unwrap();
            assert_eq!((component.name(), component.only()), (name, only));
        }
        for (written, reason) in [
            ("", "is empty"),
            ("date if", "only `if sent` or `if body`"),
            ("date unless sent", "only `if sent` or `if body`"),
            ("(request_target)", "not a header name"),
            ("@method", "not a header name"),
            ("date:", "not a header name"),
        ] {
            let refused = Component::try_from(written.to_owned()).unwrap_err();
            assert!(refused.contains(reason), "{written}: {refused}");
        }
    }
}
