//! Distinguished names as text (RFC 4514): the most specific part first, as in
//! `CN=ing_http,O=Example,C=NL`. OpenSSL's default is the other way round; this is its
//! `-nameopt RFC2253`, and what signature schemes mean by a DN.
//!
//! Banks that compare such a name as text differ in its order and in what has a short name, so a
//! [`Name`] comes in three spellings.

use data_encoding::{HEXLOWER, HEXUPPER};
use x509_parser::asn1_rs::{Tag, ToDer};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// A distinguished name in the spellings that banks ask for. Each is one line, without control
/// characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Most specific part first, with the short names that OpenSSL has.
    pub(super) readable: String,
    /// The same, in the order of the certificate: as a rule the country first.
    in_order: String,
    /// Most specific part first, with the short names of RFC 2253 alone, as Java writes it.
    rfc2253: String,
}

impl Name {
    pub(super) fn new(name: &X509Name<'_>) -> Self {
        let spelled = |short: fn(&str) -> Option<&'static str>| -> Vec<String> {
            let part = |part: &AttributeTypeAndValue<'_>| attribute(part, short);
            name.iter_rdn().map(|parts| parts.iter().map(part).collect::<Vec<_>>().join("+")).collect()
        };
        let reversed = |parts: &[String]| parts.iter().rev().cloned().collect::<Vec<_>>().join(",");
        let readable = spelled(short_name);
        Self {
            in_order: readable.join(","),
            readable: reversed(&readable),
            rfc2253: reversed(&spelled(short_name_of_rfc2253)),
        }
    }

    /// As RFC 4514 writes names, with OpenSSL's short names: `CN=ing_http,O=Example,C=NL`.
    pub fn readable(&self) -> &str {
        &self.readable
    }

    /// The same parts in the order of the certificate: `C=NL,O=Example,CN=ing_http`.
    pub fn in_order(&self) -> &str {
        &self.in_order
    }

    /// As RFC 2253 and Java's `X500Principal` write names: what is not in the table of its
    /// section 2.3 stands there as number and hexadecimal value.
    pub fn rfc2253(&self) -> &str {
        &self.rfc2253
    }
}

/// The `organizationIdentifier` in a name, escaped like the rest of it.
pub(super) fn organization_identifier(name: &X509Name<'_>) -> Option<String> {
    let is_it = |part: &&AttributeTypeAndValue<'_>| part.attr_type().to_id_string() == "2.5.4.97";
    name.iter_attributes().find(is_it).and_then(text).map(|value| escape(&value))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>, short: fn(&str) -> Option<&'static str>) -> String {
    let oid = attribute.attr_type().to_id_string();
    match (short(&oid), text(attribute)) {
        (Some(short), Some(value)) => format!("{short}={}", escape(&value)),
        (short, _) => {
            let der = attribute.attr_value().to_der_vec_raw().unwrap_or_default();
            format!("{}=#{}", short.unwrap_or(&oid), HEXLOWER.encode(&der))
        }
    }
}

/// The nine names of RFC 4514, and those that bank certificates have besides.
fn short_name(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.15" => "businessCategory",
        "2.5.4.17" => "postalCode",
        "2.5.4.42" => "GN",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        "1.3.6.1.4.1.311.60.2.1.3" => "jurisdictionC",
        _ => return None,
    })
}

/// The table of RFC 2253, section 2.3.
fn short_name_of_rfc2253(oid: &str) -> Option<&'static str> {
    match short_name(oid)? {
        "street" => Some("STREET"),
        name @ ("CN" | "L" | "ST" | "O" | "OU" | "C" | "DC" | "UID") => Some(name),
        _ => None,
    }
}

fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            String::from_utf8(value.data.to_vec()).ok()
        }
        Tag::T61String => Some(value.data.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString => {
            let units: Vec<u16> =
                value.data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

/// RFC 4514, section 2.4; control characters are escaped too.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (place, character) in value.chars().enumerate() {
        let at_edge = place == 0 || place == last;
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => escaped.extend(['\\', character]),
            '#' if place == 0 => escaped.push_str("\\#"),
            ' ' if at_edge => escaped.push_str("\\ "),
            control if control.is_control() => {
                let mut bytes = [0; 4];
                for byte in control.encode_utf8(&mut bytes).bytes() {
                    escaped.extend(["\\", &HEXUPPER.encode(&[byte])]);
                }
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_draw_on_the_terminal_or_forge_another_part() {
        for (value, escaped) in [
            ("a,CN=b", "a\\,CN=b"),
            (" a ", "\\ a\\ "),
            ("#a#", "\\#a#"),
            ("a\u{1b}[2J\n", "a\\1B[2J\\0A"),
            ("a\u{9b}", "a\\C2\\9B"),
            ("Zürich \\ \"x\"", "Zürich \\\\ \\\"x\\\""),
            ("", ""),
        ] {
            assert_eq!(escape(value), escaped);
        }
    }
}
