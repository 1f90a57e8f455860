//! The texts that people sign by mistake, one mistake at a time.

use data_encoding::{HEXLOWER, HEXUPPER};

use super::layout::Place;
use super::settings::Settings;
use super::values::Values;
use crate::sign::cavage::variations::other_bodies;
use crate::sign::digest::Hash;
use crate::sign::encoding::{Encoding, unpercent};
use crate::sign::prove::Mistake;

/// Every usual mistake, the likeliest first.
pub(super) fn variations(settings: &Settings, values: &Values<'_>, right: &[u8]) -> Vec<Mistake> {
    let mut found = Found { settings, values, right, mistakes: Vec::new() };
    found.joints();
    found.parts();
    found.bodies();
    found.times();
    found.left_out();
    found.hashes();
    found.mistakes
}

struct Found<'a> {
    settings: &'a Settings,
    values: &'a Values<'a>,
    right: &'a [u8],
    mistakes: Vec<Mistake>,
}

impl Found<'_> {
    fn push(&mut self, sentence: impl Into<String>, text: Vec<u8>) {
        if text != self.right {
            self.mistakes.push(Mistake::new(sentence, text));
        }
    }

    /// The text with some placeholders filled otherwise.
    fn replace(&mut self, sentence: impl Into<String>, other: impl Fn(&Place) -> Option<Vec<u8>>) {
        let filled = self.settings.string.fill(|place| match other(place) {
            Some(value) => Ok(value),
            None => self.values.of(place),
        });
        if let Ok(text) = filled {
            self.push(sentence, text);
        }
    }

    /// What stands between the parts.
    fn joints(&mut self) {
        let text = String::from_utf8_lossy(self.right).into_owned();
        for (sentence, wrong) in [
            ("a newline stands at the end of the text; there is none", format!("{text}\n")),
            ("the blanks and newlines around the text are missing", text.trim().to_owned()),
            ("the lines are joined by CR LF; join them by LF alone", text.replace('\n', "\r\n")),
            (r"the lines are joined by a backslash and an `n`, not by a newline", text.replace('\n', r"\n")),
            ("the newlines between the parts are missing", text.replace('\n', "")),
        ] {
            self.push(sentence, wrong.into_bytes());
        }
    }

    fn parts(&mut self) {
        let seen = self.values.seen;
        let is = |place: &Place, known: &[Place]| known.contains(place);
        let method = [Place::Method, Place::MethodLower];
        let (lower, upper) = (seen.method.to_ascii_lowercase(), seen.method.to_ascii_uppercase());
        self.replace("the method is in lower case", |place| is(place, &method).then(|| lower.clone().into()));
        self.replace("the method is in upper case", |place| is(place, &method).then(|| upper.clone().into()));
        let whole = [Place::Target, Place::Url];
        let path = seen.path();
        self.replace("the query is missing", |place| is(place, &whole).then(|| path.into()));
        self.replace("the query stands behind the path; the path alone is signed", |place| {
            is(place, &[Place::Path]).then(|| seen.target.into())
        });
        let url = seen.url();
        let target = [Place::Target, Place::Path];
        self.replace("the whole URL is signed in place of the path", |place| {
            is(place, &target).then(|| url.clone().into())
        });
        self.replace("the path is signed in place of the whole URL", |place| {
            is(place, &[Place::Url]).then(|| seen.target.into())
        });
        let anywhere = [Place::Target, Place::Path, Place::Query, Place::Url];
        self.replace("the path or query is percent-decoded; it is signed as sent", |place| {
            is(place, &anywhere).then(|| unpercent(&String::from_utf8_lossy(&self_of(self.values, place))))
        });
        self.replace("the query stands with its question mark", |place| {
            is(place, &[Place::Query]).then(|| format!("?{}", seen.query()).into())
        });
        let mut sorted: Vec<&str> = seen.query().split('&').collect();
        sorted.sort_unstable();
        let sorted = sorted.join("&");
        self.replace(
            "the parameters of the query are sorted; they are signed as sent",
            |place| match place {
                Place::Query => Some(sorted.clone().into()),
                Place::Target => Some(format!("{path}?{sorted}").into()),
                _ => None,
            },
        );
    }

    fn bodies(&mut self) {
        for (which, bytes) in other_bodies(self.values.seen.body) {
            let sentence = format!("what was signed is {which}, not the body that was sent");
            self.replace(sentence, |place| match place {
                Place::Body => Some(bytes.clone()),
                Place::BodyHash(hash, encoding) => Some(encoding.write(&hash.of(&bytes)).into()),
                _ => None,
            });
        }
        let body = self.values.seen.body;
        for other in Encoding::ALL {
            self.replace(
                format!("the hash of the body is written in {}", other.name()),
                |place| match place {
                    Place::BodyHash(hash, _) => Some(other.write(&hash.of(body)).into()),
                    _ => None,
                },
            );
        }
        self.replace("the hash of the body is in upper case", |place| match place {
            Place::BodyHash(hash, Encoding::Hex) => Some(HEXUPPER.encode(&hash.of(body)).into()),
            _ => None,
        });
        self.replace("the body itself is signed in place of its hash", |place| match place {
            Place::BodyHash(..) => Some(body.to_vec()),
            _ => None,
        });
    }

    fn times(&mut self) {
        let Ok(number) = self.values.timestamp.parse::<i64>() else { return };
        let is = |place: &Place| *place == Place::Timestamp;
        self.replace(
            "the timestamp that was signed is in milliseconds, and the one that was sent in seconds",
            |place| is(place).then(|| number.saturating_mul(1000).to_string().into()),
        );
        self.replace(
            "the timestamp that was signed is in seconds, and the one that was sent in milliseconds",
            |place| is(place).then(|| (number / 1000).to_string().into()),
        );
        for off in [-1, 1] {
            self.replace(
                "the timestamp that was signed is another one than was sent: take it once",
                |place| is(place).then(|| (number + off).to_string().into()),
            );
        }
    }

    fn left_out(&mut self) {
        let places: Vec<Place> = self.settings.string.places().cloned().collect();
        for left_out in &places {
            let sentence = format!("`{{{}}}` is left out of the text", left_out.name());
            self.replace(sentence, |place| (place == left_out).then(Vec::new));
        }
    }

    /// The hash of the text signed in its place: hashed twice.
    fn hashes(&mut self) {
        const SENTENCE: &str = "a hash of the text was signed; sign the text itself, signing hashes it";
        for hash in [Hash::Sha256, Hash::Sha512] {
            let hashed = hash.of(self.right);
            self.push(SENTENCE, HEXLOWER.encode(&hashed).into_bytes());
            self.push(SENTENCE, Encoding::Base64.write(&hashed).into_bytes());
            self.push(SENTENCE, hashed);
        }
    }
}

fn self_of(values: &Values<'_>, place: &Place) -> Vec<u8> {
    values.of(place).unwrap_or_default()
}
