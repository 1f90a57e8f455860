//! How the value of a signature header is written: one text with placeholders, copied from the
//! API's documentation, instead of settings for names, order, separators and quotes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A text with `{placeholders}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Layout(String);

/// What fills the placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values<'a> {
    /// `{key_id}`
    pub key_id: &'a str,
    /// `{algorithm}`
    pub algorithm: &'a str,
    /// `{headers}`
    pub headers: &'a str,
    /// `{signature}`
    pub signature: &'a str,
    /// `{created}`
    pub created: &'a str,
    /// `{expires}`
    pub expires: &'a str,
}

const PLACEHOLDERS: [&str; 6] = ["key_id", "algorithm", "headers", "signature", "created", "expires"];

impl Layout {
    /// The draft's own way.
    pub fn of_the_draft(created: bool, expires: bool) -> Self {
        let created = if created { "created={created}," } else { "" };
        let expires = if expires { "expires={expires}," } else { "" };
        Self(format!(
            r#"keyId="{{key_id}}",algorithm="{{algorithm}}",{created}{expires}headers="{{headers}}",signature="{{signature}}""#
        ))
    }

    /// Whether the placeholder is in it.
    pub fn places(&self, placeholder: &str) -> bool {
        self.0.contains(&format!("{{{placeholder}}}"))
    }

    /// The text with its placeholders filled. Between quotes, `"` and `\` are escaped as HTTP
    /// writes quoted strings (RFC 9110, section 5.6.4).
    pub fn fill(&self, values: &Values<'_>) -> String {
        let mut filled = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, name, after)) = next(rest) {
            filled.push_str(before);
            let value = values.of(name);
            if before.ends_with('"') {
                filled.push_str(&value.replace('\\', r"\\").replace('"', r#"\""#));
            } else {
                filled.push_str(value);
            }
            rest = after;
        }
        filled + rest
    }
}

impl<'a> Values<'a> {
    fn of(&self, placeholder: &str) -> &'a str {
        match placeholder {
            "key_id" => self.key_id,
            "algorithm" => self.algorithm,
            "headers" => self.headers,
            "signature" => self.signature,
            "created" => self.created,
            "expires" => self.expires,
            _ => unreachable!("a layout is checked when it is read"),
        }
    }
}

/// What stands before the next placeholder, its name, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

impl TryFrom<String> for Layout {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let mut rest = written.as_str();
        let mut seen = Vec::new();
        let mut stray = written.chars().any(char::is_control);
        while let Some((before, name, after)) = next(rest) {
            if !PLACEHOLDERS.contains(&name) {
                let known = PLACEHOLDERS.map(|name| format!("`{{{name}}}`")).join(", ");
                return Err(format!("`{{{name}}}` is not a placeholder; there are {known}"));
            }
            stray |= before.contains('}');
            seen.push(name);
            rest = after;
        }
        if stray || rest.contains(['{', '}']) {
            return Err("has a brace that is not part of a placeholder, or a line break".to_owned());
        }
        if !seen.contains(&"signature") {
            return Err("does not say where the `{signature}` goes".to_owned());
        }
        Ok(Self(written))
    }
}

impl From<Layout> for String {
    fn from(layout: Layout) -> Self {
        layout.0
    }
}

impl schemars::JsonSchema for Layout {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Layout".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"\{signature\}"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> = Values {
        key_id: r#"SN=1,CA=CN="A\B""#,
        algorithm: "rsa-sha256",
        headers: "date digest",
        signature: "c2ln",
        created: "1",
        expires: "2",
    };

    #[test]
    fn the_value_is_written_as_the_draft_does_unless_the_profile_says_otherwise() {
        assert_eq!(
            Layout::of_the_draft(false, false).fill(&VALUES),
            r#"keyId="SN=1,CA=CN=\"A\\B\"",algorithm="rsa-sha256",headers="date digest",signature="c2ln""#
        );
        assert!(Layout::of_the_draft(true, true).fill(&VALUES).contains("created=1,expires=2,headers="));
        let own = Layout::try_from("keyid={key_id}; sig={signature}".to_owned()).unwrap();
        assert_eq!(own.fill(&VALUES), r#"keyid=SN=1,CA=CN="A\B"; sig=c2ln"#);
    }

    #[test]
    fn a_placeholder_that_does_not_exist_is_refused_before_anything_is_signed() {
        for (wrong, reason) in [
            ("keyId={keyId},signature={signature}", "`{keyId}` is not a placeholder"),
            ("keyId={key_id}", "where the `{signature}` goes"),
            ("{signature}{", "a brace"),
            ("}{signature}", "a brace"),
            ("{signature}\n", "a line break"),
        ] {
            let refused = Layout::try_from(wrong.to_owned()).unwrap_err();
            assert!(refused.contains(reason), "{wrong}: {refused}");
        }
    }
}
