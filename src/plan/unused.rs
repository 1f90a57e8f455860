//! Variables of the command line that nothing in the plan mentions: most are misspelt, and the run
//! would go on with the value that the files give.

use std::collections::BTreeSet;

use super::Plan;
use super::mentions::mentions;
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::load::Suite;
use crate::sign::Profile;
use crate::spec::{self, Environment, Host, ProfileChoice};
use crate::template;

/// A warning for each of the `given` variables that no template of the plan mentions.
pub fn unused(suite: &Suite, plan: &Plan, given: &[&str]) -> Vec<Diagnostic> {
    if given.is_empty() {
        return Vec::new();
    }
    let known = mentioned(suite, plan);
    let known = || known.iter().map(String::as_str);
    let unused = given.iter().filter(|name| !known().any(|known| known == **name));
    let warning = |name: &&str| {
        let message = format!("`--var {name}=…` changes nothing: no template of these requests mentions it");
        let warning = Diagnostic::warning(Code::UnusedVariable, message);
        match did_you_mean(name, known()) {
            Some(near) => warning.help(format!("did you mean `{near}`?")),
            None => warning,
        }
    };
    unused.map(warning).collect()
}

/// Every name that templates of the plan's requests, environments and profiles mention.
fn mentioned(suite: &Suite, plan: &Plan) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for step in &plan.steps {
        let request = &suite.requests[&step.request];
        let found = mentions(suite, request, &step.environment);
        names.extend(found.into_iter().map(|placed| placed.mention.name));
        of_choices(suite, request.sign.profiles(None), &mut names);
    }
    let shared = plan.environments().into_iter().filter_map(|name| suite.environments.get(name));
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
