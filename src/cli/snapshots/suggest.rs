//! `countersign snapshots suggest`: sends a request twice, and suggests rules for what differs.

use std::fmt::Write as _;
use std::sync::Arc;

use countersign::check::masks;
use countersign::diag::{Code, Diagnostic};
use countersign::load::{self, Owner, Suite};
use countersign::message::{Answer, is_idempotent};
use countersign::plan::Step;
use countersign::report::{Event, StepResult};
use countersign::run::{self, Prepared};
use countersign::snapshot::suggest::{
    self, Advice, Answers, Remainder, Suggested, Suggestion, Written, filter_entry, redact_entry,
};
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::one;
use super::super::reports::Reports;
use super::super::run::runtime;
use super::failed;
use super::suggest_args::Suggest;

pub(super) fn suggest(context: &Context<'_>, arguments: &Suggest) -> Result<Exit, Exit> {
    if arguments.write && context.settings.ci {
        let help = "run it at your desk, or leave out `--write` and paste what it prints";
        context.output.fail("`--write` changes files of the suite, and `CI` is set", Some(help));
        return Err(Exit::Usage);
    }
    let (prepared, _banks) =
        one::prepare(context, &arguments.one, |suite, step| may_be_sent(suite, step, arguments.send_twice))?;
    let step = prepared.plan.steps.len() - 1;
    let results = send(context, &prepared, step)?;
    let suggested = compare(context, &prepared, step, &results)?;
    let report = Report { context, prepared: &prepared, step, suggested: &suggested };
    if arguments.json {
        context.output.print_json(&report.json().to_string());
    } else {
        context.output.print(&report.block());
    }
    report.tell();
    match (suggested.suggestions.is_empty(), arguments.write) {
        (true, _) => Ok(Exit::Ok),
        (false, true) => report.write(),
        (false, false) => {
            report.tell_where();
            Ok(Exit::Ok)
        }
    }
}

/// A request is sent twice only where that is the same as once (RFC 9110, section 9.2.2), or somebody
/// says that it may be; and only where a snapshot is made of its answers.
fn may_be_sent(suite: &Suite, step: &Step, send_twice: bool) -> Result<(), Diagnostic> {
    let request = &suite.requests[&step.request];
    let place = |pointer: &str| {
        let place = suite.locations.find(&Owner::Request(request.name.clone()), pointer);
        place.map(|place| place.value)
    };
    let method = &request.method;
    if !is_idempotent(method) && !send_twice {
        let message = format!("`{}` is a {method}: sent twice, it may do twice what it does", step.name);
        return Err(Diagnostic::error(Code::NotSentTwice, message)
            .at(place("/method"), "not idempotent (RFC 9110, section 9.2.2)")
            .help("`--send-twice` sends it all the same; nothing was sent"));
    }
    if request.snapshot.is_none() {
        let message = format!("`{}` has no snapshot that rules could be for", step.name);
        return Err(Diagnostic::error(Code::WrongValue, message)
            .at(place("/snapshot").or_else(|| place("/endpoint")), "")
            .help("write `snapshot: true` first; nothing was sent"));
    }
    Ok(())
}

fn send(context: &Context<'_>, prepared: &Arc<Prepared>, step: usize) -> Result<[StepResult; 2], Exit> {
    let mut reports = Reports::of_failures(context, &prepared.suite);
    let runtime = runtime(context)?;
    let mut tell = |event: Event<'_>| reports.event(&event);
    let sent = runtime.block_on(run::twice(Arc::clone(prepared), step, &mut tell));
    sent.map_err(|summary| {
        let name = &prepared.plan.steps[step].name;
        context.output.tell(&format!("nothing is suggested: `{name}` and what it needs have to pass first"));
        summary.class.map_or(Exit::Nothing, Exit::from)
    })
}

fn compare(
    context: &Context<'_>,
    prepared: &Prepared,
    step: usize,
    results: &[StepResult; 2],
) -> Result<Suggested, Exit> {
    let answer = |result: &StepResult| -> Answer {
        let exchange = result.exchange.as_ref().expect("a step that passed has an answer");
        exchange.answer.as_ref().expect("a step that passed has an answer").clone()
    };
    let request = prepared.request(step);
    let [first, second] = results.each_ref().map(answer);
    let both = [&first, &second];
    if first.status >= 400 && request.expect.status.is_empty() {
        let status = first.status;
        let told = format!("note: the answers have the status {status}, and the request expects no other");
        context.output.tell(&told);
    }
    let answers = Answers {
        both,
        settings: request.snapshot.as_ref().expect("a request without a snapshot was refused"),
        masks: &masks(&request.capture),
        redactor: &context.settings.redactor,
        now: prepared.surroundings.clock.now(),
    };
    suggest::suggest(&answers).map_err(|error| failed(context, &error))
}

struct Report<'a> {
    context: &'a Context<'a>,
    prepared: &'a Prepared,
    step: usize,
    suggested: &'a Suggested,
}

impl Report<'_> {
    fn name(&self) -> &str {
        &self.prepared.plan.steps[self.step].name
    }

    /// What can be pasted into the request's file; nothing where nothing is suggested.
    fn block(&self) -> String {
        let (mut redact, mut filters) = (String::new(), String::new());
        for Suggestion { advice, kind, example } in &self.suggested.suggestions {
            let example = example.as_ref().map(|(left, right)| format!(": {left} → {right}"));
            let comment = format!("  # {}{}", kind.name(), example.unwrap_or_default());
            // Writing to a string does not fail.
            let _ = match advice {
                Advice::Redact { selector, rule } => {
                    let (key, value) = redact_entry(selector, rule, Written::Block);
                    writeln!(redact, "    {key}: {value}{comment}")
                }
                Advice::Filter { pattern, replacement } => {
                    writeln!(filters, "    - {}{comment}", filter_entry(pattern, replacement))
                }
            };
        }
        let part = |name: &str, lines: String| {
            if lines.is_empty() { lines } else { format!("  {name}:\n{lines}") }
        };
        let parts = part("redact", redact) + &part("filters", filters);
        if parts.is_empty() { parts } else { format!("snapshot:\n{parts}") }
    }

    fn json(&self) -> Value {
        let rule = |Suggestion { advice, kind, .. }: &Suggestion| match advice {
            Advice::Redact { selector, rule } => {
                json!({"selector": selector, "rule": rule_json(rule), "kind": kind.name()})
            }
            Advice::Filter { pattern, replacement } => {
                json!({"filter": [pattern, replacement], "kind": kind.name()})
            }
        };
        let told = |remainders: &[Remainder]| -> Vec<String> {
            remainders.iter().map(|remainder| remainder.what.clone()).collect()
        };
        json!({
            "name": self.name(),
            "rules": self.suggested.suggestions.iter().map(rule).collect::<Vec<_>>(),
            "equal": self.suggested.equal,
            "remains": told(&self.suggested.remains),
            "tomorrow": told(&self.suggested.tomorrow),
        })
    }

    /// What came of it, in sentences.
    fn tell(&self) {
        let Suggested { suggestions, remains, equal, tomorrow } = self.suggested;
        let output = self.context.output;
        for remainder in remains.iter().chain(tomorrow) {
            output.tell(&format!("note: {}", remainder.what));
            if let Some(help) = &remainder.help {
                output.tell(&format!("  = help: {help}"));
            }
        }
        let name = self.name();
        output.tell(&match (equal, suggestions.is_empty()) {
            (true, true) => {
                format!("`{name}` was sent twice, and nothing differs that is not masked already")
            }
            (true, false) => format!("`{name}` was sent twice: with these rules both answers are equal"),
            (false, true) => format!("`{name}` was sent twice: the answers differ, and no rule masks that"),
            (false, false) => format!("`{name}` was sent twice: with these rules the answers still differ"),
        });
    }

    /// Where the rules go in a file that says something of its snapshot already.
    fn tell_where(&self) {
        let suite = &self.prepared.suite;
        let owner = Owner::Request(self.prepared.request(self.step).name.clone());
        let Some(key) = suite.locations.find(&owner, "/snapshot").and_then(|place| place.key) else { return };
        let (file, line) = (suite.sources.path(key.source).display(), suite.sources.position(key).line);
        self.context
            .output
            .tell(&format!("they go into the `snapshot` at {file}:{line}; `--write` puts them there"));
    }

    fn write(&self) -> Result<Exit, Exit> {
        let suite = &self.prepared.suite;
        let request = &self.prepared.request(self.step).name;
        let advice: Vec<Advice> =
            self.suggested.suggestions.iter().map(|suggestion| suggestion.advice.clone()).collect();
        let edited = load::with_rules(suite, request, &advice);
        let file = edited.and_then(|edited| edited.write(suite).map(|()| edited.file));
        let file =
            file.map_err(|unedited| self.context.refuse(&[unedited.problem(request)], &suite.sources))?;
        let rules = if advice.len() == 1 { "1 rule".to_owned() } else { format!("{} rules", advice.len()) };
        self.context.output.tell(&format!("wrote {rules} to {file}"));
        Ok(Exit::Ok)
    }
}

fn rule_json(rule: &countersign::snapshot::Rule) -> Value {
    use countersign::snapshot::{Like, Rule};
    match rule {
        Rule::Replace(text) => json!(text),
        Rule::ReplaceLike { text, like: Like::Format(name) } => json!({"as": text, "matches": name}),
        Rule::ReplaceLike { text, like: Like::Pattern(pattern) } => {
            json!({"as": text, "matches": format!("/{pattern}/")})
        }
        Rule::Sort => json!({"sort": true}),
        Rule::Round(decimals) => json!({"round": decimals}),
    }
}
