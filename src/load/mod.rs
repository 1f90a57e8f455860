//! Files → [`Suite`], or every mistake in them at once.

mod yaml;
mod decoded;
mod locate;

pub use locate::{Locations, Owner, Place};
