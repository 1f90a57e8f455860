//! A key that never comes here: a program signs with it, in an HSM, a smart card or a cloud.
//!
//! What it answers is not believed: with its public key at hand, every signature is verified
//! before it is sent, because a bank says no more than that a signature is wrong.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::SignError;
use super::algorithm::{Algorithm, EcdsaForm, Material};
use super::ecdsa;
use super::verify::{VerifyingKey, verify_in};
use crate::keys::{Program, PublicKey};

/// A program that signs.
pub struct External {
    /// The program.
    pub program: Program,
    /// The public half of its key, and what to call it.
    pub public: Option<(PublicKey, &'static str)>,
    /// What it is given.
    pub input: ProgramInput,
    /// What it answers with.
    pub output: ProgramOutput,
}

/// What a program that signs gets on standard input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProgramInput {
    /// The bytes to sign.
    #[default]
    Message,
    /// Their hash.
    Digest,
}

/// How a program that signs writes the signature on standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProgramOutput {
    /// As it is.
    #[default]
    Raw,
    /// In base64, of either alphabet.
    Base64,
    /// In hexadecimal.
    Hex,
}

/// What one signature is made with.
pub(super) struct Call<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) form: EcdsaForm,
    pub(super) key_id: &'a str,
}

impl External {
    /// What its key is, as far as that is known.
    pub fn material(&self) -> Material {
        self.public.as_ref().map_or(Material::Unknown, |(key, _)| Material::Pair(key.kind()))
    }

    /// Refuses what can't work before anything is sent.
    pub(super) fn check(&self, algorithm: Algorithm) -> Result<(), SignError> {
        if self.input == ProgramInput::Digest && algorithm == Algorithm::Ed25519 {
            let message = "`input: digest` and Ed25519 can't go together: Ed25519 hashes the message itself";
            return Err(program(message, Some("say `input: message`")));
        }
        Ok(())
    }

    /// The signature of the text, verified where that is possible.
    pub(super) fn sign(&self, call: &Call<'_>, text: &[u8]) -> Result<Vec<u8>, SignError> {
        let input = match self.input {
            ProgramInput::Message => text.to_vec(),
            ProgramInput::Digest => hash(call.algorithm, text),
        };
        let told = [("COUNTERSIGN_ALGORITHM", call.algorithm.name()), ("COUNTERSIGN_KEY_ID", call.key_id)];
        let answer = self.program.run(&input, &told).map_err(|error| program(&error.to_string(), None))?;
        let signature = self.in_form(call, &self.decode(answer)?);
        match &self.public {
            Some((key, what)) if !fits(key, call, text, &signature) => {
                let name = self.program.name();
                let message =
                    format!("`{name}` answered with a signature that does not belong to this {what}");
                let help = "check which key the program uses, its padding and hash, and `input` and `output`";
                Err(program(&message, Some(help)))
            }
            _ => Ok(signature),
        }
    }

    fn decode(&self, mut answer: Vec<u8>) -> Result<Vec<u8>, SignError> {
        let decoded = match self.output {
            ProgramOutput::Raw => return Ok(answer),
            ProgramOutput::Base64 => base64(trimmed(&mut answer)),
            ProgramOutput::Hex => HEXLOWER_PERMISSIVE.decode(trimmed(&mut answer)).ok(),
        };
        decoded.filter(|bytes| !bytes.is_empty()).ok_or_else(|| {
            let form = if self.output == ProgramOutput::Hex { "hexadecimal" } else { "base64" };
            let message = format!("`{}` answered with something that is not {form}", self.program.name());
            program(&message, Some("`output` is `raw`, `base64` or `hex`, as the program writes it"))
        })
    }

    /// Programs write ECDSA either way, and a raw answer may end with a line break that is none of
    /// it.
    fn in_form(&self, call: &Call<'_>, answer: &[u8]) -> Vec<u8> {
        let stripped = answer.strip_suffix(b"\n").filter(|_| self.output == ProgramOutput::Raw);
        let Some(size) = ecdsa::size(call.algorithm) else {
            // RSA signatures are as long as the modulus, Ed25519's 64 bytes.
            let is_whole = |bytes: &&[u8]| bytes.len().is_multiple_of(8);
            return stripped.filter(is_whole).unwrap_or(answer).to_vec();
        };
        let parts = [Some(answer), stripped].into_iter().flatten().find_map(|it| ecdsa::parts(it, size));
        parts.map_or_else(|| answer.to_vec(), |parts| ecdsa::write(&parts, call.form))
    }
}

fn fits(key: &PublicKey, call: &Call<'_>, text: &[u8], signature: &[u8]) -> bool {
    verify_in(call.form, VerifyingKey::Public(key), call.algorithm, text, signature)
}

fn program(message: &str, help: Option<&str>) -> SignError {
    SignError::Program { message: message.to_owned(), help: help.map(str::to_owned) }
}

/// Without blanks and line breaks: tools break base64 into lines.
fn trimmed(answer: &mut Vec<u8>) -> &[u8] {
    answer.retain(|byte| !byte.is_ascii_whitespace());
    answer
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [STANDARD, URL_SAFE].iter().find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok())
}

fn hash(algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::EcdsaSha384 => Sha384::digest(text).to_vec(),
        Algorithm::RsaSha512 | Algorithm::RsaPssSha512 | Algorithm::EcdsaSha512 => {
            Sha512::digest(text).to_vec()
        }
        _ => Sha256::digest(text).to_vec(),
    }
}
