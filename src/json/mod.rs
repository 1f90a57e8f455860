//! JSON as an answer must be read: strict, bounded, every digit kept.
//!
//! It is vocabulary and not part of a craft because selectors and snapshots both need it: an
//! expectation and a redaction must mean the same by `$.id`. The reader is our own, since
//! `serde_json` lets the last of two equal keys win and says where it stopped, not why.

mod number;
mod parse;
mod path;
mod place;
mod print;
mod words;

pub use number::{canonical, equal, is_integer};
pub use parse::{JsonError, parse};
pub use path::{Path, PathError};
pub use place::path_of;
pub use print::{Keys, TooLarge, pretty};
pub use words::{excerpt, phrase};
