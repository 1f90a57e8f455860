//! One entry of `components`: what is signed, and of which messages.
//!
//! Written as people say it, `authorization if sent`, or as the RFC does, `"@query-param";name="id"`;
//! quotes may be left out wherever nothing needs them, since YAML wants its own.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::derived::encoded_name;
use super::identifier::Identifier;
use crate::sign::cavage::Only;

/// A component of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Component {
    identifier: Identifier,
    only: Only,
}

impl Component {
    /// What is signed.
    pub fn identifier(&self) -> &Identifier {
        &self.identifier
    }

    /// Of which messages.
    pub fn only(&self) -> Only {
        self.only
    }
}

impl TryFrom<String> for Component {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let (name, mut rest) = word(written.trim()).ok_or("has a quote that does not end")?;
        if name.is_empty() {
            return Err("is empty: a component is a header name, or `@method` or the like".to_owned());
        }
        let name = name.to_ascii_lowercase();
        let mut parameters = Vec::new();
        while let Some(after) = rest.trim_start().strip_prefix(';') {
            let (parameter, behind) = parameter(after.trim_start()).ok_or("has a quote that does not end")?;
            parameters.push(canonical(parameter));
            rest = behind;
        }
        let only = match rest.split_whitespace().collect::<Vec<_>>()[..] {
            [] => Only::Always,
            ["if", "sent"] => Only::IfSent,
            ["if", "body"] => Only::IfBody,
            _ => return Err(format!("after `{name}` only `;` or `if sent` or `if body` can stand")),
        };
        Ok(Self { identifier: Identifier::new(&name, parameters)?, only })
    }
}

/// The name of a query parameter as it will be signed, however it is written.
fn canonical((key, value): (String, Option<String>)) -> (String, Option<String>) {
    let value = if key == "name" { value.map(|name| encoded_name(&name)) } else { value };
    (key, value)
}

/// A word at the start of the text, in quotes or up to a blank or `;`, and what follows.
fn word(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t', '=']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut word = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((word, &quoted[at + 1..])),
            '\\' => word.push(characters.next()?.1),
            other => word.push(other),
        }
    }
    None
}

type Written = (String, Option<String>);

/// `key` or `key=value` at the start of the text, and what follows.
fn parameter(text: &str) -> Option<(Written, &str)> {
    let (key, rest) = word(text)?;
    let Some(value) = rest.strip_prefix('=') else { return Some(((key, None), rest)) };
    let (value, rest) = word(value)?;
    Some(((key, Some(value)), rest))
}

impl From<Component> for String {
    fn from(component: Component) -> Self {
        component.to_string()
    }
}

impl fmt::Display for Component {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.identifier, self.only)
    }
}

impl schemars::JsonSchema for Component {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "MessageComponent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r#"^("?@[a-z-]+"?|"?[!#$%&'*+.^_`|~0-9A-Za-z-]+"?)(;.*?)?( if (sent|body))?$"#
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_read_as_it_is_said_and_as_the_rfc_writes_it() {
        for (written, signed, only) in [
            ("@method", r#""@method""#, Only::Always),
            (r#""@method""#, r#""@method""#, Only::Always),
            ("Content-Digest  if body", r#""content-digest""#, Only::IfBody),
            ("authorization if sent", r#""authorization""#, Only::IfSent),
            ("@query-param;name=Pet", r#""@query-param";name="Pet""#, Only::Always),
            (r#""@query-param";name="Pet" if sent"#, r#""@query-param";name="Pet""#, Only::IfSent),
            (r#"@query-param;name="a b""#, r#""@query-param";name="a%20b""#, Only::Always),
            ("@query-param;name=façade", r#""@query-param";name="fa%C3%A7ade""#, Only::Always),
            ("@query-param;name=fa%c3%a7ade", r#""@query-param";name="fa%C3%A7ade""#, Only::Always),
            ("x-dict; sf", r#""x-dict";sf"#, Only::Always),
            ("signature;key=sig1;req", r#""signature";key="sig1";req"#, Only::Always),
            ("x-list;bs if sent", r#""x-list";bs"#, Only::IfSent),
        ] {
            let component = Component::try_from(written.to_owned()).unwrap();
            assert_eq!((component.identifier().serialize().as_str(), component.only()), (signed, only));
            assert_eq!(Component::try_from(component.to_string()).unwrap(), component);
        }
    }

    #[test]
    fn what_can_not_be_signed_is_refused_with_a_reason() {
        for (written, reason) in [
            ("", "is empty"),
            ("date if", "only `;` or `if sent` or `if body`"),
            ("date unless sent", "only `;` or `if sent` or `if body`"),
            ("date:", "neither a header name nor"),
            ("@targeturi", "did you mean `@target-uri`?"),
            ("@client-address", "there are `@method`, "),
            ("@signature-params", "is always signed"),
            ("@query-param", "needs the name"),
            ("@query-param;name", "`;name` needs a value"),
            ("@path;sf", "`;sf` is for header fields"),
            ("date;name=a", "`;name` is for `@query-param`"),
            ("date;tr", "trailers are never sent"),
            ("date;sf=1", "`;sf` has no value"),
            ("date;sf;sf", "`;sf` twice"),
            ("date;sf;bs", "can't be wrapped"),
            ("date;Key=a", "`;Key` is not one of"),
            ("date;key=A", "can't be a member"),
            ("@status;req", "never `;req`"),
            (r#""date"#, "a quote that does not end"),
        ] {
            let refused = Component::try_from(written.to_owned()).unwrap_err();
            assert!(refused.contains(reason), "{written}: {refused}");
        }
    }
}
