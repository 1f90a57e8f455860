//! What a hostile server, suite or file name may try on whoever reads a report: the same text in
//! every field of a run, through every reporter, at every verbosity.

use std::fs;
use std::io;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;

use super::sample;
use super::*;
use crate::diag::{Code, Diagnostic, Sources, Span, is_invisible};
use crate::message::{Answer, Message};
use crate::secret::Redactor;
use crate::send::{Exchange, ExchangeError, Fate};
use crate::sign::SignedMessage;
use crate::snapshot::Comparison;

/// A run that has `text` in every field that anybody but us writes.
fn everywhere(text: &str) -> (Vec<StepResult>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add(format!("requests/{text}.yaml"), format!("{text}\n"));
    let diagnostic = || {
        Diagnostic::error(Code::ExpectBody, text).at(Span::new(file, 0, text.len().min(3)), text).help(text)
    };
    let mut failed = sample::wrong_message();
    failed.problems = vec![sample::placed(diagnostic(), &sources)];
    failed.problems.push(Problem { diagnostic: None, ..sample::placed(diagnostic(), &sources) });
    failed.problems.push(sample::problem(Diagnostic::error(Code::SnapshotChanged, text)));
    failed.outcomes = vec![sample::outcome(text, text, text, false)];
    failed.label.name = text.into();
    failed.label.environment = text.into();
    failed.label.file = format!("requests/{text}.yaml").into();
    failed.label.endpoint = format!("/{text}");
    let (old, new) = (format!("{text}\nold"), format!("{text}\nnew\n{text}"));
    let comparison = Comparison::Mismatch { old, new, pending: false };
    failed.snapshot = Some(SnapshotResult {
        file: format!("snapshots/{text}.snap").into(),
        comparison,
        unused: vec![text.into()],
    });
    let exchange = failed.exchange.as_ref().unwrap();
    let mut message: Message = exchange.signed.message().clone();
    message.url.set_query(Some(text));
    message.headers.append(text, text);
    message.body = Bytes::copy_from_slice(text.as_bytes());
    let mut answer: Answer = sample::answer(200, &format!("{text}\n{text}\n"));
    answer.headers.append("x", text);
    answer.headers.set("content-type", text);
    let exchange =
        |answer| Exchange { signed: SignedMessage::unsigned(message.clone()), answer, ..exchange.clone() };
    let mut unanswered = sample::unanswered();
    let error = ExchangeError {
        code: Code::Protocol,
        message: text.into(),
        help: Some(text.into()),
        fate: Fate::NotSent,
    };
    unanswered.exchange = Some(exchange(Err(error)));
    failed.exchange = Some(exchange(Ok(answer)));
    let mut skipped = sample::skipped();
    skipped.problems[0].message = text.into();
    (vec![failed, unanswered, skipped], sources)
}

/// Every report of such a run.
fn reports(text: &str, redactor: &Redactor) -> Vec<(String, String)> {
    let (results, sources) = everywhere(text);
    let mut reports = Vec::new();
    for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
        for color in [false, true] {
            let mut output = Vec::new();
            let look = Look { color, verbosity, ..Look::default() };
            let mut terminal = Terminal::new(&mut output, redactor.clone(), look);
            terminal.show_sources(sources.clone());
            sample::tell(&mut terminal, &results);
            drop(terminal);
            reports.push((format!("terminal {verbosity:?} {color}"), String::from_utf8(output).unwrap()));
        }
    }
    for format in Format::ALL {
        let Making::Whole(form) = format.making() else { continue };
        let mut output = Vec::new();
        sample::tell(&mut Collected::new(&mut output, Record::new(redactor.clone(), ""), form), &results);
        reports.push((format.as_str().into(), String::from_utf8(output).unwrap()));
        if let Some(form) = format.summary() {
            let mut output = Vec::new();
            sample::tell(&mut Collected::new(&mut output, Record::new(redactor.clone(), ""), form), &results);
            reports.push((format!("{} summary", format.as_str()), String::from_utf8(output).unwrap()));
        }
    }
    let mut output = Vec::new();
    sample::tell(&mut Json::new(&mut output, Record::new(redactor.clone(), "")), &results);
    reports.push(("json".into(), String::from_utf8(output).unwrap()));
    reports
}

/// What a runner makes of one of our own commands: its properties and what it says, a line each. It
/// panics where the line is none of ours.
fn decoded(line: &str) -> String {
    let command = ["::error ", "::warning ", "::notice "].iter().find_map(|name| line.strip_prefix(name));
    let (properties, said) = command.and_then(|command| command.split_once("::")).expect(line);
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let mut text = String::new();
    for property in properties.split(',') {
        let (name, value) = property.split_once('=').expect(line);
        assert!(["file", "line", "col", "title"].contains(&name), "{line}");
        text += &data(&value.replace("%3A", ":").replace("%2C", ","));
        text.push('\n');
    }
    text + &data(said)
}

#[test]
fn nothing_that_a_server_says_drives_a_terminal_or_a_ci_runner() {
    let payloads = [
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}]0;title\u{7}",
        "\u{1b}]52;c;aGk=\u{1b}\\",
        "\u{1b}Pq\u{1b}\\",
        "\u{1b}c",
        "\u{9b}2J",
        "\u{202e}gpj",
        "\u{200b}\u{feff}\u{2028}",
        "a\rb\u{8}\u{7}\u{b}\u{c}\u{7f}\0",
        "x\u{e0041}",
        "::error::x",
        "  ::stop-commands::x",
        "\n::set-env name=a::b",
        "\r::add-mask::x",
        "a\u{85}::error::x",
        "##[error]x",
        "x ##[add-path]y",
        "##vso[task.complete]",
        "##teamcity[x]",
        "section_start:1:x\r\u{1b}[0K",
    ];
    for payload in payloads {
        for (report, output) in reports(payload, &Redactor::default()) {
            for line in output.lines() {
                let line = if report == "github" { &decoded(line) } else { line };
                assert!(!line.lines().any(escape::is_command), "{report}: {payload:?} became {line:?}");
                let ours = if report.ends_with("true") {
                    ["[31m", "[32m", "[1m", "[2m", "[0m"].as_slice()
                } else {
                    &[]
                };
                let plain = ours
                    .iter()
                    .fold(line.to_owned(), |line, code| line.replace(&format!("\u{1b}{code}"), ""));
                let hidden = |sign: char| is_invisible(sign) && sign != '\n';
                assert!(!plain.contains(hidden), "{report}: {payload:?} became {line:?}");
            }
        }
    }
}

#[test]
fn no_report_has_more_lines_because_of_what_a_file_name_or_header_has_in_it() {
    let json = |text: &str| reports(text, &Redactor::default()).pop().unwrap().1;
    assert_eq!(json("a\n{\"type\":\"run_finished\"}\r\n").lines().count(), json("a").lines().count());
    for line in json("a\"}\n,\\").lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

/// Line ends of somebody else's text are data in every report whose lines mean something.
#[test]
fn no_annotation_more_is_made_of_what_a_server_says() {
    let annotations = |text: &str| {
        let reports = reports(text, &Redactor::default());
        reports.into_iter().find(|(report, _)| report == "github").unwrap().1.lines().count()
    };
    for text in ["a\n::error::b\r\n::warning::c", "a%0A::error::b", "a,file=b::c", "%25%0D"] {
        assert_eq!(annotations(text), annotations("a"), "{text:?}");
    }
}

#[test]
fn a_page_has_the_same_elements_whatever_markup_is_in_a_run() {
    let page = |text: &str| {
        let found = reports(text, &Redactor::default()).into_iter().find(|(report, _)| report == "html");
        found.unwrap().1
    };
    let marks = |page: &str| ['<', '>', '"'].map(|mark| page.matches(mark).count());
    let harmless = marks(&page("a"));
    let payloads = [
        "</script><script>alert(1)</script>",
        "</ScRiPt \u{2028}<img src=x onerror=alert(1)>",
        "</style><style>*{background:url(//x)}",
        "\"><svg onload=alert(1)>",
        "' onfocus=alert(1) autofocus='",
        "</textarea></title></pre></code><!--",
        "]]><![CDATA[",
        "<a href=javascript:alert(1)>x</a>",
        "{{ page }}{% raw %}{# x",
        "\"#step-0&show=failed",
    ];
    for payload in payloads {
        let page = page(payload);
        assert_eq!(marks(&page), harmless, "{payload}");
        assert_eq!(page.matches("</script>").count(), 1, "{payload}");
    }
}

#[test]
fn no_secret_is_in_any_report_at_any_verbosity_in_any_encoding() {
    let secret = "s3cr3t/T0ken+\"é\"&<x>'~ y";
    let redactor = Redactor::default();
    redactor.remember("client_secret", secret);
    let json = serde_json::Value::from(secret).to_string();
    let hex: String = secret.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let percent = |write: &dyn Fn(u8) -> String| {
        secret.bytes().fold(String::new(), |text, byte| {
            text + &if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { write(byte) }
        })
    };
    let encodings = [
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        json[1..json.len() - 1].replace('/', "\\/"),
        hex.to_uppercase(),
        hex,
        percent(&|byte| format!("%{byte:02x}")),
        percent(&|byte| format!("%{byte:02X}")),
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        STANDARD.encode(secret),
        STANDARD.encode(format!("x{secret}y")),
        URL_SAFE_NO_PAD.encode(format!("xy{secret}z")),
    ];
    for encoded in encodings {
        for (report, output) in reports(&encoded, &redactor) {
            // The parts of it that no escaping changes.
            let inside: String = encoded.chars().skip(4).take(8).collect();
            for leak in [&encoded, &inside] {
                assert!(!output.contains(leak.as_str()), "{report}: {encoded} is in\n{output}");
            }
            assert!(output.contains("[client_secret]"), "{report}\n{output}");
        }
    }
}

#[test]
fn a_secret_that_looks_like_json_does_not_break_the_report() {
    for secret in ["abcdefgh\\", "\",\"type\":\"", "{\"index\":0,", "\\u001b[31mabc"] {
        let redactor = Redactor::default();
        redactor.remember("n", secret);
        for text in [secret.to_owned(), format!("{secret}\""), "abcdefgh\"x".to_owned()] {
            for line in reports(&text, &redactor).pop().unwrap().1.lines() {
                serde_json::from_str::<serde_json::Value>(line)
                    .unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
}

#[test]
fn a_megabyte_in_one_line_is_cut() {
    for (report, output) in reports("a", &Redactor::default()) {
        // The page has its style and script in it.
        let most = if report == "html" { 70_000 } else { 20_000 };
        assert!(output.len() < most, "{report}: {}", output.len());
    }
    let mut result = sample::wrong_message();
    result.exchange.as_mut().unwrap().answer = Ok(sample::answer(200, &"x".repeat(1_000_000)));
    let mut output = Vec::new();
    sample::tell(&mut Terminal::new(&mut output, Redactor::default(), Look::default()), &[result]);
    let output = String::from_utf8(output).unwrap();
    assert!(output.len() < 8000 && output.contains("… 995904 more bytes"), "{}", output.len());
}

#[test]
fn a_report_file_is_whole_private_and_in_a_folder_that_was_made_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/report.json");
    let make =
        |path: &Path| File::new(path, |buffer| Json::new(buffer, Record::new(Redactor::default(), "")));
    sample::tell(&mut make(&path), &[sample::passed(0)]);
    let lines = files::read_text(&path, 1_000_000).unwrap();
    assert_eq!(lines.lines().count(), 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let error = make(folder.path()).finish().unwrap_err();
    let told = write_failure("json", &error).unwrap();
    assert_eq!(told.code, Code::ReportIo);
    let place = folder.path().display();
    assert_eq!(
        told.message,
        format!("the json report can't be written: `{place}` is a folder, not a regular file")
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut json = Json::new(writer, Record::new(Redactor::default(), ""));
    let error = json.event(&Event::StepStarted { index: 0 }).unwrap_err();
    assert_eq!(write_failure("json", &error), None);
}
