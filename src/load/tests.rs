//! Whole suites, loaded from real folders; what must never happen, whatever the files say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::diag::{Severity, SourceId};
use crate::snapshot::{HeaderChoice, Redaction, Rule, Settings};
use crate::spec::{Body, Host, StatusPattern};

/// A suite of these files.
fn suite(files: &[(&str, &str)]) -> Result<Suite, Problems> {
    let folder = folder(files);
    load(Root::open(folder.path()).unwrap())
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("requests")).unwrap();
    for (path, text) in files {
        let path = folder.path().join("requests").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        put(&path, text.as_bytes());
    }
    folder
}

#[allow(clippy::disallowed_methods, reason = "a file of a test's own folder")]
fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
}

fn problems(files: &[(&str, &str)]) -> String {
    suite(files).expect_err("a mistake").render(false)
}

const REQUEST: &str = "method: GET\nendpoint: /\n";

#[test]
fn a_whole_suite_is_read_as_it_is_written() {
    let loaded = suite(&[
        ("suite.yaml", "environment: test\nvariables: {iban: 0123, limit: 1.10}\n"),
        ("environments/test.yaml", "host: embedded\ntls: {certificate: a.cer, key: a.key, ca: [b.pem]}\n"),
        (
            "pay/create.yaml",
            concat!(
                "\u{feff}token: token\nmethod: POST\nendpoint: /payments\ntimeout: 250ms\n",
                "query: {page: 1, tag: [a, b]}\nheaders: {accept: text/plain, x-n: 12}\n",
                "body:\n  form: [[a, 1], {b: 007}, [a, 2]]\n",
                "expect:\n  status: [201, 2xx]\n  headers: {etag: {exists: true}}\n  body: {$.a: null}\n",
                "capture: {id: $.id, access: {select: $.t, secret: true, default: none}}\n",
            ),
        ),
        ("token.yaml", "method: POST\nendpoint: /token\ncapture: {access_token: $.access_token}\n"),
    ])
    .unwrap();
    assert_eq!(loaded.requests.keys().collect::<Vec<_>>(), ["pay/create", "token"]);
    let request = &loaded.requests["pay/create"];
    assert_eq!(request.token.as_ref().unwrap().scheme, "Bearer");
    assert_eq!(request.timeout, Some(Duration::from_millis(250)));
    assert_eq!(request.query, [("page".into(), json!(1)), ("tag".into(), json!(["a", "b"]))]);
    assert_eq!(request.headers[1], ("x-n".to_owned(), vec!["12".to_owned()]));
    let form = vec![("a".into(), json!(1)), ("b".into(), json!("007")), ("a".into(), json!(2))];
    assert_eq!(request.body, Some(Body::Form(form)));
    assert_eq!(request.expect.status, [StatusPattern::Code(201), StatusPattern::Class(2)]);
    assert_eq!(request.capture["access"].default, Some(json!("none")));
    assert_eq!(loaded.file.variables["iban"], json!("0123"));
    assert_eq!(loaded.file.variables["limit"].to_string(), "1.10");
    assert_eq!(loaded.environments["test"].host, Host::Embedded);
    assert!(loaded.requests["token"].capture["access_token"].secret, "what is sent as a token is a secret");
    assert!(loaded.warnings.is_empty());
}

#[test]
fn the_suites_defaults_hold_where_nothing_else_is_said() {
    let loaded = suite(&[
        (
            "suite.yaml",
            concat!(
                "defaults:\n  timeout: 5s\n  headers: {Accept: a, x-b: [b, c]}\n",
                "  snapshot: {headers: [etag], redact: {$.id: '[id]', $.t: '[t]'}}\n",
            ),
        ),
        ("environments/own.yaml", "host: embedded\ntimeout: 1s\nheaders: {accept: mine}\n"),
        ("environments/plain.yaml", "host: embedded\n"),
        ("a.yaml", REQUEST),
        ("b.yaml", &format!("{REQUEST}snapshot: {{redact: {{$.id: mine}}}}\n")),
        ("c.yaml", &format!("{REQUEST}snapshot: false\n")),
    ])
    .unwrap();
    let (own, plain) = (&loaded.environments["own"], &loaded.environments["plain"]);
    assert_eq!((own.timeout, plain.timeout), (Some(Duration::from_secs(1)), Some(Duration::from_secs(5))));
    assert_eq!(own.headers[0], ("accept".to_owned(), vec!["mine".to_owned()]));
    assert_eq!((own.headers.len(), plain.headers.len()), (2, 2));
    let place = loaded.locations.find(&Owner::Environment("own".into()), "/headers/x-b/1").unwrap();
    assert_eq!(loaded.sources.slice(place.value), "c", "a default that was applied stands in the suite file");

    let redaction = |selector: &str, text: &str, own: bool| Redaction {
        selector: selector.into(),
        rule: Rule::Replace(text.into()),
        own,
    };
    let settings = |id: Redaction| Settings {
        headers: HeaderChoice::Named(vec!["etag".into()]),
        redact: vec![id, redaction("$.t", "[t]", false)],
        ..Settings::default()
    };
    assert_eq!(loaded.requests["a"].snapshot, Some(settings(redaction("$.id", "[id]", false))));
    assert_eq!(loaded.requests["b"].snapshot, Some(settings(redaction("$.id", "mine", true))));
    assert_eq!(loaded.requests["c"].snapshot, None);
}

#[test]
fn every_value_has_its_place() {
    let text =
        "method: GET\nendpoint: '/a/{{ it }}'\nquery: [[a/b, x], {c: y}]\nheaders:\n  accept: [p, q]\n";
    let loaded = suite(&[("a.yaml", text)]).unwrap();
    let owner = Owner::Request("a".into());
    let slice = |pointer: &str| loaded.sources.slice(loaded.locations.find(&owner, pointer).unwrap().value);
    assert_eq!(slice("/endpoint"), "'/a/{{ it }}'");
    assert_eq!(slice("/headers/accept/1"), "q");
    assert_eq!((slice("/query/a~1b"), slice("/query/0/1"), slice("/query/c")), ("x", "x", "y"));
    let key = loaded.locations.find(&owner, "/headers/accept").unwrap().key.unwrap();
    assert_eq!(loaded.sources.slice(key), "accept");
    let inside = loaded.locations.inside(&owner, "/endpoint", 6..8, &loaded.sources).unwrap();
    assert_eq!(loaded.sources.slice(inside), "it");
    assert_eq!(loaded.locations.find(&owner, "/body"), None);
    assert_eq!(loaded.locations.nearest(&owner, "/headers/accept/9").unwrap().key, Some(key));
}

#[test]
fn several_requests_in_a_file_are_told_apart_by_name() {
    let text = "name: one\nmethod: GET\nendpoint: /1\n---\nname: two\nmethod: GET\nendpoint: /2\n";
    let loaded =
        suite(&[("pay/all.yaml", text), ("only.yaml", "name: other\nmethod: GET\nendpoint: /\n")]).unwrap();
    let ids: Vec<_> =
        loaded.requests.values().map(|request| (request.name.as_str(), request.id.as_str())).collect();
    assert_eq!(ids, [("other", "only"), ("one", "pay/all/one"), ("two", "pay/all/two")]);
}

#[test]
fn line_ends_of_another_system_change_nothing() {
    let text = "method: POST\r\nendpoint: /\r\nbody:\r\n  text: |\r\n    a\r\n    b\r\n";
    let loaded = suite(&[("a.yaml", text)]).unwrap();
    assert_eq!(loaded.requests["a"].body, Some(Body::Text("a\nb\n".into())));
}

#[test]
fn hidden_files_and_other_kinds_of_files_are_no_requests() {
    let loaded = suite(&[
        ("a.yml", REQUEST),
        (".b.yaml", "?"),
        (".d/c.yaml", "?"),
        ("body.json", "{}"),
        ("notes.md", ""),
    ]);
    assert_eq!(loaded.unwrap().requests.keys().collect::<Vec<_>>(), ["a"]);
}

#[cfg(unix)]
#[test]
fn a_symlink_leads_nowhere_outside_and_makes_no_second_request() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    put(&outside.path().join("secret.yaml"), REQUEST.as_bytes());
    let folder = folder(&[("b.yaml", REQUEST), ("sub/c.yaml", REQUEST)]);
    let requests = folder.path().join("requests");
    symlink("b.yaml", requests.join("a.yaml")).unwrap();
    symlink("sub", requests.join("again")).unwrap();
    let loaded = load(Root::open(folder.path()).unwrap()).unwrap();
    assert_eq!(loaded.requests.keys().collect::<Vec<_>>(), ["b", "sub/c"]);
    let warnings: Vec<_> = loaded.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        warnings,
        [
            "`requests/again` is a symlink to a folder, which is not followed",
            "`requests/a.yaml` is the same file as `requests/b.yaml`, and is read once",
        ]
    );

    symlink(outside.path().join("secret.yaml"), requests.join("out.yaml")).unwrap();
    symlink("nowhere.yaml", requests.join("gone.yaml")).unwrap();
    let shown = load(Root::open(folder.path()).unwrap()).unwrap_err().render(false);
    assert!(shown.contains("`requests/out.yaml` is a symlink to a file outside the suite"), "{shown}");
    assert!(shown.contains("`requests/gone.yaml` is a symlink to a file that does not exist"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_pipe_among_the_requests_is_refused_and_not_waited_for() {
    let folder = folder(&[]);
    let pipe = folder.path().join("requests/a.yaml");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let shown = load(Root::open(folder.path()).unwrap()).unwrap_err().render(false);
    assert!(shown.contains("`requests/a.yaml` is a"), "{shown}");
}

#[test]
fn what_would_exhaust_the_machine_is_refused_at_once() {
    let levels = |open: &str, close: &str| format!("a: {}{}", open.repeat(10_000), close.repeat(10_000));
    let keys: String = (0..100_000).fold(String::new(), |keys, n| keys + &format!("k{n}: 1\n"));
    let anchors: String = (0..40).fold(String::new(), |anchors, n| anchors + &format!("&a{n} ["));
    let table = [
        (levels("[", "]"), "yaml.limit"),
        (levels("{a: ", "}"), "yaml.limit"),
        (levels("[", ""), "yaml.limit"),
        (format!("a:\n {}", "- ".repeat(10_000)), "yaml.limit"),
        (format!("a:\n  {}", "? ".repeat(10_000)), "yaml."),
        (format!("a: {}", "&x ".repeat(10_000)), "yaml."),
        (keys, "yaml.limit"),
        ("---\n".repeat(10_000), "yaml.limit"),
        (format!("a: {}\n", "x".repeat(2_000_000)), "suite.unreadable"),
        (format!("a: {anchors}x{}", "]".repeat(40)), "format.unknown_key"),
        ("? ".repeat(300_000), "yaml."),
        ("\"".repeat(1_000_000), "yaml."),
        ("a: &a b\n".repeat(50_000), "yaml.limit"),
        ("a: &a b\n".repeat(5_000), "format."),
    ];
    for (text, code) in table {
        let begun = Instant::now();
        let shown = problems(&[("a.yaml", &text)]);
        assert!(shown.starts_with(&format!("error[{code}")), "{text:.30}: {shown:.600}");
        assert!(shown.len() < 100_000, "{} bytes are shown", shown.len());
        assert!(begun.elapsed() < Duration::from_secs(10), "{code} took {:?}", begun.elapsed());
    }
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let shown = problems(&[("environments/a.yaml", "host: 'https://me:hunter2@bank.example'\nport: 1\n")]);
    assert!(!shown.contains("hunter2") && shown.contains("environments/a.yaml:2:1"), "{shown}");
}

#[test]
fn an_editors_half_written_file_never_makes_the_loader_panic() {
    let text = include_str!("../../tests/cases/diagnostics/unquoted_template_with_quotes.yaml").to_owned()
        + "body:\n  json: {\"a\": [1, 'ü', \"\\u00e4{{ x }}\"]}\n  # c\n  t: |2-\n     x\n    y\n&a *a !b: ?\n";
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        for garbage in ["", "\"", "'", "{{", "\t", "\n\t- :", "*", "%}", "\u{0}"] {
            let mut sources = Sources::default();
            let text = format!("{}{garbage}{}", &text[..end], &text[end..]);
            let source = sources.add("a.yaml", text.as_str());
            let documents = yaml::read(source, &text);
            crate::diag::render(&documents.problems, &sources, false);
            let documents = yaml::read(source, &text[..end]);
            crate::diag::render(&documents.problems, &sources, false);
        }
    }
}

#[test]
fn a_warning_is_not_an_error() {
    let loaded = suite(&[("environments/a.yaml", "host: https://b\u{430}nk.example\n")]).unwrap();
    assert_eq!(loaded.warnings[0].severity, Severity::Warning);
}

/// What YAML libraries can write of JSON.
fn any_json() -> impl Strategy<Value = Json> {
    // What YAML 1.1 counts as line breaks, and 1.2 does not, libyaml writes in a way of its own.
    let breaks = ['\u{85}', '\u{2028}', '\u{2029}'];
    let text = prop_oneof![
        any::<String>().prop_map(move |text| text.replace(breaks, "")),
        "[ -~]{0,12}",
        prop::sample::select(vec![
            "no", "yes", "on", "true", "null", "~", "", " ", "0123", "1_000", "0x1F", "1e3", "12:30", ".inf",
            ".nan", "- a", "a: b", "# c", "{{ x }}", "{% y %}", "<<", "=", "!t", "&a", "*a", "a\nb\n", "\n",
            "a\tb", "1.10", "+1", ".5", "'", "\"", "|", ">", "%", "@", "`", "---", "...", "? a",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-1e12..1e12f64).prop_map(Json::from),
        text.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            // `serde_yaml` writes the key `<<` without quotes, which is a merge key to us.
            prop::collection::btree_map(
                text.clone().prop_filter("no merge key", |key| key != "<<"),
                inner,
                0..6
            )
            .prop_map(|map: BTreeMap<String, Json>| map.into_iter().collect()),
        ]
    })
}

/// The value as `serde_yaml` sees it: its numbers are no maps.
fn plain(value: &Json) -> serde_yaml::Value {
    match value {
        Json::Null => serde_yaml::Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => whole.into(),
            (_, Some(whole)) => whole.into(),
            _ => number.as_f64().unwrap().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => serde_yaml::Value::Sequence(items.iter().map(plain).collect()),
        Json::Object(map) => serde_yaml::Value::Mapping(
            map.iter().map(|(key, value)| (key.as_str().into(), plain(value))).collect(),
        ),
    }
}

fn read_back(text: &str) -> Json {
    let mut sources = Sources::default();
    let source: SourceId = sources.add("a.yaml", text);
    let documents = yaml::read(source, text);
    let problems = crate::diag::render(&documents.problems, &sources, false);
    documents
        .nodes
        .first()
        .filter(|_| problems.is_empty())
        .map_or(json!({ "problems": problems }), Node::to_json)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn what_serde_yaml_writes_is_read_back_equal(value in any_json()) {
        let text = serde_yaml::to_string(&plain(&value)).unwrap();
        prop_assert_eq!(read_back(&text), value, "{}", text);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[ \\t\\n:{}\\[\\]\"'|>#&*!%@,?a-c0-1é.~<-]{0,60}") {
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", text.as_str());
        let documents = yaml::read(source, &text);
        crate::diag::render(&documents.problems, &sources, false);
    }
}
