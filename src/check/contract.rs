//! `contract`: what an exchange is by an OpenAPI document, as outcomes.

use super::Outcome;
use crate::contract::{Aspect, Finding};
use crate::diag::Code;

/// Where every violation is shown: what the request asks for.
const PLACE: &str = "/endpoint";

/// What was found, as outcomes.
pub fn contract(findings: Vec<Finding>) -> Vec<Outcome> {
    findings.into_iter().map(outcome).collect()
}

fn outcome(finding: Finding) -> Outcome {
    Outcome {
        pointer: PLACE.to_owned(),
        code: match finding.aspect {
            Aspect::Operation => Code::ContractOperation,
            Aspect::Status => Code::ContractStatus,
            Aspect::ContentType => Code::ContractContentType,
            Aspect::Header => Code::ContractHeader,
            Aspect::Body => Code::ContractBody,
            Aspect::Request => Code::ContractRequest,
            Aspect::Document => Code::ContractDocument,
        },
        held: finding.held,
        selector: finding.selector,
        wanted: finding.wanted,
        got: finding.got,
    }
}
