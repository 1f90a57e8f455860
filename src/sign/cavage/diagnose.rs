//! stub
use crate::sign::verify::VerifyingKey;
/// c
pub struct Candidate<'a> {
    /** n */
    pub name: &'a str,
    /** k */
    pub key: VerifyingKey<'a>,
}
/// e
pub struct Explanation;
/// d
pub fn diagnose() -> Option<Explanation> {
    None
}
