//! `countersign verify` on messages that others published, without a profile: what is signed, and
//! how, is read from the message.

use std::fs;

use serde_json::Value;

use crate::support::{Project, repository};

fn vectors(name: &str) -> Value {
    let path = repository().join("tests/vectors").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A message of the RFC with the signature of a test in it.
fn signed(message: &Value, test: &Value) -> String {
    let start = match message["method"].as_str() {
        Some(method) => format!("{method} {} HTTP/1.1", message["target"].as_str().unwrap()),
        None => format!("HTTP/1.1 {} OK", message["status"]),
    };
    let fields = message["headers"].as_array().unwrap().iter();
    let fields = fields.map(|field| (field[0].as_str().unwrap(), field[1].as_str().unwrap()));
    let signature = ["signature_input", "signature"].map(|name| test[name].as_str().unwrap());
    let signature = ["Signature-Input", "Signature"].into_iter().zip(signature);
    let head: Vec<_> = fields.chain(signature).map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{start}\n{}\n\n{}", head.join("\n"), message["body"].as_str().unwrap())
}

/// The published key of a test, as PEM and as JWK.
fn write_keys(project: &Project, vectors: &Value, test: &Value) {
    let key = &vectors["keys"][test["keyid"].as_str().unwrap()];
    project.write("key.pem", key["public_pem_spki"].as_str().unwrap());
    project.write("key.json", &key["jwk"].to_string());
}

#[test]
fn the_messages_of_rfc_9421_verify_and_others_do_not() {
    let vectors = vectors("rfc9421.json");
    let project = Project::empty();
    let mut seen = 0;
    for test in vectors["tests"].as_array().unwrap() {
        let id = test["id"].as_str().unwrap();
        // A secret of arbitrary bytes has no place in an environment variable.
        if test["signature_input"].is_null() || id == "B.2.5" {
            continue;
        }
        seen += 1;
        write_keys(&project, &vectors, test);
        let message = signed(&vectors["messages"][test["message"].as_str().unwrap()], test);
        project.write("message.http", &message);
        for key in ["key.pem", "key.json"] {
            let said = project.run(&["verify", "message.http", "--key", key]);
            assert_eq!(said.code, 0, "{id}: {}{}", said.out, said.err);
            assert!(
                said.out.contains("scheme     rfc9421, guessed from `Signature-Input`\n"),
                "{}",
                said.out
            );
        }
        project.write("message.http", &message.replace("created=1618884473", "created=1618884474"));
        let said = project.run(&["verify", "message.http", "--key", "key.pem"]);
        assert_eq!(said.code, 1, "{id}: {}{}", said.out, said.err);
    }
    assert_eq!(seen, 5);
}

#[test]
fn an_answer_verifies_with_the_request_that_it_signs_parts_of() {
    let vectors = vectors("rfc9421.json");
    let project = Project::empty();
    let test = vectors["tests"].as_array().unwrap().iter().find(|test| test["id"] == "2.4").unwrap();
    write_keys(&project, &vectors, test);
    let [request, answer] = ["request_raw", "response_raw"].map(|name| test[name].as_str().unwrap());
    project.write("request.http", request);
    project.write("answer.http", answer);
    project.write("both.http", &format!("{request}\n\n{answer}"));
    let apart = ["verify", "answer.http", "--request", "request.http", "--key", "key.pem"];
    let together = ["verify", "both.http", "--answer", "--key", "key.pem"];
    for arguments in [&apart[..], &together] {
        let said = project.run(arguments);
        said.ends_with(0);
        assert!(said.out.starts_with("verified  503, the answer to POST /foo?"), "{}", said.out);
    }
    let said = project.run(&["verify", "answer.http", "--key", "key.pem"]);
    said.ends_with(1);
}
