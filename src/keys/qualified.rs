//! The statements of a qualified certificate (RFC 3739, section 3.2.6; ETSI EN 319 412-5) and those
//! that PSD2 adds (ETSI TS 119 495): what a certificate is for, and what its owner may do at a bank.
//!
//! Written and read here, so that what is made is what is shown. A statement is a claim: whether
//! who signed the certificate may make it is for the bank to know.

use std::fmt;

use rsa::pkcs8::ObjectIdentifier;
use rsa::pkcs8::der::asn1::{Any, Utf8StringRef};
use rsa::pkcs8::der::{Decode, Encode, Error, Tag, Tagged};

const COMPLIANCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.1");
const KIND: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.6");
const PSD2: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.19495.2");

/// What a certificate says of itself in the extension `qcStatements`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Qualified {
    /// Whether it claims to be a qualified certificate under eIDAS.
    pub compliant: bool,
    /// What it is for.
    pub kinds: Vec<QualifiedKind>,
    /// What its owner may do as a payment service provider.
    pub psd2: Option<Psd2>,
}

/// What a qualified certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualifiedKind {
    /// Signatures of people (`esign`).
    Signature,
    /// Seals of companies (`eseal`): a QSealC.
    Seal,
    /// Websites and connections (`web`): a QWAC.
    Web,
}

/// The PSD2 statement (ETSI TS 119 495, section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Psd2 {
    /// What the provider may do.
    pub roles: Vec<Role>,
    /// The name of the authority that lets it.
    pub authority: String,
    /// The identifier of that authority, as `ES-BDE`.
    pub authority_id: String,
}

/// A role of a payment service provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Keeps accounts: a bank.
    AccountServicing,
    /// Initiates payments.
    PaymentInitiation,
    /// Reads accounts.
    AccountInformation,
    /// Issues cards.
    CardIssuing,
}

impl Qualified {
    /// The object identifier of the extension.
    pub const OID: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 3];

    /// The value of the extension in DER.
    pub fn to_der(&self) -> Vec<u8> {
        self.encode().expect("object identifiers and texts have a DER form")
    }

    fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut statements = Vec::new();
        if self.compliant {
            statements.push(vec![Any::encode_from(&COMPLIANCE)?]);
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<ObjectIdentifier> = self.kinds.iter().map(|kind| kind.oid()).collect();
            statements.push(vec![Any::encode_from(&KIND)?, Any::encode_from(&kinds)?]);
        }
        if let Some(psd2) = &self.psd2 {
            statements.push(vec![Any::encode_from(&PSD2)?, Any::encode_from(&psd2.encode()?)?]);
        }
        statements.to_der()
    }

    /// Reads the value of the extension; statements that are not known here are passed over.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let mut read = Self::default();
        for statement in Vec::<Vec<Any>>::from_der(der).ok()? {
            let information = statement.get(1);
            match oid(statement.first()?)? {
                COMPLIANCE => read.compliant = true,
                KIND => {
                    let kinds: Vec<ObjectIdentifier> = information?.decode_as().ok()?;
                    read.kinds.extend(kinds.into_iter().filter_map(QualifiedKind::named));
                }
                PSD2 => read.psd2 = Some(Psd2::read(information?)?),
                _ => {}
            }
        }
        Some(read)
    }
}

impl Psd2 {
    fn encode(&self) -> Result<Vec<Any>, Error> {
        let text = |text: &str| Utf8StringRef::new(text).and_then(|text| Any::encode_from(&text));
        let roles: Result<Vec<Vec<Any>>, Error> = self
            .roles
            .iter()
            .map(|role| Ok(vec![Any::encode_from(&role.oid())?, text(role.name())?]))
            .collect();
        Ok(vec![Any::encode_from(&roles?)?, text(&self.authority)?, text(&self.authority_id)?])
    }

    fn read(information: &Any) -> Option<Self> {
        let parts: Vec<Any> = information.decode_as().ok()?;
        let [roles, authority, authority_id] = parts.as_slice() else { return None };
        let text = |any: &Any| (any.tag() == Tag::Utf8String).then(|| shown(any.value()));
        let roles: Vec<Vec<Any>> = roles.decode_as().ok()?;
        let roles = roles.iter().filter_map(|role| Role::of(oid(role.first()?)?));
        Some(Self { roles: roles.collect(), authority: text(authority)?, authority_id: text(authority_id)? })
    }
}

/// Text of somebody else's certificate, on one line.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

fn oid(any: &Any) -> Option<ObjectIdentifier> {
    any.decode_as().ok()
}

impl QualifiedKind {
    const ALL: [Self; 3] = [Self::Signature, Self::Seal, Self::Web];

    fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Signature => ObjectIdentifier::new_unwrap("0.4.0.1862.1.6.1"),
            Self::Seal => ObjectIdentifier::new_unwrap("0.4.0.1862.1.6.2"),
            Self::Web => ObjectIdentifier::new_unwrap("0.4.0.1862.1.6.3"),
        }
    }

    fn named(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.oid() == oid)
    }
}

/// As people call such a certificate.
impl fmt::Display for QualifiedKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Signature => "signature (esign)",
            Self::Seal => "QSealC (eseal)",
            Self::Web => "QWAC (web)",
        })
    }
}

impl Role {
    /// Every role, in the order of the specification.
    pub const ALL: [Self; 4] =
        [Self::AccountServicing, Self::PaymentInitiation, Self::AccountInformation, Self::CardIssuing];

    /// Its name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountServicing => "PSP_AS",
            Self::PaymentInitiation => "PSP_PI",
            Self::AccountInformation => "PSP_AI",
            Self::CardIssuing => "PSP_IC",
        }
    }

    fn oid(self) -> ObjectIdentifier {
        match self {
            Self::AccountServicing => ObjectIdentifier::new_unwrap("0.4.0.19495.1.1"),
            Self::PaymentInitiation => ObjectIdentifier::new_unwrap("0.4.0.19495.1.2"),
            Self::AccountInformation => ObjectIdentifier::new_unwrap("0.4.0.19495.1.3"),
            Self::CardIssuing => ObjectIdentifier::new_unwrap("0.4.0.19495.1.4"),
        }
    }

    fn of(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.oid() == oid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_damage_is_no_statement() {
        let psd2 = Psd2 {
            roles: Role::ALL.to_vec(),
            authority: "Banco de España".into(),
            authority_id: "ES-BDE".into(),
        };
        for qualified in [
            Qualified::default(),
            Qualified { compliant: true, kinds: vec![QualifiedKind::Seal], psd2: None },
            Qualified { compliant: false, kinds: QualifiedKind::ALL.to_vec(), psd2: Some(psd2) },
        ] {
            let der = qualified.to_der();
            assert_eq!(Qualified::read(&der), Some(qualified));
            for end in 0..der.len() {
                assert_eq!(Qualified::read(&der[..end]), None);
            }
        }
    }

    #[test]
    fn the_compliance_statement_is_the_one_of_the_specification() {
        let qualified = Qualified { compliant: true, ..Qualified::default() };
        let expected = [0x30, 0x0a, 0x30, 0x08, 0x06, 0x06, 0x04, 0x00, 0x8e, 0x46, 0x01, 0x01];
        assert_eq!(qualified.to_der(), expected);
    }
}
