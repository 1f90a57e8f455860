//! What a certificate is for, and what it has to say so that the programs that check it agree.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyUsagePurpose, NameConstraints, SanType,
};

use crate::keys::{Qualified, QualifiedKind};

use super::{CertsError, Provider};

/// What a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// It does not say, so that the same one serves TLS and signing.
    Plain,
    /// To identify a client in TLS.
    Client,
    /// To identify a server in TLS.
    Server,
    /// To identify a payment service provider in TLS, at both ends: shaped like a QWAC.
    Qwac(Provider),
    /// To sign the requests of a payment service provider: shaped like a QSealC.
    Qsealc(Provider),
    /// To sign other certificates.
    Authority,
}

/// A name that a certificate is for besides its subject: a DNS name or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlternativeName(SanType);

impl AlternativeName {
    /// Reads a DNS name or an address. A wildcard is refused: the certificate is for one party.
    pub fn parse(text: &str) -> Result<Self, CertsError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(SanType::IpAddress(address)));
        }
        let refused = || CertsError::AlternativeName(text.to_owned());
        let is_label = |label: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(allowed)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() > 253 || !text.split('.').all(is_label) {
            return Err(refused());
        }
        Ok(Self(SanType::DnsName(text.try_into().map_err(|_| refused())?)))
    }

    pub(super) fn san(&self) -> SanType {
        self.0.clone()
    }
}

impl Shape {
    /// Writes what the certificate says of its use.
    pub(super) fn apply(&self, names: &[AlternativeName], parameters: &mut CertificateParams) {
        use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
        use KeyUsagePurpose::{ContentCommitment, CrlSign, DigitalSignature, KeyCertSign};
        let sans: Vec<SanType> = names.iter().map(AlternativeName::san).collect();
        let (usages, purposes): (&[KeyUsagePurpose], &[ExtendedKeyUsagePurpose]) = match self {
            Self::Plain => (&[], &[]),
            Self::Client => (&[DigitalSignature], &[ClientAuth]),
            Self::Server => (&[DigitalSignature], &[ServerAuth]),
            Self::Qwac(_) => (&[DigitalSignature], &[ServerAuth, ClientAuth]),
            Self::Qsealc(_) => (&[DigitalSignature, ContentCommitment], &[]),
            Self::Authority => (&[KeyCertSign, CrlSign], &[]),
        };
        parameters.key_usages = usages.to_vec();
        parameters.extended_key_usages = purposes.to_vec();
        if *self == Self::Authority {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            parameters.name_constraints = Some(only(&sans));
        } else {
            parameters.subject_alt_names = sans;
        }
        parameters.custom_extensions.extend(self.statements());
    }

    fn statements(&self) -> Option<CustomExtension> {
        let (kind, provider) = match self {
            Self::Qwac(provider) => (QualifiedKind::Web, provider),
            Self::Qsealc(provider) => (QualifiedKind::Seal, provider),
            Self::Plain | Self::Client | Self::Server | Self::Authority => return None,
        };
        let qualified = Qualified { compliant: true, kinds: vec![kind], psd2: Some(provider.statement()) };
        Some(CustomExtension::from_oid_content(Qualified::OID, qualified.to_der()))
    }

    /// The provider whose certificate it is.
    pub(super) fn provider(&self) -> Option<&Provider> {
        match self {
            Self::Qwac(provider) | Self::Qsealc(provider) => Some(provider),
            Self::Plain | Self::Client | Self::Server | Self::Authority => None,
        }
    }
}

/// The constraint to sign for these names alone.
pub(super) fn only(names: &[SanType]) -> NameConstraints {
    let permitted = |name: &SanType| match name {
        SanType::DnsName(name) => Some(GeneralSubtree::DnsName(name.as_str().to_owned())),
        SanType::IpAddress(address) => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            Some(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*address, bits)))
        }
        _ => None,
    };
    NameConstraints {
        permitted_subtrees: names.iter().filter_map(permitted).collect(),
        excluded_subtrees: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_dns_name_or_an_address_and_never_a_wildcard() {
        for good in ["localhost", "api.bank.example", "127.0.0.1", "::1", "a-b.c1"] {
            assert!(AlternativeName::parse(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "*.bank.example",
            "a..b",
            "-a",
            "a b",
            "a_b",
            "é",
            "a\0b",
            &"x".repeat(64),
            &"a.".repeat(150),
        ] {
            assert_eq!(AlternativeName::parse(wrong), Err(CertsError::AlternativeName(wrong.to_owned())));
        }
    }
}
