//! `.env` in the suite root: process-environment values for `env()` and `secret()` that nobody has
//! to export. What the process environment says itself goes before.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::files::{self, Fault};
use countersign::limits;

use super::settings::Settings;

/// The process environment, with what `.env` adds to it; a sentence when the file can't be used.
pub(super) fn environment(settings: &Settings) -> Result<Arc<BTreeMap<String, String>>, String> {
    let path = settings.suite.join(".env");
    let text = match files::read(&path, limits::YAML_FILE) {
        Ok(text) => text,
        Err(error) if matches!(error.fault, Fault::Missing) => return Ok(Arc::clone(&settings.environment)),
        Err(error) => return Err(error.to_string()),
    };
    let mut environment = BTreeMap::new();
    for (number, entry) in dotenvy::from_read_iter(text.as_slice()).enumerate() {
        // The error quotes the line, which may hold a secret.
        let (name, value) = entry.map_err(|_| {
            format!("`{}`: entry {} is not written as NAME=VALUE", path.display(), number + 1)
        })?;
        environment.insert(name, value);
    }
    environment.extend(settings.environment.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(Arc::new(environment))
}
