//! How the parties of an environment are called.
//!
//! Each identity is loaded as an environment of its own, `ENVIRONMENT/IDENTITY`, complete with
//! what it takes from the environment: every later stage keeps identities apart as it keeps
//! environments apart, and can't mix up their tokens or connections. No file can have such a name.

/// What the environment itself is called among its identities.
pub const DEFAULT_IDENTITY: &str = "default";

/// The name of the environment in which `identity` acts beside the party `environment`.
pub fn acting(environment: &str, identity: &str) -> String {
    let (environment, _) = parted(environment);
    if identity == DEFAULT_IDENTITY { environment.to_owned() } else { format!("{environment}/{identity}") }
}

/// The environment's file and the identity, where it is not the default one.
pub fn parted(name: &str) -> (&str, Option<&str>) {
    match name.split_once('/') {
        Some((environment, identity)) => (environment, Some(identity)),
        None => (name, None),
    }
}
