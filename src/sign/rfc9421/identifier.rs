//! A component identifier (RFC 9421, section 2): a name, and parameters that say which part of the
//! component is meant and how it is written.
//!
//! What a profile says and what a message lists become the same type here, so that "is it signed"
//! is a comparison. Two identifiers are the same whatever the order of their parameters.

use std::fmt;

use sfv::{BareItem, FieldType, Item, ItemSerializer, KeyRef, Parser, StringRef};

use crate::sign::cavage::is_field_name;

/// What can be signed besides header fields (section 2.2).
pub(super) const DERIVED: &[&str] = &[
    "@method",
    "@target-uri",
    "@authority",
    "@scheme",
    "@request-target",
    "@path",
    "@query",
    "@query-param",
    "@status",
];

/// What is signed: a header field, a part of the request, or the status of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    name: String,
    parameters: Vec<Parameter>,
}

/// What an identifier says besides its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parameter {
    /// The field is serialised anew, in the strict form.
    Strict,
    /// One member of the dictionary that the field is.
    Key(String),
    /// Each line of the field is wrapped as bytes.
    Wrapped,
    /// It is of the request that is answered.
    OfRequest,
    /// The query parameter with this name, percent-encoded.
    Name(String),
}

impl Identifier {
    /// From a name and its parameters; a parameter without a value is a flag.
    pub(super) fn new(name: &str, written: Vec<(String, Option<String>)>) -> Result<Self, String> {
        check_name(name)?;
        let parameters = written
            .into_iter()
            .map(|(key, value)| Parameter::new(name, &key, value))
            .collect::<Result<_, _>>()?;
        let identifier = Self { name: name.to_owned(), parameters };
        identifier.check().map(|()| identifier)
    }

    /// As a message lists it.
    pub(super) fn from_item(item: &Item) -> Result<Self, String> {
        let name = item.bare_item.as_string().ok_or("a component is not a string")?.as_str();
        if name != name.to_ascii_lowercase() {
            return Err(format!("`{name}` must be in lower case, as all names of components"));
        }
        let value = |value: &BareItem| match value {
            BareItem::Boolean(true) => Ok(None),
            BareItem::String(text) => Ok(Some(text.as_str().to_owned())),
            _ => Err(format!("`{name}` has a parameter that is neither a flag nor a string")),
        };
        let written = item.params.iter().map(|(key, given)| Ok((key.as_str().to_owned(), value(given)?)));
        Self::new(name, written.collect::<Result<_, String>>()?)
    }

    /// Its name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is no header field.
    pub fn is_derived(&self) -> bool {
        self.name.starts_with('@')
    }

    /// Whether it is of the request that is answered.
    pub fn is_of_request(&self) -> bool {
        self.has(&Parameter::OfRequest)
    }

    /// Whether it means the same, whatever the order of the parameters.
    pub fn is(&self, other: &Self) -> bool {
        let within = |one: &Self, other: &Self| one.parameters.iter().all(|known| other.has(known));
        self.name == other.name && within(self, other) && within(other, self)
    }

    pub(super) fn has(&self, parameter: &Parameter) -> bool {
        self.parameters.contains(parameter)
    }

    /// The member that is meant.
    pub(super) fn key(&self) -> Option<&str> {
        self.parameters.iter().find_map(|parameter| match parameter {
            Parameter::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }

    /// The query parameter that is meant.
    pub(super) fn query_name(&self) -> Option<&str> {
        self.parameters.iter().find_map(|parameter| match parameter {
            Parameter::Name(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// As it stands in a signature base: in the strict form of structured fields.
    pub(super) fn serialize(&self) -> String {
        self.item().serialize()
    }

    /// As a structured field.
    pub(super) fn item(&self) -> Item {
        let text = self.to_string();
        let (name, parameters) = text.split_at(self.name.len());
        let quoted = format!("\"{name}\"{parameters}");
        Parser::new(&quoted).parse().expect("its parts were checked when it was made")
    }

    fn check(&self) -> Result<(), String> {
        let name = &self.name;
        for (at, parameter) in self.parameters.iter().enumerate() {
            let key = parameter.key();
            if self.parameters[..at].iter().any(|other| other.key() == key) {
                return Err(format!("`{name}` has `;{key}` twice"));
            }
            let of_a_field = !matches!(parameter, Parameter::OfRequest | Parameter::Name(_));
            if of_a_field && self.is_derived() {
                return Err(format!("`;{key}` is for header fields, and `{name}` is none"));
            }
        }
        if self.has(&Parameter::Wrapped) && (self.has(&Parameter::Strict) || self.key().is_some()) {
            return Err(format!("`{name}` can't be wrapped (`;bs`) and read as a structured field too"));
        }
        if name == "@query-param" && self.query_name().is_none() {
            return Err(
                "`@query-param` needs the name of the parameter: `@query-param;name=\"id\"`".to_owned()
            );
        }
        if name == "@status" && self.is_of_request() {
            return Err("`@status` is of the answer itself, never `;req`".to_owned());
        }
        Ok(())
    }
}

impl Parameter {
    fn new(name: &str, key: &str, value: Option<String>) -> Result<Self, String> {
        match (key, value) {
            ("sf", None) => Ok(Self::Strict),
            ("bs", None) => Ok(Self::Wrapped),
            ("req", None) => Ok(Self::OfRequest),
            ("key", Some(member)) => match KeyRef::from_str(&member) {
                Ok(_) => Ok(Self::Key(member)),
                Err(_) => Err(format!("`{member}` can't be a member of a dictionary")),
            },
            ("name", Some(value)) if name == "@query-param" => match StringRef::from_str(&value) {
                Ok(_) => Ok(Self::Name(value)),
                Err(_) => Err(format!("the name `{value}` is not percent-encoded")),
            },
            ("name", Some(_)) => Err(format!("`;name` is for `@query-param`, not for `{name}`")),
            ("tr", None) => Err(format!("`{name};tr` is a trailer field, and trailers are never sent here")),
            ("sf" | "bs" | "req" | "tr", Some(_)) => Err(format!("`;{key}` has no value")),
            ("key" | "name", None) => Err(format!("`;{key}` needs a value: `{name};{key}=\"…\"`")),
            _ => Err(format!("`;{key}` is not one of `;sf`, `;key`, `;bs`, `;req`, `;name`")),
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Self::Strict => "sf",
            Self::Key(_) => "key",
            Self::Wrapped => "bs",
            Self::OfRequest => "req",
            Self::Name(_) => "name",
        }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name == "@signature-params" {
        return Err("`@signature-params` is always signed, behind all others: leave it out".to_owned());
    }
    if name.starts_with('@') && !DERIVED.contains(&name) {
        return Err(unknown(name));
    }
    if !name.starts_with('@') && !is_field_name(name) {
        return Err(format!("`{name}` is neither a header name nor `@method`, `@path` or the like"));
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    let close = DERIVED.iter().map(|known| (strsim::damerau_levenshtein(name, known), known)).min();
    match close {
        Some((distance, known)) if distance <= 3 => {
            format!("there is no `{name}`; did you mean `{known}`?")
        }
        _ => {
            let known = DERIVED.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!("there is no `{name}`; there are {known}")
        }
    }
}

/// As a profile writes it: the name without quotes.
impl fmt::Display for Identifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        for parameter in &self.parameters {
            write!(formatter, ";{}", parameter.key())?;
            if let Parameter::Key(value) | Parameter::Name(value) = parameter {
                let text = StringRef::from_str(value).map_err(|_| fmt::Error)?;
                write!(formatter, "={}", ItemSerializer::new().bare_item(text).finish())?;
            }
        }
        Ok(())
    }
}
