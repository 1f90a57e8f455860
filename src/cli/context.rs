//! What most commands begin with: the suite read, the requests chosen, the plan made.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::clock::{Clock, Ids};
use countersign::diag::{Class, Diagnostic, Sources};
use countersign::launch;
use countersign::load::{self, Suite};
use countersign::plan::{self, Plan, Selection};
use countersign::run::{Conduct, Proxies, Surroundings};
use countersign::snapshot::Mode;
use countersign::spec::{Given, GivenBy};
use countersign::template::Programs;

use super::args::{Choice, Variables};
use super::asked::wrong_in_profiles;
use super::exit::Exit;
use super::output::Output;
use super::settings::Settings;

/// What every command gets.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) output: &'a Output,
    /// What `env()` and `secret()` see: `.env` of the suite, and over it the process environment.
    pub(crate) environment: Arc<BTreeMap<String, String>>,
}

impl Context<'_> {
    /// Reads the suite; says what is wrong with it.
    pub(crate) fn load(&self) -> Result<Arc<Suite>, Exit> {
        match launch::open(&self.settings.suite) {
            Ok(suite) => {
                self.output.show(&suite.warnings, &suite.sources);
                match wrong_in_profiles(&suite).as_slice() {
                    [] => Ok(Arc::new(suite)),
                    wrong => Err(self.refuse(wrong, &suite.sources)),
                }
            }
            Err(problems) => Err(self.refuse(&problems.diagnostics, &problems.sources)),
        }
    }

    /// Plans what was chosen; says why there is nothing to do.
    /// `given` are the variables of the command line.
    pub(crate) fn plan(&self, suite: &Suite, choice: &Choice, given: &[Given]) -> Result<Plan, Exit> {
        let selection = Selection {
            patterns: choice.names.clone(),
            tags: choice.tags.clone(),
            skip_tags: choice.skip_tags.clone(),
            exact: choice.exact,
        };
        let names: Vec<&str> = given.iter().map(|given| given.name.as_str()).collect();
        let planned = launch::plan(suite, &selection, choice.env.as_deref(), &names);
        let plan = planned.map_err(|problems| self.refuse(&problems, &suite.sources))?;
        self.output.show(&plan::unused(suite, &plan, given), &suite.sources);
        Ok(plan)
    }

    /// The variables of the command line, the strongest last: those of files in the order in which
    /// these are named, then those of `--var`.
    pub(crate) fn given(&self, variables: &Variables) -> Result<Vec<Given>, Exit> {
        let mut given = Vec::new();
        for file in &variables.files {
            let read = load::vars_file(file);
            given.extend(read.map_err(|problems| self.refuse(&problems.diagnostics, &problems.sources))?);
        }
        let options = variables.given.iter().map(|(name, value)| Given {
            name: name.clone(),
            value: value.as_str().into(),
            by: GivenBy::Option,
        });
        given.extend(options);
        Ok(given)
    }

    /// Does something with a plan.
    pub(crate) fn planned(&self, choice: &Choice, act: impl FnOnce(&Suite, &Plan)) -> Exit {
        let planned = self.load().and_then(|suite| {
            let given = self.given(&choice.variables)?;
            Ok((self.plan(&suite, choice, &given)?, suite))
        });
        match planned {
            Ok((plan, suite)) => {
                act(&suite, &plan);
                Exit::Ok
            }
            Err(exit) => exit,
        }
    }

    /// Shows problems and gives the exit of the strongest.
    pub(crate) fn refuse(&self, problems: &[Diagnostic], sources: &Sources) -> Exit {
        self.output.show(problems, sources);
        let strongest = problems.iter().map(|problem| problem.code.class()).max();
        strongest.unwrap_or(Class::Suite).into()
    }

    /// What a command that runs nothing hands to the walk.
    pub(crate) fn surroundings(&self, given: Vec<Given>, clock: Clock, ids: Ids) -> Surroundings {
        Surroundings {
            clock,
            ids,
            environment: Arc::clone(&self.environment),
            proxies: Proxies::of(self.settings.process.variables()),
            redactor: self.settings.redactor.clone(),
            programs: Programs::default(),
            given,
            conduct: Conduct::default(),
            snapshots: Mode::No,
            refuses_insecure: self.settings.refuses_insecure,
            snapshot_references: None,
        }
    }
}
