//! The operators of a matcher, by name.

/// The operators of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Deep equality; numbers by value.
    Equals,
    /// The matcher that must not hold.
    Not,
    /// Text has this part; a list has this element; a map has this key.
    Contains,
    /// JSON that is a part: every key of a map, every element of a list.
    Includes,
    /// A list with these elements in any order.
    Unordered,
    /// Text begins with this.
    StartsWith,
    /// Text ends with this.
    EndsWith,
    /// Text matches this regular expression somewhere.
    Matches,
    /// The JSON type: `string`, `number`, `integer`, `boolean`, `array`, `object`, `null`.
    Type,
    /// Whether the selector finds anything.
    Exists,
    /// One of these values.
    In,
    /// What the number of characters, elements or keys must be.
    Length,
    /// A number that is larger.
    Above,
    /// A number that is not smaller.
    AtLeast,
    /// A number that is smaller.
    Below,
    /// A number that is not larger.
    AtMost,
    /// A number at most this far from another: `{value, by}`.
    Near,
    /// A named format, such as `uuid`.
    Format,
    /// What every element of a list must be.
    Each,
    /// What at least one element of a list must be.
    Any,
    /// A date before this one.
    Before,
    /// A date after this one.
    After,
    /// The SHA-256 of the text, in hexadecimal.
    Sha256,
}

impl Operator {
    /// Every operator with its name in a file.
    const TABLE: [(Self, &str); 23] = [
        (Self::Equals, "equals"),
        (Self::Not, "not"),
        (Self::Contains, "contains"),
        (Self::Includes, "includes"),
        (Self::Unordered, "unordered"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Matches, "matches"),
        (Self::Type, "type"),
        (Self::Exists, "exists"),
        (Self::In, "in"),
        (Self::Length, "length"),
        (Self::Above, "above"),
        (Self::AtLeast, "at_least"),
        (Self::Below, "below"),
        (Self::AtMost, "at_most"),
        (Self::Near, "near"),
        (Self::Format, "format"),
        (Self::Each, "each"),
        (Self::Any, "any"),
        (Self::Before, "before"),
        (Self::After, "after"),
        (Self::Sha256, "sha256"),
    ];

    /// Every operator.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.iter().map(|(operator, _)| *operator)
    }

    /// Every operator's name, for "did you mean".
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::TABLE.iter().map(|(_, name)| *name)
    }

    /// The operator with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(_, known)| *known == name).map(|(operator, _)| *operator)
    }

    /// Its name in a file.
    pub fn name(self) -> &'static str {
        Self::TABLE
            .iter()
            .find(|(known, _)| *known == self)
            .map(|(_, name)| *name)
            .expect("a test finds every operator in the table")
    }

    /// Whether its operand is a matcher itself.
    pub const fn is_nested(self) -> bool {
        matches!(self, Self::Not | Self::Length | Self::Each | Self::Any)
    }

    /// Whether it compares numbers by size.
    pub const fn compares_numbers(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast | Self::Below | Self::AtMost | Self::Near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_is_found_by_its_name_and_no_two_share_one() {
        for operator in Operator::all() {
            assert_eq!(Operator::parse(operator.name()), Some(operator));
        }
        assert_eq!(Operator::parse("equal"), None);
    }
}
