//! What templates give, and what they say when they can't.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use serde_json::json;

use super::{Engine, Functions, Node, Programs, Variables, check, mentions};
use crate::clock::{Clock, Ids};
use crate::diag::Code;
use crate::files::{Existing, Mode, Root, write};
use crate::secret::Redactor;

pub(super) fn engine() -> Engine {
    with_redactor(&Redactor::default())
}

fn with_redactor(redactor: &Redactor) -> Engine {
    let environment = [
        ("CLIENT_ID", "e77d776b"),
        ("CLIENT_SECRET", "hunter2-hunter2"),
        ("CREDENTIALS", r#"{"client": {"password": "c0rrect-horse"}}"#),
        ("EMPTY", ""),
    ];
    Engine::new(&Functions {
        environment: Arc::new(environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into()),
        clock: Clock::Fixed(DateTime::from_timestamp(1_700_553_545, 0).unwrap()),
        ids: Ids::seeded(7),
        root: Root::open(&std::env::temp_dir()).unwrap(),
        redactor: redactor.clone(),
        programs: Programs::default(),
    })
}

fn variables() -> Variables {
    let mut variables = Variables::new();
    for (name, value) in [
        ("amount", json!("12.50")),
        ("count", json!(3)),
        ("yes", json!(true)),
        ("nothing", json!(null)),
        ("scopes", json!(["a", "b"])),
        ("map", json!({"k": {"deep": [10, 20]}})),
        ("nasty", json!("\"quoted\"\\\n{{ amount }}{% raw %}\u{1F600}")),
    ] {
        variables.set(name, Node::value(value));
    }
    let answer = [("status", json!(200)), ("body", json!({"iban": "NL01"}))];
    let answer = answer.map(|(name, value)| (name.to_owned(), Node::value(value)));
    let headers = Node::caseless([("ETag".to_owned(), Node::value(json!("abc")))]);
    let answer = Node::map(answer.into_iter().chain([("headers".to_owned(), headers)]));
    let token = [("access_token", Node::value(json!("s3cr3t-T0ken"))), ("response", answer)];
    variables.set("token", Node::map(token.map(|(name, node)| (name.to_owned(), node))));
    variables.set("exact", Node::value(serde_json::from_str("1.10").unwrap()));
    variables.set(
        "huge",
        Node::value(serde_json::from_str("123456789012345678901234567890.00000000001").unwrap()),
    );
    variables
}

#[test]
fn a_template_gives_the_text_that_it_says() {
    for (source, wanted) in [
        ("plain text, {not} a template", "plain text, {not} a template"),
        ("final newline\n", "final newline\n"),
        ("a {{ amount }} b\n", "a 12.50 b\n"),
        ("{{ yes }} {{ not yes }} {{ 1 == 1 }}", "true false true"),
        ("{{ count }} {{ count * 2 }} {{ 1.5 }} {{ 7 / 2 }}", "3 6 1.5 3.5"),
        ("{{ exact }} {{ huge }}", "1.10 123456789012345678901234567890.00000000001"),
        ("{{ exact ~ '' }} {{ exact|string }} {{ exact or 1 }}", "1.10 1.10 1.10"),
        ("{{ exact * 2 }} {{ exact > 1 }}", "2.2 true"),
        (
            "{{ token.response.status }} {{ token.response.headers['etag'] }} {{ token.response.headers['ETAG'] }}",
            "200 abc abc",
        ),
        ("{{ token.response.headers|json }} {{ token.response.body.iban }}", "{\"etag\":\"abc\"} NL01"),
        ("{{ map.k.deep[1] }} {{ map['k'].deep[-1] }}", "20 20"),
        ("{{ scopes|join(' ') }}", "a b"),
        (
            "{{ (scopes + ['c'])|join }} {{ ([count] * 2)|join(',') }} {{ 'ab' * 2 }} {{ 'a' + 'b' }}",
            "abc 3,3 abab ab",
        ),
        ("{{ {'a': [count, scopes], 'b': (1, 2)}|json }}", "{\"a\":[3,[\"a\",\"b\"]],\"b\":[1,2]}"),
        ("{% for a, b in [(count, 1), (2, yes)] if a > 2 %}{{ a }}{{ b }}{% endfor %}", "31"),
        ("{{ missing|default('x') }}{% if missing is defined %}{{ missing }}{% endif %}", "x"),
        ("{{ nasty }}", "\"quoted\"\\\n{{ amount }}{% raw %}\u{1F600}"),
        ("{% raw %}{{ literally }}{% endraw %}", "{{ literally }}"),
        ("{% for s in scopes %}{{ loop.index }}{{ s }}{% endfor %}", "1a2b"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(count) }}", "<3>"),
        (
            "{{ env('CLIENT_ID') }} {{ env('X', 'y') }} {{ env('X', default='') }}{{ env('EMPTY', '') }}",
            "e77d776b y ",
        ),
        (
            "{{ now() }} {{ now('%Y') }} {{ now(offset='-1d') }}",
            "2023-11-21T07:59:05Z 2023 2023-11-20T07:59:05Z",
        ),
        ("{{ timestamp() }} {{ http_date() }}", "1700553545 Tue, 21 Nov 2023 07:59:05 GMT"),
        ("{{ 'ab?'|base64 }} {{ 'ab?'|base64url }} {{ '>>>'|base64url }}", "YWI/ YWI_ Pj4-"),
        ("{{ ''|sha256 }}", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("{{ ''|sha256('base64') }}", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("{{ ''|sha512|length }}", "128"),
        // RFC 4231, test case 2
        (
            "{{ 'what do ya want for nothing?'|hmac('Jefe') }}",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("{{ 'é\n'|hex }} {{ 'a b/ü~'|urlencode }}", "c3a90a a%20b%2F%C3%BC~"),
        (
            "{{ map|jsonpath('$.k.deep[1]') }} {{ map|jsonpath('$..deep[*]')|json }} {{ map|jsonpath('$.x', 'none') }}",
            "20 [10,20] none",
        ),
        ("{{ '{\"a\": 1.10, \"b\": [1, 2]}'|jsonpath('$.a') }}", "1.10"),
        ("{{ map|json }} {{ exact|json }} {{ nothing|json }}", "{\"k\":{\"deep\":[10,20]}} 1.10 null"),
    ] {
        assert_eq!(engine().text(source, &variables()).as_deref(), Ok(wanted), "{source}");
    }
}

#[test]
fn a_single_expression_keeps_its_type_and_every_digit() {
    for (source, wanted) in [
        ("{{ count }}", "3"),
        ("{{ amount }}", "\"12.50\""),
        ("{{ yes }}", "true"),
        ("{{ nothing }}", "null"),
        ("{{ scopes }}", "[\"a\",\"b\"]"),
        ("{{ map }}", "{\"k\":{\"deep\":[10,20]}}"),
        (
            "{{ [exact, {'b': huge, 'a': 1}] }}",
            "[1.10,{\"b\":123456789012345678901234567890.00000000001,\"a\":1}]",
        ),
        ("{{ exact }}", "1.10"),
        ("{{ amount|float }}", "12.5"),
        ("{{ count ~ '' }}", "\"3\""),
        ("{{- count -}}", "3"),
        (" {{ count }}", "\" 3\""),
        ("{{ count }}\n", "\"3\\n\""),
        ("{{ count }}{{ count }}", "\"33\""),
        ("{{ '}}' }}", "\"}}\""),
        ("{# why #}{{ count }}", "3"),
        ("{% if yes %}{{ count }}{% endif %}", "\"3\""),
        ("3", "\"3\""),
    ] {
        let value = engine().value(source, &variables()).map(|value| value.to_string());
        assert_eq!(value.as_deref(), Ok(wanted), "{source}");
    }
}

#[test]
fn what_is_inserted_into_a_url_stays_one_part_of_it() {
    let mut variables = variables();
    variables.set("evil", Node::value(json!("../?a=b#c@host:80//\r\n\0%")));
    for (source, wanted) in [
        (
            "/a/{{ evil }}/b?c={{ amount }}&d=",
            "/a/..%2F%3Fa%3Db%23c%40host%3A80%2F%2F%0D%0A%00%25/b?c=12.50&d=",
        ),
        ("/{{ 'a/b'|safe }}/{{ 'a/b' }}/{{ 'a/b'|urlencode }}", "/a/b/a%2Fb/a%2Fb"),
        ("/{{ '/x' ~ ('y/'|safe) }}", "/%2Fxy/"),
        ("/{% set x %}a/{{ 'b/c' }}{% endset %}{{ x }}", "/a/b%2Fc"),
    ] {
        assert_eq!(engine().url(source, &variables).as_deref(), Ok(wanted), "{source}");
    }
}

/// The error at `^` of `source`, as `code: message | label | help`.
fn says(source: &str) -> (String, String) {
    let error = engine().value(source, &variables()).expect_err(source);
    let place = source.get(error.range.clone()).unwrap_or_else(|| panic!("{source}: {:?}", error.range));
    let parts = [Some(error.message), error.label, error.help].into_iter().flatten().collect::<Vec<_>>();
    (place.to_owned(), format!("{}: {}", error.code, parts.join(" | ")))
}

#[test]
fn an_error_says_what_is_wrong_at_the_exact_place_and_shows_no_value() {
    let defined = "defined here: `amount`, `count`, `exact`, `huge`, `map`, `nasty`, `nothing`, `scopes`, `token`, `yes`";
    let table = [
        ("a {{ amuont }}", "amuont", format!("render.undefined: `amuont` is not defined | did you mean `amount`? | {defined}")),
        ("é{{ 1 + zzzzz.a }}", "zzzzz", format!("render.undefined: `zzzzz` is not defined | {defined}")),
        ("{{ uuid }}", "uuid", format!("render.undefined: `uuid` is not defined | `uuid` is a function: write `uuid()` | {defined}")),
        ("Bearer {{ token.acces_token }}", "token.acces_token", "render.undefined: `token` has no `acces_token` | did you mean `access_token`? | `token` has: `access_token`, `response`".into()),
        ("{{ token.response.body.ibn }}", "token.response.body.ibn", "render.undefined: `token.response.body` has no `ibn`".into()),
        ("{{ map['k'].deep[7] }}", "map['k'].deep[7]", "render.undefined: `map.k.deep` has no `7`".into()),
        ("{% set a = {} %}{{ a.b }}", "a.b", "render.undefined: `a.b` is not defined".into()),
        ("x {{ scopes }}", "scopes", "render.failed: `scopes` is a list; join it | as in `{{ scopes | join(\",\") }}`, or write it as JSON: `| json`".into()),
        ("x {{ map.k }}", "map.k", "render.failed: `map.k` is a map; take one of its values | or write it as JSON: `| json`".into()),
        ("x {{ nothing }}", "nothing", "render.failed: `nothing` is null, which has no text | give it a value: `{{ nothing or \"…\" }}`".into()),
        ("{{ token.access_token + 1 }}", "token.access_token + 1", "render.failed: `token.access_token + 1`: `+` does not work on text and a number".into()),
        ("{{ -token.access_token }}", "-token.access_token", "render.failed: `-token.access_token` can't be worked out: its values don't fit".into()),
        ("{{ 1 // 0 }}", "1 // 0", "render.failed: `1 // 0` can't be worked out: its values don't fit".into()),
        ("{{ amount.upper() }}", ".upper()", "render.failed: there is no method `.upper()` | values have filters, written `value | filter`".into()),
        ("{{ env('CLIENT_IDD') }}", "env('CLIENT_IDD')", "render.undefined: the environment variable `CLIENT_IDD` is not set | did you mean `CLIENT_ID`?".into()),
        ("{{ secret('NOPE') }}", "secret('NOPE')", "credentials.secret: the secret `NOPE` is not set | export `NOPE`, or write `NOPE=…` into `.env`".into()),
        ("{{ now(ofset='1h') }}", "now(ofset='1h')", "render.failed: `now(ofset='1h')` has no argument `ofset`; it takes `format`, `offset` | did you mean `offset`?".into()),
        ("{{ uuid(4) }}", "uuid(4)", "render.failed: `uuid(4)` has 1 arguments; it takes none".into()),
        ("{{ file('../x') }}", "file('../x')", "render.failed: `../x` lies outside the suite".into()),
        ("{{ uid() }}", "uid", "template.syntax: there is no function `uid` | did you mean `uuid`?".into()),
        ("{{ amount | bas64 }}", "bas64", "template.syntax: there is no filter `bas64` | did you mean `base64`?".into()),
        ("{{ amount is strin }}", "strin", "template.syntax: there is no test `strin` | did you mean `string`?".into()),
        ("{{ map | jsonpath('$.q') }}", "jsonpath('$.q')", "render.failed: `jsonpath('$.q')` finds nothing | check the path, or say what stands for nothing: `jsonpath(path, default)`".into()),
        ("{{ 'x' | jsonpath('$') }}", "jsonpath('$')", "render.failed: `jsonpath('$')` looks into a text that is not JSON".into()),
        ("{{ map | jsonpath }}", "jsonpath", "render.failed: `jsonpath` lacks `path`; it takes `path`, `default`".into()),
        ("a {{ x", "{{", "template.syntax: this `{{` is never closed".into()),
        ("a {% if x", "{%", "template.syntax: this `{%` is never closed".into()),
        ("a {# x", "{#", "template.syntax: this `{#` is never closed".into()),
        ("{% raw %}", "{%", "template.syntax: this `{%` is never closed".into()),
        ("{{ a b }}", "b", "template.syntax: found identifier where `}}` should be".into()),
        ("{% include 'a' %}", "include", "template.syntax: there is no statement `include` | a template can't use other templates; `file(path)` inserts a file of the suite".into()),
    ];
    for (source, place, wanted) in table {
        assert_eq!(says(source), (place.to_owned(), wanted), "{source}");
    }
}

#[test]
fn a_secret_is_known_to_the_redactor_before_it_is_used_and_is_in_no_error() {
    let redactor = Redactor::default();
    let engine = with_redactor(&redactor);
    let error = engine.text("{{ secret('CLIENT_SECRET') + 1 }}", &variables()).unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"));
    assert!(!redactor.redact("hunter2-hunter2").contains("hunter2"));
}

#[test]
fn a_part_of_a_secret_that_is_json_is_a_secret_too() {
    let redactor = Redactor::default();
    let engine = with_redactor(&redactor);
    let found = engine.text("{{ secret('CREDENTIALS')|jsonpath('$.client.password') }}", &variables());
    assert_eq!(found.as_deref(), Ok("c0rrect-horse"));
    assert!(!redactor.redact("say c0rrect-horse").contains("c0rrect"));
    engine.text("{{ map|jsonpath('$.k.deep[1]') }}", &variables()).unwrap();
    assert_eq!(redactor.redact("20"), "20", "what is no secret was taken for one");
}

#[test]
fn a_seeded_run_draws_the_same_values_again() {
    let source = "{{ uuid() }} {{ random_int(1, 6) }} {{ random_string(12) }}";
    let once = engine().text(source, &variables()).unwrap();
    assert_eq!(engine().text(source, &variables()).unwrap(), once);
    for _ in 0..50 {
        let drawn = engine().value("{{ random_int(-1, 1) }}", &variables()).unwrap();
        assert!((-1..=1).contains(&drawn.as_i64().unwrap()));
    }
}

#[test]
fn file_inserts_the_text_of_a_file_of_the_suite() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a.txt"), "ä{{ x }}".as_bytes(), Mode::Shared, Existing::Replace).unwrap();
    write(&folder.path().join("b.bin"), &[0xff], Mode::Shared, Existing::Replace).unwrap();
    let engine = Engine::new(&Functions {
        environment: Arc::new(BTreeMap::new()),
        clock: Clock::System,
        ids: Ids::Random,
        root: Root::open(folder.path()).unwrap(),
        redactor: Redactor::default(),
        programs: Programs::default(),
    });
    assert_eq!(engine.text("{{ file('a.txt') }}", &variables()).as_deref(), Ok("ä{{ x }}"));
    assert_eq!(engine.text("{{ file('b.bin') }}", &variables()).unwrap_err().code, Code::TemplateFailed);
}

#[test]
fn mentions_are_what_comes_from_outside() {
    let found = |source: &str| -> Vec<String> {
        let mentions = mentions(source).unwrap();
        let show = |mention: &super::Mention| {
            let mark = if mention.optional { "?" } else { "" };
            format!(
                "{}{mark} = {}",
                source[mention.range.clone()].to_owned(),
                [std::slice::from_ref(&mention.name), &mention.path].concat().join("/")
            )
        };
        mentions.iter().map(show).collect()
    };
    for (source, wanted) in [
        ("plain", vec![]),
        ("{{ a }} {{ b.c['d e'].f }}", vec!["a = a", "b.c['d e'].f = b/c/d e/f"]),
        (
            "{{ requests[\"a-b\"].response.status }}",
            vec!["requests[\"a-b\"].response.status = requests/a-b/response/status"],
        ),
        ("{{ a[0].b[x.y].c }}", vec!["x.y = x/y", "a[0].b = a/0/b"]),
        ("{{ uuid() ~ now(offset=o) | default(d) }}", vec!["o = o", "d = d"]),
        ("{{ a.upper() }}", vec!["a = a"]),
        ("{% set x = a %}{{ x }}", vec!["a = a"]),
        ("{% set x = x %}{{ x }}", vec!["x = x"]),
        (
            "{% for i in items %}{{ i }}{{ loop.index }}{{ o }}{% else %}{{ i }}{% endfor %}{{ loop }}",
            vec!["items = items", "o = o", "i = i", "loop = loop"],
        ),
        ("{% for k, v in m|items if v %}{{ k }}{% endfor %}", vec!["m = m"]),
        ("{% with x = y %}{{ x }}{% endwith %}{{ x }}", vec!["y = y", "x = x"]),
        (
            "{% macro m(p, q=r) %}{{ p }}{{ q }}{{ s }}{% endmacro %}{{ m(t) }}",
            vec!["r = r", "s = s", "t = t"],
        ),
        ("{% set b %}{{ a }}{% endset %}{{ b }}", vec!["a = a"]),
        ("{% if c %}{% set x = 1 %}{% endif %}{{ x }}", vec!["c = c", "x? = x"]),
        ("{% if c %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}{{ x }}", vec!["c = c"]),
        ("{{ a|default('') }} {{ a }} {{ b.c|d(1) }}", vec!["a? = a", "a? = a", "b.c? = b/c"]),
        ("{% if a is defined %}{{ a.b }}{% endif %}", vec!["a? = a", "a.b? = a/b"]),
        (
            "{{ a[b:c] }} {{ x if y else z }} {{ {'k': v} }}",
            vec!["a = a", "b = b", "c = c", "y = y", "x = x", "z = z", "v = v"],
        ),
        ("{% raw %}{{ a }}{% endraw %}{# {{ b }} #}", vec![]),
        ("é {{ ü }}", vec![]),
    ] {
        if source.contains('ü') {
            assert!(check(source).is_err(), "names are ASCII");
            continue;
        }
        assert_eq!(found(source), wanted, "{source}");
    }
}

#[test]
fn what_is_not_set_is_known_before_anything_is_filled() {
    for (source, wanted) in [
        (
            "{{ secret('A') }} {{ env('B')|base64 }}",
            vec!["the secret `A` is not set", "the environment variable `B` is not set"],
        ),
        ("{{ secret('CLIENT_SECRET') }} {{ env('A', '') }} {{ secret('A', default='') }}", vec![]),
        ("{% if x %}{{ env('A') }}{% endif %}{{ env('A') if x }}{{ x or env('A') }}", vec![]),
        ("{{ env(x) }} {{ y", vec![]),
        ("{{ secret('EMPTY') }}{{ env('EMPTY', '') }}", vec!["the secret `EMPTY` is empty"]),
    ] {
        let unset: Vec<String> = engine().unset(source).into_iter().map(|error| error.message).collect();
        assert_eq!(unset, wanted, "{source}");
    }
}

#[test]
fn every_function_and_filter_is_shown_on_the_page_about_templates() {
    let page = include_str!("../../docs/templates.md");
    let examples = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let examples: String = examples.collect();
    for name in super::functions::NAMES {
        assert!(examples.contains(&format!("{name}(")), "docs/templates.md has no example of `{name}()`");
    }
    for name in super::filters::OURS {
        assert!(examples.contains(&format!("| {name}")), "docs/templates.md has no example of `{name}`");
    }
    for name in super::filters::THEIRS {
        assert!(page.contains(&format!("`{name}`")), "docs/templates.md does not list `{name}`");
    }
}
