//! The scope of a step: its environment's names, what the steps that it needs left behind, and the
//! variables that the request sets that needs it.

use indexmap::IndexMap;
use serde_json::Value;

use super::Surroundings;
use crate::diag::Diagnostic;
use crate::load::Suite;
use crate::plan::{Edge, Plan, Step, With};
use crate::render::{self, Scope};

/// Puts what some steps left behind into a scope, under a name: one step, or all cases of a request.
pub(super) type Inherit<'a> = &'a dyn Fn(Scope, &str, &[&Edge]) -> Scope;

/// What scopes are made of.
#[derive(Clone, Copy)]
pub(super) struct Scopes<'a> {
    pub(super) suite: &'a Suite,
    pub(super) plan: &'a Plan,
    pub(super) surroundings: &'a Surroundings,
}

impl Scopes<'_> {
    /// The scope of a step whose environment has the names in `base`.
    pub(super) fn scope(
        &self,
        step: &Step,
        base: &Scope,
        inherit: Inherit<'_>,
    ) -> Result<Scope, Vec<Diagnostic>> {
        let scope = inherited(base.clone(), &step.needs, Edge::called, inherit);
        Ok(match &step.with {
            Some(with) => scope.with_set(self.values(step, with, (base, 0), inherit)?),
            None => scope,
        })
    }

    /// The variables that are set for a step, filled as the request sees them that sets them.
    fn values(
        &self,
        step: &Step,
        with: &With,
        (base, depth): (&Scope, usize),
        inherit: Inherit<'_>,
    ) -> Result<IndexMap<String, Value>, Vec<Diagnostic>> {
        let named = |edge: &Edge| (edge.depth() == Some(depth)).then(|| edge.name.clone());
        let mut scope = inherited(base.clone(), &step.needs, named, inherit);
        if let Some(outer) = &with.asker.with {
            scope = scope.with_set(self.values(step, outer, (base, depth + 1), inherit)?);
        }
        let name = format!("{}@{} {}", with.asker.name(self.suite), step.environment, with.pointer);
        let engine = self.surroundings.engine(&self.suite.root, &name);
        render::with(self.suite, with, &scope, &engine)
    }

    /// Whether the captures of what these edges lead to are lists.
    pub(super) fn are_cases(&self, edges: &[&Edge]) -> bool {
        edges.first().is_some_and(|edge| self.plan.steps[edge.step].case.is_some())
    }
}

/// The edges of one name go together.
fn inherited(
    scope: Scope,
    edges: &[Edge],
    named: impl Fn(&Edge) -> Option<String>,
    inherit: Inherit<'_>,
) -> Scope {
    let mut groups: IndexMap<String, Vec<&Edge>> = IndexMap::new();
    for edge in edges {
        if let Some(name) = named(edge) {
            groups.entry(name).or_default().push(edge);
        }
    }
    groups.into_iter().fold(scope, |scope, (name, edges)| inherit(scope, &name, &edges))
}
