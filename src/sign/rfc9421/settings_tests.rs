//! Each setting as a profile says it and as it stands on the wire, and what is refused.

use serde_json::{Value, json};

use super::samples::{at, attempt, filled, key, message, payment, profile, settings, signer};
use crate::message::{Message, Received};
use crate::sign::{Profile, SignError, SigningKey, sign};

fn input(message: Message, settings: &Value) -> String {
    let signed = attempt(message, settings).unwrap();
    let input = signed.message().headers.get("signature-input").unwrap().to_owned();
    let string = &signed.signature().unwrap().signing_string;
    let (_, repeated) = input.split_once('=').unwrap();
    assert!(string.ends_with(&format!("\"@signature-params\": {repeated}")), "{string} repeats {input}");
    input
}

#[test]
fn the_input_follows_every_setting_and_is_repeated_byte_for_byte_in_what_is_signed() {
    for (settings, expected) in [
        (json!({"components": ["@method"]}), r#"sig1=("@method");created=1700554145;keyid="me""#),
        (json!({"components": []}), r#"sig1=();created=1700554145;keyid="me""#),
        (json!({"components": ["@method"], "label": "pay-1", "parameters": []}), r#"pay-1=("@method")"#),
        (
            json!({"components": ["@path"], "tag": "a \"b\"", "nonce": "x", "expires_after": 60}),
            r#"sig1=("@path");created=1700554145;expires=1700554205;keyid="me";nonce="once";tag="a \"b\"""#,
        ),
        (
            json!({"components": ["@path"], "parameters": ["keyid", "alg", "created"]}),
            r#"sig1=("@path");keyid="me";alg="ed25519";created=1700554145"#,
        ),
        (
            json!({"components": [r#""@query-param";name="to""#, "x-other;bs", "x-not if sent", "content-digest if body"]}),
            r#"sig1=("@query-param";name="to" "x-other";bs "content-digest");created=1700554145;keyid="me""#,
        ),
        (
            json!({"components": ["@status if sent", "@method;req if sent", "@query-param;name=no if sent", "@scheme"]}),
            r#"sig1=("@scheme");created=1700554145;keyid="me""#,
        ),
    ] {
        assert_eq!(input(payment(), &settings), expected);
    }
}

#[test]
fn the_digest_of_the_body_is_added_when_the_profile_says_so_and_never_replaced() {
    let digest = |method: &str, body: &str, own: Option<&str>, settings: Value| {
        let own: Vec<_> = own.map(|own| ("Content-Digest", own)).into_iter().collect();
        let settings = json!({"components": ["@method"], "digest": settings});
        let signed = attempt(message(method, "/", &own, body), &settings).unwrap();
        signed.message().headers.get("content-digest").map(str::to_owned)
    };
    let value = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:".to_owned();
    let body = r#"{"hello": "world"}"#;
    assert_eq!(digest("POST", body, None, json!({})), Some(value));
    assert_eq!(digest("GET", "", None, json!({})), None);
    assert!(digest("GET", "", None, json!({"when": "always"})).is_some());
    assert_eq!(digest("POST", body, None, json!({"when": "never"})), None);
    assert!(
        digest("POST", body, None, json!({"algorithm": "sha-512"})).unwrap().starts_with("sha-512=:WZDP")
    );
    assert_eq!(digest("POST", body, Some("sha-256=:AA==:"), json!({})).as_deref(), Some("sha-256=:AA==:"));
    let own = json!({"components": ["x-digest if body"], "digest": {"header": "X-Digest"}});
    assert!(input(payment(), &own).contains("(\"x-digest\")"));
}

#[test]
fn what_a_request_does_not_have_can_not_be_signed_and_the_reason_says_what_to_do() {
    let refused = |components: Value| {
        let error = attempt(payment(), &json!({ "components": components })).unwrap_err();
        (error.to_string(), error.help().unwrap_or_default())
    };
    for (components, message, help) in [
        (
            json!(["x-not"]),
            "the profile signs `x-not`, and the request does not send it",
            "write `x-not if sent`",
        ),
        (
            json!(["content-digest if sent", "x-other;key=a"]),
            "`x-other;key=\"a\"` is signed, and the field is not a structured field",
            "",
        ),
        (
            json!(["@query-param;name=no"]),
            "`@query-param;name=\"no\"` is signed, and the message does not have it",
            "add the parameter to the query",
        ),
        (
            json!(["@status"]),
            "`@status` is of answers, and this is a request",
            "answers have a profile of their own",
        ),
        (
            json!(["@method;req"]),
            "`@method;req` is of the request that is answered, and this is a request",
            "leave it out",
        ),
        (
            json!(["x-not if sent"]),
            "nothing of this request is signed: every component of the profile is conditional",
            "",
        ),
    ] {
        let (said, helped) = refused(components);
        assert_eq!(said, message);
        assert!(helped.contains(help), "{message}: {helped}");
    }
    let twice =
        attempt(message("GET", "/?a=1&a=2", &[], ""), &json!({"components": ["@query-param;name=a"]}));
    assert_eq!(twice.unwrap_err().help().as_deref(), Some("sign the whole of it: `@query`"));
}

#[test]
fn keys_that_the_rfc_has_no_algorithm_for_are_refused_before_anything_is_sent() {
    let by_key = profile(&json!({"components": ["@method"]}));
    let with = |profile: &Profile, key: SigningKey| {
        sign(payment(), &signer(profile, key), &filled(), at())
            .map(|signed| signed.signature().unwrap().algorithm.clone())
    };
    for (name, algorithm) in [
        ("rsa.pkcs8.pem", "rsa-pss-sha512"),
        ("p256.pkcs8.pem", "ecdsa-p256-sha256"),
        ("p384.sec1.pem", "ecdsa-p384-sha384"),
        ("ed25519.pem", "ed25519"),
    ] {
        assert_eq!(with(&by_key, key(name).into()).unwrap(), algorithm);
    }
    let p521 = with(&by_key, key("p521.pkcs8.pem").into()).unwrap_err();
    assert_eq!(p521.to_string(), "RFC 9421 has no algorithm for an ECDSA key on P-521");
    let secret = with(&by_key, SigningKey::secret(b"secret")).unwrap_err();
    assert!(secret.help().unwrap().contains("with `algorithm: hmac-sha256`"));
    let hmac = profile(&json!({"algorithm": "hmac-sha256", "components": ["@method"]}));
    assert_eq!(with(&hmac, SigningKey::secret(b"secret")).unwrap(), "hmac-sha256");
    let wrong = crate::sign::Signer::new(hmac, key("ed25519.pem").into(), None).map(|_| ()).unwrap_err();
    assert!(matches!(wrong, SignError::WrongKey { .. }));
}

#[test]
fn a_nonce_that_can_not_be_written_is_refused() {
    let own = profile(&json!({"components": ["@method"], "nonce": "{{ name }}"}));
    assert_eq!(own.scheme().templates(), [("nonce".to_owned(), "{{ name }}")]);
    for (nonce, shown) in [("", "\"\""), ("ä", "\"ä\"")] {
        let mut filled = filled();
        filled.values.insert("nonce".into(), nonce.into());
        let refused = sign(payment(), &signer(&own, key("ed25519.pem")), &filled, at()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("`nonce` is {shown}: it must be printable ASCII, and not empty")
        );
    }
}

#[test]
fn a_mistake_in_the_settings_is_reported_at_its_place() {
    for (settings, pointer, message) in [
        (json!({}), "/rfc9421", "`components` is missing"),
        (
            json!({"components": ["@methods"]}),
            "/rfc9421/components/0",
            "there is no `@methods`; did you mean `@method`?",
        ),
        (json!({"components": ["date", "Date"]}), "/rfc9421/components/1", "`date` is signed twice"),
        (
            json!({"components": ["a;sf;req", "a;req;sf"]}),
            "/rfc9421/components/1",
            "`a;req;sf` is signed twice",
        ),
        (json!({"components": [], "label": "Sig"}), "/rfc9421/label", "`Sig` is not a label"),
        (json!({"components": [], "tag": "ä"}), "/rfc9421/tag", "printable ASCII"),
        (
            json!({"components": [], "algorithm": "rsa-sha256"}),
            "/rfc9421/algorithm",
            "`rsa-sha256` is not one of `by_key`, ",
        ),
        (
            json!({"components": [], "parameters": ["created", "nonce"]}),
            "/rfc9421/parameters/1",
            "`nonce` needs its value: set `nonce`",
        ),
        (
            json!({"components": [], "parameters": ["expires"]}),
            "/rfc9421/parameters/0",
            "set `expires_after`",
        ),
        (
            json!({"components": [], "parameters": ["alg", "alg"]}),
            "/rfc9421/parameters/1",
            "`alg` stands there twice",
        ),
        (
            json!({"components": [], "parameters": ["created"], "tag": "a"}),
            "/rfc9421/tag",
            "`tag` is set, and `parameters` does not list `tag`",
        ),
        (
            json!({"components": [], "digest": {"header": "a b"}}),
            "/rfc9421/digest/header",
            "`a b` is not a header name",
        ),
    ] {
        let error = Profile::read("own", &json!({ "rfc9421": settings })).unwrap_err();
        assert_eq!(error.pointer, pointer, "{error}");
        assert!(error.message.contains(message), "{message}: {error}");
    }
}

#[test]
fn settings_survive_being_written_and_read_again() {
    let own = profile(&json!({
        "algorithm": "ecdsa-p256-sha256",
        "label": "a",
        "components": ["@query-param;name=\"a b\" if sent", "x-dict;key=m;req", "date"],
        "parameters": ["nonce", "created"],
        "nonce": "{{ uuid() }}",
        "digest": {"algorithm": "sha-512", "when": "always"},
    }));
    let again: Profile = serde_yaml::from_str(&own.to_yaml()).unwrap();
    assert_eq!(settings(&again), settings(&own));
    let schema = Profile::json_schema();
    let described = &schema["$defs"]["Rfc9421Settings"];
    assert_eq!(described["additionalProperties"], false);
    for (key, property) in described["properties"].as_object().unwrap() {
        assert!(property["description"].is_string(), "{key} says what it is");
    }
}

#[test]
fn a_host_that_the_request_sets_itself_is_the_one_that_is_signed() {
    let settings = json!({"components": ["@authority", "host"]});
    let lines = |headers: &[(&str, &str)]| {
        let signed = attempt(message("GET", "/", headers, ""), &settings).unwrap();
        signed.signature().unwrap().components[..2].iter().map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&[]), ["bank.example", "bank.example"]);
    assert_eq!(lines(&[("Host", "Other.example:443")]), ["other.example", "Other.example:443"]);
    let signed = attempt(message("GET", "/", &[], ""), &settings).unwrap();
    let received = Received::from(signed.message());
    assert_eq!(super::samples::judge(&received, &profile(&settings), &key("ed25519.pem")).refusal, None);
}
