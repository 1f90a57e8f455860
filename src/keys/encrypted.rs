//! Private keys under a passphrase: PBES2 (RFC 8018), which OpenSSL writes since 1.1 and every
//! other program of today.
//!
//! What came before it (the `Proc-Type` header of PEM, PBES1) is told and not read: its ciphers
//! are MD5, single DES and RC2, and OpenSSL converts such a file with one command.

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::ObjectIdentifier;
use pkcs8::der::Decode;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::pkcs5::{self, EncryptionScheme};
use zeroize::Zeroizing;

use super::error::{KeyError, Wanted};
use super::form::{Form, Item, element, items};
use super::private::PrivateKey;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

/// More rounds than any program asks for. A file that asks for billions is damaged, and would keep
/// the processor busy for hours.
const MOST_ROUNDS: u32 = 10_000_000;
/// More memory than any program asks for, in bytes.
const MOST_MEMORY: u64 = 1 << 30;

/// How a private key is encrypted, where that decides whether it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// The header of RFC 1421.
    ProcType,
    /// PBES1, or what PKCS#12 made of it.
    Pbes1,
    /// PBES2 with a cipher or derivation that is not known, or asks for too much.
    Unknown,
}

/// Whether one of the private keys in a file is encrypted. Stores always are, and not asked here.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    items(bytes).is_ok_and(|items| items.iter().any(|item| item.form == Form::Encrypted))
}

impl PrivateKey {
    /// [`PrivateKey::read`] where the key may be encrypted with this passphrase.
    pub fn read_with(bytes: &[u8], passphrase: &str) -> Result<Self, KeyError> {
        match Self::read(bytes) {
            Err(KeyError::Encrypted(_)) => {}
            read => return read,
        }
        let items = items(bytes)?;
        let encrypted = items.iter().find(|item| item.form == Form::Encrypted);
        Self::decrypt(encrypted.expect("it was found to be encrypted"), passphrase)
    }

    /// The key of an item that is an encrypted private key.
    pub fn decrypt(item: &Item, passphrase: &str) -> Result<Self, KeyError> {
        readable(item)?;
        let broken = || KeyError::Broken { wanted: Wanted::PrivateKey, line: item.line };
        let info = EncryptedPrivateKeyInfoRef::from_der(item.der()).map_err(|_| broken())?;
        if asks_too_much(&info.encryption_algorithm) {
            return Err(KeyError::Encryption(Encryption::Unknown, item.armour()));
        }
        let mut buffer = Zeroizing::new(info.encrypted_data.as_bytes().to_vec());
        let decrypted = info.encryption_algorithm.decrypt_in_place(passphrase, &mut buffer);
        let key = decrypted.map_err(|error| refused(&error, item))?;
        // One wrong passphrase in 256 leaves something with good padding, which is then no key.
        Self::from_pkcs8(key).map_err(|fault| match fault.at(Wanted::PrivateKey, item.line) {
            KeyError::Broken { .. } => KeyError::WrongPassphrase,
            error => error,
        })
    }
}

/// Refuses what is encrypted in a way that is not read, whatever the passphrase.
pub(super) fn readable(item: &Item) -> Result<(), KeyError> {
    let refuse = |how| Err(KeyError::Encryption(how, item.armour()));
    match scheme(item.der()) {
        _ if item.is_proc_type() => refuse(Encryption::ProcType),
        Some(PBES2) => Ok(()),
        Some(_) => refuse(Encryption::Pbes1),
        None => Err(KeyError::Broken { wanted: Wanted::PrivateKey, line: item.line }),
    }
}

/// What `EncryptedPrivateKeyInfo` names first.
fn scheme(der: &[u8]) -> Option<ObjectIdentifier> {
    let (_, info, _) = element(der)?;
    let (_, algorithm, _) = element(info)?;
    let (_, _, parameters) = element(algorithm)?;
    ObjectIdentifier::from_der(&algorithm[..algorithm.len() - parameters.len()]).ok()
}

fn asks_too_much(scheme: &EncryptionScheme) -> bool {
    let EncryptionScheme::Pbes2(parameters) = scheme else { return false };
    match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count > MOST_ROUNDS,
        Kdf::Scrypt(scrypt) => {
            let memory = [128, u64::from(scrypt.block_size), u64::from(scrypt.parallelization)]
                .into_iter()
                .try_fold(scrypt.cost_parameter, u64::checked_mul);
            // The crate that derives the key takes the cost for a power of two above one (RFC 7914).
            let sound = scrypt.cost_parameter > 1 && scrypt.cost_parameter.is_power_of_two();
            !sound || memory.is_none_or(|memory| memory == 0 || memory > MOST_MEMORY)
        }
        _ => false,
    }
}

fn refused(error: &pkcs5::Error, item: &Item) -> KeyError {
    match error {
        pkcs5::Error::DecryptFailed => KeyError::WrongPassphrase,
        _ => KeyError::Encryption(Encryption::Unknown, item.armour()),
    }
}
