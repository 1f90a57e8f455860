//! What a file holds, told by the shape of its DER rather than by the label of its PEM: labels
//! lie (`RSA PRIVATE KEY` over PKCS#8 is common), and DER has none.

use zeroize::Zeroizing;

use super::error::{Armour, KeyError};
use super::pem;

/// What a PEM block or a DER file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `RSAPrivateKey` (RFC 8017, appendix A.1.2).
    Pkcs1,
    /// `PrivateKeyInfo` (RFC 5958).
    Pkcs8,
    /// `ECPrivateKey` (RFC 5915).
    Sec1,
    /// `EncryptedPrivateKeyInfo` (RFC 5958), or the older encryption of PEM (RFC 1421).
    Encrypted,
    /// `SubjectPublicKeyInfo` (RFC 5280).
    Spki,
    /// `RSAPublicKey` (RFC 8017, appendix A.1.1).
    Pkcs1Public,
    /// An X.509 certificate.
    Certificate,
    /// A certificate signing request (RFC 2986).
    Request,
    /// A certificate revocation list.
    RevocationList,
    /// A private key as OpenSSH or `PuTTY` writes it.
    OpenSsh,
    /// A public key as OpenSSH writes it.
    OpenSshPublic,
    /// A PKCS#12 store (`.p12`, `.pfx`).
    Pkcs12,
    /// A PKCS#7 bundle (`.p7b`).
    Pkcs7,
    /// Parameters or something unknown.
    Other,
}

impl Form {
    /// Such as `a certificate`.
    pub const fn described(self) -> &'static str {
        match self {
            Self::Pkcs1 | Self::Pkcs8 | Self::Sec1 => "a private key",
            Self::Encrypted => "an encrypted private key",
            Self::Spki | Self::Pkcs1Public => "a public key",
            Self::Certificate => "a certificate",
            Self::Request => "a certificate signing request",
            Self::RevocationList => "a certificate revocation list",
            Self::OpenSsh => "an OpenSSH key",
            Self::OpenSshPublic => "an OpenSSH public key",
            Self::Pkcs12 => "a PKCS#12 store",
            Self::Pkcs7 => "a PKCS#7 bundle",
            Self::Other => "something else",
        }
    }

    /// Whether it is a private key, encrypted or not.
    pub const fn is_private_key(self) -> bool {
        matches!(self, Self::Pkcs1 | Self::Pkcs8 | Self::Sec1 | Self::Encrypted)
    }

    /// Whether it is a public key by itself.
    pub const fn is_public_key(self) -> bool {
        matches!(self, Self::Spki | Self::Pkcs1Public)
    }
}

/// One thing in a file.
pub struct Item {
    /// What it is.
    pub form: Form,
    /// The line of its PEM block, from 1; none for DER.
    pub line: Option<usize>,
    proc_type: bool,
    der: Zeroizing<Vec<u8>>,
}

impl Item {
    /// Its bytes, without the PEM armour.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it is encrypted as RFC 1421 says, and its bytes are no DER.
    pub(super) const fn is_proc_type(&self) -> bool {
        self.proc_type
    }

    /// How it was wrapped.
    pub const fn armour(&self) -> Armour {
        match self.line {
            Some(_) => Armour::Pem,
            None => Armour::Der,
        }
    }
}

/// Everything in a file, in order: the blocks of a PEM file (at least one), or one piece of DER.
pub fn items(bytes: &[u8]) -> Result<Vec<Item>, KeyError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(KeyError::Empty);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(KeyError::Utf16);
    }
    let blocks = pem::blocks(bytes)?;
    if blocks.is_empty() {
        return Ok(vec![without_blocks(bytes)?]);
    }
    Ok(blocks.into_iter().map(pem_item).collect())
}

fn without_blocks(bytes: &[u8]) -> Result<Item, KeyError> {
    let item =
        |form, der: &[u8]| Ok(Item { form, line: None, proc_type: false, der: Zeroizing::new(der.to_vec()) });
    let is_text = std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
    match bytes {
        _ if bytes.starts_with(b"ssh-") || bytes.starts_with(b"ecdsa-sha2-") => {
            item(Form::OpenSshPublic, &[])
        }
        _ if bytes.starts_with(b"PuTTY-User-Key-File") => item(Form::OpenSsh, &[]),
        [SEQUENCE, ..] if !is_text => {
            let (_, _, rest) = element(bytes).ok_or(KeyError::CutOff)?;
            let der = &bytes[..bytes.len() - rest.len()];
            match shape(der) {
                Form::Other => Err(KeyError::Unrecognised),
                form => item(form, der),
            }
        }
        _ if is_text => Err(KeyError::NoPem),
        _ => Err(KeyError::Unrecognised),
    }
}

fn pem_item(block: pem::Block) -> Item {
    let form = match block.label.as_str() {
        _ if block.encrypted => Form::Encrypted,
        "OPENSSH PRIVATE KEY" => Form::OpenSsh,
        label => promised(label, shape(&block.contents)),
    };
    let mut der = block.contents;
    if form == Form::Certificate {
        // `TRUSTED CERTIFICATE` has OpenSSL's own remarks behind the certificate.
        let behind = element(&der).map_or(0, |(_, _, rest)| rest.len());
        let length = der.len() - behind;
        der.truncate(length);
    }
    Item { form, line: Some(block.line), proc_type: block.encrypted, der }
}

/// The form by shape, or where that says nothing the one that the label promises, so that the
/// reader of that form can say that the block is broken.
fn promised(label: &str, shape: Form) -> Form {
    match (shape, label) {
        (Form::Other, "ENCRYPTED PRIVATE KEY") => Form::Encrypted,
        (Form::Other, "EC PRIVATE KEY") => Form::Sec1,
        (Form::Other, "RSA PRIVATE KEY") => Form::Pkcs1,
        (Form::Other, "PRIVATE KEY" | "DSA PRIVATE KEY") => Form::Pkcs8,
        (Form::Other, "PUBLIC KEY" | "RSA PUBLIC KEY") => Form::Spki,
        (Form::Other, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") => Form::Certificate,
        (Form::Other, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST") => Form::Request,
        _ => shape,
    }
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xa0;

/// The form whose outermost element has these parts.
fn shape(der: &[u8]) -> Form {
    let Some((SEQUENCE, contents, _)) = element(der) else { return Form::Other };
    match tags(contents).as_slice() {
        [INTEGER, SEQUENCE, OCTET_STRING, ..] => Form::Pkcs8,
        [INTEGER, OCTET_STRING, ..] => Form::Sec1,
        [INTEGER, INTEGER] => Form::Pkcs1Public,
        [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, ..] => Form::Pkcs1,
        [INTEGER, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE] => Form::Pkcs12,
        [OID, CONTEXT_0] => Form::Pkcs7,
        [SEQUENCE, OCTET_STRING] => Form::Encrypted,
        [SEQUENCE, BIT_STRING] => Form::Spki,
        [SEQUENCE, SEQUENCE, BIT_STRING] => signed(contents),
        _ => Form::Other,
    }
}

/// Certificates, requests and revocation lists are all signed things; what is signed differs.
fn signed(contents: &[u8]) -> Form {
    let Some((_, inner, _)) = element(contents) else { return Form::Other };
    match tags(inner).as_slice() {
        [CONTEXT_0, INTEGER, SEQUENCE, ..] | [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, ..] => {
            Form::Certificate
        }
        [INTEGER, SEQUENCE, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0] => Form::Request,
        _ => Form::RevocationList,
    }
}

fn tags(mut contents: &[u8]) -> Vec<u8> {
    let mut tags = Vec::new();
    while let Some((tag, _, rest)) = element(contents) {
        tags.push(tag);
        contents = rest;
    }
    tags
}

/// The first element: its tag, its contents, and what follows (X.690, section 8.1).
pub(super) fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, bytes) = bytes.split_first()?;
    let (&first, mut bytes) = bytes.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let octets;
        (octets, bytes) = bytes.split_at_checked(usize::from(first & 0x7f))?;
        if octets.is_empty() || octets.len() > 4 {
            return None;
        }
        length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    }
    let (contents, rest) = bytes.split_at_checked(length)?;
    Some((tag, contents, rest))
}
