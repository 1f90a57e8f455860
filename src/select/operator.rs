//! The operators of a matcher, by name.

/// The operators of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Deep equality; numbers by value.
    Equals,
    /// Text has this part; a list has this element; a map has this key.
    Contains,
    /// Text matches this regular expression somewhere.
    Matches,
    /// The JSON type: `string`, `number`, `integer`, `boolean`, `array`, `object`, `null`.
    Type,
    /// Whether the selector finds anything.
    Exists,
    /// A named format, such as `uuid`.
    Format,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 6] =
        [Self::Equals, Self::Contains, Self::Matches, Self::Type, Self::Exists, Self::Format];

    /// Every operator's name, for "did you mean".
    pub const NAMES: &[&str] = &["equals", "contains", "matches", "type", "exists", "format"];

    /// Operators of the format that this version does not carry out yet.
    pub const NOT_YET: &[&str] = &[
        "not",
        "includes",
        "unordered",
        "starts_with",
        "ends_with",
        "in",
        "length",
        "above",
        "at_least",
        "below",
        "at_most",
        "near",
        "each",
        "any",
        "before",
        "after",
        "sha256",
    ];

    /// The operator with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.name() == name)
    }

    /// Its name in a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::Matches => "matches",
            Self::Type => "type",
            Self::Exists => "exists",
            Self::Format => "format",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_found_by_the_name_that_is_listed() {
        let names = Operator::ALL.map(Operator::name);
        assert_eq!(names, *Operator::NAMES);
        for operator in Operator::ALL {
            assert_eq!(Operator::parse(operator.name()), Some(operator));
        }
        for name in Operator::NOT_YET {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
