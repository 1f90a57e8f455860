//! What templates give, and what they say when they can't.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Value, json};

use super::{Engine, Functions, Variables, check, mentions};
use crate::clock::{Clock, Ids};
use crate::diag::Code;
use crate::files::{Existing, Mode, Root, write};
use crate::secret::Redactor;

pub(super) fn engine() -> Engine {
    with_redactor(&Redactor::default())
}

fn with_redactor(redactor: &Redactor) -> Engine {
    let environment = [("CLIENT_ID", "e77d776b"), ("CLIENT_SECRET", "hunter2-hunter2"), ("EMPTY", "")];
    Engine::new(&Functions {
        environment: Arc::new(environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
        clock: Clock::Fixed(DateTime::from_timestamp(1_700_553_545, 0).unwrap()),
        ids: Ids::seeded(7),
        root: Root::open(&std::env::temp_dir()).unwrap(),
        redactor: redactor.clone(),
    })
}
