//! `countersign list` and `countersign graph`: what would run, in which order, and why.

use std::collections::HashSet;
use std::fmt::Write;

use countersign::load::Suite;
use countersign::plan::{Plan, Step, Why};
use countersign::spec::parted;
use serde_json::json;

use super::args::GraphFormat;

/// One line per step: name, method, endpoint, environment, and why it runs.
pub(super) fn list(plan: &Plan, suite: &Suite) -> String {
    let width = |of: &dyn Fn(&Step) -> usize| plan.steps.iter().map(of).max().unwrap_or_default();
    let name_width = width(&|step| step.name.chars().count());
    let method_width = width(&|step| suite.requests[&step.request].method.chars().count());
    let endpoint_width = width(&|step| suite.requests[&step.request].endpoint.chars().count());
    let mut text = String::new();
    for step in &plan.steps {
        let request = &suite.requests[&step.request];
        let line = format!(
            "{:name_width$}  {:method_width$} {:endpoint_width$}  {}{}",
            step.name,
            request.method,
            request.endpoint,
            step.environment,
            reason(plan, step)
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn reason(plan: &Plan, step: &Step) -> String {
    let needs: Vec<&str> = step.needs.iter().map(|edge| plan.steps[edge.step].name.as_str()).collect();
    match (needs.is_empty(), step.selected) {
        (true, true) => String::new(),
        (true, false) => "  (needed)".into(),
        (false, true) => format!("  after {}", needs.join(", ")),
        (false, false) => format!("  (needed) after {}", needs.join(", ")),
    }
}

/// One JSON object per step.
pub(super) fn list_json(plan: &Plan, suite: &Suite) -> String {
    let mut text = String::new();
    for step in &plan.steps {
        let request = &suite.requests[&step.request];
        let needs: Vec<_> = step
            .needs
            .iter()
            .map(|edge| json!({"name": plan.steps[edge.step].name, "why": edge.why.as_str()}))
            .collect();
        let line = json!({
            "name": step.name,
            "case": request.row(step.case).map(|row| &row.name),
            "id": request.id,
            "environment": parted(&step.environment).0,
            "identity": parted(&step.environment).1,
            "method": request.method,
            "endpoint": request.endpoint,
            "description": request.description,
            "tags": request.tags,
            "selected": step.selected,
            "needs": needs,
        });
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The dependencies, drawn.
pub(super) fn graph(plan: &Plan, format: GraphFormat) -> String {
    match format {
        GraphFormat::Text => tree(plan),
        GraphFormat::Mermaid => mermaid(plan),
    }
}

/// Every step that nothing else needs, with what it needs indented below it. A step that was
/// drawn already is named again but not drawn again.
fn tree(plan: &Plan) -> String {
    let needed: HashSet<usize> =
        plan.steps.iter().flat_map(|step| &step.needs).map(|edge| edge.step).collect();
    let several = plan.environments().len() > 1;
    let mut text = String::new();
    let mut drawn = vec![false; plan.steps.len()];
    for root in (0..plan.steps.len()).filter(|step| !needed.contains(step)) {
        let mut waiting = vec![(root, 0, "")];
        while let Some((step, depth, why)) = waiting.pop() {
            let again = std::mem::replace(&mut drawn[step], true);
            let _ = writeln!(text, "{}", tree_line(&plan.steps[step], depth, why, several, again));
            if !again {
                let below = plan.steps[step].needs.iter().rev();
                waiting.extend(below.map(|edge| (edge.step, depth + 1, edge.why.as_str())));
            }
        }
    }
    text
}

fn tree_line(step: &Step, depth: usize, why: &str, several: bool, again: bool) -> String {
    let branch = if depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(depth - 1)) };
    let crosses = why == Why::TokenOf.as_str();
    let environment =
        if several && (depth == 0 || crosses) { format!("  {}", step.environment) } else { String::new() };
    let why = if why.is_empty() { String::new() } else { format!("  ({why})") };
    let dots = if again && !step.needs.is_empty() { " …" } else { "" };
    format!("{branch}{}{environment}{why}{dots}", step.name)
}

/// <https://mermaid.js.org/syntax/flowchart.html>
fn mermaid(plan: &Plan) -> String {
    let mut text = String::from("flowchart LR\n");
    for (index, step) in plan.steps.iter().enumerate() {
        let _ = writeln!(text, "  s{index}[\"{}\"]", step.name.replace('"', "#quot;"));
    }
    for (index, step) in plan.steps.iter().enumerate() {
        for edge in &step.needs {
            let _ = writeln!(text, "  s{} -->|{}| s{index}", edge.step, edge.why.as_str());
        }
    }
    text
}
