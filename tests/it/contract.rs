//! OpenAPI documents as contracts, from the command line: the embedded bank keeps its contract, a server that does not
//! is told so, and a run says how much it reached.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

use crate::support::{Project, Said, repository, settle};

/// The YAML blocks of the page.
fn blocks() -> Vec<String> {
    let page = std::fs::read_to_string(repository().join("docs/contract.md")).unwrap();
    page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The suite of the page.
fn worked() -> Project {
    let blocks = blocks();
    Project::shipped().with("contracts/bank.yaml", &blocks[0]).with("requests/suite.yaml", &blocks[1])
}

fn page() -> String {
    settle(&std::fs::read_to_string(repository().join("docs/contract.md")).unwrap())
}

#[test]
fn the_worked_example_of_the_page_says_what_the_page_says() {
    let project = worked();
    let said = project.run(&["run"]);
    said.ends_with(0);
    let last: Vec<String> = said.settled().lines().rev().take(2).map(str::to_owned).collect();
    assert!(page().contains(&format!("{}\n{}\n", last[1], last[0])), "{last:?}");

    let wrong = blocks()[0].replace("{type: integer, minimum: 0, exclusiveMinimum: true}", "{type: string}");
    project.write("contracts/bank.yaml", &wrong);
    let said = project.run(&["run", "token"]);
    said.ends_with(1);
    let page = page();
    let example = page.split("```text\n").nth(2).unwrap().split("```").next().unwrap().to_owned();
    for line in [
        "error[contract.body]: `$.expires_in` is wrong: 905 is not of type \"string\"",
        "contracts/bank.yaml:18",
    ] {
        assert!(said.out.contains(line) && example.contains(line), "{line} is not in\n{}", said.all());
    }
}

#[test]
fn a_contract_is_switched_off_and_narrowed_by_request_and_environment() {
    let project = worked()
        .with("requests/other.yaml", "method: GET\nendpoint: /other\ncontract: false\nsnapshot: false\n");
    assert!(!project.run(&["run", "other"]).out.contains("contract"), "switched off");
    project.write("requests/other.yaml", "method: GET\nendpoint: /other\nsnapshot: false\n");
    let said = project.run(&["run", "other"]);
    said.ends_with(1);
    assert!(
        said.out.contains("error[contract.operation]: `GET /other` is no operation of `contracts/bank.yaml`"),
        "{}",
        said.all()
    );
    assert!(said.out.contains("requests/other.yaml:2:11"), "{}", said.all());

    let environment = project.read("requests/environments/embedded.yaml") + "contract: false\n";
    project.write("requests/environments/embedded.yaml", &environment);
    assert!(!project.run(&["run", "other"]).all().contains("contract."), "switched off by the environment");
    project.write(
        "requests/other.yaml",
        "method: GET\nendpoint: /other\ncontract: contracts/bank.yaml\nsnapshot: false\n",
    );
    assert!(
        project.run(&["run", "other"]).out.contains("error[contract.operation]"),
        "the request's word is the last"
    );
}

#[test]
fn requests_are_held_against_the_contract_only_where_that_is_asked() {
    let form =
        "method: POST\nendpoint: /oauth2/token\nbody: {form: {grant_type: password}}\nsnapshot: false\n";
    let project = worked().with("requests/bad.yaml", form);
    assert!(!project.run(&["run", "bad"]).all().contains("contract.request"));
    project.write("requests/bad.yaml", &format!("{form}contract: {{requests: true}}\n"));
    let said = project.run(&["run", "bad"]);
    said.ends_with(1);
    assert!(
        said.out.contains(
            "error[contract.request]: `request body $.grant_type` is wrong: \"password\" is not one of"
        ),
        "{}",
        said.all()
    );
    project.write("requests/bad.yaml", &format!("{form}contract: {{requests: true}}\ntamper: digest\n"));
    assert!(
        !project.run(&["run", "bad"]).all().contains("contract.request"),
        "what is broken on purpose is not judged"
    );
}

#[test]
fn the_json_report_says_what_was_reached_and_what_was_not() {
    let said = worked().run(&["run", "--report", "json"]);
    said.ends_with(0);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let step = lines.iter().find(|line| line["step"]["name"] == "greeting").unwrap();
    assert_eq!(step["contract"]["operation"], "GET /greetings/single");
    assert_eq!(step["contract"]["status"], "200");
    let contract = &lines.last().unwrap()["contracts"][0];
    assert_eq!(contract["file"], "contracts/bank.yaml");
    assert_eq!(contract["operations_reached"], 2);
    assert_eq!(contract["answers_reached"], 2);
    assert_eq!(contract["answers_declared"], 4);
    assert_eq!(contract["operations"][1]["id"], "greeting");
    assert_eq!(contract["operations"][1]["answers"][1]["status"], "401");
    assert_eq!(contract["operations"][1]["answers"][1]["reached"], false);
}

/// A server on this machine that answers every request as its path is listed.
fn server(answers: &'static [(&'static str, &'static str)]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            std::thread::spawn(move || serve(stream, answers));
        }
    });
    port
}

fn serve(mut stream: TcpStream, answers: &[(&str, &str)]) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    std::io::copy(&mut reader.take(length), &mut std::io::sink()).unwrap();
    let path = first.split(' ').nth(1).unwrap();
    let (_, answer) = answers.iter().find(|(known, _)| *known == path).unwrap_or_else(|| panic!("{path}"));
    let (head, body) = answer.split_once("\n\n").unwrap();
    let head = head.replace('\n', "\r\n");
    let length = body.len();
    write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
}

const DOCUMENT: &str = r##"openapi: 3.1.0
servers: [{url: https://api.bank.example/v3}]
paths:
  /accounts/{id}:
    get:
      responses:
        "200":
          headers:
            X-Left: {required: true, schema: {type: integer}}
          content:
            application/json: {schema: {$ref: "#/components/schemas/Account"}}
        4XX: {content: {application/problem+json: {}}}
  /accounts/mine:
    get: {responses: {default: {description: anything}}}
components:
  schemas:
    Account:
      type: object
      required: [iban]
      properties:
        iban: {type: [string, "null"]}
        balance: {type: number, exclusiveMaximum: 12345678901234567890}
"##;

const ANSWERS: &[(&str, &str)] = &[
    (
        "/v3/accounts/good",
        "200 OK\nContent-Type: application/json; charset=utf-8\nX-Left: 3\n\n{\"iban\": null, \"balance\": 12345678901234567889}",
    ),
    (
        "/v3/accounts/body",
        "200 OK\nContent-Type: application/json\nX-Left: 3\n\n{\"balance\": 12345678901234567891}",
    ),
    ("/v3/accounts/header", "200 OK\nContent-Type: application/json\nX-Left: some\n\n{\"iban\": \"NL1\"}"),
    ("/v3/accounts/type", "404 Not Found\nContent-Type: text/html\n\n<html>"),
    ("/v3/accounts/status", "500 Oops\nContent-Type: text/plain\n\nstopped"),
    ("/v3/accounts/mine", "500 Oops\nContent-Type: text/plain\n\nstopped"),
];

fn against_the_server(name: &str, more: &str) -> Said {
    let port = server(ANSWERS);
    let environment = format!("host: http://127.0.0.1:{port}/v3\ncontract: api/openapi.yaml\n");
    let request = format!("method: GET\nendpoint: /accounts/{name}\nsnapshot: false\n{more}");
    Project::empty()
        .with("requests/environments/local.yaml", &environment)
        .with("api/openapi.yaml", DOCUMENT)
        .with("requests/a.yaml", &request)
        .run(&["run"])
}

#[test]
fn each_violation_of_an_answer_is_told_with_its_code_at_the_request() {
    let table = [
        ("body", "error[contract.body]: `$` is wrong: \"iban\" is a required property"),
        (
            "body",
            "error[contract.body]: `$.balance` is wrong: 12345678901234567891 is greater than or equal to",
        ),
        ("header", "error[contract.header]: `header.X-Left` is wrong: \"some\" is not of type \"integer\""),
        ("type", "error[contract.content_type]: `header.content-type` is `text/html`"),
        ("status", "error[contract.status]: `status` is 500"),
    ];
    for (name, line) in table {
        let said = against_the_server(name, "");
        said.ends_with(1);
        assert!(said.out.contains(line), "{line} is not in\n{}", said.all());
        assert!(said.out.contains("requests/a.yaml:2:11"), "{}", said.all());
        assert!(said.out.contains("api/openapi.yaml:"), "{}", said.all());
    }
}

#[test]
fn an_answer_that_keeps_the_contract_passes_and_the_concrete_path_is_the_one_that_is_reached() {
    let said = against_the_server("good", "");
    said.ends_with(0);
    assert!(said.out.contains("contract api/openapi.yaml: 1 of 2 operations, 1 of 3 answers; not reached: GET /accounts/{id} 4XX, GET /accounts/mine"), "{}", said.all());
    let said = against_the_server("mine", "expect: {status: 500}\n");
    said.ends_with(0);
    assert!(
        said.out.contains("1 of 2 operations, 1 of 3 answers; not reached: GET /accounts/{id}"),
        "{}",
        said.all()
    );
}

#[test]
fn a_document_in_json_with_tabs_is_read_and_its_mistakes_have_a_place() {
    let good = "{\n\t\"openapi\": \"3.0.3\",\n\t\"paths\": {\"/a\\/b\": {\"get\": {\"responses\": {}}}}\n}\n";
    let request = "method: GET\nendpoint: /a\ncontract: openapi.json\n";
    let project = Project::embedded().with("requests/a.yaml", request).with("openapi.json", good);
    project.run(&["check"]).ends_with(0);
    project.write(
        "openapi.json",
        &good.replace("{\"responses\"", "{\"parameters\": [{\"$ref\": \"#/x\"}], \"responses\""),
    );
    let said = project.run(&["check"]);
    said.ends_with(3);
    assert!(
        said.err.contains("error[contract.document]: `#/x` refers to what is not there"),
        "{}",
        said.all()
    );
    assert!(said.err.contains("openapi.json:3:"), "{}", said.all());
}
