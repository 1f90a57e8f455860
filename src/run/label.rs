//! What reporters are told of a step before it runs.

use super::stop;
use crate::load::Suite;
use crate::plan::Step;
use crate::report::StepLabel;
use crate::spec::parted;

pub(super) fn label(step: &Step, suite: &Suite) -> StepLabel {
    let request = &suite.requests[&step.request];
    StepLabel {
        place: step.place,
        name: step.name.clone(),
        selector: step.selector.clone(),
        case: request.row(step.case).map(|row| row.name.clone()),
        environment: parted(&step.environment).0.to_owned(),
        identity: parted(&step.environment).1.map(str::to_owned),
        file: stop::file_of(request, suite).to_owned(),
        method: request.method.clone(),
        endpoint: request.endpoint.clone(),
        selected: step.selected,
        needs: step.needs.iter().map(|need| need.step).collect(),
    }
}
