//! Selectors (`$.a`, `header.etag`, `status`, `body`) and the matchers that judge what they find.

use serde_json::Value;

/// What a value must be: every test must hold. A literal is one [`Operator::Equals`].
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher(pub Vec<Test>);

/// One operator with its operand. Strings in the operand may be templates until rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What is compared.
    pub operator: Operator,
    /// With what.
    pub operand: Value,
}

/// The operators of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Deep equality.
    Equals,
    /// Text has this part; a list has this element; a map has this key.
    Contains,
    /// Text matches this regular expression.
    Matches,
    /// The JSON type: `string`, `number`, `integer`, `boolean`, `array`, `object`, `null`.
    Type,
    /// Whether the selector finds anything.
    Exists,
    /// A named format, such as `uuid`.
    Format,
}
