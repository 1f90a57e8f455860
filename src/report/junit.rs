//! The report as JUnit XML: a test suite for every folder of request files, a test case for every
//! step.
//!
//! It keeps to what the schemas in use have in common (Jenkins' `junit-10.xsd`, in the form that
//! JUnit 5 itself is tested with). None of them knows properties of a test case: they are lines
//! `[[PROPERTY|name=value]]` of its output, which is how others write them too.

use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::record::{CUT_SHORT, Comparison, Status, Step, StepFinished, Tree, duration};
use super::{account, escape};

/// A step, and how it ended where that is known.
type Told<'a> = (&'a Step, Option<&'a StepFinished>);

/// The whole report.
pub(super) fn junit(tree: &Tree) -> String {
    let mut report = Report::new("countersign");
    if let Some(finished) = &tree.finished {
        report.set_time(duration(finished.duration_ms));
    }
    report.add_test_suites(suites(tree));
    if tree.without_result() == 0 {
        report.add_test_suites(tree.gap().map(|gap| missing(&gap)));
    }
    let xml = report.to_string().expect("writing to memory does not fail");
    // The root comes first, and has no such attribute in any schema.
    xml.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1)
}

fn suites(tree: &Tree) -> Vec<TestSuite> {
    let mut suites: IndexMap<(&str, &str), Vec<Told<'_>>> = IndexMap::new();
    for (step, ended) in tree.all() {
        let folder = step.file.rsplit_once('/').map_or(".", |(folder, _)| folder);
        suites.entry((step.environment.as_str(), folder)).or_default().push((step, ended));
    }
    suites
        .into_iter()
        .map(|((environment, folder), steps)| suite(tree, &where_several(tree, folder, environment), &steps))
        .collect()
}

/// With the environment, in a run of several: a CI system takes two cases of one name for one.
fn where_several(tree: &Tree, name: &str, environment: &str) -> String {
    if tree.started.environment == environment { name.to_owned() } else { format!("{name} ({environment})") }
}

fn suite(tree: &Tree, name: &str, steps: &[Told<'_>]) -> TestSuite {
    let mut suite = TestSuite::new(&*escape::line(name));
    let ended = || steps.iter().filter_map(|(_, ended)| *ended);
    let began = ended().map(|step| step.started_ms).min_by(f64::total_cmp);
    suite.timestamp = began.and_then(|began| tree.moment(began)).map(Into::into);
    suite.set_time(ended().map(|step| duration(step.duration_ms)).sum());
    let environment = steps.first().map_or("", |(step, _)| &step.environment);
    suite.add_property(property("environment", environment));
    suite.add_property(property("countersign", &tree.started.countersign));
    suite.add_test_cases(steps.iter().map(|(step, ended)| case(tree, step, *ended)));
    suite
}

fn property(name: &str, value: &str) -> Property {
    Property::new(name, &*escape::line(value))
}

fn case(tree: &Tree, step: &Step, ended: Option<&StepFinished>) -> TestCase {
    let mut case =
        TestCase::new(&*escape::line(&step.name), ended.map_or_else(|| interrupted(CUT_SHORT), status));
    case.set_classname(&*escape::line(&where_several(tree, &step.file, &step.environment)));
    case.extra.insert("file".into(), escape::line(&tree.in_repository(&step.file)).into());
    let Some(ended) = ended else { return case };
    if let Some(line) = line(ended) {
        case.extra.insert("line".into(), line.to_string().into());
    }
    case.timestamp = tree.moment(ended.started_ms).map(Into::into);
    case.set_time(duration(ended.duration_ms));
    case.set_system_out(output(ended));
    case
}

/// Where the first problem in the request's own file is.
fn line(step: &StepFinished) -> Option<usize> {
    let mut places = step.problems.iter().filter_map(|problem| problem.place.as_ref());
    places.find(|place| place.file == step.step.file).map(|place| place.line)
}

fn status(step: &StepFinished) -> TestCaseStatus {
    let mut status = match step.status {
        Status::Passed => return TestCaseStatus::success(),
        Status::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Status::Skipped => TestCaseStatus::skipped(),
    };
    if let Some(first) = step.problems.first() {
        status.set_type(first.code.as_str()).set_message(&*escape::line(&first.told()));
    }
    if step.status != Status::Skipped {
        status.set_description(account::account(step));
    }
    status
}

/// What fails when no case of its own can.
fn missing(gap: &str) -> TestSuite {
    let mut case = TestCase::new("the whole run", interrupted(gap));
    case.set_classname("countersign");
    let mut suite = TestSuite::new("countersign");
    suite.add_test_case(case);
    suite
}

/// It may have been carried out, so that it is neither skipped nor failed.
fn interrupted(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("run.interrupted").set_message(message);
    status
}

fn output(step: &StepFinished) -> String {
    let mut lines: Vec<String> = properties(step)
        .into_iter()
        .map(|(name, value)| escape::line(&format!("[[PROPERTY|{name}={value}]]")).into_owned())
        .collect();
    lines.extend(account::summary(step));
    lines
        .extend(account::attempts(step).filter(|_| !step.status.is_wrong()).map(|text| escape::lines(&text)));
    if step.status.is_wrong() {
        lines.extend(account::exchange(step));
    }
    lines.join("\n")
}

fn properties(step: &StepFinished) -> Vec<(&'static str, String)> {
    let mut properties = vec![("environment", step.step.environment.clone())];
    properties.extend(step.step.identity.clone().map(|identity| ("identity", identity)));
    if let Some(snapshot) = &step.snapshot {
        let comparison = match snapshot.comparison {
            Comparison::Match => "match",
            Comparison::Added => "added",
            Comparison::Updated => "updated",
            Comparison::New => "new",
            Comparison::Mismatch => "mismatch",
        };
        properties.push(("snapshot", snapshot.file.clone()));
        properties.push(("comparison", comparison.to_owned()));
    }
    properties.push(("attempts", step.attempts.to_string()));
    properties.extend(step.flaky.then(|| ("flaky", "true".to_owned())));
    properties.extend(step.slow.then(|| ("slow", "true".to_owned())));
    properties
}
