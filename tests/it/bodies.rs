//! Every kind of body as it stands on the wire, read back by Python's parsers.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Project, python, said};

const ENVIRONMENT: &str = "host: https://bank.example\nvariables: {name: 'A & <B>', amount: 12.50}\n";

/// Media type and bytes of the body that a request would send.
fn sent(project: &Project) -> (String, Vec<u8>) {
    let said = project.run(&["explain", "a", "--json", "--seed", "7"]);
    said.ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let headers = told["headers"].as_array().unwrap();
    let media_type = headers.iter().find(|pair| pair[0] == "Content-Type").expect("there is a body");
    let body = STANDARD.decode(told["body_base64"].as_str().unwrap()).unwrap();
    (media_type[1].as_str().unwrap().to_owned(), body)
}

fn project(body: &str) -> Project {
    Project::empty()
        .with("requests/environments/test.yaml", ENVIRONMENT)
        .with("requests/a.yaml", &format!("method: POST\nendpoint: /\nbody:\n{body}"))
}

#[test]
fn a_body_is_sent_as_its_kind_says_and_what_is_inserted_stays_data() {
    for (body, media_type, bytes) in [
        (
            "  xml: '<Nm a=\"{{ name }}\">{{ name }}</Nm>'\n",
            "application/xml",
            "<Nm a=\"A &amp; &lt;B&gt;\">A &amp; &lt;B&gt;</Nm>",
        ),
        ("  xml: '<a>{{ \"<b/>\" | safe }}</a>'\n", "application/xml", "<a><b/></a>"),
        ("  base64: |\n    aGVs\n    bG8=\n", "application/octet-stream", "hello"),
        ("  base64: \"{{ name | base64 }}\"\n", "application/octet-stream", "A & <B>"),
        (
            "  graphql: {query: 'query Q($a: Float) { x(a: $a) }', variables: {a: '{{ amount }}'}, operation: Q}\n",
            "application/json",
            r#"{"query":"query Q($a: Float) { x(a: $a) }","operationName":"Q","variables":{"a":12.50}}"#,
        ),
        ("  graphql: {query: '{ me }'}\n", "application/json", r#"{"query":"{ me }"}"#),
    ] {
        let (kind, sent) = sent(&project(body));
        assert_eq!((kind.as_str(), String::from_utf8_lossy(&sent).as_ref()), (media_type, bytes), "{body}");
    }
}

const READ_FORM: &str = "
import email, json, sys
from email.policy import HTTP
head, body = sys.stdin.buffer.read().split(b'\\n', 1)
message = email.message_from_bytes(b'Content-Type: ' + head + b'\\r\\n\\r\\n' + body, policy=HTTP)
print(json.dumps([[part.get_param('name', header='content-disposition'), part.get_filename(),
                   part.get('content-type'), part.get_payload(decode=True).hex()] for part in message.iter_parts()]))
";

#[test]
fn a_form_of_parts_is_read_by_pythons_parser_as_it_was_written() {
    let Some(python) = python() else { return };
    let project = project(
        "  multipart:
    - note: 'for {{ name }}'
    - note: again
    - details: {json: {amount: '{{ amount }}'}}
    - document: {file: documents/scan.pdf}
    - 'odd \"name\"': {file: documents/scan.pdf, filename: 'ü.bin', content_type: application/x-own}
",
    );
    std::fs::create_dir_all(project.path().join("documents")).unwrap();
    std::fs::write(project.path().join("documents/scan.pdf"), b"%PDF\r\n--\x00\xff").unwrap();
    let (media_type, body) = sent(&project);
    assert!(media_type.starts_with("multipart/form-data; boundary=countersign-"), "{media_type}");
    assert_eq!(sent(&project), (media_type.clone(), body.clone()), "a seed fixes the boundary");
    let mut parser = Command::new(python)
        .args(["-c", READ_FORM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = parser.stdin.take().unwrap();
    input.write_all(format!("{media_type}\n").as_bytes()).unwrap();
    input.write_all(&body).unwrap();
    drop(input);
    let said = said(&parser.wait_with_output().unwrap());
    said.ends_with(0);
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let scan = hex(b"%PDF\r\n--\x00\xff");
    let parts: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        parts,
        serde_json::json!([
            ["note", null, null, hex(b"for A & <B>")],
            ["note", null, null, hex(b"again")],
            ["details", null, "application/json", hex(b"{\"amount\":12.50}")],
            ["document", "scan.pdf", "application/pdf", scan],
            ["odd %22name%22", "ü.bin", "application/x-own", scan],
        ])
    );
}
