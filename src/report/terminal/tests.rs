//! The look of a run at a terminal, whole.

use std::sync::Arc;

use indicatif::{InMemoryTerm, TermLike};

use super::*;
use crate::report::sample;

fn shown(look: Look, results: &[StepResult]) -> String {
    let redactor = Redactor::default();
    redactor.remember("access_token", "t0ken-from-the-bank");
    let mut output = Vec::new();
    let mut terminal = Terminal::new(&mut output, redactor, look);
    terminal.show_sources(sample::sources().0);
    sample::tell(&mut terminal, results);
    drop(terminal);
    String::from_utf8(output).unwrap().replace(env!("CARGO_PKG_VERSION"), "0.1.0")
}

fn normal(results: &[StepResult]) -> String {
    shown(Look::default(), results)
}

#[test]
fn a_run_in_which_all_is_well() {
    let results = [sample::passed(0), sample::compared(Comparison::Match)];
    insta::assert_snapshot!(normal(&results), @r"
    countersign 0.1.0  embedded  2 requests

      ✓ token      POST /oauth2/token       200   6 ms  signed ing
      ✓ greeting   GET  /greetings/single   200   2 ms  signed ing · snapshot

    2 passed in 41 ms
    ");
}

#[test]
fn an_expectation_that_did_not_hold() {
    let results = [sample::passed(0), sample::wrong_message()];
    insta::assert_snapshot!(normal(&results), @r#"
    countersign 0.1.0  embedded  2 requests

      ✓ token      POST /oauth2/token       200   6 ms  signed ing
      ✗ greeting   GET  /greetings/single   200   2 ms  signed ing

          error[expect.body]: `$.message` is "Welcome!"
           --> requests/greeting.yaml:7:16
            |
          7 |     $.message: Welcome to ING!
            |                ^^^^^^^^^^^^^^^ wanted "Welcome to ING!"

          the answer:
            HTTP/1.1 200
            content-type: application/json

            {"message":"Welcome!"}

          see what would be sent: `countersign explain greeting`

    1 passed, 1 failed in 41 ms
    "#);
}

#[test]
fn an_answer_that_differs_from_its_snapshot() {
    let content = |message: &str| {
        format!("HTTP 200\ncontent-type: application/json\n\n{{\n  \"message\": \"{message}\"\n}}")
    };
    let mismatch = Comparison::Mismatch { old: content("Hello"), new: content("Welcome"), pending: true };
    insta::assert_snapshot!(normal(&[sample::passed(0), sample::compared(mismatch)]), @r#"
    countersign 0.1.0  embedded  2 requests

      ✓ token      POST /oauth2/token       200   6 ms  signed ing
      ✗ greeting   GET  /greetings/single   200   2 ms  signed ing · snapshot differs

          error[snapshot.changed]: the answer differs from `snapshots/greeting.snap`
           --> requests/greeting.yaml:8:11
            |
          8 | snapshot: {}
            |           ^^
            |
            = help: if this is right: `countersign snapshots accept greeting`

          $.message: "Hello" → "Welcome"

            content-type: application/json

            {
          -   "message": "Hello"
          +   "message": "Welcome"
            }

    1 passed, 1 failed in 41 ms
    1 snapshot to review: `countersign snapshots review`
    "#);
}

#[test]
fn an_answer_without_a_snapshot() {
    let content = "HTTP 200\ncontent-type: application/json\n\n{}".to_owned();
    let new = Comparison::New { content, pending: true };
    insta::assert_snapshot!(normal(&[sample::passed(0), sample::compared(new)]), @r"
    countersign 0.1.0  embedded  2 requests

      ✓ token      POST /oauth2/token       200   6 ms  signed ing
      ✗ greeting   GET  /greetings/single   200   2 ms  signed ing · snapshot new

          error[snapshot.new]: there is no snapshot `snapshots/greeting.snap` yet
           --> requests/greeting.yaml:8:11
            |
          8 | snapshot: {}
            |           ^^
            |
            = help: if this is right: `countersign snapshots accept greeting`

          + HTTP 200
          + content-type: application/json
          +
          + {}

    1 passed, 1 failed in 41 ms
    1 snapshot to review: `countersign snapshots review`
    ");
}

#[test]
fn no_answer_and_what_was_skipped_because_of_it() {
    insta::assert_snapshot!(normal(&[sample::unanswered(), sample::skipped()]), @r"
    countersign 0.1.0  embedded  2 requests

      ✗ token      POST /oauth2/token       ---   6 ms  signed ing

          error[timeout.answer]: no answer within 5 s
           |
           = help: give it more time: `timeout: 30s`
           = help: the request was sent: the server may have acted on it

          see what would be sent: `countersign explain token`

      - greeting   GET  /greetings/single   skipped: `token` did not pass

    1 error, 1 skipped in 41 ms
    ");
}

#[test]
fn only_what_went_wrong_when_asked_to_be_quiet() {
    let look = Look { verbosity: Verbosity::Quiet, unicode: false, ..Look::default() };
    insta::assert_snapshot!(shown(look, &[sample::passed(0), sample::wrong_message()]), @r#"
      x greeting   GET  /greetings/single   200   2 ms  signed ing

          error[expect.body]: `$.message` is "Welcome!"
           --> requests/greeting.yaml:7:16
            |
          7 |     $.message: Welcome to ING!
            |                ^^^^^^^^^^^^^^^ wanted "Welcome to ING!"

          the answer:
            HTTP/1.1 200
            content-type: application/json

            {"message":"Welcome!"}

          see what would be sent: `countersign explain greeting`

    1 passed, 1 failed in 41 ms
    "#);
    insta::assert_snapshot!(shown(look, &[sample::passed(0)]), @"1 passed in 41 ms");
}

#[test]
fn requests_and_answers_when_asked_to_be_verbose() {
    let look = Look { verbosity: Verbosity::Verbose, ..Look::default() };
    let mut needed = sample::passed(0);
    needed.label.selected = false;
    insta::assert_snapshot!(shown(look, &[needed, sample::passed(1)]), @r#"
    countersign 0.1.0  embedded  2 requests

      ✓ token      POST /oauth2/token       200   6 ms  signed ing · needed

          > POST https://127.0.0.1:8443/oauth2/token
          > X-ING-ReqID: 6d0b0d1a-6b1d-4b43-8a43-5d0b3f2f8f10
          > Date: Sun, 06 Nov 1994 08:49:37 GMT
          > Digest: SHA-256=w0mymuL8aCrbJmmabs1pytZhon8lQucTuJMUtuKr+uw=
          > Authorization: Signature [authorization]
          >
          > grant_type=client_credentials

          < HTTP/1.1 200
          < content-type: application/json
          <
          < {"access_token":"[access_token]"}

          connect 0.3 ms · first byte 5.0 ms · total 6.0 ms

      ✓ greeting   GET  /greetings/single   200   2 ms  signed ing

          > GET https://127.0.0.1:8443/greetings/single
          > X-ING-ReqID: 6d0b0d1a-6b1d-4b43-8a43-5d0b3f2f8f10
          > Authorization: Bearer [access_token]
          > Date: Sun, 06 Nov 1994 08:49:37 GMT
          > Digest: SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
          > Signature: keyId="e77d776b",algorithm="rsa-sha256",headers="(request-target) date digest x-ing-reqid",signature="OotmmZbjg4anb/ul5xb9N6JFD7biTRvtCkTdc9iLX7lr8xP90H0wNrMEIYswsXws3oYVL5f0NJbMuA8bc+0w/wGgqpZgtq3ioA3YCt9p+AlcjjVfiEoYtJZOlJANB5ygXBxFbW8BwvnOJRbb16BaOO9DCD5y8ykuILaEk5pFdrhWaedfloj5NLu+q9PC47JWUNNIW8ZYhz/4WnCqqZrpSsc3jzAUXcFXHmy5YzXskGL+zsNQ7QXxOAgPIvpBQu55edZEpcOhvTYZyN626TcZIne8NkO2W1sARD8psnIX66lEqZz2MA4WYYTXTcYxB191acBPbAwtNcRqyu/lkMWYAw=="

          < HTTP/1.1 200
          < content-type: application/json
          <
          < {"message":"Welcome!"}

          connect 0.3 ms · first byte 5.0 ms · total 6.0 ms

    2 passed in 41 ms
    "#);
}

#[test]
fn colours_are_the_only_difference_that_colours_make() {
    let results = [sample::passed(0), sample::wrong_message(), sample::skipped(), sample::unanswered()];
    let colored = shown(Look { color: true, ..Look::default() }, &results);
    assert!(colored.contains("\u{1b}[32m✓\u{1b}[0m"), "{colored}");
    let plain = strip(&colored);
    assert_eq!(plain, normal(&results));
}

/// Without colours, and without the blanks at ends of lines that they make visible.
fn strip(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = parts.fold(first, |text, part| text + part.split_once('m').unwrap().1);
    plain.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// A terminal that both the result and the live line are on.
#[derive(Clone)]
struct Shared(InMemoryTerm);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_str(&String::from_utf8_lossy(bytes).replace('\n', "\r\n")).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_live_line_tells_what_is_on_its_way_and_is_gone_from_what_stays() {
    let shown = |is_live: bool| {
        let screen = Shared(InMemoryTerm::new(40, 100));
        let redactor = Redactor::default();
        redactor.remember("secret", "greeting");
        let mut terminal = Terminal::new(screen.clone(), redactor, Look::default());
        if is_live {
            terminal = terminal.with_progress_on(ProgressDrawTarget::term_like(Box::new(screen.0.clone())));
        }
        let mut live = String::new();
        let steps = [sample::passed(0), sample::passed(1)];
        let mut watch = |event: &Event<'_>| {
            terminal.event(event).unwrap();
            if let Some(progress) = &terminal.progress {
                progress.bar().force_draw();
            }
            live.push_str(screen.0.contents().lines().last().unwrap_or_default());
            live.push('\n');
        };
        let labels = sample::labels();
        let at = crate::clock::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        watch(&Event::RunStarted { at, environment: "embedded", shard: None, steps: &labels });
        for index in 0..2 {
            watch(&Event::StepStarted { index });
        }
        for step in steps {
            watch(&Event::StepEnded { index: step.index });
            watch(&Event::StepFinished(&Arc::new(step)));
        }
        watch(&Event::RunFinished(&Summary { passed: 2, ..Summary::default() }));
        drop(terminal);
        (live, screen.0.contents())
    };
    let (live, stays) = shown(true);
    for part in ["  0/2  ", "  token\n", "  token, [secret]\n", "  1/2  ", "  [secret]\n", "  2/2  "] {
        assert!(live.contains(part), "{part:?} is not in {live}");
    }
    assert!(!live.contains("greeting"), "{live}");
    assert_eq!(stays, shown(false).1);
}
