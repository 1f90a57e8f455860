//! Variables from outside of the suite, with the real binary.

use crate::support::{Project, Said};

const REQUEST: &str = "method: POST
endpoint: /pay/{{ amount }}
variables: {amount: 1, creditor: {name: nobody}, note: none}
headers: {X-Note: '{{ note }}'}
body: {json: {amount: '{{ amount }}', creditor: '{{ creditor }}', name: '{{ creditor.name }}'}}
";

fn project() -> Project {
    Project::empty()
        .with("suite/requests/environments/bank.yaml", "host: https://bank.example\n")
        .with("suite/requests/pay.yaml", REQUEST)
        .with("suite/requests/other.yaml", "method: GET\nendpoint: '/{{ elsewhere | default(0) }}'\n")
        .with("a.yaml", "amount: 12.50\ncreditor: {name: Ada, tags: [x, 2]}\nnote: '{{ amount }}'\n")
        .with("b.json", "{\"amount\": 7,\n  \"elsewhere\": true}\n")
}

fn explain(project: &Project, options: &[&str]) -> Said {
    project.run(&[&["explain", "pay", "--suite", "suite"], options].concat())
}

#[test]
fn a_file_of_variables_wins_over_the_suite_with_values_of_any_type_that_are_no_templates() {
    let said = explain(&project(), &["--vars-file", "a.yaml"]);
    said.ends_with(0);
    assert_eq!(said.err, "");
    for part in [
        "POST https://bank.example/pay/12.50\n",
        "X-Note: {{ amount }}\n",
        r#"{"amount":12.50,"creditor":{"name":"Ada","tags":["x",2]},"name":"Ada"}"#,
    ] {
        assert!(said.out.contains(part), "{part} is not in:\n{}", said.out);
    }
}

#[test]
fn of_several_files_the_last_wins_and_a_variable_of_the_command_line_over_all() {
    let files = ["--vars-file", "a.yaml", "--vars-file", "b.json"];
    let said = explain(&project(), &files);
    assert!(said.out.contains("/pay/7\n") && said.out.contains(r#""amount":7,"#), "{}", said.out);
    let said = explain(&project(), &[&["--var", "amount=9"], &files[..]].concat());
    assert!(said.out.contains("/pay/9\n") && said.out.contains(r#""amount":"9","#), "{}", said.out);
    assert!(said.out.contains(r#""name":"Ada""#), "{}", said.out);
    let other = project().run(&["list", "other", "--suite", "suite", "--vars-file", "b.json"]);
    assert_eq!(other.ends_with(0).err, "", "what another request mentions is not warned about");
}

#[test]
fn a_name_of_a_file_that_the_suite_never_mentions_is_warned_about_with_its_place() {
    let project = project().with("c.yaml", "note: x\namuont: 3\n");
    let said = explain(&project, &["--vars-file", "c.yaml"]);
    said.ends_with(0);
    let wanted = "warning[plan.unused_variable]: `amuont` (c.yaml:2:1) changes nothing: no template of the suite \
                  mentions it\n |\n = help: did you mean `amount`?\n\n";
    assert_eq!(said.err, wanted);
    for command in ["check", "run"] {
        let said = project.run(&[command, "other", "--suite", "suite", "--vars-file", "c.yaml"]);
        assert!(said.err.contains("`amuont` (c.yaml:2:1) changes nothing"), "{command}: {}", said.err);
    }
}

#[test]
fn a_file_of_variables_that_can_not_be_read_is_refused_at_its_place() {
    let project = project()
        .with("list.yaml", "- amount\n")
        .with("name.yaml", "amount: 1\nmy-name: 2\n")
        .with("twice.yaml", "amount: 1\namount: 2\n")
        .with("broken.json", "{\"amount\": 1,\n \"note\": [2}\n")
        .with("two.yaml", "amount: 1\n---\namount: 2\n")
        .with("comments.yaml", "# nothing\n")
        .with("secret.yaml", "{secret: plain-secret-plain, my-name: 2}\n");
    for (file, code, wanted) in [
        ("list.yaml", "format.wrong_value", "a file of variables must be a map\n --> list.yaml:1:1"),
        ("name.yaml", "format.wrong_value", "name.yaml:2:1"),
        ("twice.yaml", "format.duplicate_key", "twice.yaml:2:1"),
        ("broken.json", "yaml.syntax", "broken.json:2:"),
        ("two.yaml", "yaml.unsupported", "two.yaml:3:1"),
        ("comments.yaml", "format.empty_file", "comments.yaml:1:1"),
        ("secret.yaml", "format.wrong_value", "secret.yaml:1:30"),
        ("nowhere.yaml", "suite.unreadable", "`nowhere.yaml` does not exist"),
        ("suite", "suite.unreadable", "`suite` is a folder, not a regular file"),
    ] {
        let said = explain(&project, &["--vars-file", file]);
        said.ends_with(3);
        assert!(said.err.contains(&format!("error[{code}]")), "{file}: {}", said.err);
        assert!(said.err.contains(wanted), "{file}: {wanted} is not in:\n{}", said.err);
        assert!(!said.err.contains("plain-secret"), "{}", said.err);
    }
}
