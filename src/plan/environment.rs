//! Which environment a selected request runs in.

use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::load::{Owner, Suite};
use crate::spec::{Host, Request, parted};

/// The environment's name: the command line's, else the request's, else the suite's default,
/// else the only one there is.
///
/// A protected environment must be named by the command line.
pub fn environment_of<'a>(
    request: &Request,
    named: Option<&str>,
    suite: &'a Suite,
) -> Result<&'a str, Diagnostic> {
    let own = Owner::Request(request.name.clone());
    let (name, place) = match (named, &request.environment, &suite.file.environment) {
        (Some(name), ..) => (name, None),
        (None, Some(name), _) => (name.as_str(), suite.locations.find(&own, "/environment")),
        (None, None, Some(name)) => (name.as_str(), suite.locations.find(&Owner::SuiteFile, "/environment")),
        (None, None, None) => return only_one(suite),
    };
    let Some((known, environment)) = suite.environments.get_key_value(name) else {
        let problem = unknown(name, suite);
        return Err(match place {
            Some(place) => problem.at(place.value, "there is no such file in `requests/environments/`"),
            None => problem,
        });
    };
    if environment.protected && named.is_none() {
        let problem = protected(name, suite);
        return Err(match place {
            Some(place) => problem.at(place.value, "it is chosen here"),
            None => problem,
        });
    }
    Ok(known)
}

/// The environment that the embedded bank is opened for: the one `named`, else the suite's
/// default, else the first with `host: embedded`.
pub fn embedded_environment(suite: &Suite, named: Option<&str>) -> Result<String, Diagnostic> {
    let embedded = |name: &str| suite.environments.get(name).is_some_and(|it| it.host == Host::Embedded);
    let default = suite.file.environment.as_deref().filter(|name| embedded(name));
    let first = || files(suite).find(|name| embedded(name));
    match named.or(default).or_else(first) {
        Some(name) if embedded(name) => Ok(name.to_owned()),
        Some(name) if suite.environments.contains_key(name) => {
            let message = format!("the environment `{name}` is not the embedded bank's");
            Err(Diagnostic::error(Code::Sandbox, message).help("name one with `host: embedded`"))
        }
        Some(name) => Err(unknown(name, suite)),
        None => Err(Diagnostic::error(Code::UnknownEnvironment, "no environment of this suite has `host: embedded`")
            .help("the bank has to know a client: write `requests/environments/embedded.yaml` with `host: embedded`, `tls` and `signing`")),
    }
}

fn only_one(suite: &Suite) -> Result<&str, Diagnostic> {
    let mut names = files(suite);
    match (names.next(), names.next()) {
        (Some(only), None) if !suite.environments[only].protected => Ok(only),
        (Some(only), None) => Err(protected(only, suite)),
        (None, _) => Err(Diagnostic::error(Code::UnknownEnvironment, "the suite has no environment")
            .help("write one to `requests/environments/NAME.yaml`; `host: https://…` is enough")),
        (Some(_), Some(_)) => Err(Diagnostic::error(Code::UnknownEnvironment, "no environment was chosen")
            .help(format!("name one with `--env`: {}", known(suite)))
            .help("or set the default with `environment: NAME` in `requests/suite.yaml`")),
    }
}

/// The environments that are files, without their identities.
fn files(suite: &Suite) -> impl Iterator<Item = &str> {
    suite.environments.keys().map(String::as_str).filter(|name| parted(name).1.is_none())
}

fn unknown(name: &str, suite: &Suite) -> Diagnostic {
    let problem = Diagnostic::error(Code::UnknownEnvironment, format!("there is no environment `{name}`"));
    match did_you_mean(name, suite.environments.keys().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if suite.environments.is_empty() => problem.help("write it to `requests/environments/`"),
        None if files(suite).count() == 1 => problem.help(format!("there is only {}", known(suite))),
        None => problem.help(format!("there are {}", known(suite))),
    }
}

fn protected(name: &str, suite: &Suite) -> Diagnostic {
    let problem =
        Diagnostic::error(Code::ProtectedEnvironment, format!("the environment `{name}` is protected"))
            .help(format!("name it on the command line to use it: `--env {name}`"));
    match suite.locations.find(&Owner::Environment(name.to_owned()), "/protected") {
        Some(place) => problem.at(place.value, "it is never chosen by default"),
        None => problem,
    }
}

fn known(suite: &Suite) -> String {
    let names: Vec<String> = files(suite).map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
