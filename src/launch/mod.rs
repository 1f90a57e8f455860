//! From a suite on disk to a run: what the command line and a Rust program both need, in order.
//!
//! ```text
//! open → plan → check (environments, keys) → start (the embedded bank, if one is asked for) → run
//! ```

mod dotenv;
mod embedded;
mod machine;
mod process;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

pub use dotenv::with_dotenv;
pub use embedded::{Bank, Opening};
pub use process::Process;

use crate::diag::{Code, Diagnostic, Sources, distinct};
use crate::files::Root;
use crate::load::{self, Problems, Suite};
use crate::plan::{self, Plan, Refusal, Selection};
use crate::run::{self, Checked, Prepared, Ready, Surroundings};
use crate::sandbox::Log;
use crate::spec::parted;

/// Reads the suite whose `requests/` lies in `folder`.
pub fn open(folder: &Path) -> Result<Suite, Problems> {
    let root = Root::open(folder).map_err(|error| {
        let problem = Diagnostic::error(Code::NoSuite, format!("there is no suite: {error}"))
            .help("name the folder that holds `requests/` with `--suite`");
        Problems { diagnostics: vec![problem], sources: Sources::default() }
    })?;
    load::load(root)
}

/// Plans what is selected, in the environment `named` if any. That nothing is selected is a
/// problem, too.
pub fn plan(
    suite: &Suite,
    selection: &Selection,
    named: Option<&str>,
    given: &[&str],
) -> Result<Plan, Vec<Diagnostic>> {
    plan::plan(suite, selection, named, given).map_err(|refusal| match refusal {
        Refusal::Problems(problems) => problems,
        Refusal::Nothing(message) => vec![Diagnostic::error(Code::NothingSelected, message)],
    })
}

/// Renders the environments of a plan and reads their keys, without a byte on the network. Makes
/// the example certificates of an embedded environment when they are not there yet.
pub fn check(suite: &Suite, plan: &Plan, surroundings: &Surroundings) -> Result<Checked, Vec<Diagnostic>> {
    let (parties, mut problems) = run::parties(suite, plan, surroundings);
    for party in &parties {
        problems.extend(embedded::make_certificates(suite, party).err());
    }
    run::check(suite, plan, (parties, problems), surroundings)
}

/// One environment with all of its keys read, for serving its bank to other clients or telling
/// what its keys are, and what there is to warn of.
pub fn environment(
    suite: &Suite,
    name: &str,
    surroundings: &Surroundings,
) -> Result<(Ready, Vec<Diagnostic>), Vec<Diagnostic>> {
    let party = run::party(suite, name, surroundings)?;
    embedded::make_certificates(suite, &party).map_err(|problem| vec![problem])?;
    let checked = run::all_credentials(suite, party, surroundings)?;
    let mut environments = checked.environments.into_iter();
    Ok((environments.next().expect("one environment went in and nothing is wrong"), checked.warnings))
}

/// [`environment`] for it and each of its identities, the environment itself first.
pub fn identities(
    suite: &Suite,
    name: &str,
    surroundings: &Surroundings,
) -> Result<(Vec<Ready>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (mut all, mut warnings, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let names = suite.environments.keys().filter(|known| *known == name || parted(known).0 == name);
    for name in names {
        match environment(suite, name, surroundings) {
            Ok((ready, found)) => {
                all.push(ready);
                warnings.extend(found);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok((all, distinct(warnings))) } else { Err(distinct(problems)) }
}

/// Starts the embedded bank for every environment that asks for it, and joins everything into a
/// plan that can run. The banks serve until they are dropped.
pub fn start(
    suite: Arc<Suite>,
    plan: Plan,
    surroundings: Surroundings,
    mut checked: Checked,
) -> Result<(Prepared, Vec<Bank>), Vec<Diagnostic>> {
    let environments: BTreeSet<String> =
        checked.environments.iter().filter(|ready| ready.party.is_embedded()).map(environment_of).collect();
    let mut banks = Vec::new();
    for environment in environments {
        let is_served = |ready: &Ready| environment_of(ready) == environment;
        let clients: Vec<&Ready> = checked.environments.iter().filter(|ready| is_served(ready)).collect();
        let opening =
            Opening { port: 0, skew: crate::sandbox::SKEW, log: Log::silent(), profiles: Vec::new() };
        let bank = Bank::open(&suite, &clients, &surroundings, opening).map_err(|problem| vec![problem])?;
        for ready in checked.environments.iter_mut().filter(|ready| is_served(ready)) {
            ready.party.serve_at(bank.host().clone());
            ready.tls.authorities.push(bank.authority().clone());
            ready.tls.system_roots = false;
        }
        banks.push(bank);
    }
    Ok((Prepared::new(suite, plan, surroundings, checked)?, banks))
}

/// The environment that a party is an identity of.
fn environment_of(ready: &Ready) -> String {
    parted(&ready.party.environment).0.to_owned()
}
