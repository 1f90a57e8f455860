//! How bytes are written in a signed message: hexadecimal, base64, percent-encoded.
//!
//! Hexadecimal is read in either case, as no API tells them apart; written it is in lower case.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Everything but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a signature or a digest is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base64 with padding.
    #[default]
    Base64,
    /// Base64url without padding.
    Base64url,
}

/// How a shared secret is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyEncoding {
    /// As it is: its characters are the key.
    #[default]
    Text,
    /// In hexadecimal.
    Hex,
    /// In base64.
    Base64,
    /// In base64url.
    Base64url,
}

impl Encoding {
    pub(super) const ALL: [Self; 3] = [Self::Hex, Self::Base64, Self::Base64url];

    /// Its name, in profiles and sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64url => "base64url",
        }
    }

    /// The bytes, written so.
    pub fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => HEXLOWER.encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }

    /// The bytes that are written so.
    pub fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64url => URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok(),
        }
    }
}

impl KeyEncoding {
    /// Its name, in profiles and sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64url => "base64url",
        }
    }

    /// The key that is written so. A line break behind it is one of the file it came from.
    pub fn read(self, secret: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let trimmed = || std::str::from_utf8(secret.trim_ascii()).ok();
        let decoded = match self {
            Self::Text => Some(secret.to_vec()),
            Self::Hex => Encoding::Hex.read(trimmed()?),
            Self::Base64 => STANDARD
                .decode(trimmed()?)
                .or_else(|_| STANDARD_NO_PAD.decode(trimmed().unwrap_or_default()))
                .ok(),
            Self::Base64url => Encoding::Base64url.read(trimmed()?),
        };
        decoded.map(Zeroizing::new)
    }
}

/// The text with every character escaped that is not unreserved.
pub(super) fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The same of bytes.
pub(super) fn percent_bytes(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, RESERVED).to_string()
}

/// The bytes behind percent escapes; a `%` that is none stays.
pub(super) fn unpercent(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_no_encoding_is_not() {
        for encoding in Encoding::ALL {
            let written = encoding.write(b"\xff\xfe>?");
            assert_eq!(encoding.read(&written).unwrap(), b"\xff\xfe>?", "{written}");
            assert_eq!(serde_json::to_value(encoding).unwrap(), encoding.name());
        }
        assert_eq!(Encoding::Hex.read("FFfe"), Some(vec![0xff, 0xfe]));
        assert_eq!(
            (Encoding::Hex.read("abc"), Encoding::Hex.read("zz"), Encoding::Base64.read("*")),
            (None, None, None)
        );
    }

    #[test]
    fn a_key_is_what_its_encoding_says_and_a_line_break_behind_base64_is_not_part_of_it() {
        assert_eq!(*KeyEncoding::Text.read(b"a\n").unwrap(), b"a\n");
        assert_eq!(*KeyEncoding::Base64.read(b"AQI=\n").unwrap(), [1, 2]);
        assert_eq!(*KeyEncoding::Base64.read(b"AQI").unwrap(), [1, 2]);
        assert_eq!(*KeyEncoding::Hex.read(b" 0102").unwrap(), [1, 2]);
        assert!(KeyEncoding::Base64.read(b"!").is_none() && KeyEncoding::Base64url.read(b"+/").is_none());
    }
}
