//! Why key material could not be used, as data; its text is the rest of a sentence that begins
//! with the file's name, and [`KeyError::help`] says what to do. The contents of the file never get into it: a damaged key is still
//! mostly a key.

use std::fmt;

use super::KeyKind;
use super::encrypted::Encryption;
use super::form::Form;

/// Why key material could not be read: a sentence that says what the file is instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// Bytes that are none of the forms that are known.
    Unrecognised,
    /// There is nothing in the file.
    Empty,
    /// Text without a PEM block.
    NoPem,
    /// Text in UTF-16, as some Windows programs write it.
    Utf16,
    /// A PEM block is damaged.
    Damaged {
        /// The damaged line, from 1.
        line: usize,
        /// What is wrong with it.
        damage: Damage,
    },
    /// DER that ends too early.
    CutOff,
    /// It is something else than was asked for.
    Wrong {
        /// What it is.
        found: Form,
        /// What was asked for.
        wanted: Wanted,
    },
    /// A private key that needs a passphrase.
    Encrypted(Armour),
    /// A private key whose encryption is not read.
    Encryption(Encryption, Armour),
    /// A store that needs a passphrase.
    StoreLocked,
    /// A store whose encryption is not read.
    StoreEncryption,
    /// A store that has no such thing in it.
    StoreWithout(Wanted),
    /// The passphrase is not the one that it was encrypted with.
    WrongPassphrase,
    /// More than one where one is meant.
    Several {
        /// What was asked for.
        wanted: Wanted,
        /// How many there are.
        count: usize,
    },
    /// A block or file that promises one thing and does not hold it.
    Broken {
        /// What it should be.
        wanted: Wanted,
        /// The line of the PEM block, if it is PEM.
        line: Option<usize>,
    },
    /// A key of a kind that is not supported: its name.
    Algorithm(String),
    /// An RSA key whose modulus is too small or too large, in bits.
    RsaSize(usize),
    /// Keys of this kind and size are not made.
    NotMade(KeyKind),
    /// The name of a kind that does not exist.
    UnknownKind(String),
    /// The system's generator of random numbers failed.
    NoRandomness,
}

/// What is wrong with a line of PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It is not base64.
    Base64,
    /// It is not a well-formed `-----BEGIN …-----`.
    Label,
    /// The block that begins here has no end.
    NoEnd,
    /// The end does not belong to the beginning.
    End,
    /// The line breaks are lost.
    OneLine,
}

/// What a reader was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
    /// A certificate signing request.
    Request,
    /// A PKCS#12 store.
    Store,
}

/// How the bytes are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Armour {
    /// Text between `-----BEGIN` and `-----END`.
    Pem,
    /// The bytes themselves.
    Der,
}

impl Wanted {
    /// Such as `a private key`.
    pub const fn described(self) -> &'static str {
        match self {
            Self::PrivateKey => "a private key",
            Self::PublicKey => "a public key",
            Self::Certificate => "a certificate",
            Self::Request => "a certificate signing request",
            Self::Store => "a PKCS#12 store",
        }
    }

    const fn plural(self) -> &'static str {
        match self {
            Self::PrivateKey => "private keys",
            Self::PublicKey => "public keys",
            Self::Certificate => "certificates",
            Self::Request => "certificate signing requests",
            Self::Store => "PKCS#12 stores",
        }
    }

    const fn forms(self) -> &'static str {
        match self {
            Self::PrivateKey => "a PKCS#1, PKCS#8 or SEC1 key",
            Self::PublicKey => "a public key in SubjectPublicKeyInfo or PKCS#1 form",
            Self::Certificate => "an X.509 certificate",
            Self::Request => "a PKCS#10 signing request",
            Self::Store => "a whole PKCS#12 store",
        }
    }
}

impl Damage {
    const fn described(self) -> &'static str {
        match self {
            Self::Base64 => "it is not base64",
            Self::Label => "it is not a `-----BEGIN …-----` line",
            Self::NoEnd => "the block that begins there has no end; the file is cut off",
            Self::End => "the end of the block does not match its beginning",
            Self::OneLine => "the line breaks of the block are lost",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unrecognised => write!(formatter, "is neither PEM nor a key or certificate in DER"),
            Self::Empty => write!(formatter, "is empty"),
            Self::NoPem => write!(formatter, "has no PEM block (`-----BEGIN …-----`)"),
            Self::Utf16 => write!(formatter, "is text in UTF-16: save it as UTF-8"),
            Self::Damaged { line, damage } => {
                write!(formatter, "is damaged PEM at line {line}: {}", damage.described())
            }
            Self::CutOff => write!(formatter, "looks like DER, but its length is wrong: the file is cut off"),
            Self::Wrong { found, wanted } => {
                write!(formatter, "is {}, not {}", found.described(), wanted.described())
            }
            Self::Encrypted(_) => write!(formatter, "is encrypted, and there is no passphrase for it"),
            Self::Encryption(how, _) => write!(formatter, "is {}", how.described()),
            Self::StoreLocked => {
                write!(formatter, "is a PKCS#12 store with a passphrase, and there is none for it")
            }
            Self::StoreEncryption => {
                write!(formatter, "is a PKCS#12 store whose encryption is not one that is read")
            }
            Self::StoreWithout(wanted) => {
                write!(formatter, "is a PKCS#12 store without {}", wanted.described())
            }
            Self::WrongPassphrase => {
                write!(formatter, "can't be decrypted: the passphrase is wrong, or the file is damaged")
            }
            Self::Several { wanted, count } => {
                write!(formatter, "holds {count} {}: keep the one that is meant", wanted.plural())
            }
            Self::Broken { wanted, line: Some(line) } => {
                write!(formatter, "holds a PEM block at line {line} that is not {}", wanted.forms())
            }
            Self::Broken { wanted, line: None } => {
                write!(formatter, "looks like DER, but is not {}", wanted.forms())
            }
            Self::Algorithm(name) => write!(
                formatter,
                "holds {name}, which is not supported: use RSA, P-256, P-384, P-521 or Ed25519"
            ),
            Self::RsaSize(bits) => write!(
                formatter,
                "holds an RSA key of {bits} bits; RSA keys of {} to {} bits can be used",
                super::RSA_BITS.start(),
                super::RSA_BITS.end()
            ),
            Self::NotMade(kind) => write!(
                formatter,
                "{kind} keys are not made: choose rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519"
            ),
            Self::UnknownKind(name) => write!(
                formatter,
                "`{name}` is not a kind of key: choose rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519"
            ),
            Self::NoRandomness => write!(formatter, "the system's random number generator failed"),
        }
    }
}

impl KeyError {
    /// What to do, where there is a command that does it.
    pub fn help(&self) -> Option<String> {
        let take_out = |command: &str| Some(format!("take it out with `openssl {command}`"));
        match self {
            Self::Encryption(how, armour) => Some(convert(how, *armour)),
            Self::StoreEncryption => Some(
                "unpack it with `openssl pkcs12 -in FILE -out BOTH.pem`, adding `-legacy` if need be"
                    .to_owned(),
            ),
            Self::Wrong { found: Form::OpenSsh, wanted: Wanted::PrivateKey } => {
                Some("convert a copy of an RSA or ECDSA key with `ssh-keygen -p -m PKCS8 -f COPY`".to_owned())
            }
            Self::Wrong { found: Form::Pkcs12, wanted: Wanted::PrivateKey } => {
                take_out("pkcs12 -in FILE -nocerts -nodes -out KEY")
            }
            Self::Wrong { found: Form::Pkcs12, wanted: Wanted::Certificate } => {
                take_out("pkcs12 -in FILE -nokeys -out CERTIFICATE")
            }
            Self::Wrong { found: Form::Pkcs7, wanted: Wanted::Certificate } => {
                take_out("pkcs7 -in FILE -print_certs -out CERTIFICATE")
            }
            _ => None,
        }
    }
}

impl Encryption {
    const fn described(&self) -> &'static str {
        match self {
            Self::ProcType => "encrypted as PEM was before PKCS#8 (`Proc-Type`), which is not read",
            Self::Pbes1 => "encrypted with PBES1 (DES, Triple DES or RC2), which is not read",
            Self::Unknown => "encrypted in a way that is not read",
        }
    }
}

/// OpenSSL reads every encryption with the same command, and asks for both passphrases. Some of
/// the ciphers of PBES1 are in a provider that has to be named.
fn convert(how: &Encryption, armour: Armour) -> String {
    let legacy = if *how == Encryption::Pbes1 { " -provider legacy -provider default" } else { "" };
    let form = if armour == Armour::Der { " -inform DER" } else { "" };
    format!("convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc{legacy}{form} -in FILE -out CONVERTED`")
}

impl std::error::Error for KeyError {}
