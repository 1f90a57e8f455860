//! `.env` in the suite root: process-environment values for `env()` and `secret()` that nobody has
//! to export. What the process environment says itself goes before.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::files::{self, Fault};
use crate::limits;

/// The `process` environment, with what `.env` in `folder` adds to it.
pub fn with_dotenv(
    folder: &Path,
    process: &Arc<BTreeMap<String, String>>,
) -> Result<Arc<BTreeMap<String, String>>, Diagnostic> {
    let path = folder.join(".env");
    let text = match files::read(&path, limits::YAML_FILE) {
        Ok(text) => text,
        Err(error) if matches!(error.fault, Fault::Missing) => return Ok(Arc::clone(process)),
        Err(error) => return Err(Diagnostic::error(Code::Unreadable, error.to_string())),
    };
    let mut environment = BTreeMap::new();
    for (number, entry) in dotenvy::from_read_iter(text.as_slice()).enumerate() {
        // The error quotes the line, which may hold a secret.
        let (name, value) = entry.map_err(|_| {
            let message = format!("`{}`: entry {} is not written as NAME=VALUE", path.display(), number + 1);
            Diagnostic::error(Code::Unreadable, message)
        })?;
        environment.insert(name, value);
    }
    environment.extend(process.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(Arc::new(environment))
}
