//! `cases`: the rows that a request runs once for.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

/// The rows of a request, at least one.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// `/cases/file`: where they were read from; written out in the request otherwise.
    pub file: Option<String>,
    /// In order.
    pub rows: Arc<[Case]>,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called: its `case`, else its number, counted from 1. Unique in its request.
    pub name: String,
    /// `/cases/0/NAME`: variables. Of a row in a request, text in them is a template; of a data
    /// file it is text.
    pub values: IndexMap<String, Value>,
}

impl Cases {
    /// The variables that every row has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let first = self.rows.first().map(|row| &row.values);
        let everywhere = |name: &&String| self.rows.iter().all(|row| row.values.contains_key(*name));
        first.into_iter().flat_map(IndexMap::keys).filter(everywhere).map(String::as_str)
    }

    /// Whether the text in its rows are templates.
    pub fn are_written(&self) -> bool {
        self.file.is_none()
    }
}
