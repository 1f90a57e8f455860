//! Why a message can't be signed, and what to do about it.

use super::algorithm::{Algorithm, Material};
use crate::diag::Code;

/// Why a message can't be signed. Nothing has been sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key is of the wrong kind.
    #[error("{}", wrong_key(*algorithm, *material))]
    WrongKey {
        /// What the profile asks for.
        algorithm: Algorithm,
        /// What the key is.
        material: Material,
    },
    /// The key has the right kind and wrong numbers.
    #[error("{material} is damaged: its numbers do not make a key pair")]
    DamagedKey {
        /// What the key says it is.
        material: Material,
    },
    /// A secret that is not what the profile says it is.
    #[error("the shared secret is not written in {encoding}, as the profile says")]
    SecretEncoding {
        /// What the profile says.
        encoding: &'static str,
    },
    /// A secret of no bytes.
    #[error("the shared secret is empty")]
    EmptySecret,
    /// The key does not allow the signature.
    #[error("the key is too small for `{algorithm}`")]
    Refused {
        /// What the profile asks for.
        algorithm: Algorithm,
    },
    /// The key id is empty or not printable ASCII.
    #[error("the key id {key_id:?} can't be sent: it must be printable ASCII, and not empty")]
    KeyId {
        /// What it is.
        key_id: String,
    },
    /// The key id names another certificate than the one that signs.
    #[error(
        "the key id names the certificate with the serial number `{named}`, and the one that signs has `{hex}`"
    )]
    OtherSerial {
        /// The serial number in the key id.
        named: String,
        /// That of the certificate under `signing`, in hexadecimal.
        hex: String,
    },
    /// A header is to be signed and is not sent.
    #[error("the profile signs `{header}`, and the request does not send it")]
    Absent {
        /// Its name.
        header: String,
    },
    /// Every component is conditional, and no condition holds.
    #[error("nothing of this request is signed: every component of the profile is conditional")]
    NothingToSign,
    /// A signed value has characters that no header can hold.
    #[error("`{header}` holds characters that a header can't hold")]
    Unsendable {
        /// The header.
        header: String,
    },
    /// The header that carries the signature is already there.
    #[error("the signature goes into `{header}`, and the request sets that header itself")]
    Taken {
        /// The header.
        header: String,
    },
    /// A program that signs did not.
    #[error("{message}")]
    Program {
        /// What happened.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Something that only one scheme knows of.
    #[error("{message}")]
    Unsignable {
        /// What it is.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// It is to be broken in a way that it can't be.
    #[error("`{tamper}` changes nothing: {reason}")]
    Tamper {
        /// The word of `tamper`.
        tamper: String,
        /// What there is instead of what it changes.
        reason: String,
    },
    /// No carrier is meant for this request.
    #[error("no header carries the signature of a request {} a token", if *with_token { "with" } else { "without" })]
    NotCarried {
        /// Whether the request has a token.
        with_token: bool,
    },
}

impl SignError {
    /// The stable code: whether the key or the request is to be mended.
    pub fn code(&self) -> Code {
        match self {
            Self::WrongKey { .. } | Self::DamagedKey { .. } | Self::Refused { .. } | Self::Program { .. } => {
                Code::Key
            }
            Self::EmptySecret | Self::SecretEncoding { .. } => Code::Secret,
            Self::OtherSerial { .. } => Code::Pair,
            Self::KeyId { .. }
            | Self::Absent { .. }
            | Self::NothingToSign
            | Self::Unsendable { .. }
            | Self::Taken { .. }
            | Self::Unsignable { .. }
            | Self::Tamper { .. }
            | Self::NotCarried { .. } => Code::Signing,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::WrongKey { algorithm: Algorithm::Hs2019, material: Material::Unknown } => Some(
                "name its `public_key` or `certificate` under `signing`, so that the kind of key is known"
                    .into(),
            ),
            Self::WrongKey { .. } => {
                Some("use the key that the API knows, or set the profile's `algorithm`".into())
            }
            Self::Absent { header } => {
                Some(format!("add it under `headers`, or write `{header} if sent` in the profile"))
            }
            Self::Taken { header } => {
                Some(format!("remove `{header}` from the request, or say `sign: false` to send it as it is"))
            }
            Self::SecretEncoding { .. } => {
                Some("set `key_encoding` in the profile: `text` takes the secret as it is".into())
            }
            Self::OtherSerial { .. } => Some(
                "write it as a template, `SN={{ certificate.serial_hex }}`, or name the other certificate \
                 under `signing`"
                    .into(),
            ),
            Self::KeyId { .. } => Some("set `key_id` under `signing` in the environment".into()),
            Self::Unsignable { help, .. } | Self::Program { help, .. } => help.clone(),
            Self::NotCarried { .. } => Some("add an entry to `carried_in` in the profile".into()),
            Self::DamagedKey { .. }
            | Self::EmptySecret
            | Self::Refused { .. }
            | Self::Tamper { .. }
            | Self::NothingToSign
            | Self::Unsendable { .. } => None,
        }
    }
}

fn wrong_key(algorithm: Algorithm, material: Material) -> String {
    if (algorithm, material) == (Algorithm::Hs2019, Material::Unknown) {
        return "the algorithm follows the kind of the key, which only the program that signs knows".into();
    }
    format!("`{algorithm}` needs {}, and this is {material}", algorithm.wants())
}
