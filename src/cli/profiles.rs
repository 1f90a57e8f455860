//! `countersign profiles`: the signing profiles that requests can name.

use countersign::diag::{Code, did_you_mean};
use countersign::load::Suite;
use countersign::sign::Profile;

use super::args::Profiles;
use super::context::Context;
use super::exit::Exit;

pub(super) fn profiles(context: &Context<'_>, command: &Profiles) -> Exit {
    match command {
        Profiles::List => list(context),
        Profiles::Show { name } => show(context, name),
    }
}

/// The suite's own profiles; none where there is no suite, so that the shipped ones can be looked
/// at anywhere.
fn own(context: &Context<'_>) -> Result<Option<std::sync::Arc<Suite>>, Exit> {
    if context.settings.suite.join("requests").is_dir() { context.load().map(Some) } else { Ok(None) }
}

fn list(context: &Context<'_>) -> Exit {
    let suite = match own(context) {
        Ok(suite) => suite,
        Err(exit) => return exit,
    };
    let mut profiles: Vec<(String, Profile)> = Profile::shipped_names()
        .filter_map(|name| Some((name.to_owned(), Profile::shipped(name)?)))
        .collect();
    for (name, profile) in suite.iter().flat_map(|suite| &suite.file.signing_profiles) {
        profiles.retain(|(shipped, _)| shipped != name);
        profiles.push((name.clone(), profile.clone()));
    }
    let width = profiles.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, profile) in &profiles {
        let description = profile.description().unwrap_or_default();
        let line = format!("{name:width$}  {:9} {description}", profile.scheme().name());
        context.output.print(&format!("{}\n", line.trim_end()));
    }
    Exit::Ok
}

fn show(context: &Context<'_>, name: &str) -> Exit {
    match find(context, name) {
        Ok(profile) => {
            context.output.print(&profile.to_yaml());
            Exit::Ok
        }
        Err(exit) => exit,
    }
}

/// The profile of that name: the suite's, where there is a suite, else the shipped one.
pub(super) fn find(context: &Context<'_>, name: &str) -> Result<Profile, Exit> {
    of_suite(context, own(context)?.as_deref(), name)
}

/// The same where the suite was read already.
pub(super) fn of_suite(context: &Context<'_>, suite: Option<&Suite>, name: &str) -> Result<Profile, Exit> {
    let written = suite.and_then(|suite| suite.file.signing_profiles.get(name).cloned());
    if let Some(profile) = written.or_else(|| Profile::shipped(name)) {
        return Ok(profile);
    }
    let near = did_you_mean(name, Profile::shipped_names()).map(|near| format!("did you mean `{near}`?"));
    let help = near.unwrap_or_else(|| "`countersign profiles list` shows them".into());
    let message = format!("there is no signing profile `{name}`");
    context.output.refuse(Code::UnknownProfile, message, Some(help));
    Err(Exit::Suite)
}
