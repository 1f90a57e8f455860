//! How much of a document a run reached.

use super::Contract;

/// What one exchange reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The document.
    pub file: String,
    /// The operation, as `GET /accounts/{id}`.
    pub name: String,
    /// The declared answer; `None`: its status is not declared.
    pub status: Option<String>,
    pub(super) operation: usize,
    pub(super) answer: Option<usize>,
}

/// A document, and what of it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The document.
    pub file: String,
    /// Each of its operations, in the order of the document.
    pub operations: Vec<CoveredOperation>,
}

/// An operation, and whether it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredOperation {
    /// The method.
    pub method: String,
    /// The path, as written.
    pub path: String,
    /// Its `operationId`.
    pub id: Option<String>,
    /// Whether any exchange reached it.
    pub reached: bool,
    /// Each answer that it declares.
    pub answers: Vec<CoveredAnswer>,
}

/// An answer that is declared, and whether it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredAnswer {
    /// `200`, `4XX` or `default`.
    pub status: String,
    /// Whether it came.
    pub reached: bool,
}

impl Coverage {
    /// Of a document of which nothing was reached yet.
    pub fn none_of(contract: &Contract) -> Self {
        let operations = contract.operations.iter().map(|operation| CoveredOperation {
            method: operation.method.clone(),
            path: operation.path.clone(),
            id: operation.id.clone(),
            reached: false,
            answers: operation
                .answers
                .iter()
                .map(|answer| CoveredAnswer { status: answer.status.to_string(), reached: false })
                .collect(),
        });
        Self { file: contract.file.clone(), operations: operations.collect() }
    }

    /// Notes what an exchange reached, if it is of this document.
    pub fn note(&mut self, reach: &Reach) {
        if reach.file != self.file {
            return;
        }
        let Some(operation) = self.operations.get_mut(reach.operation) else { return };
        operation.reached = true;
        if let Some(answer) = reach.answer.and_then(|index| operation.answers.get_mut(index)) {
            answer.reached = true;
        }
    }

    /// How many operations were reached, and how many there are.
    pub fn operations(&self) -> (usize, usize) {
        (self.operations.iter().filter(|operation| operation.reached).count(), self.operations.len())
    }

    /// How many of the declared answers came, and how many there are.
    pub fn answers(&self) -> (usize, usize) {
        let answers = || self.operations.iter().flat_map(|operation| &operation.answers);
        (answers().filter(|answer| answer.reached).count(), answers().count())
    }

    /// What was not reached: an operation as `GET /a`, an answer of one that was as `GET /a 404`.
    pub fn missing(&self) -> Vec<String> {
        let missing = |operation: &CoveredOperation| {
            let name = format!("{} {}", operation.method, operation.path);
            if !operation.reached {
                return vec![name];
            }
            let answers = operation.answers.iter().filter(|answer| !answer.reached);
            answers.map(|answer| format!("{name} {}", answer.status)).collect()
        };
        self.operations.iter().flat_map(missing).collect()
    }
}
