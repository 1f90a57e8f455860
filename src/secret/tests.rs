//! No secret survives: in any encoding, at any place, however the text is cut into pieces.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

/// Every character of a text, written by a function.
fn map<T>(letters: impl Iterator<Item = T>, write: impl Fn(T) -> String) -> String {
    letters.fold(String::new(), |text, letter| text + &write(letter))
}

const SECRET: &str = "s3cr3t/T0ken+\"é\"&<x>'~ y";

fn knowing(secrets: &[(&str, &str)]) -> Redactor {
    let redactor = Redactor::default();
    for (name, secret) in secrets {
        redactor.remember(name, secret);
    }
    redactor
}

fn redact(secrets: &[(&str, &str)], text: &str) -> String {
    knowing(secrets).redact(text).into_owned()
}

/// The secret as encoders that people use would write it.
fn written(secret: &str) -> Vec<(&'static str, String)> {
    let each = |write: &dyn Fn(char) -> String| map(secret.chars(), write);
    let bytes = |write: &dyn Fn(u8) -> String| map(secret.bytes(), write);
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let percent =
        |byte: u8| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let json = serde_json::to_string(secret).unwrap();
    let json = json[1..json.len() - 1].to_owned();
    let units = |letter: char| map(letter.encode_utf16(&mut [0; 2]).iter(), |unit| format!("\\u{unit:04x}"));
    vec![
        ("literal", secret.to_owned()),
        ("hex", bytes(&|byte| format!("{byte:02x}"))),
        ("HEX", bytes(&|byte| format!("{byte:02X}"))),
        ("percent", bytes(&percent)),
        (
            "percent, lower case",
            bytes(&|byte| if unreserved(byte) { percent(byte) } else { percent(byte).to_lowercase() }),
        ),
        ("percent, everything", bytes(&|byte| format!("%{byte:02x}"))),
        ("form", bytes(&percent).replace("%20", "+").replace('~', "%7E")),
        ("JSON", json.clone()),
        ("JSON with \\/", json.replace('/', "\\/")),
        ("JSON with \\u", each(&units)),
        ("JSON in JSON", json.replace('\\', "\\\\").replace('"', "\\\"")),
        ("JSON, percent", map(json.bytes(), percent)),
        ("our own escapes", each(&|letter| format!("\\u{{{:x}}}", letter as u32))),
        ("\\x", bytes(&|byte| format!("\\x{byte:02X}"))),
        (
            "XML",
            secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        ),
        ("XML, decimal", each(&|letter| format!("&#{};", letter as u32))),
        ("XML, hex", each(&|letter| format!("&#x{:X};", letter as u32))),
        ("shell", secret.replace('\'', r"'\''")),
        ("shell, double", secret.replace('\'', r#"'"'"'"#)),
        ("YAML", secret.replace('\'', "''")),
    ]
}

#[test]
fn a_secret_is_masked_in_every_encoding_people_use() {
    for (encoding, text) in written(SECRET) {
        assert_eq!(redact(&[("token", SECRET)], &format!("a {text}.")), "a [token].", "{encoding}: {text}");
    }
}

#[test]
fn a_secret_is_masked_in_base64_wherever_it_begins_and_ends() {
    let redactor = knowing(&[("token", SECRET)]);
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for (before, after) in (0..4).flat_map(|before| (0..4).map(move |after| (before, after))) {
            let text = engine.encode(["u".repeat(before), SECRET.to_owned(), "v".repeat(after)].concat());
            let redacted = redactor.redact(&text);
            let (left, right) = redacted.split_once("[token]").unwrap();
            assert!(
                left.len() <= before.div_ceil(3) * 4 && right.len() <= after.div_ceil(3) * 4 + 4,
                "{redacted}"
            );
        }
    }
    assert_eq!(redactor.redact(&STANDARD.encode(SECRET)), "[token]", "with its padding");
}

#[test]
fn one_secret_inside_another_leaves_no_rest() {
    let secrets = [("short", "foofoofoo"), ("long", "foofoofoobar"), ("tail", "bar-and-more")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let secrets = order.map(|index| secrets[index]);
        assert_eq!(redact(&secrets, "<foofoofoobar>"), "<[long]>");
        assert_eq!(redact(&secrets, "<foofoofoo>"), "<[short]>");
        assert_eq!(redact(&secrets, "<foofoofoobar-and-more>"), "<[long]>", "two that share a part");
    }
    let inner = STANDARD.encode("password1");
    let secrets = [("password", "password1"), ("basic", inner.as_str())];
    assert_eq!(redact(&secrets, &format!("Basic {inner}")), "Basic [password]");
}

#[test]
fn every_line_of_a_key_is_masked_and_the_whole_of_it_as_one() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\n  ggSjAgEAAoIBAQC7VJTUt9Us8cKj  \nshort\n-----END PRIVATE KEY-----\n";
    let redactor = knowing(&[("key", key)]);
    assert_eq!(redactor.redact(&format!("a{key}b")), "a[key]b");
    assert_eq!(redactor.redact(&format!("a{}b", key.replace('\n', "\\n"))), "a[key]b");
    assert_eq!(redactor.redact("x: ggSjAgEAAoIBAQC7VJTUt9Us8cKj"), "x: [key]");
    assert_eq!(redactor.redact(&key.replace('\n', "\r\n")).matches("[key]").count(), 2);
    assert_eq!(
        redactor.redact("give a `-----BEGIN PRIVATE KEY-----`"),
        "give a `-----BEGIN PRIVATE KEY-----`"
    );
}

#[test]
fn a_short_secret_is_reported_and_does_not_blank_the_output() {
    let redactor = Redactor::default();
    for short in ["", "a", "true", "1234567"] {
        redactor.remember("pin", short);
        assert!(!is_maskable(short));
    }
    assert_eq!(redactor.redact("a true 1234567"), "a true 1234567");
    redactor.remember("pin", "12345678");
    redactor.remember("again", "12345678");
    assert_eq!(redactor.redact("12345678"), "[pin]");
}

#[test]
fn a_mask_never_tells_a_secret_and_redacting_again_changes_nothing() {
    let secrets = [
        ("client_secret", "abcdefgh"),
        ("abcdefgh", "something-else"),
        ("x", "client_secret"),
        ("", "]bracket"),
    ];
    assert_eq!(redact(&secrets, "abcdefgh something-else client_secret"), "[***] [***] [x]");
    let text = "abcdefghbracket [abcdefgh] ]]bracket";
    let once = redact(&secrets, text);
    assert!(!knowing(&secrets).contains_secret(&once), "{once}");
    assert_eq!(redact(&secrets, &once), once);
    assert_eq!(redact(&[("a]\u{1b}[31m\n::b", "abcdefgh")], "abcdefgh"), "[a31mb]");
}

#[test]
fn text_without_secrets_is_not_copied() {
    let text = "% \\ & + %zz \\q &nope; &#; \\u{110000} \\ud800 \\u12";
    for redactor in [Redactor::default(), knowing(&[("token", SECRET)])] {
        assert!(matches!(redactor.redact(text), Cow::Borrowed(_)));
    }
}

#[test]
fn a_run_that_learns_hundreds_of_tokens_stays_fast() {
    let redactor = Redactor::default();
    let token = |index: usize| format!("token-{index:06}-{}", "x".repeat(200));
    let started = std::time::Instant::now();
    for index in 0..300 {
        redactor.remember("token", &token(index));
    }
    assert_eq!(redactor.redact(&format!("Bearer {} {}", token(0), token(299))), "Bearer [token] [token]");
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

#[test]
fn a_line_leaves_the_writer_as_soon_as_it_is_whole() {
    let redactor = knowing(&[("token", "abcdefgh")]);
    let mut output = Vec::new();
    let mut writer = RedactingWriter::new(&mut output, redactor);
    writer.write_all(b"one abcd").unwrap();
    writer.flush().unwrap();
    writer.write_all(b"efgh\ntwo ab").unwrap();
    let output = writer.finish().unwrap();
    assert_eq!(String::from_utf8_lossy(output), "one [token]\ntwo ab");
}

proptest! {
    #[test]
    fn no_secret_survives_any_cut_into_writes(
        before in "[ -~\n]{0,20}", after in "[ -~\n]{0,20}",
        secret in "[ -~é\n]{8,40}",
        which in 0..20_usize, cuts in prop::collection::vec(0..400_usize, 0..8),
    ) {
        let redactor = Redactor::default();
        redactor.remember("n", &secret);
        let encoded = &written(&secret)[which].1;
        let text = format!("{before}{encoded}{after}");
        let mut output = Vec::new();
        let mut writer = RedactingWriter::new(&mut output, redactor.clone());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (text.len() + 1)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        for piece in cuts.windows(2) {
            writer.write_all(&text.as_bytes()[piece[0]..piece[1]]).unwrap();
            writer.flush().unwrap();
        }
        writer.finish().unwrap();
        let output = String::from_utf8(output).unwrap();
        prop_assert!(!output.contains(encoded.as_str()), "{text:?} became {output:?}");
        prop_assert!(!output.contains(&secret), "{text:?} became {output:?}");
        let whole = redactor.redact(&text).into_owned();
        prop_assert!(!whole.contains(encoded.as_str()) && !whole.contains(&secret));
        prop_assert_eq!(redactor.redact(&whole), whole.as_str());
    }

    #[test]
    fn no_secret_survives_characters_escaped_at_random(
        drawn in "[ -~é]{8,30}", how in prop::collection::vec(0..8_u8, 30), family in 0..3_u8,
    ) {
        // A `%`, `+` or `&` that an encoder leaves alone reads as something else: no encoder does.
        let secret = if family == 1 { drawn } else { drawn.replace(['%', '&', '+'], "x") };
        let redactor = Redactor::default();
        redactor.remember("n", &secret);
        let text: String = secret.chars().zip(how).map(|(letter, how)| match (family, how) {
            (0, 0..4) => map(letter.to_string().bytes(), |byte| format!("%{byte:02x}")),
            (0, 4..6) if letter == ' ' => "+".to_owned(),
            (1, 0..3) => format!("\\u{:04X}", letter as u32),
            (1, 3..5) if letter.is_ascii_punctuation() => format!("\\{letter}"),
            (1, _) if letter == '\\' => "\\\\".to_owned(),
            (2, 0..2) => format!("&#{};", letter as u32),
            (2, 2..4) => format!("&#x{:04x};", letter as u32),
            _ => letter.to_string(),
        }).collect();
        prop_assert_eq!(redactor.redact(&text), "[n]");
    }

    #[test]
    fn no_secret_survives_in_base64_of_anything_around_it(
        before in prop::collection::vec(any::<u8>(), 0..20), after in prop::collection::vec(any::<u8>(), 0..20),
        secret in "[ -~]{8,40}",
    ) {
        let redactor = Redactor::default();
        redactor.remember("n", &secret);
        let text = STANDARD.encode([&before, secret.as_bytes(), &after].concat());
        let certain = &text[(before.len() * 8).div_ceil(6)..(before.len() + secret.len()) * 8 / 6];
        let redacted = redactor.redact(&text);
        prop_assert!(redacted.contains("[n]") && !redacted.contains(certain), "{} became {}", text, redacted);
    }
}

#[test]
fn json_in_a_url_is_found_behind_a_stray_percent_sign() {
    let redactor = Redactor::default();
    redactor.remember("n", "Aa\n0A00a");
    assert_eq!(redactor.redact("%Aa%5Cn0A00a %Aa%5cn0A00a"), "%[n] %[n]");
}

#[test]
fn what_is_remembered_for_now_is_masked_until_it_is_forgotten() {
    let redactor = Redactor::default();
    redactor.remember("token", "a-lasting-token");
    redactor.remember_for_now("signature", "c2lnbmF0dXJl+/==");
    let text = "token a-lasting-token signed c2lnbmF0dXJl+/== and c2lnbmF0dXJl%2B%2F%3D%3D";
    assert_eq!(redactor.redact(text), "token [token] signed [signature] and [signature]");
    redactor.remember("pin", "a-later-pin");
    assert_eq!(redactor.redact("c2lnbmF0dXJl+/== a-later-pin"), "[signature] [pin]");
    assert_eq!(redactor.pieces("a-later-pin").len(), 1);
    redactor.forget("c2lnbmF0dXJl+/==");
    assert_eq!(redactor.redact("a-lasting-token c2lnbmF0dXJl+/=="), "[token] c2lnbmF0dXJl+/==");
}
