//! Variables of the command line that nothing mentions: most are misspelt, and the run would go on
//! with the value that the files give. One of `--var` is meant for this run; a file of variables
//! serves many, so that what it sets need only be mentioned somewhere in the suite.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::Plan;
use super::mentions::mentions;
use crate::diag::{Code, Diagnostic, did_you_mean, distinct, escape};
use crate::load::Suite;
use crate::sign::Profile;
use crate::spec::{self, Environment, Given, GivenBy, Host, ProfileChoice};
use crate::template;

/// A warning for each of the `given` variables that no template mentions.
pub fn unused(suite: &Suite, plan: &Plan, given: &[Given]) -> Vec<Diagnostic> {
    if given.is_empty() {
        return Vec::new();
    }
    // A request with cases has a step for each, and its templates once.
    let planned: BTreeSet<_> =
        plan.steps.iter().map(|step| (step.request.as_str(), step.environment.as_str())).collect();
    let known = mentioned(suite, &planned);
    let unused: Vec<&Given> = given.iter().filter(|given| !known.contains(&given.name)).collect();
    if unused.is_empty() {
        return Vec::new();
    }
    let requests = || suite.requests.keys().map(String::as_str);
    let environments = suite.environments.keys().map(String::as_str);
    let every: BTreeSet<_> =
        environments.flat_map(|name| requests().map(move |request| (request, name))).collect();
    let all = OnceCell::new();
    let all = || all.get_or_init(|| mentioned(suite, &every));
    distinct(unused.into_iter().filter_map(|given| warning(given, &known, all)).collect())
}

fn warning<'a>(
    given: &Given,
    known: &'a BTreeSet<String>,
    all: impl Fn() -> &'a BTreeSet<String>,
) -> Option<Diagnostic> {
    let name = &given.name;
    let (message, known) = match &given.by {
        GivenBy::Option => {
            let message =
                format!("`--var {name}=…` changes nothing: no template of these requests mentions it");
            (message, known)
        }
        GivenBy::File(_) if all().contains(name) => return None,
        GivenBy::File(place) => {
            let place = escape(place);
            (format!("`{name}` ({place}) changes nothing: no template of the suite mentions it"), all())
        }
    };
    let warning = Diagnostic::warning(Code::UnusedVariable, message);
    Some(match did_you_mean(name, known.iter().map(String::as_str)) {
        Some(near) => warning.help(format!("did you mean `{near}`?")),
        None => warning,
    })
}

/// Every name that templates of these requests mention, each in an environment, with those of the
/// environments and profiles.
fn mentioned(suite: &Suite, steps: &BTreeSet<(&str, &str)>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (request, environment) in steps {
        let request = &suite.requests[*request];
        let found = mentions(suite, request, environment);
        names.extend(found.into_iter().map(|placed| placed.mention.name));
        of_choices(suite, request.sign.profiles(None), &mut names);
    }
    let environments: BTreeSet<&str> = steps.iter().map(|(_, environment)| *environment).collect();
    let shared = environments.iter().filter_map(|name| suite.environments.get(*name));
    let variables: Vec<_> = shared.clone().map(|environment| &environment.variables).collect();
    for variables in variables.into_iter().chain([&suite.file.variables]) {
        names.extend(spec::mentions_of_variables(variables).into_iter().map(|(_, mention)| mention.name));
    }
    shared.for_each(|environment| of_environment(suite, environment, &mut names));
    names
}

fn of_environment(suite: &Suite, environment: &Environment, names: &mut BTreeSet<String>) {
    match &environment.host {
        // The bank knows its client by this variable where there is no key id.
        Host::Embedded => drop(names.insert("client_id".to_owned())),
        Host::Url(source) => of_template(source, names),
    }
    let tls = &environment.tls;
    let files = tls.certificate.iter().chain(&tls.key).chain(&tls.pkcs12).chain(&tls.ca);
    files.chain(&tls.options.server_name).for_each(|source| of_template(source, names));
    let Some(signing) = &environment.signing else { return };
    let files = signing.key.iter().chain(&signing.pkcs12).chain(&signing.secret).chain(&signing.certificate);
    let words = signing.command.iter().flat_map(|command| &command.words);
    files.chain(&signing.public_key).chain(words).for_each(|source| of_template(source, names));
    for passphrase in tls.passphrase.iter().chain(&signing.passphrase) {
        of_template(passphrase.expose(), names);
    }
    of_choices(suite, &signing.profiles, names);
}

fn of_choices(suite: &Suite, choices: &[ProfileChoice], names: &mut BTreeSet<String>) {
    let profiles = choices.iter().filter_map(|choice| suite.chosen(choice));
    profiles.for_each(|profile| of_profile(&profile, names));
}

fn of_profile(profile: &Profile, names: &mut BTreeSet<String>) {
    for with_token in [false, true] {
        profile.key_id(with_token).into_iter().for_each(|source| of_template(source, names));
        profile.headers(with_token).for_each(|(_, source)| of_template(source, names));
    }
}

fn of_template(source: &str, names: &mut BTreeSet<String>) {
    names.extend(template::mentions(source).unwrap_or_default().into_iter().map(|mention| mention.name));
}
