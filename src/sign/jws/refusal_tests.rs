//! What a receiver must not let pass, although a signature fits: each test names the way around a
//! check that it closes.

use serde_json::{Value, json};

use super::super::jose;
use super::tests::{at, certificate, filled, judge, key, payment, profile, signed, signer};
use crate::message::{Answer, Received, Start};
use crate::sign::algorithm::{Algorithm, EcdsaForm};
use crate::sign::key::Ready;
use crate::sign::{Candidate, Filled, Profile, SignError, VerifyingKey, sign_answer};

fn rsa() -> crate::keys::PublicKey {
    key("rsa.pkcs8.pem").public().clone()
}

/// The payment, signed with `protected`, as the bank receives it.
fn made(protected: &Value) -> Received {
    let settings = json!({"header": "Sig", "protected": protected});
    Received::from(signed(payment(), profile(&settings), "rsa.pkcs8.pem").unwrap().message())
}

fn reason(received: &Received, protected: &Value) -> Option<String> {
    let wanted = profile(&json!({"header": "Sig", "protected": protected}));
    judge(received, &wanted, &rsa()).refusal.map(|refusal| refusal.reason)
}

/// The payment with a protected header that no profile could say, under a good signature.
fn forged(protected: &Value) -> Received {
    let mut received = Received::from(&payment());
    let encoded = jose::encode(protected.to_string());
    let input = format!("{encoded}.{}", jose::encode(&received.body));
    let ready = Ready::new(&key("rsa.pkcs8.pem").into(), Algorithm::RsaPssSha256, EcdsaForm::Raw).unwrap();
    let signature = jose::encode(ready.sign(input.as_bytes()).unwrap());
    received.headers.append("Sig", format!("{encoded}..{signature}"));
    received
}

fn bare_answer() -> Received {
    let answer = Answer {
        status: 200,
        version: "HTTP/1.1".into(),
        headers: [("content-type", "application/json")].into_iter().collect(),
        body: "{}".into(),
    };
    Received::answer(&answer, &payment())
}

#[test]
fn a_sender_can_not_choose_b64_where_the_profile_does_not() {
    let sent = made(&json!({"b64": false, "crit": ["b64"]}));
    assert_eq!(
        reason(&sent, &json!({})).as_deref(),
        Some("the protected header says `b64`, and the profile does not")
    );
    assert_eq!(reason(&sent, &json!({"b64": false, "crit": ["b64"]})), None);
    assert_eq!(
        reason(&made(&json!({})), &json!({"b64": false, "crit": ["b64"]})).as_deref(),
        Some("the protected header has no `b64`")
    );
}

#[test]
fn a_certificate_may_stand_for_its_thumbprint_and_the_other_way_round_but_one_must_be_there() {
    let (thumbprint, chain) = (json!({"x5t#S256": "{x5t#S256}"}), json!({"x5c": "{x5c}"}));
    let fits = *certificate().public_key() == rsa();
    assert!(fits, "the fixtures belong together");
    assert_eq!(reason(&made(&chain), &thumbprint), None);
    assert_eq!(reason(&made(&thumbprint), &chain), None);
    assert_eq!(
        reason(&made(&json!({})), &thumbprint).as_deref(),
        Some("the protected header has no `x5t#S256`")
    );
}

#[test]
fn a_certificate_of_somebody_else_is_refused_even_where_the_profile_asks_for_none() {
    let other = include_str!("../../../tests/fixtures/keys/p256.v3.crt.pem");
    let other = crate::keys::Certificate::read_all(other.as_bytes()).unwrap().remove(0);
    let der = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, other.der());
    let sent = made(&json!({"x5c": [der]}));
    assert_eq!(reason(&sent, &json!({})).as_deref(), Some("the certificate in `x5c` has another key"));
}

#[test]
fn the_salt_that_openssl_takes_unless_told_otherwise_is_named() {
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::signature::{SignatureEncoding, Signer as _};
    let sent = signed(payment(), Profile::shipped("openbanking-uk").unwrap(), "rsa.pkcs8.pem").unwrap();
    let mut received = Received::from(sent.message());
    let private = rsa::PrivateKey::from_pkcs8_der(key("rsa.pkcs8.pem").pkcs8()).unwrap();
    // The longest that fits 2048 bits and SHA-256.
    let longest = rsa::pss::SigningKey::<sha2::Sha256>::new_with_salt_len(private, 222);
    let signature = longest.sign(sent.signature().unwrap().signing_string.as_bytes()).to_vec();
    let value = received.headers.get("x-jws-signature").unwrap();
    let header = value.split('.').next().unwrap().to_owned();
    received.headers.set("x-jws-signature", format!("{header}..{}", jose::encode(signature)));
    let refusal = judge(&received, &Profile::shipped("openbanking-uk").unwrap(), &rsa()).refusal.unwrap();
    assert_eq!(refusal.reason, "the salt has another length; that of `PS256` is 32 bytes long");
}

#[test]
fn an_answer_has_no_request_line_to_sign_and_says_so_on_both_sides() {
    let truelayer = || Profile::shipped("truelayer").unwrap();
    let bank = signer(truelayer(), key("p521.pkcs8.pem"));
    let refused = sign_answer(&mut bare_answer(), &bank, &filled(), at()).unwrap_err();
    assert_eq!(refused.to_string(), "the profile signs method and target, and an answer has neither");
    let mut answer = bare_answer();
    answer.headers.append("Tl-Signature", format!("{}..YQ", jose::encode(r#"{"alg":"ES512"}"#)));
    let refusal = judge(&answer, &truelayer(), key("p521.pkcs8.pem").public()).refusal.unwrap();
    assert_eq!(refusal.reason, refused.to_string());
}

#[test]
fn an_answer_that_is_signed_already_is_not_signed_again() {
    let bank = signer(Profile::shipped("ing-jws").unwrap(), key("rsa.pkcs8.pem"));
    let mut answer = bare_answer();
    answer.headers.append("x-jws-signature", "a..b");
    let refused = sign_answer(&mut answer, &bank, &Filled::key_id("bank"), at()).unwrap_err();
    assert_eq!(refused, SignError::Taken { header: "X-JWS-Signature".into() });
}

#[test]
fn a_target_with_bytes_above_ascii_is_refused_without_harm() {
    let sent = signed(payment(), Profile::shipped("truelayer").unwrap(), "p521.pkcs8.pem").unwrap();
    // Long enough that its bytes in UTF-8 outnumber those of the whole payload.
    let long = format!("/{}", "é".repeat(40));
    for (target, body) in [("/é", ""), (&long, ""), ("/日本", "{}"), ("/é?ü", "{}")] {
        let mut received = Received::from(sent.message());
        let method = "POST".to_owned();
        let scheme = "https".to_owned();
        received.start = Start::Request { method, target: target.into(), scheme, authority: None };
        received.body = body.into();
        let judged =
            judge(&received, &Profile::shipped("truelayer").unwrap(), key("p521.pkcs8.pem").public());
        assert!(!judged.verified(), "{target}");
    }
}

#[test]
fn a_message_can_not_take_out_of_crit_what_the_profile_has_there() {
    let wanted = json!({"exp": 1, "iss": "me", "typ": "JOSE", "crit": ["exp", "iss"]});
    for (critical, expected) in [
        (json!(["iss", "exp"]), None),
        (json!(["exp"]), Some("`crit` must name `iss`, and does not")),
        (json!(["exp", "iss", "exp"]), Some("`exp` is named in `crit` twice")),
        (json!(["exp", "iss", 7]), Some("`crit` is not a list of names")),
        (
            json!(["exp", "iss", "typ"]),
            Some(
                "`typ` is a member that everybody understands: it must not be named in `crit` (RFC 7515, section 4.1.11)",
            ),
        ),
    ] {
        let sent = forged(&json!({"alg": "PS256", "exp": 1, "iss": "me", "typ": "JOSE", "crit": critical}));
        assert_eq!(reason(&sent, &wanted).as_deref(), expected, "{critical}");
    }
}

#[test]
fn a_thumbprint_alone_is_held_against_the_certificate_that_the_caller_has() {
    let written = json!({"x5t#S256": "{x5t#S256}"});
    let wanted = profile(&json!({"header": "Sig", "protected": written}));
    let public = rsa();
    let reason = |received: &Received, certificate| {
        let signer = Candidate { certificate, ..Candidate::new("the key", VerifyingKey::Public(&public)) };
        let judged = wanted.scheme().judge(received, &[signer], super::tests::moment(0));
        judged.refusal.map(|refusal| refusal.reason)
    };
    let own = certificate();
    assert_eq!(reason(&made(&written), Some(&own)), None);
    let other = forged(&json!({"alg": "PS256", "x5t#S256": "b3RoZXI"}));
    let thumbprint = crate::sign::certificate_thumbprint(&own);
    assert_eq!(
        reason(&other, Some(&own)).unwrap(),
        format!("`x5t#S256` is `b3RoZXI`, and that of the signer's certificate is `{thumbprint}`")
    );
    assert_eq!(reason(&other, None), None, "there is nothing to compare it with");
}

#[test]
fn a_list_of_signed_headers_is_bounded_and_names_each_once() {
    let many: Vec<String> = (0..=crate::limits::SIGNED_COMPONENTS).map(|at| format!("x-{at}")).collect();
    let refusal = |shipped: &str, protected: Value| {
        let profile = Profile::shipped(shipped).unwrap();
        let mut received = Received::from(&payment());
        let header = if shipped == "truelayer" { "Tl-Signature" } else { "X-JWS-Signature" };
        received.headers.append(header, format!("{}..YQ", jose::encode(protected.to_string())));
        judge(&received, &profile, &rsa()).refusal.unwrap().reason
    };
    let headers = |pars: Value| {
        let sig_d = json!({"mId": "http://uri.etsi.org/19182/HttpHeaders", "pars": pars});
        refusal("ing-jws", json!({"alg": "PS256", "sigD": sig_d}))
    };
    let request = |names: &str| refusal("truelayer", json!({"alg": "ES512", "tl_headers": names}));
    assert_eq!(
        headers(json!(many)),
        "`pars` of `sigD` names more than 100 components, which is the most that is taken"
    );
    assert_eq!(headers(json!(["x-other", "X-Other"])), "`pars` of `sigD` names `X-Other` twice");
    assert_eq!(headers(json!(["x-other", 7])), "`pars` of `sigD` is not a list of names");
    assert_eq!(
        request(&many.join(",")),
        "the list of signed headers names more than 100 components, which is the most that is taken"
    );
    assert_eq!(request("X-Other,x-other"), "the list of signed headers names `x-other` twice");
}
