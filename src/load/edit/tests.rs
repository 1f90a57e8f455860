//! Files of requests before and after rules were written into them.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::files::Root;
use crate::load::load;
use crate::snapshot::{Like, Redaction, Rule};

fn redact(selector: &str, rule: Rule) -> Advice {
    Advice::Redact { selector: selector.into(), rule }
}

fn uuid(selector: &str) -> Advice {
    redact(selector, Rule::ReplaceLike { text: "[uuid]".into(), like: Like::Format("uuid".into()) })
}

/// A suite in a folder of its own, of one file of requests and defaults.
fn suite(text: &str, defaults: &str) -> (tempfile::TempDir, Suite) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("requests")).unwrap();
    put(&folder, "requests/a.yaml", text);
    if !defaults.is_empty() {
        put(&folder, "requests/suite.yaml", defaults);
    }
    let suite =
        load(Root::open(folder.path()).unwrap()).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    (folder, suite)
}

#[allow(clippy::disallowed_methods, reason = "a file of a test's own folder")]
fn put(folder: &tempfile::TempDir, path: &str, text: &str) {
    fs::write(folder.path().join(path), text).unwrap();
}

#[allow(clippy::disallowed_methods, reason = "a file of a test's own folder")]
fn get(folder: &tempfile::TempDir) -> String {
    fs::read_to_string(folder.path().join("requests/a.yaml")).unwrap()
}

fn edited(text: &str, request: &str, rules: &[Advice]) -> Result<String, Unedited> {
    let (folder, suite) = suite(text, "");
    let edited = with_rules(&suite, request, rules)?;
    edited.write(&suite).unwrap();
    assert_eq!(get(&folder), edited.text());
    Ok(edited.after)
}

#[test]
fn rules_are_written_where_a_person_would_write_them() {
    let table = [
        (
            "method: GET\nendpoint: /\n",
            "method: GET\nendpoint: /\nsnapshot:\n  redact:\n    $.id: {as: \"[uuid]\", matches: uuid}\n",
        ),
        (
            "method: GET\nendpoint: / # no newline behind",
            "method: GET\nendpoint: / # no newline behind\nsnapshot:\n  redact:\n    $.id: {as: \"[uuid]\", matches: uuid}",
        ),
        (
            "\u{feff}method: GET\r\nendpoint: /\r\n",
            "\u{feff}method: GET\r\nendpoint: /\r\nsnapshot:\r\n  redact:\r\n    $.id: {as: \"[uuid]\", matches: uuid}\r\n",
        ),
        (
            "method: GET\nsnapshot: true # as ever\nendpoint: /\n",
            "method: GET\nsnapshot: # as ever\n  redact:\n    $.id: {as: \"[uuid]\", matches: uuid}\nendpoint: /\n",
        ),
        (
            "method: GET\nsnapshot:\n    shape: false # no\n    # more\n\nendpoint: /\n",
            "method: GET\nsnapshot:\n    shape: false # no\n    redact:\n        $.id: {as: \"[uuid]\", matches: uuid}\n    # more\n\nendpoint: /\n",
        ),
        (
            "method: GET\nsnapshot:\n    redact:\n        \"$.a\": x # keep\n        # and this\nendpoint: /\n",
            "method: GET\nsnapshot:\n    redact:\n        \"$.a\": x # keep\n        $.id: {as: \"[uuid]\", matches: uuid}\n        # and this\nendpoint: /\n",
        ),
        (
            "method: GET\nendpoint: /\nsnapshot: {shape: false}\n",
            "method: GET\nendpoint: /\nsnapshot: {shape: false, redact: {$.id: {as: \"[uuid]\", matches: uuid}}}\n",
        ),
        (
            "method: GET\nendpoint: /\nsnapshot:\n  redact: {$.a: x}\n",
            "method: GET\nendpoint: /\nsnapshot:\n  redact: {$.a: x, $.id: {as: \"[uuid]\", matches: uuid}}\n",
        ),
        (
            "{method: GET, endpoint: /}\n",
            "{method: GET, endpoint: /, snapshot: {redact: {$.id: {as: \"[uuid]\", matches: uuid}}}}\n",
        ),
        (
            "method: POST\nendpoint: /\nbody:\n  text: |\n    one\n\n# the end\n",
            "method: POST\nendpoint: /\nbody:\n  text: |\n    one\n\n# the end\nsnapshot:\n  redact:\n    $.id: {as: \"[uuid]\", matches: uuid}\n",
        ),
        (
            "# head\n---\nmethod: GET\nendpoint: /\n...\n",
            "# head\n---\nmethod: GET\nendpoint: /\nsnapshot:\n  redact:\n    $.id: {as: \"[uuid]\", matches: uuid}\n...\n",
        ),
    ];
    for (before, after) in table {
        assert_eq!(edited(before, "a", &[uuid("$.id")]).as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn of_several_requests_in_a_file_only_the_one_that_is_meant_changes() {
    let first = "---\nname: one\nmethod: GET\nendpoint: /1\n";
    let second = "---\n# two\nname: two\nmethod: GET\nendpoint: /2\nsnapshot:\n  redact:\n    $.n: '[n]'\n";
    let third = "---\nname: three\nmethod: GET\nendpoint: /3\n";
    let text = format!("{first}{second}{third}");
    let rules = "    $.id: {as: \"[uuid]\", matches: uuid}\n";
    assert_eq!(edited(&text, "two", &[uuid("$.id")]).unwrap(), format!("{first}{second}{rules}{third}"));
    let rules = format!("snapshot:\n  redact:\n{rules}");
    assert_eq!(edited(&text, "one", &[uuid("$.id")]).unwrap(), format!("{first}{rules}{second}{third}"));
    assert_eq!(edited(&text, "three", &[uuid("$.id")]).unwrap(), format!("{text}{rules}"));
}

#[test]
fn several_rules_of_every_form_come_back_as_they_were_meant() {
    let rules = [
        uuid("$.items[*].id"),
        redact("$['it\\'s \\\\ \"x\" # y: z']", Rule::Replace("it's \"a\\b\"".into())),
        redact("$.list", Rule::Sort),
        redact("$.rate", Rule::Round(4)),
        redact(
            "header.x-a",
            Rule::ReplaceLike { text: "[n]".into(), like: Like::Pattern(r"^'\d+/\w$".into()) },
        ),
        Advice::Filter { pattern: r"\b\d{3}: '".into(), replacement: "$1 [n]".into() },
        Advice::Filter { pattern: "x".into(), replacement: "y".into() },
    ];
    for text in [
        "method: GET\nendpoint: /\n",
        "{method: GET, endpoint: /}\n",
        "method: GET\nendpoint: /\nsnapshot: {redact: {$.x: y}, filters: [[a, b]]}\n",
        "method: GET\nendpoint: /\nsnapshot:\n  filters:\n  - [a, b]\n  headers: []\n",
        "method: GET\nsnapshot:\n  filters:\n    - [a, b] # first\n\nendpoint: /\n",
    ] {
        let after = edited(text, "a", &rules).unwrap_or_else(|unedited| panic!("{unedited:?}\n{text}"));
        let (_, loaded) = suite(&after, "");
        let settings = loaded.requests["a"].snapshot.as_ref().unwrap();
        let own: Vec<&Redaction> = settings.redact.iter().filter(|it| it.selector != "$.x").collect();
        assert_eq!(own.len(), 5, "{after}");
        assert!(settings.filters.iter().any(|filter| filter.pattern == r"\b\d{3}: '"), "{after}");
    }
}

#[test]
fn a_file_is_left_alone_where_the_rules_have_no_sure_place() {
    let alias = "method: GET\nendpoint: /\nvariables: {x: &x {shape: false}}\nsnapshot: *x\n";
    assert_eq!(edited(alias, "a", &[uuid("$.id")]).unwrap_err().why, ALIAS);
    let alias = "method: GET\nendpoint: /\nvariables: {x: &x {$.a: b}}\nsnapshot:\n  redact: *x\n";
    assert_eq!(edited(alias, "a", &[uuid("$.id")]).unwrap_err().why, ALIAS);
    // What the anchor names would say something else.
    let anchor = "method: GET\nendpoint: /\nsnapshot: &x\n  redact: {$.a: b}\nvariables: {x: *x}\n";
    assert_eq!(edited(anchor, "a", &[uuid("$.id")]).unwrap_err().why, NOT_SURE);
    let known = "method: GET\nendpoint: /\nsnapshot: {redact: {$.id: x}}\n";
    assert_eq!(edited(known, "a", &[uuid("$.id")]).unwrap_err().why, NOT_SURE);
    let unusable = redact("$.a[", Rule::Sort);
    assert_eq!(edited("method: GET\nendpoint: /\n", "a", &[unusable]).unwrap_err().why, NOT_SURE);
}

#[test]
fn a_rule_of_the_whole_suite_gives_way_in_the_request_alone() {
    let defaults = "defaults:\n  snapshot:\n    redact: {$.id: '[id]', $.b: '[b]'}\n";
    let (_folder, suite) = suite("method: GET\nendpoint: /\n", defaults);
    let after = with_rules(&suite, "a", &[uuid("$.id")]).unwrap().after;
    assert!(after.ends_with("    $.id: {as: \"[uuid]\", matches: uuid}\n"), "{after}");
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_never_lost() {
    let text = "method: GET\nendpoint: /\n";
    let (folder, suite) = suite(text, "");
    let edited = with_rules(&suite, "a", &[uuid("$.id")]).unwrap();
    put(&folder, "requests/a.yaml", "method: GET\nendpoint: /other\n");
    assert_eq!(edited.write(&suite).unwrap_err().why, "its file was changed meanwhile");
    assert_eq!(with_rules(&suite, "a", &[]).unwrap_err().why, "its file was changed since it was read");
    assert_eq!(get(&folder), "method: GET\nendpoint: /other\n");
}

/// Of what is kept to show mistakes in, secrets are blanked out.
#[test]
fn a_secret_in_the_file_stays_in_it_and_is_no_change_of_it() {
    let text = "method: PUT\nendpoint: /\nbody:\n  form: {client_secret: hunter2-hunter2}\n";
    let (_, loaded) = suite(text, "");
    assert!(!loaded.sources.texts().any(|text| text.contains("hunter2")));
    let after = edited(text, "a", &[uuid("$.id")]).unwrap();
    assert!(after.starts_with(text), "{after}");
}

#[test]
fn no_file_is_written_through_a_symlink_and_a_private_one_stays_private() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, suite) = suite("method: GET\nendpoint: /\n", "");
    let path = folder.path().join("requests/a.yaml");
    #[allow(clippy::disallowed_methods, reason = "a file of a test's own folder")]
    let private = || fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    private();
    with_rules(&suite, "a", &[uuid("$.id")]).unwrap().write(&suite).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    put(&folder, "requests/a.yaml", "method: GET\nendpoint: /\n");
    let edited = with_rules(&suite, "a", &[uuid("$.id")]).unwrap();
    fs::rename(&path, folder.path().join("real.yaml")).unwrap();
    symlink("../real.yaml", &path).unwrap();
    assert!(edited.write(&suite).unwrap_err().why.contains("symlink"));
    assert!(with_rules(&suite, "a", &[]).unwrap_err().why.contains("symlink"));
}

/// Lines of a request that say nothing of a snapshot, in any order.
fn lines() -> impl Strategy<Value = Vec<&'static str>> {
    let lines = [
        "# a comment\n",
        "\n",
        "description: 'it''s'   # why\n",
        "tags: [a, \"b\"]\n",
        "headers:\n  accept: text/plain\n\n  # more\n  x-n: \"1\"\n",
        "variables:\n    long: >-\n        one\n        two\n\n    other: |+\n        kept\n\n",
        "variables: {a: 1.10, b: [x, {c: d}]}\n",
        "query:\n- [a, 1]\n- [b, 2]\n",
        "timeout: 10s\n",
        "expect:\n  status: 200\n  body:\n    $.message: Welcome\n",
        "capture: {id: $.id}\n",
    ];
    proptest::sample::subsequence(lines.to_vec(), 0..=lines.len()).prop_shuffle()
}

fn snapshots() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "",
        "snapshot: true\n",
        "snapshot: {}\n",
        "snapshot:\n  shape: false\n",
        "snapshot:\n    headers: [content-type]   # these\n\n    # later\n",
        "snapshot:\n  redact:\n    $.x: \"[x]\"   # known\n    \"$.y\": {sort: true}\n",
        "snapshot:\n   redact: {$.x: '[x]'}\n   filters:\n   - [a, b]\n",
        "snapshot: {redact: {$.x: '[x]'}, shape: false}\n",
        "snapshot:\n  filters: [[a, b]]\n",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn whatever_a_file_looks_like_nothing_in_it_changes_but_for_the_rules(
        before in lines(),
        snapshot in snapshots(),
        behind in lines(),
        end in proptest::sample::select(vec!["", "...\n", "# the end\n", "\n\n", "---\nname: z\nmethod: GET\nendpoint: /z\n"]),
        crlf in any::<bool>(),
        newline in any::<bool>(),
        two in any::<bool>(),
    ) {
        let mut keys = std::collections::BTreeSet::new();
        let mut text = "method: POST\nendpoint: /\nname: a\n".to_owned();
        for part in before.iter().copied().chain([snapshot]).chain(behind.iter().copied()) {
            let key = part.split(':').next().unwrap_or_default();
            if part.starts_with(['#', '\n']) || part.is_empty() || keys.insert(key) {
                text.push_str(part);
            }
        }
        text.push_str(end);
        let mut text = if newline { text } else { text.trim_end().to_owned() };
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let (folder, loaded) = suite(&text, "");
        let mut rules = vec![uuid("$.items[*].id")];
        if two {
            rules.push(redact("$['a b']", Rule::Replace("it's".into())));
        }
        let edited = match with_rules(&loaded, "a", &rules) {
            Ok(edited) => edited,
            Err(unedited) => {
                // Behind a text whose blank lines count, there is no place that is not in it.
                prop_assert!(text.contains("|+"), "{:?} {text:?}", unedited);
                return Ok(());
            }
        };
        edited.write(&loaded).unwrap();
        let after = get(&folder);
        let known = |line: &&str| !after.split_inclusive('\n').any(|other| other.trim_end() == line.trim_end());
        let lost: Vec<&str> = text.split_inclusive('\n').filter(known).collect();
        let may_change = |line: &&&str| line.starts_with("snapshot: ") || line.contains("redact: {");
        prop_assert_eq!(lost.iter().filter(may_change).count(), lost.len(), "{:?}", lost);
        prop_assert!(!crlf || !after.replace("\r\n", "").contains('\n'), "{after:?}");
        let reloaded = load(Root::open(folder.path()).unwrap()).unwrap();
        let mut wanted = loaded.requests["a"].snapshot.clone().unwrap();
        for rule in &rules {
            rule.add_to(&mut wanted);
        }
        prop_assert_eq!(reloaded.requests["a"].snapshot.as_ref(), Some(&wanted));
        for (name, request) in &loaded.requests {
            let (mut was, mut is) = (request.clone(), reloaded.requests[name].clone());
            if name == "a" {
                (was.snapshot, is.snapshot) = (None, None);
            }
            prop_assert_eq!(format!("{was:?}"), format!("{is:?}"));
        }
    }
}

/// The suites of this repository, written by many hands.
#[test]
fn the_files_of_real_suites_take_rules_in_each_of_their_requests() {
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![repository.to_owned()];
    let mut requests = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if entry.is_dir() && !name.starts_with('.') && !matches!(&*name, "target" | "src" | "requests") {
                folders.push(entry);
            }
        }
        let Ok(suite) = load(Root::open(&folder).unwrap()) else { continue };
        for (name, request) in suite.requests.iter().filter(|(_, request)| request.snapshot.is_some()) {
            let rules = [uuid("$.not.there[*]"), redact("header.x-not-there", Rule::Replace("[x]".into()))];
            let edited = with_rules(&suite, name, &rules);
            let edited =
                edited.unwrap_or_else(|unedited| panic!("{} {}: {unedited:?}", folder.display(), request.id));
            assert!(edited.text().contains("header.x-not-there"));
            requests += 1;
        }
    }
    assert!(requests > 20, "only {requests}");
}
