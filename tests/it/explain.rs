//! `explain`, from the command line: what is not known stays a name, what is secret stays unsaid,
//! and the curl command works.

use std::process::Command;

use crate::support::{Project, Said, said};

const SECRET: &str = "s3cr3t/p4ss'word";

/// A request that inserts, in every place, what only the answer to `token` says.
fn curious() -> Project {
    Project::shipped().with(
        "requests/curious.yaml",
        "token: token
method: POST
endpoint: /greetings/{{ token.expires_in }}
query: {scope: '{{ token.response.body.scope }}'}
headers: {X-Status: 'was {{ token.response.status }}'}
body:
  json: {literal: '[access_token]', length: '{{ token.response.headers[\"content-length\"] }}'}
snapshot: false
",
    )
}

fn explain(project: &Project, arguments: &[&str]) -> Said {
    let arguments = [&["explain"], arguments].concat();
    said(&project.command(&arguments).env("MY_SECRET", SECRET).output().unwrap())
}

/// What a shell makes of the command, word by word, with `curl` being `printf`.
fn words(command: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &script]).envs(variables.iter().copied());
    let output = said(&shell.output().unwrap());
    output.ends_with(0);
    output.out.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn what_an_answer_will_say_stays_a_name() {
    let said = explain(&curious(), &["curious"]);
    said.ends_with(0);
    for part in [
        "X-Status: was [token.response.status]",
        "Bearer [access_token]",
        "\"length\":\"[token.response.headers.content-length]\"",
        "%5Btoken.response.body.scope%5D",
    ] {
        assert!(said.out.contains(part), "{part} is not in:\n{}", said.out);
    }
    let warning = "warning: signed over placeholders: `expires_in`, `token.response.body.scope`, \
                   `token.response.headers.content-length`; use `--send` for real values\n";
    assert_eq!(said.err, warning);
    assert_eq!(explain(&curious(), &["curious", "--json"]).err, warning);
    assert_eq!(explain(&curious(), &["greeting"]).err, "", "its token is not signed");
}

#[test]
fn each_header_and_each_signed_component_is_told_with_where_it_came_from() {
    let environment = Project::shipped().read("requests/environments/embedded.yaml");
    let project = Project::shipped()
        .with("requests/environments/embedded.yaml", &format!("{environment}headers: {{X-Channel: ci}}\n"));
    let line = environment.lines().count() + 1;
    let key_id = 1 + environment.lines().position(|line| line.contains("key_id")).unwrap();
    let said = explain(&project, &["greeting"]);
    said.ends_with(0);
    for told in [
        "Accept         requests/greeting.yaml:7:11".to_owned(),
        "Authorization  what `token` captured as `access_token`".to_owned(),
        format!("X-Channel      requests/environments/embedded.yaml:{line}:22"),
        "X-ING-ReqID    the profile `ing`: `{{ uuid() }}`".to_owned(),
        "Digest         the profile `ing`, made when signing".to_owned(),
        "Signature      the signature".to_owned(),
        "(request-target)  requests/greeting.yaml:5:11".to_owned(),
        "x-ing-reqid       the profile `ing`: `{{ uuid() }}`".to_owned(),
        format!("(requests/environments/embedded.yaml:{key_id}:11)"),
    ] {
        assert!(said.out.contains(&told), "{told} is not in:\n{}", said.out);
    }
    let json: serde_json::Value = serde_json::from_str(&explain(&project, &["token", "--json"]).out).unwrap();
    assert_eq!(json["origins"]["Content-Type"], "the body, requests/token.yaml:8:9");
    assert_eq!(json["components"][0]["name"], "(request-target)");
    assert_eq!(json["components"][0]["value"], "post /oauth2/token");
    assert_eq!(json["components"][0]["from"], "requests/token.yaml:4:11");
}

#[test]
fn a_template_that_works_with_what_is_not_known_says_what_to_do() {
    for template in [
        "{{ token.access_token | base64 }}",
        "{{ token.expires_in + 1 }}",
        "{{ token.response.body.scope | upper }}",
        "{{ (token.response.status ~ 'x') | sha256 }}",
        "{% for key in token.response.body.keys %}{{ key }}{% endfor %}",
        "{{ 1 if token.response.status == 200 else 2 }}",
    ] {
        let request = format!("method: GET\nendpoint: /\nheaders: {{X: \"{template}\"}}\n");
        let project = Project::shipped().with("requests/a.yaml", &request);
        let said = explain(&project, &["a"]);
        said.ends_with(3);
        for part in ["is not known before it is sent", "use `--send`", "requests/a.yaml:3"] {
            assert!(said.err.contains(part), "{template}: {part} is not in:\n{}", said.err);
        }
    }
    let request = "method: GET\nendpoint: /greetings/{{ token.scope | default('single') }}\n";
    let project = Project::shipped().with("requests/a.yaml", request);
    assert!(explain(&project, &["a"]).out.contains("/greetings/single"));
}

#[test]
fn a_curl_command_holds_variables_where_values_are_unknown_and_works_once_they_are_set() {
    let said = explain(&curious(), &["curious", "--curl"]);
    said.ends_with(0);
    assert!(said.err.contains("# set expires_in, token_response_body_scope, "), "{}", said.err);
    assert!(said.err.contains("warning: signed over placeholders: `expires_in`"), "{}", said.err);
    assert!(said.err.contains("`countersign sandbox`"), "{}", said.err);
    let words = words(
        &said.out,
        &[
            ("expires_in", "900"),
            ("access_token", "T0KEN"),
            ("token_response_status", "200"),
            ("token_response_body_scope", "greetings"),
            ("token_response_headers_content_length", "70"),
        ],
    );
    let has = |word: &str| assert!(words.iter().any(|known| known == word), "{word} is not in {words:#?}");
    has("Authorization: Bearer T0KEN");
    has("X-Status: was 200");
    has(r#"{"literal":"[access_token]","length":"70"}"#);
    assert!(words.iter().any(|word| word.ends_with("/greetings/900?scope=greetings")), "{words:#?}");
}

#[test]
fn a_curl_command_never_holds_a_secret_and_is_the_request_once_it_is_told() {
    let request = "token: token
method: POST
endpoint: /greetings/single
headers: {X-Key: \"it's {{ secret('MY_SECRET') }}\", X-Basic: \"{{ ('me:' ~ secret('MY_SECRET')) | base64 }}\"}
body: {text: \"@{{ secret('MY_SECRET') }} [access_token] '{{ secret('MY_SECRET') }}'\"}
snapshot: false
";
    let project = Project::shipped().with("requests/a.yaml", request);
    for mode in [&["a", "--curl"][..], &["a", "--send", "--curl"]] {
        let said = explain(&project, mode);
        said.ends_with(0);
        assert!(!said.all().contains("s3cr3t"), "{}", said.all());
        assert!(said.err.contains("MY_SECRET, ") && said.err.contains("access_token"), "{}", said.err);
        assert!(said.err.contains("# MY_SECRET_encoded: encoded"), "{}", said.err);
        assert!(!said.err.contains("placeholders"), "{}", said.err);
        let variables = [("MY_SECRET", SECRET), ("access_token", "T0KEN"), ("MY_SECRET_encoded", "E")];
        let words = words(&said.out, &variables);
        let has =
            |word: &str| assert!(words.iter().any(|known| known == word), "{word} is not in {words:#?}");
        has(&format!("X-Key: it's {SECRET}"));
        has(&format!("@{SECRET} [access_token] '{SECRET}'"));
        has("Authorization: Bearer T0KEN");
    }
}

#[test]
fn the_paths_of_a_curl_command_lead_to_the_files_from_everywhere() {
    let project = Project::shipped();
    let environment = project
        .read("requests/environments/embedded.yaml")
        .replace("tls:\n", "tls:\n  ca: [certificates/embedded_tls.crt, certificates/embedded_tls.crt]\n");
    project.run(&["check"]).ends_with(0);
    project.write("requests/environments/embedded.yaml", &environment);
    let inside = explain(&project, &["token", "--curl"]);
    assert!(inside.out.contains("--cert certificates/embedded_tls.crt"), "{}", inside.out);
    assert!(inside.err.contains("curl takes one file of roots"), "{}", inside.err);
    let elsewhere = Project::empty();
    let root = project.path().canonicalize().unwrap();
    let outside = explain(&elsewhere, &["token", "--curl", "--suite", &root.to_string_lossy()]);
    let path = root.join("certificates/embedded_tls.key");
    assert!(outside.out.contains(&format!("--key {}", path.display())), "{}", outside.out);
}

#[test]
fn a_request_is_explained_though_a_folder_has_its_name() {
    let greeting = Project::shipped().read("requests/greeting.yaml");
    let project =
        Project::shipped().with("requests/hello.yaml", &greeting).with("requests/hello/a.yaml", &greeting);
    let said = project.run(&["explain", "hello"]);
    said.ends_with(0);
    assert!(said.out.starts_with("hello  embedded"), "{}", said.out);
}

#[test]
fn another_host_is_shown_without_our_certificate() {
    let project =
        Project::shipped().with("requests/else.yaml", "method: GET\nendpoint: https://else.example/\n");
    let curl = project.run(&["explain", "else", "--curl"]);
    curl.ends_with(0);
    assert!(
        !curl.out.contains("--cert") && !curl.out.contains("--key") && !curl.err.contains("lives only"),
        "{curl:?}"
    );
    let text = project.run(&["explain", "else"]);
    assert!(!text.out.contains("embedded_tls"), "{}", text.out);
}

#[test]
fn a_curl_command_makes_the_control_characters_that_it_can_not_show() {
    let request = "method: POST\nendpoint: /\nheaders: {X-Tab: \"a\\tb\"}\nbody: {text: \"one\\r\\n\\ttwo\\e'\\u00adthree\"}\n";
    let project = Project::shipped().with("requests/a.yaml", request);
    let said = explain(&project, &["a", "--curl"]);
    said.ends_with(0);
    assert!(!said.out.contains(['\r', '\t', '\u{1b}', '\u{ad}']), "{:?}", said.out);
    let words = words(&said.out, &[]);
    assert!(words.iter().any(|word| word == "one\r\n\ttwo\u{1b}'\u{ad}three"), "{words:?}");
    assert!(words.iter().any(|word| word == "X-Tab: a\tb"), "{words:?}");
}

/// Every layer that says a variable, from the command line down to the suite file.
#[test]
fn each_variable_is_shown_with_its_value_with_where_it_was_said_and_what_it_wins_over() {
    let project = Project::embedded()
        .with("requests/token.yaml", &Project::shipped().read("requests/token.yaml"))
        .with(
            "requests/suite.yaml",
            "environment: embedded\nvariables:\n  currency: EUR\n  note: from the suite\n  pin: \"{{ secret('PIN') }}\"\n",
        )
        .with(
            "requests/pay.yaml",
            "token: token\nvariables: {note: own, to: nobody}\ncases:\n- {case: one, to: Ann}\nmethod: POST\nendpoint: /pay\n\
             body: {json: {currency: '{{ currency }}', note: '{{ note }}', to: '{{ to }}', by: '{{ client_id }}', pin: '{{ pin }}'}}\n",
        )
        .with("more.yaml", "note: from a file\n");
    let mut command =
        project.command(&["explain", "pay@one", "--vars-file", "more.yaml", "--var", "note=given"]);
    let said = said(&command.env("PIN", "p1n-p1n-p1n").output().unwrap());
    said.ends_with(0);
    let shown: Vec<&str> = said.out.lines().skip_while(|line| *line != "variables").skip(1).collect();
    let shown = shown.iter().take_while(|line| !line.is_empty()).map(|line| line.trim()).collect::<Vec<_>>();
    let shown: Vec<String> =
        shown.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for wanted in [
        "currency EUR (requests/suite.yaml:3:13)",
        "note given (--var, over more.yaml:1:1, requests/pay.yaml:2:19, requests/suite.yaml:4:9)",
        "pin [PIN] (requests/suite.yaml:5:8)",
        "to Ann (requests/pay.yaml:4:19, over requests/pay.yaml:2:28)",
    ] {
        assert!(shown.iter().any(|line| line == wanted), "no `{wanted}` in {shown:#?}");
    }
    assert!(
        shown.iter().any(|line| line.starts_with("client_id ")
            && line.ends_with("(requests/environments/embedded.yaml:5:14)")),
        "{shown:#?}"
    );
    assert!(!said.all().contains("p1n-p1n"));

    command.arg("--json");
    let told: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    let note =
        told["variables"].as_array().unwrap().iter().find(|variable| variable["name"] == "note").unwrap();
    assert_eq!(
        (&note["value"], &note["from"], note["over"].as_array().unwrap().len()),
        (&"given".into(), &"--var".into(), 3)
    );
}
