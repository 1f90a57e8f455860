//! Which operation is meant, what a 3.0 schema means, and what is wrong with an exchange.

use serde_json::{Value, json};

use super::dialect::Dialect;
use super::*;
use crate::message::{Answer, Headers, Message};
use crate::secret::Redactor;

fn contract(document: Value) -> Contract {
    Contract::read("openapi.yaml", document, &|_| None).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn mistakes(document: Value) -> Vec<String> {
    let mistakes = Contract::read("openapi.yaml", document, &|_| None).unwrap_err();
    mistakes.into_iter().map(|mistake| format!("{}: {}", mistake.pointer, mistake.message)).collect()
}

/// A document with these paths, each with GET.
fn with_paths(servers: &Value, paths: &[&str]) -> Contract {
    let get = json!({"get": {"responses": {}}});
    let paths: Value =
        paths.iter().map(|path| ((*path).to_owned(), get.clone())).collect::<serde_json::Map<_, _>>().into();
    contract(json!({"openapi": "3.1.0", "servers": servers, "paths": paths}))
}

#[test]
fn the_most_concrete_path_is_the_one_that_is_meant() {
    let paths = [
        "/accounts/{id}",
        "/accounts/mine",
        "/{kind}/mine",
        "/accounts/{id}/report.{format}",
        "/accounts/{id}/{part}",
        "/from-{a}-to-{b}",
        "/caf\u{e9}",
        "/",
    ];
    let contract = with_paths(
        &json!([{"url": "https://a.example/v1"}, {"url": "/{stage}/x", "variables": {"stage": {"default": "live"}}}]),
        &paths,
    );
    let table = [
        ("/v1/accounts/mine", "", Some("/accounts/mine")),
        ("/v1/accounts/12", "", Some("/accounts/{id}")),
        ("/v1/cards/mine", "", Some("/{kind}/mine")),
        ("/v1/accounts/12/report.pdf", "", Some("/accounts/{id}/report.{format}")),
        ("/v1/accounts/12/report.", "", Some("/accounts/{id}/{part}")),
        ("/v1/from-a-to-b", "", Some("/from-{a}-to-{b}")),
        ("/v1/caf%C3%A9", "", Some("/caf\u{e9}")),
        ("/v1/", "", Some("/")),
        ("/live/x/accounts/12", "", Some("/accounts/{id}")),
        ("/test/x/accounts/12", "", Some("/accounts/{id}")),
        ("/gateway/v1/accounts/12", "/gateway/", Some("/accounts/{id}")),
        ("/gateway/accounts/12", "/gateway", Some("/accounts/{id}")),
        ("/v2/accounts/12", "", None),
        ("/v1/accounts/", "", None),
        ("/v1/accounts/12/", "", None),
        ("/v1/accounts/a%2Fb", "", Some("/accounts/{id}")),
    ];
    for (path, host, meant) in table {
        let found = contract.find("GET", path, host).ok().map(|found| found.operation.path.clone());
        assert_eq!(found.as_deref(), meant, "{path} at {host:?}");
    }
}

#[test]
fn a_path_without_the_method_is_told_with_the_methods_that_it_has() {
    let document = json!({"openapi": "3.0.3", "paths": {
        "/a/mine": {"get": {"responses": {}}},
        "/a/{id}": {"delete": {"responses": {}}, "servers": [{"url": "/v9"}]},
    }});
    let contract = contract(document);
    let methods = |method, path| match contract.find(method, path, "") {
        Ok(found) => vec![found.operation.name()],
        Err(find::Missing::Method(known)) => known.iter().map(|operation| operation.name()).collect(),
        Err(find::Missing::Path) => Vec::new(),
    };
    assert_eq!(methods("DELETE", "/a/mine"), ["GET /a/mine"]);
    assert_eq!(methods("DELETE", "/v9/a/7"), ["DELETE /a/{id}"]);
}

#[test]
fn a_schema_of_3_0_means_what_its_translation_means() {
    let document = json!({"components": {"schemas": {"Secret": {"type": "string", "writeOnly": true}}}});
    let answer = |schema: Value| {
        Dialect { document: &document, version: Version::V3_0, way: Way::Answer }.translated(schema)
    };
    let table = [
        (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
        (json!({"type": "string", "nullable": false}), json!({"type": "string"})),
        (
            json!({"type": "string", "enum": ["a"], "nullable": true}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
        ),
        (
            json!({"nullable": true, "allOf": [{"$ref": "#/a"}]}),
            json!({"anyOf": [{"allOf": [{"$ref": "#/a"}]}, {"type": "null"}]}),
        ),
        (json!({"minimum": 5, "exclusiveMinimum": true}), json!({"exclusiveMinimum": 5})),
        (json!({"maximum": 5, "exclusiveMaximum": false}), json!({"maximum": 5})),
        (json!({"$ref": "#/a", "nullable": true, "type": "string"}), json!({"$ref": "#/a"})),
        (
            json!({"items": {"type": "integer", "nullable": true}}),
            json!({"items": {"type": ["integer", "null"]}}),
        ),
        (
            json!({"required": ["a", "b"], "properties": {"a": {"$ref": "#/components/schemas/Secret"}, "b": {"readOnly": true}}}),
            json!({"required": ["b"], "properties": {"a": false, "b": {"readOnly": true}}}),
        ),
        (
            json!({"properties": {"nullable": {"type": "boolean"}, "example": {"nullable": true, "type": "string"}}}),
            json!({"properties": {"nullable": {"type": "boolean"}, "example": {"type": ["string", "null"]}}}),
        ),
    ];
    for (schema, meant) in table {
        assert_eq!(answer(schema.clone()), meant, "{schema}");
    }
    let request = Dialect { document: &document, version: Version::V3_1, way: Way::Request };
    let schema = json!({"type": ["string", "null"], "exclusiveMinimum": 5, "required": ["a"], "properties": {"a": {"readOnly": true}}});
    let meant = json!({"type": ["string", "null"], "exclusiveMinimum": 5, "required": [], "properties": {"a": false}});
    assert_eq!(request.translated(schema), meant);
}

#[test]
fn a_document_that_is_none_is_refused_at_the_place_of_each_mistake() {
    let of = |schema: Value| json!({"openapi": "3.0.1", "components": {"schemas": {"A": schema}}});
    let table = [
        (json!({"swagger": "2.0"}), "/swagger: this is Swagger 2.0, not OpenAPI 3.0 or 3.1"),
        (json!({}), ": this is no OpenAPI document: it has no `openapi`"),
        (
            json!({"openapi": "3.1.0", "components": {"responses": {
                "A": {"$ref": "#/components/responses/B"}, "B": {"$ref": "#/components/responses/A"}}}}),
            "/components/responses/A/$ref: this reference leads back to itself",
        ),
        (json!({"openapi": "3.2.0"}), "/openapi: OpenAPI `3.2.0` is not supported"),
        (json!({"openapi": 3.1}), "/openapi: OpenAPI `3.1` is not supported"),
        (
            json!({"openapi": "3.1.0", "jsonSchemaDialect": "https://x.example/"}),
            "/jsonSchemaDialect: schemas in the dialect `https://x.example/` are not supported",
        ),
        (
            of(json!({"$ref": "#/components/schemas/B"})),
            "/components/schemas/A/$ref: `#/components/schemas/B` refers to what is not there",
        ),
        (
            of(json!({"$ref": "https://x.example/a.json"})),
            "/components/schemas/A/$ref: `https://x.example/a.json` is on the network",
        ),
        (
            of(json!({"$ref": "parts.yaml#/A"})),
            "/components/schemas/A/$ref: `parts.yaml#/A` is another file, which is not read",
        ),
        (
            of(json!({"$ref": "#/components/schemas/A"})),
            "/components/schemas/A: this schema leads back to itself, and no value could satisfy it",
        ),
        (
            of(json!({"allOf": [{"type": "object"}, {"$ref": "#/components/schemas/A"}]})),
            "/components/schemas/A: this schema leads back to itself, and no value could satisfy it",
        ),
        (
            of(json!({"properties": {"a": {"type": "text"}}})),
            "/components/schemas/A/properties/a/type: this is no type: ",
        ),
        (
            json!({"openapi": "3.0.1", "paths": {"a": {"get": {}}}}),
            "/paths/a: `a` is no path: a path begins with `/`",
        ),
        (
            json!({"openapi": "3.0.1", "paths": {"/{a": {"get": {}}}}),
            "/paths/~1{a: `/{a` is no path: a `{` without its `}`",
        ),
        (
            json!({"openapi": "3.0.1", "paths": {"/a": {"get": {"responses": {"20": {}}}}}}),
            "/paths/~1a/get/responses/20: `20` is no status",
        ),
        (
            json!({"openapi": "3.0.1", "paths": {"/a": {"get": {"parameters": [{"in": "body", "name": "a"}]}}}}),
            "/paths/~1a/get/parameters/0: a parameter must be `in` one of path, query, header, cookie",
        ),
    ];
    for (document, first) in table {
        let found = mistakes(document.clone());
        assert!(found[0].starts_with(first), "{document}: {found:?}");
    }
}

#[test]
fn a_schema_may_hold_itself_and_an_example_may_look_like_a_reference() {
    let of = |schema: Value| json!({"openapi": "3.0.1", "components": {"schemas": {"A": schema}}});
    contract(of(
        json!({"properties": {"a": {"$ref": "#/components/schemas/A"}}, "example": {"$ref": "nowhere"}}),
    ));
    contract(
        json!({"openapi": "3.1.0", "components": {"schemas": {"A": {"$anchor": "a"}, "B": {"$ref": "#a"}}}}),
    );
}

fn exchange(request: (&str, &str, &str), answer: (u16, &[(&str, &str)], &str)) -> (Message, Answer) {
    let headers: Headers = if request.2.is_empty() {
        Headers::new()
    } else {
        [("Content-Type", "application/json")].into_iter().collect()
    };
    let message = Message {
        method: request.0.into(),
        url: format!("https://bank.example{}", request.1).parse().unwrap(),
        headers,
        body: request.2.to_owned().into(),
    };
    let (status, fields, body) = answer;
    let headers = fields.iter().copied().collect();
    (message, Answer { status, version: "HTTP/1.1".into(), headers, body: body.to_owned().into() })
}

/// What is wrong with an exchange: selector and what was found.
fn wrong(contract: &Contract, (sent, answer): &(Message, Answer)) -> Vec<String> {
    let exchanged = Exchanged { sent, answer, host: "", own_origin: true, requests: true };
    let judged = contract.judge(&exchanged, &Redactor::default());
    let failed = judged.findings.into_iter().filter(|finding| !finding.held);
    failed.map(|finding| format!("{:?} {} {}", finding.aspect, finding.selector, finding.got)).collect()
}

fn bank() -> Contract {
    contract(json!({
        "openapi": "3.0.3",
        "paths": {"/accounts/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": true, "schema": {"type": "integer"}}],
            "get": {
                "parameters": [
                    {"in": "query", "name": "limit", "required": true, "schema": {"type": "integer", "maximum": 10}},
                    {"in": "query", "name": "tags", "schema": {"type": "array", "items": {"type": "string", "maxLength": 3}}},
                ],
                "responses": {
                    "200": {
                        "headers": {"X-Left": {"required": true, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}},
                    },
                    "4XX": {"description": "refused"},
                },
            },
            "put": {
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}},
                "responses": {"204": {"description": "done"}},
            },
        }},
        "components": {"schemas": {"Account": {
            "type": "object",
            "required": ["iban", "pin"],
            "properties": {
                "iban": {"type": "string", "readOnly": true},
                "pin": {"type": "string", "writeOnly": true},
                "limit": {"type": "integer", "maximum": 9_007_199_254_740_993_i64, "nullable": true},
                "owner": {"allOf": [{"$ref": "#/components/schemas/Owner"}], "nullable": true},
            },
        }, "Owner": {"type": "object", "properties": {"name": {"type": "string"}}}}},
    }))
}

/// Status, header fields and body of an answer, and what is wrong with it.
type Row<'r> = (u16, &'r [(&'r str, &'r str)], &'r str, &'r [&'r str]);

#[test]
fn every_violation_of_an_answer_is_found_at_its_place() {
    let bank = bank();
    let json = [("content-type", "application/json"), ("x-left", "3")];
    let get = ("GET", "/accounts/7?limit=3&tags=abc&tags=de", "");
    let good = r#"{"iban": "NL1", "limit": null, "owner": null}"#;
    assert_eq!(wrong(&bank, &exchange(get, (200, &json, good))), [""; 0]);
    assert_eq!(wrong(&bank, &exchange(get, (404, &[], "<html>"))), [""; 0]);
    let table: [Row<'_>; 6] = [
        (500, &json, good, &["Status status 500"]),
        (200, &json[..1], good, &["Header header.X-Left nothing, and it is required"]),
        (
            200,
            &[("content-type", "text/html"), ("x-left", "many")],
            "",
            &[
                "Header header.X-Left wrong: \"many\" is not of type \"integer\"",
                "ContentType header.content-type `text/html`",
            ],
        ),
        (200, &[("x-left", "3")], "", &["ContentType header.content-type nothing, and there is no body"]),
        (200, &json, "{", &["Body $ no JSON: line 1, column 2: "]),
        (
            200,
            &json,
            r#"{"iban": 1, "pin": "x", "limit": 9007199254740994, "owner": {"name": 1}}"#,
            &[
                "Body $.iban wrong: 1 is not of type \"string\"",
                "Body $.pin wrong: an answer must not have it",
                "Body $.limit wrong: 9007199254740994 is greater than",
                "Body $.owner.name wrong: 1 is not of type \"string\"",
            ],
        ),
    ];
    for (status, headers, body, expected) in table {
        let found = wrong(&bank, &exchange(get, (status, headers, body)));
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for expected in expected {
            assert!(found.iter().any(|found| found.starts_with(expected)), "{expected} is not in {found:#?}");
        }
    }
}

#[test]
fn every_violation_of_a_request_is_found_at_its_place() {
    let bank = bank();
    let done = (204, [].as_slice(), "");
    let json = [("content-type", "application/json"), ("x-left", "3")];
    let good = (200, json.as_slice(), r#"{"iban": "NL1"}"#);
    let found = wrong(&bank, &exchange(("GET", "/accounts/x?tags=long1&tags=ab", ""), good));
    let all = found.join("\n");
    for expected in [
        "Request request path.id wrong: \"x\" is not of type \"integer\"",
        "Request request query.limit nothing, and it is required",
        "Request request query.tags wrong: \"long1\" is longer than 3 characters",
    ] {
        assert!(all.contains(expected), "{expected} is not in\n{all}");
    }
    let found = wrong(&bank, &exchange(("PUT", "/accounts/7", r#"{"iban": "NL1"}"#), done));
    assert!(found[0].starts_with("Request request body $"), "{found:?}");
    assert!(
        found.iter().any(|found| found.contains("$.iban wrong: a request must not have it")),
        "{found:?}"
    );
    assert_eq!(
        wrong(&bank, &exchange(("PUT", "/accounts/7", ""), done)),
        ["Request request body nothing, and it is required"]
    );
    assert_eq!(wrong(&bank, &exchange(("PUT", "/accounts/7", r#"{"pin": "1"}"#), done)), [""; 0]);
}

#[test]
fn an_exchange_with_another_host_is_judged_only_if_the_document_names_it() {
    let (sent, answer) = exchange(("GET", "/elsewhere", ""), (200, &[], ""));
    let judge = |url: &str| {
        let document = json!({"openapi": "3.0.0", "servers": [{"url": url}], "paths": {}});
        let exchanged =
            Exchanged { sent: &sent, answer: &answer, host: "", own_origin: false, requests: false };
        contract(document).judge(&exchanged, &Redactor::default()).findings.len()
    };
    assert_eq!(judge("https://api.example"), 0);
    assert_eq!(judge("https://BANK.example/v1"), 1);
}

#[test]
fn what_was_not_reached_is_counted_and_named() {
    let bank = bank();
    let mut coverage = Coverage::none_of(&bank);
    let (sent, answer) = exchange(("GET", "/accounts/7", ""), (404, &[], ""));
    let exchanged = Exchanged { sent: &sent, answer: &answer, host: "", own_origin: true, requests: false };
    coverage.note(&bank.judge(&exchanged, &Redactor::default()).reach.unwrap());
    assert_eq!((coverage.operations(), coverage.answers()), ((1, 2), (1, 3)));
    assert_eq!(coverage.missing(), ["GET /accounts/{id} 200", "PUT /accounts/{id}"]);
}
