//! The name in a certificate, as people type it: `CN=ing_tls,O=Example,C=NL` (RFC 4514, most
//! specific part first, as it is shown again) or OpenSSL's `/C=NL/O=Example/CN=ing_tls`.

use rcgen::{DistinguishedName, DnType, DnValue};

use super::{CertsError, OrganizationIdentifier};

const ORGANIZATION_IDENTIFIER: [u64; 4] = [2, 5, 4, 97];

/// The subject of a certificate, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(DistinguishedName);

impl Subject {
    /// Only a common name, taken as it is: commas and the like belong to it.
    pub fn common_name(name: &str) -> Result<Self, CertsError> {
        Self::from_parts(vec![("CN".to_owned(), name.to_owned())])
    }

    /// Reads a subject in either spelling.
    pub fn parse(text: &str) -> Result<Self, CertsError> {
        if let Some(rest) = text.strip_prefix('/') {
            return Self::from_parts(split(rest, '/')?);
        }
        let mut parts = split(text, ',')?;
        parts.reverse();
        Self::from_parts(parts)
    }

    pub(super) fn name(&self) -> DistinguishedName {
        self.0.clone()
    }

    /// The name with the identifier of a payment service provider; its country and an organization
    /// are added where the subject has none (ETSI EN 319 412-3, section 4.2.1).
    pub(super) fn of_provider(&self, id: &OrganizationIdentifier) -> DistinguishedName {
        let mut name = DistinguishedName::new();
        let text = |text: &str| DnValue::Utf8String(text.to_owned());
        let common = self.0.get(&DnType::CommonName).cloned();
        let country = id.country().try_into().ok().map(DnValue::PrintableString);
        let defaults = [
            (DnType::CountryName, country),
            (DnType::OrganizationName, common),
            (DnType::CustomDnType(ORGANIZATION_IDENTIFIER.to_vec()), Some(text(&id.to_string()))),
        ];
        let missing = |kind: &DnType| self.0.get(kind).is_none();
        for (kind, value) in defaults {
            if missing(&kind)
                && let Some(value) = value
            {
                name.push(kind, value);
            }
        }
        self.0.iter().for_each(|(kind, value)| name.push(kind.clone(), value.clone()));
        name
    }

    fn from_parts(parts: Vec<(String, String)>) -> Result<Self, CertsError> {
        let mut name = DistinguishedName::new();
        for (key, value) in parts {
            let (kind, value) = part(&key, &value)?;
            if name.get(&kind).is_some() {
                return Err(CertsError::Subject(format!("`{key}` is given twice")));
            }
            name.push(kind, value);
        }
        if name.get(&DnType::CommonName).is_none() {
            return Err(CertsError::Subject("a subject needs a `CN`".to_owned()));
        }
        Ok(Self(name))
    }
}

/// `key=value` pairs between separators; a backslash takes the next character as it is.
fn split(text: &str, separator: char) -> Result<Vec<(String, String)>, CertsError> {
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    let mut equals = vec![None];
    while let Some(character) = characters.next() {
        let part = parts.last_mut().expect("there is always one");
        let equal = equals.last_mut().expect("there is one for each part");
        match character {
            '\\' => part.extend(characters.next()),
            _ if character == separator => {
                parts.push(String::new());
                equals.push(None);
            }
            '=' if equal.is_none() => {
                *equal = Some(part.len());
                part.push('=');
            }
            other => part.push(other),
        }
    }
    let pair = |(part, equal): (String, Option<usize>)| match equal {
        Some(place) => Ok((part[..place].trim().to_owned(), part[place + 1..].trim().to_owned())),
        None => Err(CertsError::Subject(format!("`{}` has no `=`", part.escape_debug()))),
    };
    parts.into_iter().zip(equals).map(pair).collect()
}

/// The attribute, with the length that X.520 allows it.
fn part(key: &str, value: &str) -> Result<(DnType, DnValue), CertsError> {
    let (kind, longest) = match key.to_ascii_uppercase().as_str() {
        "CN" => (DnType::CommonName, 64),
        "O" => (DnType::OrganizationName, 64),
        "OU" => (DnType::OrganizationalUnitName, 64),
        "L" => (DnType::LocalityName, 128),
        "ST" | "S" => (DnType::StateOrProvinceName, 128),
        "C" => return country(value),
        "SERIALNUMBER" => (DnType::CustomDnType(vec![2, 5, 4, 5]), 64),
        "ORGANIZATIONIDENTIFIER" => (DnType::CustomDnType(ORGANIZATION_IDENTIFIER.to_vec()), 64),
        _ => {
            let known = "use CN, O, OU, L, ST, C, serialNumber or organizationIdentifier";
            return Err(CertsError::Subject(format!("`{}` is not known here: {known}", key.escape_debug())));
        }
    };
    if value.is_empty() || value.chars().count() > longest {
        return Err(CertsError::Subject(format!("`{key}` takes 1 to {longest} characters")));
    }
    if value.chars().any(char::is_control) {
        return Err(CertsError::Subject(format!("`{key}` can't hold control characters")));
    }
    if kind == DnType::CommonName && value.contains('*') {
        return Err(CertsError::Subject(
            "`CN` can't hold a `*`: the certificate is for one client".to_owned(),
        ));
    }
    Ok((kind, DnValue::Utf8String(value.to_owned())))
}

/// A country is always a printable string of two letters.
fn country(value: &str) -> Result<(DnType, DnValue), CertsError> {
    let is_code = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase());
    let wrong = || CertsError::Subject("`C` takes a country's two capital letters".to_owned());
    let code = value.try_into().ok().filter(|_| is_code).ok_or_else(wrong)?;
    Ok((DnType::CountryName, DnValue::PrintableString(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_name_the_same_subject() {
        let parsed = Subject::parse("CN=ing_tls, O=Example\\, Inc.,C=NL").unwrap();
        assert_eq!(Subject::parse("/C=NL/O=Example, Inc./CN=ing_tls").unwrap(), parsed);
        assert_eq!(Subject::parse("CN=a").unwrap(), Subject::common_name("a").unwrap());
        assert!(Subject::common_name("a,b=c").is_ok());
    }

    #[test]
    fn a_subject_that_no_certificate_can_carry_is_refused() {
        for (text, sentence) in [
            ("", "`` has no `=`"),
            ("ing_tls", "`ing_tls` has no `=`"),
            ("O=x", "a subject needs a `CN`"),
            ("CN=", "`CN` takes 1 to 64 characters"),
            (&format!("CN={}", "x".repeat(1000)), "`CN` takes 1 to 64 characters"),
            ("CN=a\0b", "`CN` can't hold control characters"),
            ("CN=*", "`CN` can't hold a `*`: the certificate is for one client"),
            ("CN=a,C=Holland", "`C` takes a country's two capital letters"),
            ("CN=a,CN=b", "`CN` is given twice"),
            (
                "CN=a,X=b",
                "`X` is not known here: use CN, O, OU, L, ST, C, serialNumber or organizationIdentifier",
            ),
        ] {
            let error = Subject::parse(text).expect_err(sentence);
            assert_eq!(
                error.to_string(),
                format!("{sentence}; a subject looks like `CN=ing_tls,O=Example,C=NL`")
            );
        }
    }
}
