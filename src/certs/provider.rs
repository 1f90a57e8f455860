//! Who a payment service provider is, as PSD2 certificates say it (ETSI TS 119 495).

use std::fmt;

use crate::keys::{Psd2, Role};

use super::CertsError;

/// A payment service provider, as a QWAC or QSealC names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub(super) id: OrganizationIdentifier,
    roles: Vec<Role>,
    authority: String,
}

/// An `organizationIdentifier` of a payment service provider, such as `PSDES-BDE-3DFD21`: the
/// country and the authority that authorised it, and the number it got there (section 5.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationIdentifier(String);

/// Longest identifier: X.520 has no bound, this is the one of the subject's other parts.
const LONGEST: usize = 64;

impl OrganizationIdentifier {
    /// Reads an identifier, and refuses what a bank would not take for one.
    pub fn parse(text: &str) -> Result<Self, CertsError> {
        let refused = || CertsError::OrganizationIdentifier(text.to_owned());
        let capitals = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase());
        let rest = text.strip_prefix("PSD").ok_or_else(refused)?;
        let (country, rest) = rest.split_once('-').ok_or_else(refused)?;
        let (authority, number) = rest.split_once('-').ok_or_else(refused)?;
        let good = country.len() == 2
            && (2..=8).contains(&authority.len())
            && capitals(country)
            && capitals(authority)
            && !number.is_empty()
            && number.trim() == number
            && number.bytes().all(|byte| (b' '..=b'~').contains(&byte))
            && text.len() <= LONGEST;
        if good { Ok(Self(text.to_owned())) } else { Err(refused()) }
    }

    /// The country, as `ES`.
    pub fn country(&self) -> &str {
        &self.0[3..5]
    }

    /// The identifier of the authority, as `ES-BDE`.
    pub fn authority(&self) -> &str {
        let end = self.0[6..].find('-').map_or(self.0.len(), |at| at + 6);
        &self.0[3..end]
    }
}

impl fmt::Display for OrganizationIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Longest name of an authority (ETSI TS 119 495, annex A).
const LONGEST_NAME: usize = 256;

impl Provider {
    /// Joins who it is, what it may do, and the name of the authority that lets it.
    pub fn new(
        id: OrganizationIdentifier,
        roles: impl IntoIterator<Item = Role>,
        authority: &str,
    ) -> Result<Self, CertsError> {
        let mut distinct = Vec::new();
        for role in roles {
            if !distinct.contains(&role) {
                distinct.push(role);
            }
        }
        let good = !authority.trim().is_empty()
            && authority.chars().count() <= LONGEST_NAME
            && !authority.chars().any(char::is_control);
        if good {
            Ok(Self { id, roles: distinct, authority: authority.to_owned() })
        } else {
            Err(CertsError::AuthorityName)
        }
    }

    /// Its statement in a certificate.
    pub(super) fn statement(&self) -> Psd2 {
        Psd2 {
            roles: self.roles.clone(),
            authority: self.authority.clone(),
            authority_id: self.id.authority().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_names_country_authority_and_number_and_nothing_else_is_one() {
        let id = OrganizationIdentifier::parse("PSDES-BDE-3DFD21").unwrap();
        assert_eq!((id.country(), id.authority()), ("ES", "ES-BDE"));
        let id = OrganizationIdentifier::parse("PSDPL-PFSA-1234567890-a/b").unwrap();
        assert_eq!(
            (id.country(), id.authority(), id.to_string().as_str()),
            ("PL", "PL-PFSA", "PSDPL-PFSA-1234567890-a/b")
        );
        for wrong in [
            "",
            "PSDES",
            "PSDES-BDE",
            "PSDES-BDE-",
            "psdes-BDE-1",
            "PSDE-BDE-1",
            "PSDES-B-1",
            "PSDES-bde-1",
            "PSDES-ABCDEFGHI-1",
            "PSDES-BDE-1\n",
            "PSDES-BDE- 1",
            "PSDES-BDE-é",
            "VATES-B12345678",
            &format!("PSDES-BDE-{}", "1".repeat(60)),
        ] {
            assert_eq!(
                OrganizationIdentifier::parse(wrong),
                Err(CertsError::OrganizationIdentifier(wrong.to_owned())),
                "{wrong}"
            );
        }
    }
}
