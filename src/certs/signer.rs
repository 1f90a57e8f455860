//! Lets `rcgen` sign with our keys. Its own `KeyPair` keeps the private key in a plain vector
//! that is not wiped; this one borrows nothing and keeps only what aws-lc keeps.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rcgen::SignatureAlgorithm;

use crate::keys::{KeyKind, PrivateKey};

use super::CertsError;

/// A key that signs certificates.
pub(super) struct Signer {
    pair: SigningPair,
    algorithm: &'static SignatureAlgorithm,
}

enum SigningPair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(super) fn new(key: &PrivateKey) -> Result<Self, CertsError> {
        let ec = |algorithm| ec(key, algorithm);
        let (pair, algorithm) = match key.kind() {
            KeyKind::Rsa(bits) => {
                let pair = RsaKeyPair::from_pkcs8(key.pkcs8()).map_err(|_| CertsError::SmallKey(bits))?;
                (SigningPair::Rsa(pair), &rcgen::PKCS_RSA_SHA256)
            }
            KeyKind::P256 => (ec(&ECDSA_P256_SHA256_ASN1_SIGNING)?, &rcgen::PKCS_ECDSA_P256_SHA256),
            KeyKind::P384 => (ec(&ECDSA_P384_SHA384_ASN1_SIGNING)?, &rcgen::PKCS_ECDSA_P384_SHA384),
            KeyKind::P521 => (ec(&ECDSA_P521_SHA512_ASN1_SIGNING)?, &rcgen::PKCS_ECDSA_P521_SHA512),
            KeyKind::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.pkcs8())
                    .map_err(|_| CertsError::Encoding)?;
                (SigningPair::Ed25519(pair), &rcgen::PKCS_ED25519)
            }
        };
        Ok(Self { pair, algorithm })
    }
}

fn ec(key: &PrivateKey, algorithm: &'static EcdsaSigningAlgorithm) -> Result<SigningPair, CertsError> {
    EcdsaKeyPair::from_pkcs8(algorithm, key.pkcs8()).map(SigningPair::Ec).map_err(|_| CertsError::Encoding)
}

impl rcgen::PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        match &self.pair {
            SigningPair::Rsa(pair) => pair.public_key().as_ref(),
            SigningPair::Ec(pair) => pair.public_key().as_ref(),
            SigningPair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl rcgen::SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let random = SystemRandom::new();
        let failed = |_| rcgen::Error::RemoteKeyError;
        match &self.pair {
            SigningPair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            SigningPair::Ec(pair) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            SigningPair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}
