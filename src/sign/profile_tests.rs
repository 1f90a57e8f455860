//! What a profile may say, and how a mistake in one is reported.

use serde_json::json;

use super::*;

#[test]
fn every_shipped_profile_can_be_read_printed_and_read_again() {
    let names: Vec<&str> = Profile::shipped_names().collect();
    assert!(names.is_sorted());
    for name in names {
        let profile = Profile::shipped(name).unwrap();
        assert_eq!(profile.name(), name);
        assert!(profile.description().is_some() && profile.source().is_some(), "{name} says what it is");
        assert!(profile.to_yaml().contains("# "), "{name} keeps its comments");
        let own = profile.clone().named("own").to_yaml().into_owned();
        assert_eq!(serde_yaml::from_str::<Profile>(&own).unwrap().named(name), profile, "{own}");
    }
    assert!(Profile::shipped("nobody").is_none());
}

#[test]
fn the_shipped_files_are_exactly_the_ones_in_the_folder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sign/profiles");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    assert_eq!(files, Profile::shipped_names().collect::<Vec<_>>());
}

#[test]
fn key_id_and_headers_depend_on_the_token_where_the_profile_says_so() {
    let ing = Profile::shipped("ing").unwrap();
    assert_eq!(ing.key_id(true), Some("{{ client_id }}"));
    assert_eq!(ing.headers(false).collect::<Vec<_>>(), [("X-ING-ReqID", "{{ uuid() }}")]);
    let psd2 = Profile::shipped("ing-psd2").unwrap();
    assert_eq!(psd2.key_id(false), Some("SN={{ certificate.serial_hex }}"));
    assert_eq!(psd2.key_id(true), Some("{{ client_id }}"));
    assert_eq!(psd2.headers(true).count(), 1);
    assert_eq!(psd2.headers(false).count(), 2);
}

#[test]
fn a_usual_profile_is_the_list_of_what_is_signed() {
    let profile =
        Profile::read("own", &json!({"cavage": {"components": ["date", "digest if body"]}})).unwrap();
    let Scheme::Cavage(settings) = profile.scheme() else { panic!("{profile:?}") };
    assert_eq!(settings.label(), "rsa-sha256");
    assert_eq!(settings.carried_in[0].header, "Signature");
    assert_eq!(profile.key_id(false), None);
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn a_mistake_in_a_profile_is_reported_at_its_place_with_what_was_meant() {
    let good = json!({
        "key_id": {"with_token": "a", "without_token": "b"},
        "headers": {"X-Id": "1"},
        "cavage": {"components": ["date", "digest"], "digest": {"algorithm": "sha-512"}}
    });
    let with = |pointer: &str, value: Value| {
        let mut wrong = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[key] = value;
        wrong
    };
    for (wrong, pointer, message, help) in [
        (
            json!({}),
            "",
            "says no scheme: give the settings under one of `cavage`, `rfc9421`, `jws`, `hmac`, `aws-sigv4`, `oauth1`",
            "",
        ),
        (json!({"cavage": {}}), "/cavage", "`components` is missing", ""),
        (
            with("/cavage/algoritm", json!("rsa-sha256")),
            "/cavage/algoritm",
            "`algoritm` is not a key of a profile here",
            "did you mean `algorithm`?",
        ),
        (
            with("/cavage/digest/when", json!("always_")),
            "/cavage/digest/when",
            "`always_` is not one of `always`, `with_body`, `never`",
            "did you mean `always`?",
        ),
        (with("/key_id", json!({"with_token": "a"})), "/key_id", "`without_token` is missing", ""),
        (
            with("/headers/X-Id", json!(true)),
            "/headers/X-Id",
            "must be a text or a map, and is boolean `true`",
            "",
        ),
        (with("/headers/X Id", json!("1")), "/headers/X Id", "`X Id` is not a header name", ""),
        (
            with("/cavage/components", json!(["date", "digest when body"])),
            "/cavage/components/1",
            "after `digest` only `if sent` or `if body` can stand",
            "",
        ),
        (
            with("/cavage/components", json!([])),
            "/cavage/components",
            "nothing is signed: name at least one header",
            "",
        ),
        (
            with("/cavage/components", json!(["date", "Date"])),
            "/cavage/components/1",
            "`Date` is signed twice",
            "",
        ),
        (
            with("/cavage/components", json!(["(created)"])),
            "/cavage/components/0",
            "`(created)` must not be signed where the algorithm is called `rsa-sha256` (draft-cavage-12, section 2.3): \
             sign `date`, or set `label: hs2019`",
            "",
        ),
        (
            with("/cavage/parameters", json!("{key}")),
            "/cavage/parameters",
            "`{key}` is not a placeholder; there are `{key_id}`, `{algorithm}`, `{headers}`, `{signature}`, `{created}`, \
             `{expires}`",
            "",
        ),
        (
            with("/cavage/carried_in", json!([{"header": "A:"}])),
            "/cavage/carried_in/0/header",
            "`A:` is not a header name",
            "",
        ),
    ] {
        let error = Profile::read("own", &wrong).unwrap_err();
        let got = (error.pointer.as_str(), error.message.as_str(), error.help.as_deref().unwrap_or_default());
        assert_eq!(got, (pointer, message, help));
    }
}

#[test]
fn the_published_schema_describes_every_key_and_allows_no_others() {
    let schema = Profile::json_schema();
    let settings = &schema["$defs"]["CavageSettings"];
    let required: Vec<Value> = Scheme::NAMES.iter().map(|name| json!({"required": [name]})).collect();
    assert_eq!(schema["oneOf"], Value::Array(required));
    for object in [&schema, settings] {
        assert_eq!(object["additionalProperties"], false);
        for (key, property) in object["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{key} says what it is");
        }
    }
    for key in ["algorithm", "components", "carried_in", "digest", "date", "parameters"] {
        assert!(settings["properties"][key].is_object(), "{key}");
    }
}
