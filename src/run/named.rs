//! A profile may name the signing certificate in a header or key id. Whether the environment has
//! one is known before anything is sent, and asked then: the message that names it may come late,
//! after others were carried out.

use crate::diag::{Code, Diagnostic};
use crate::load::{Owner, Suite};
use crate::render::Party;
use crate::sign::{Profile, Signer};
use crate::spec::{Request, Sign};
use crate::template;

/// What the templates call the certificate under `signing`.
const CERTIFICATE: &str = "certificate";

/// The problem with a request whose profile names a certificate that its environment has not.
pub(super) fn missing_certificate(
    suite: &Suite,
    request: &Request,
    party: &Party,
    signer: &Signer,
) -> Option<Diagnostic> {
    let elsewhere = ["https://", "http://"].iter().any(|scheme| request.endpoint.starts_with(scheme));
    let variable = request.variables.contains_key(CERTIFICATE) || party.scope.names().contains(CERTIFICATE);
    if signer.certificate().is_some() || elsewhere || variable {
        return None;
    }
    let what = naming(signer.profile(), request, party)?;
    let environment = &party.environment;
    let message =
        format!("{what} of the signing profile names the certificate, and `{environment}` has none");
    let problem = Diagnostic::error(Code::Undefined, message)
        .help(format!("add `signing.certificate` to the environment `{environment}`"));
    let (owner, pointer) = match request.sign {
        Sign::AsEnvironment => (Owner::Environment(environment.clone()), "/signing/profile"),
        _ => (Owner::Request(request.name.clone()), "/sign"),
    };
    Some(match suite.locations.find(&owner, pointer) {
        Some(place) => problem.at(place.value, ""),
        None => problem,
    })
}

/// What of the profile names it in this request, as far as the request or the environment does not
/// put something of their own in its place.
fn naming(profile: &Profile, request: &Request, party: &Party) -> Option<String> {
    let with_token = request.token.is_some();
    let own = |header: &str| request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header));
    let mut headers = profile.headers(with_token).filter(|(name, _)| !own(name));
    if let Some((name, _)) = headers.find(|(_, source)| names_it(source)) {
        return Some(format!("the header `{name}`"));
    }
    let changes = profile.key_id(true) != profile.key_id(false);
    let replaced = party.signing.as_ref().is_some_and(|signing| signing.key_id.is_some());
    let key_id = profile.key_id(with_token).filter(|_| !replaced || changes && !with_token)?;
    names_it(key_id).then(|| "the key id".to_owned())
}

fn names_it(source: &str) -> bool {
    let mentions = template::mentions(source).unwrap_or_default();
    mentions.iter().any(|mention| mention.name == CERTIFICATE && !mention.optional)
}
