//! PKCS#12 stores (`.p12`, `.pfx`): a key, its certificate and its chain in one encrypted file.
//!
//! Both encryptions are read, the AES of today and the RC2 and Triple DES that Windows and OpenSSL
//! before 3.0 write: banks hand such files out, and nobody can make them anew.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use zeroize::Zeroizing;

use super::error::{KeyError, Wanted};
use super::form::{Form, items};
use super::{Certificate, PrivateKey};

/// What is in a PKCS#12 store.
pub struct KeyStore {
    /// The private key.
    pub key: PrivateKey,
    /// The certificates, in the order of the file.
    pub certificates: Vec<Certificate>,
}

/// Everything in a PKCS#12 store that could be read.
pub struct StoreContents {
    /// The private keys.
    pub keys: Vec<PrivateKey>,
    /// The certificates.
    pub certificates: Vec<Certificate>,
}

impl KeyStore {
    /// Reads a store that holds one private key with its certificate. Without a passphrase the
    /// empty one is tried, which is what a store "without passphrase" has.
    pub fn read(bytes: &[u8], passphrase: Option<&str>) -> Result<Self, KeyError> {
        let StoreContents { mut keys, certificates } = StoreContents::read(bytes, passphrase)?;
        let count = keys.len();
        let Some(key) = keys.pop().filter(|_| count == 1) else {
            return Err(match count {
                0 => KeyError::StoreWithout(Wanted::PrivateKey),
                count => KeyError::Several { wanted: Wanted::PrivateKey, count },
            });
        };
        if certificates.is_empty() {
            return Err(KeyError::StoreWithout(Wanted::Certificate));
        }
        Ok(Self { key, certificates })
    }
}

impl StoreContents {
    /// Reads whatever a store holds.
    pub fn read(bytes: &[u8], passphrase: Option<&str>) -> Result<Self, KeyError> {
        let items = items(bytes)?;
        let Some(store) = items.iter().find(|item| item.form == Form::Pkcs12) else {
            return Err(KeyError::Wrong { found: items[0].form, wanted: Wanted::Store });
        };
        let archive = Pkcs12Archive::from_pkcs12(store.der(), passphrase.unwrap_or_default())
            .map_err(|error| refused(&error, passphrase))?;
        let keys = archive.keys.into_iter().map(|bag| {
            let der = Zeroizing::new(bag.key.as_der().to_vec());
            PrivateKey::from_pkcs8(&der).map_err(|fault| fault.at(Wanted::PrivateKey, None))
        });
        let certificates = archive
            .certs
            .iter()
            .map(|bag| Certificate::read_all(bag.cert.as_der()).map(|mut all| all.remove(0)));
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            certificates: certificates.collect::<Result<_, _>>()?,
        })
    }
}

/// The seal of a store is checked with its passphrase first, and a seal that does not fit is
/// nearly always a wrong passphrase.
fn refused(error: &Error, passphrase: Option<&str>) -> KeyError {
    match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => match passphrase {
            None => KeyError::StoreLocked,
            Some(_) => KeyError::WrongPassphrase,
        },
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm | Error::InvalidParameters => {
            KeyError::StoreEncryption
        }
        _ => KeyError::Broken { wanted: Wanted::Store, line: None },
    }
}
