//! Templates that try to take the machine with them: each must be refused, quickly and without
//! much memory. All values count, not only the last.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::tests::engine;
use super::{Node, Variables, check, mentions};
use crate::diag::Code;

/// Peak memory of this process, in bytes, where the system says so.
fn peak() -> usize {
    let status = crate::files::read_text(Path::new("/proc/self/status"), 1 << 20).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

fn doubling(statement: &str) -> String {
    format!("{{% set a = 'xxxxxxxxxxxxxxxx' %}}{}", statement.repeat(26))
}

/// Statements that double `a`.
const DOUBLING: &[&str] = &[
    "{% set a = a~a %}",
    "{% set a = a+a %}",
    "{% set a = a*2 %}",
    "{% set a = a|replace('x', 'xx') %}",
    "{% set a %}{{ a }}{{ a }}{% endset %}",
    "{% set a = [a, a]|join %}",
    "{% set a = '%s%s'|format(a, a) %}",
    "{% set a = a|json|json|json %}",
    "{% set a = a|hex %}",
    "{% set a = (a|list + a|list)|join %}",
];

const GROWING: &[&str] = &[
    "{{ 'x' * 99999999 }}",
    "{{ 99999999 * 'x' }}",
    "{{ ('x' * 90000) * 90000 }}",
    "{{ '%999999999d'|format(1) }}",
    "{{ '%.999999999f'|format(1.5) }}",
    "{{ '%*d'|format(999999999, 1) }}",
    "{{ 'x\ny'|indent(999999999) }}",
    "{{ ('x' * 100000)|replace('x', 'y' * 100000) }}",
    "{{ ('x' * 100000)|replace('', 'y' * 100000) }}",
    "{{ (['x'] * 99999999)|join }}",
    "{{ (['x' * 9999] * 9999)|join('y' * 9999) }}",
    "{{ range(99999)|join('y' * 99999) }}",
    "{{ ([0] * 99999999)|list|length }}",
    "{{ ([0] * 99999999)|sort|first }}",
    "{{ ([0] * 99999999)|sum }}",
    "{{ ([0] * 99999999)|json }}",
    "{{ [0] * 99999999 }}",
    "{{ ([0] * 99999999)|map('string')|list|length }}",
    "{{ ([0] * 99999999)|unique|length }}",
    "{{ ([0] * 99999999)|reverse|first }}",
    "{{ ([0] * 99999999)|batch(2)|list|length }}",
    "{{ ([0] * 99999999)|last }}",
    "{{ ([0] * 99999999)|min }}",
    "{{ ([0] * 99999999)|groupby('x') }}",
    "{{ 1 in [0] * 99999999 }}",
    "{{ [0] * 99999999 == [0] * 99999999 }}",
    "{{ ([0] * 99999999) < ([0] * 99999998) }}",
    "{{ ([0] * 99999999)[::-1]|list|length }}",
    "{{ ([0] * 99999999)|zip([0] * 99999999)|list|length }}",
    "{{ ([0] * 99999999)|chain([0] * 99999999)|list|length }}",
    "{{ ([0] * 99999999)|select|list|length }}",
    "{{ ((0,) * 99999999)|length }}",
    "{{ [0]|batch(99999999, 0)|json }}",
    "{{ [0]|slice(99999999, 0)|json }}",
    "{{ range(0, 999999999)|length }}",
    "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "{% for i in [0] * 99999999 %}{% endfor %}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{% for i in [[[]]] recursive %}{{ loop(i) }}{{ loop([i]) }}{% endfor %}",
    "{% set x %}{% for i in range(99999) %}{{ 'x' * 100 }}{% endfor %}{% endset %}",
    "{% filter upper %}{% for i in range(99999) %}{{ 'x' * 100 }}{% endfor %}{% endfilter %}",
    "{{ big ~ big ~ big ~ big ~ big ~ big ~ big ~ big }}",
    "{{ [big, big, big, big, big, big, big, big]|json|length }}",
    "{{ big * 2 }}",
    "{{ big|hex|urlencode }}",
    "{{ big|replace('x', '<' * 1000) }}",
    "{{ random_string(99999999) }}",
    "{% for i in range(20000) %}{{ random_string(4096) }}{% endfor %}",
    "{% set a = [0] * 1000 %}{% for i in range(99999) %}{% set a = a + a %}{{ a|length }}{% endfor %}",
];

fn growing() -> impl Iterator<Item = String> {
    let doubled = DOUBLING.iter().map(|statement| doubling(statement) + "{{ a }}");
    doubled.chain(GROWING.iter().map(|source| (*source).to_owned()))
}

#[test]
fn no_template_takes_the_machine_with_it() {
    let mut variables = Variables::new();
    variables.set("big", Node::value(json!("x".repeat(1024 * 1024 - 1))));
    let before = peak();
    for source in growing() {
        let started = Instant::now();
        let shown: String = source.chars().take(80).collect();
        let error = engine().text(&source, &variables).expect_err(&shown);
        assert!(started.elapsed() < Duration::from_secs(2), "{shown}: {:?}", started.elapsed());
        assert!(matches!(error.code, Code::TemplateLimit | Code::TemplateFailed), "{shown}: {error:?}");
        let grown = peak() - before;
        assert!(grown < 128 * 1024 * 1024, "{shown} took {grown} bytes");
    }
}

#[test]
fn a_single_expression_is_bounded_as_text_is() {
    for source in
        ["{{ [0] * 99999999 }}", "{{ {'a': [['x' * 9999] * 9999] * 9999} }}", "{{ range(99999)|list * 99 }}"]
    {
        let started = Instant::now();
        assert_eq!(
            engine().value(source, &Variables::new()).unwrap_err().code,
            Code::TemplateLimit,
            "{source}"
        );
        assert!(started.elapsed() < Duration::from_secs(2), "{source}");
    }
}

#[test]
fn a_template_that_would_exhaust_the_stack_is_refused_before_it_is_read() {
    let deep = [
        format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("{{{{ {}1{} }}}}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("{{{{ x{} }}}}", "|e".repeat(8_000)),
        format!("{{{{ 1{} }}}}", "+1".repeat(8_000)),
        format!("{{{{ x{} }}}}", "~x".repeat(8_000)),
        format!("{{{{ x{} }}}}", ".x".repeat(8_000)),
        format!("{{{{ x{} }}}}", "[0]".repeat(5_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(16_000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(4_000)),
        format!("{{{{ 1{} }}}}", " if 1 else 1".repeat(1_300)),
        format!("{{{{ 1{} }}}}", "<1".repeat(8_000)),
        "{%if 1%}".repeat(2_000),
        format!("{{%if 1%}}{}{{%endif%}}", "{%elif 1%}".repeat(1_600)),
        "{{x}}".repeat(3_000),
        "x".repeat(10 * 1024 * 1024) + "{{ x }}",
    ];
    for source in deep {
        let shown: String = source.chars().take(40).collect();
        for result in
            [check(&source), mentions(&source).map(drop), engine().text(&source, &Variables::new()).map(drop)]
        {
            assert_eq!(result.expect_err(&shown).code, Code::TemplateLimit, "{shown}");
        }
    }
}

#[test]
fn the_longest_chains_that_are_allowed_fit_on_a_small_stack() {
    let most = [
        format!("{{{{ 1{} }}}}", "+1".repeat(255)),
        format!("{{{{ 'x'{} }}}}", "|e".repeat(255)),
        format!("{{{{ 1{} }}}}", " if 1 else 1".repeat(127)),
        format!("{{{{ {}1{}|length }}}}", "[".repeat(30), "]".repeat(30)),
        format!("{{%if 0%}}{}{{%endif%}}", "{%elif 0%}".repeat(140)),
        format!("{}{}", "{%if 1%}".repeat(100), "{%endif%}".repeat(100)),
        format!("{{% set a = [] %}}{}{{{{ a|length }}}}", "{% set a = [a] %}".repeat(500)),
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(10) }}".to_owned(),
    ];
    let small = std::thread::Builder::new().stack_size(1024 * 1024);
    let run = small.spawn(move || {
        for source in most {
            let shown: String = source.chars().take(40).collect();
            engine().text(&source, &Variables::new()).expect(&shown);
        }
    });
    run.unwrap().join().unwrap();
}

#[test]
fn nothing_outside_the_functions_can_be_reached() {
    for source in [
        "{{ debug() }}",
        "{{ namespace(a=1) }}",
        "{% include '/etc/passwd' %}",
        "{% include 'a' ignore missing %}",
        "{% import 'a' as a %}",
        "{% from 'a' import b %}",
        "{% extends 'a' %}",
        "{% block a %}{% endblock %}",
        "{{ super() }}",
        "{{ 1|pprint }}",
        "{{ __import__('os') }}",
    ] {
        assert_eq!(check(source).unwrap_err().code, Code::TemplateSyntax, "{source}");
    }
    for source in [
        "{{ self }}",
        "{{ _context }}",
        "{{ loop }}",
        "{{ caller }}",
        "{{ ''.__class__ }}",
        "{{ env }}",
        "{{ uuid }}",
    ] {
        let error = engine().text(source, &Variables::new()).unwrap_err();
        assert_eq!(error.code, Code::Undefined, "{source}");
    }
    for path in ["/etc/passwd", "../outside", "a/../../b", "/proc/self/environ"] {
        let error = engine().text(&format!("{{{{ file('{path}') }}}}"), &Variables::new()).unwrap_err();
        assert_eq!(error.code, Code::TemplateFailed, "{path}");
    }
}
