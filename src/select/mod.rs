//! Selectors (`$.a`, `header.etag`, `status`, `body`) and the matchers that judge what they find.
//!
//! A selector that finds nothing is no error: whether something may be missing is for the
//! matcher to say.

mod facts;
mod judge;
mod measure;
mod operator;
mod selector;
mod subject;
mod validate;
mod xpath;

pub use facts::{CertificatePart, Facts};
pub use judge::got;
pub use operator::Operator;
pub use selector::{Selector, SelectorError};
pub use subject::{Subject, Unreadable};
pub use validate::OperandError;
pub use xpath::XPath;

use serde_json::Value;

/// What a value must be: every test must hold. A literal is one [`Operator::Equals`].
#[derive(Debug, Clone, PartialEq)]
pub struct Matcher(pub Vec<Test>);

impl Matcher {
    /// Reads a matcher: a map that has operators for keys is one test each, anything else is a
    /// literal.
    pub fn read(written: &Value) -> Self {
        let tests = written.as_object().filter(|map| map.keys().any(|key| Operator::parse(key).is_some()));
        match tests {
            None => Self(vec![Test { operator: Operator::Equals, operand: written.clone() }]),
            Some(map) => Self(
                map.iter()
                    .filter_map(|(name, operand)| {
                        Some(Test { operator: Operator::parse(name)?, operand: operand.clone() })
                    })
                    .collect(),
            ),
        }
    }
}

/// One operator with its operand. Strings in the operand may be templates until rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What is compared.
    pub operator: Operator,
    /// With what.
    pub operand: Value,
}
