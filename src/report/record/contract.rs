//! What the report says of contracts: what a step reached, and how much a run did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract;

/// What of a contract a step reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Reached {
    /// The OpenAPI document, relative to the suite root.
    pub(in crate::report) file: String,
    /// The operation, as `GET /accounts/{id}`.
    pub(in crate::report) operation: String,
    /// The declared answer: `200`, `4XX`, `default`; null when the status is not declared.
    pub(in crate::report) status: Option<String>,
}

/// A contract, and how much of it a run reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Contract {
    /// The OpenAPI document, relative to the suite root.
    pub(in crate::report) file: String,
    /// How many of its operations were reached.
    pub(in crate::report) operations_reached: usize,
    /// How many of its declared answers came.
    pub(in crate::report) answers_reached: usize,
    /// How many answers it declares.
    pub(in crate::report) answers_declared: usize,
    /// Each of its operations, in the order of the document.
    pub(in crate::report) operations: Vec<Operation>,
}

/// An operation of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Operation {
    /// The method.
    pub(in crate::report) method: String,
    /// The path, as written in the document.
    pub(in crate::report) path: String,
    /// Its `operationId`; null when it has none.
    pub(in crate::report) id: Option<String>,
    /// Whether any step reached it.
    pub(in crate::report) reached: bool,
    /// Each answer that it declares.
    pub(in crate::report) answers: Vec<Answer>,
}

/// An answer that a contract declares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Answer {
    /// `200`, `4XX` or `default`.
    pub(in crate::report) status: String,
    /// Whether it came.
    pub(in crate::report) reached: bool,
}

impl From<&contract::Reach> for Reached {
    fn from(reach: &contract::Reach) -> Self {
        let contract::Reach { file, name, status, .. } = reach.clone();
        Self { file, operation: name, status }
    }
}

impl From<&contract::Coverage> for Contract {
    fn from(coverage: &contract::Coverage) -> Self {
        Self {
            file: coverage.file.clone(),
            operations_reached: coverage.operations().0,
            answers_reached: coverage.answers().0,
            answers_declared: coverage.answers().1,
            operations: coverage.operations.iter().map(Operation::from).collect(),
        }
    }
}

impl From<&contract::CoveredOperation> for Operation {
    fn from(operation: &contract::CoveredOperation) -> Self {
        let answer = |answer: &contract::CoveredAnswer| Answer {
            status: answer.status.clone(),
            reached: answer.reached,
        };
        Self {
            method: operation.method.clone(),
            path: operation.path.clone(),
            id: operation.id.clone(),
            reached: operation.reached,
            answers: operation.answers.iter().map(answer).collect(),
        }
    }
}

/// What two shards of a run reached of the same contracts.
pub(super) fn joined(mut left: Vec<Contract>, right: Vec<Contract>) -> Vec<Contract> {
    for contract in right {
        match left.iter_mut().find(|known| known.file == contract.file) {
            Some(known) => known.take_over(contract),
            None => left.push(contract),
        }
    }
    left
}

impl Contract {
    fn take_over(&mut self, other: Self) {
        for (known, other) in self.operations.iter_mut().zip(other.operations) {
            known.reached |= other.reached;
            known
                .answers
                .iter_mut()
                .zip(other.answers)
                .for_each(|(known, other)| known.reached |= other.reached);
        }
        self.operations_reached = self.operations.iter().filter(|operation| operation.reached).count();
        let answers = self.operations.iter().flat_map(|operation| &operation.answers);
        self.answers_reached = answers.filter(|answer| answer.reached).count();
    }
}
