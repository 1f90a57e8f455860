//! The `Content-Digest` field (RFC 9530): hashes of the body in a structured field.
//!
//! Not `Digest` (RFC 3230), which writes the same hash as `SHA-256=…`: whoever mixes the two up is
//! told so.

use sfv::{Dictionary, ListEntry, Parser};

use crate::sign::digest::Hash;

/// The name of a hash in the registry of RFC 9530.
fn name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha256 => "sha-256",
        Hash::Sha512 => "sha-512",
    }
}

/// The value of the field: `sha-256=:` and the hash in base64 and `:`.
pub(super) fn value(hash: Hash, body: &[u8]) -> String {
    format!("{}=:{}:", name(hash), hash.base64_of(body))
}

/// Whether the value of the field vouches for the body: at least one member with a hash that is
/// known, and every such member is the body's.
pub(super) fn check(field: &str, given: &str, body: &[u8]) -> Result<(), String> {
    let Ok(members) = Parser::new(given).parse::<Dictionary>() else {
        let old = crate::sign::digest::check(given, body).is_ok();
        let hint = if old { ", but that of the older `Digest` field" } else { "" };
        return Err(format!("`{field}` is not of the form `sha-256=:base64:`{hint}"));
    };
    let mut known = false;
    for (algorithm, member) in &members {
        let Some(hash) =
            [Hash::Sha256, Hash::Sha512].into_iter().find(|hash| name(*hash) == algorithm.as_str())
        else {
            continue;
        };
        let sent = match member {
            ListEntry::Item(item) => item.bare_item.as_byte_sequence(),
            ListEntry::InnerList(_) => None,
        };
        match sent {
            None => return Err(format!("`{algorithm}` of `{field}` is not a byte sequence, `:base64:`")),
            Some(sent) if sent != hash.of(body) => {
                return Err(format!(
                    "`{field}` is not the body's: its {algorithm} is `{}`, not `:{}:`",
                    sent_form(sent),
                    hash.base64_of(body)
                ));
            }
            Some(_) => known = true,
        }
    }
    if known { Ok(()) } else { Err(format!("`{field}` has neither `sha-256` nor `sha-512`")) }
}

fn sent_form(bytes: &[u8]) -> String {
    sfv::ItemSerializer::new().bare_item(bytes).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_digests_are_made_and_vouch_for_their_body_alone() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/rfc9421.json")).unwrap();
        let vectors = &vectors["content_digest"];
        let text = |key: &str| vectors[key].as_str().unwrap();
        for (hash, body, expected) in [
            (Hash::Sha256, text("body"), text("sha-256_rfc9530")),
            (Hash::Sha512, text("body"), text("sha-512_rfc9530")),
            (Hash::Sha256, "", text("empty_sha256_rfc9530")),
            (Hash::Sha512, "", text("empty_sha512_rfc9530")),
        ] {
            assert_eq!(value(hash, body.as_bytes()), expected);
            assert_eq!(check("Content-Digest", expected, body.as_bytes()), Ok(()));
            assert!(check("Content-Digest", expected, b"other").unwrap_err().contains("is not the body's"));
        }
        assert_eq!(crate::sign::digest::value(Hash::Sha256, text("body").as_bytes()), text("rfc3230_sha256"));
        assert_eq!(crate::sign::digest::value(Hash::Sha256, b""), text("empty_sha256_rfc3230"));
        let older = check("Content-Digest", text("empty_sha256_rfc3230"), b"").unwrap_err();
        assert!(older.contains("but that of the older `Digest` field"), "{older}");
    }

    #[test]
    fn several_hashes_must_all_be_right_and_one_must_be_known() {
        let right = value(Hash::Sha256, b"a");
        let checked = |given: &str| check("Content-Digest", given, b"a");
        assert_eq!(checked(&format!("md5=:AA==:, {right}")), Ok(()));
        assert!(checked(&format!("{right}, {}", value(Hash::Sha512, b"b"))).is_err());
        for (wrong, reason) in [
            ("", "neither `sha-256` nor"),
            ("md5=:AA==:", "neither `sha-256` nor"),
            ("sha-256=abc", "is not a byte sequence"),
            ("sha-256=(:AA==:)", "is not a byte sequence"),
            ("sha-256=::", "is `::`, not"),
            ("SHA-256=:AA==:", "is not of the form"),
        ] {
            let refused = checked(wrong).unwrap_err();
            assert!(refused.contains(reason), "{wrong}: {refused}");
        }
    }
}
