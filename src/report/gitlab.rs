//! The report as GitLab's code quality: a finding for every problem, at its line of YAML.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::escape;
use super::record::{CUT_SHORT, Class, Problem, Step, StepFinished, Tree};

/// The whole report.
pub(super) fn gitlab(tree: &Tree) -> String {
    let mut findings = Findings { tree, told: BTreeMap::new(), list: Vec::new() };
    for (step, ended) in tree.all() {
        match ended {
            None => findings.cut_short(step),
            Some(ended) => findings.of(ended),
        }
    }
    let json = serde_json::to_string_pretty(&findings.list).expect("values are JSON");
    escape::json_lines(&json) + "\n"
}

struct Findings<'a> {
    tree: &'a Tree,
    /// How often each was told.
    told: BTreeMap<String, usize>,
    list: Vec<Value>,
}

impl Findings<'_> {
    fn of(&mut self, ended: &StepFinished) {
        if ended.status.is_wrong() {
            for problem in &ended.problems {
                self.problem(&ended.step, problem);
            }
        }
    }

    fn problem(&mut self, step: &Step, problem: &Problem) {
        let place = problem.place.as_ref().map(|place| (place.file.as_str(), place.line));
        let finding = Finding {
            code: &problem.code,
            message: &problem.told(),
            severity: severity(problem.class, &problem.code),
            place: place.unwrap_or((&step.file, 1)),
        };
        self.add(step, &finding);
    }

    fn cut_short(&mut self, step: &Step) {
        let message = CUT_SHORT;
        let place = (step.file.as_str(), 1);
        self.add(step, &Finding { code: "run.interrupted", message, severity: "critical", place });
    }

    fn add(&mut self, step: &Step, finding: &Finding<'_>) {
        let (file, line) = finding.place;
        let path = self.tree.in_repository(file);
        let fingerprint = self.fingerprint(step, finding.code, &path);
        self.list.push(json!({
            "description": format!("{}: {}", step.name, finding.message),
            "check_name": finding.code,
            "fingerprint": fingerprint,
            "severity": finding.severity,
            "location": {"path": path, "lines": {"begin": line}},
        }));
    }

    /// The same from run to run, wherever the line has moved to and whatever came: GitLab tells by it
    /// what is new in a merge request.
    fn fingerprint(&mut self, step: &Step, code: &str, path: &str) -> String {
        let identity = step.identity.as_deref();
        let what = json!([path, step.name, step.environment, identity, code]).to_string();
        let before = self.told.entry(what.clone()).or_default();
        *before += 1;
        HEXLOWER.encode(&Sha256::digest(format!("{what}{before}")))
    }
}

struct Finding<'a> {
    code: &'a str,
    message: &'a str,
    severity: &'static str,
    place: (&'a str, usize),
}

fn severity(class: Class, code: &str) -> &'static str {
    match class {
        Class::Nothing => "info",
        Class::Failed if code.starts_with("snapshot.") => "minor",
        Class::Failed => "major",
        Class::Exchange | Class::Io | Class::Credentials | Class::Suite => "critical",
        Class::Bug => "blocker",
    }
}
