//! What reports say of a run that was killed, or that ran on several machines: they are made from
//! JSON reports.

use serde_json::Value;

use super::record::{Record, Tree};
use super::{Format, Json, Making, github, merge, sample};
use crate::secret::Redactor;

/// Of two steps only the first has ended.
fn killed() -> Tree {
    let mut output = Vec::new();
    let steps = [sample::passed(0), sample::passed(1)];
    sample::tell(&mut Json::new(&mut output, Record::new(Redactor::default(), "bank")), &steps);
    let text = String::from_utf8(output).unwrap();
    Tree::read(&text.lines().take(3).collect::<Vec<_>>().join("\n")).unwrap()
}

fn made(format: Format) -> String {
    let Making::Whole(form) = format.making() else { panic!("{format:?} is made while the run goes on") };
    let mut report = Vec::new();
    form.write(&killed(), &mut report).unwrap();
    String::from_utf8(report).unwrap()
}

#[test]
fn a_run_that_was_killed_is_green_in_no_report() {
    let junit = made(Format::Junit);
    for part in [
        "<testsuites name=\"countersign\" tests=\"2\" failures=\"0\" errors=\"1\">",
        "<testcase name=\"greeting\" classname=\"requests/greeting.yaml\" file=\"bank/requests/greeting.yaml\">",
        "<error message=\"no result: the run was cut short\" type=\"run.interrupted\"/>",
    ] {
        assert!(junit.contains(part), "{part} is not in {junit}");
    }
    assert_eq!(
        made(Format::Github),
        "::error title=countersign::the run was cut short: 1 of 2 requests without a result\n"
    );
    let summary = github::summary(&killed());
    assert!(summary.starts_with("## countersign: cut short, 1 request without a result\n"), "{summary}");
    let findings: Value = serde_json::from_str(&made(Format::Gitlab)).unwrap();
    assert_eq!(findings[0]["check_name"], "run.interrupted");
    assert_eq!(findings[0]["location"]["path"], "bank/requests/greeting.yaml");
    assert_eq!(findings.as_array().unwrap().len(), 1);
    let har: Value = serde_json::from_str(&made(Format::Har)).unwrap();
    assert_eq!(har["log"]["comment"], "the run was cut short: 1 of 2 requests without a result");
    assert!(
        made(Format::Tap).ends_with("Bail out! the run was cut short: 1 of 2 requests without a result\n")
    );
}

#[test]
fn a_step_of_a_shard_began_when_its_machine_says_so() {
    let shard = |number: usize, at: &str| {
        let mut output = Vec::new();
        sample::tell(
            &mut Json::new(&mut output, Record::new(Redactor::default(), "")),
            &[sample::passed(number - 1)],
        );
        let mut lines: Vec<Value> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        lines[0]["shard"] = serde_json::json!({"number": number, "total": 2});
        lines[0]["at"] = at.into();
        // A plan of one step has it at the first place.
        lines[2]["index"] = 0.into();
        Tree::read(&lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")).unwrap()
    };
    let trees = [shard(1, "2026-11-28T10:00:02Z"), shard(2, "2026-11-28T10:00:00.5Z")];
    let merged = merge(&trees).unwrap();
    assert_eq!(merged.gaps, Vec::<String>::new());
    let began: Vec<f64> = merged.tree.steps.iter().map(|step| step.started_ms).collect();
    assert!(began.contains(&1500.0) && began.contains(&0.0), "{began:?}");
}
