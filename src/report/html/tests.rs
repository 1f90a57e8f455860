//! The page of runs of every kind: what a reader finds on it.

use std::sync::Arc;
use std::time::Duration;

use super::super::event::{Event, StepLabel, StepResult};
use super::super::record::Record;
use super::super::sample;
use super::super::{Collected, Form, Status};
use super::html;
use crate::secret::Redactor;
use crate::snapshot::Comparison;

fn page(results: &[StepResult]) -> String {
    let mut output = Vec::new();
    let record = Record::new(Redactor::default(), "");
    sample::tell(&mut Collected::new(&mut output, record, Form::Pieces(html)), results);
    String::from_utf8(output).unwrap()
}

/// Steps that all passed but those that `end` ends otherwise; each needs what `needs` says.
fn plan(steps: usize, needs: fn(usize) -> Vec<usize>, end: fn(usize) -> Status) -> String {
    let record = Record::new(Redactor::default(), "");
    let label = |step: usize| {
        let needs = needs(step);
        StepLabel { needs, ..sample::label(&format!("step{step}"), "GET", "/a") }
    };
    let labels: Vec<StepLabel> = (0..steps).map(label).collect();
    let at = crate::clock::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    // It is signed, which takes a while.
    let exchange = sample::passed(0).exchange;
    let add = |event: &Event<'_>| record.grow(event).unwrap();
    add(&Event::RunStarted { at, environment: "embedded", shard: None, steps: &labels });
    for (index, label) in labels.iter().enumerate() {
        let mut result = StepResult::new(index, label.clone(), end(index));
        result.exchange.clone_from(&exchange);
        result.started = Duration::from_millis(index as u64);
        result.duration = Duration::from_millis(7);
        add(&Event::StepFinished(&Arc::new(result)));
    }
    of(&record)
}

fn of(record: &Record) -> String {
    let mut page = Vec::new();
    html(&record.tree().unwrap(), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn count(page: &str, part: &str) -> usize {
    page.matches(part).count()
}

#[test]
fn every_way_to_end_has_its_place_on_the_page() {
    let new = Comparison::New { content: "HTTP 200".into(), pending: true };
    let mismatch =
        Comparison::Mismatch { old: "HTTP 200\n\na".into(), new: "HTTP 201\n\na".into(), pending: false };
    let results = [
        StepResult { flaky: true, ..sample::passed(0) },
        sample::sent_again(),
        sample::wrong_message(),
        sample::unanswered(),
        sample::skipped(),
        sample::compared(Comparison::Match),
        sample::compared(new),
        sample::compared(mismatch),
    ];
    let results: Vec<StepResult> =
        results.into_iter().enumerate().map(|(index, result)| StepResult { index, ..result }).collect();
    let page = page(&results);
    let told = [
        "<title>4 of 8 steps did not pass · countersign</title>",
        "5: a request got no usable answer",
        "1994-11-06 08:49:37 UTC",
        "<code>expect.body</code> `$.message` is &quot;Welcome!&quot;",
        "equals &quot;Welcome to ING!&quot;",
        "It was sent: the server may have acted on it.",
        "sent again: the server gave a nonce for the DPoP proof",
        "`token` did not pass",
        "<td class=\"old\"><del>HTTP 200</del></td><td class=\"new\"><ins>HTTP 201</ins></td>",
        "snapshot waits for review",
        "<dt>snapshot to review</dt><dd>1</dd>",
        "data-also=\"flaky \"",
        "<li><code>(request-target): get &#x2f;greetings&#x2f;single</code></li>",
        "{\n  &quot;message&quot;: &quot;Welcome!&quot;\n}",
    ];
    for part in told {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    assert_eq!(count(&page, "<details class=\"step "), 8);
    let first = page.find("<details class=\"step ").unwrap();
    assert!(page[first..].starts_with("<details class=\"step failed\""), "failures come first");
}

#[test]
fn a_run_that_was_cut_short_says_so_and_shows_what_has_no_result() {
    let record = Record::new(Redactor::default(), "");
    let labels = sample::labels();
    let at = crate::clock::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    let started = Event::RunStarted { at, environment: "embedded", shard: None, steps: &labels };
    record.grow(&started).unwrap();
    let page = of(&record);
    assert!(page.contains("<h1>The run was cut short</h1>"), "{page}");
    assert!(page.contains("It may have been carried out."), "{page}");
    assert_eq!(count(&page, "<details class=\"step unfinished\""), 2);
}

#[test]
fn a_small_plan_is_drawn_whole_and_of_a_large_one_what_is_around_failures() {
    let needs = |step| if step == 0 { vec![] } else { vec![0] };
    let small = plan(60, needs, |_| Status::Passed);
    assert_eq!((count(&small, "class=\"node "), count(&small, "class=\"edge")), (60, 59));
    let ends = |step| match step {
        7 | 70 => Status::Failed,
        90 => Status::Skipped,
        _ => Status::Passed,
    };
    let large = plan(100, needs, ends);
    assert_eq!((count(&large, "class=\"node "), count(&large, "class=\"edge")), (4, 3));
    assert!(large.contains("4 of 100 steps are drawn: what is around failures."), "{large}");
    let well = plan(100, needs, |_| Status::Passed);
    assert_eq!(count(&well, "class=\"node "), 0);
    assert!(well.contains("0 of 100 steps are drawn."));
    let alone = plan(3, |_| vec![], |_| Status::Passed);
    assert!(!alone.contains("id=\"chain\""));
}

#[test]
fn many_failures_of_a_large_plan_do_not_make_a_drawing_that_nobody_can_follow() {
    let chain = |step: usize| if step.is_multiple_of(4) { vec![] } else { vec![step - 1] };
    let page = plan(400, chain, |step| if step % 4 == 3 { Status::Failed } else { Status::Passed });
    assert_eq!(count(&page, "class=\"node "), 60);
    assert!(page.contains("60 of 400 steps are drawn: what is around failures."));
}

#[test]
fn a_thousand_steps_make_a_page_that_a_browser_opens_without_effort() {
    let page = plan(1000, |step| if step == 0 { vec![] } else { vec![0] }, |_| Status::Passed);
    assert_eq!(count(&page, "<details class=\"step "), 1000);
    assert!(page.len() < 5_000_000, "{}", page.len());
}
