//! The two ways in which ECDSA signatures are written, and from one to the other.

use pkcs8::der::asn1::UintRef;
use pkcs8::der::{Decode, Encode, Reader, SliceReader};

use super::algorithm::{Algorithm, EcdsaForm};

/// r and s, each as long as the curve's order.
pub(super) struct Parts {
    r: Vec<u8>,
    s: Vec<u8>,
}

/// How long r and s are, in bytes; `None` when it is not ECDSA.
pub(super) fn size(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::EcdsaSha256 => Some(32),
        Algorithm::EcdsaSha384 => Some(48),
        Algorithm::EcdsaSha512 => Some(66),
        _ => None,
    }
}

/// Reads a signature in either form.
pub(super) fn parts(signature: &[u8], size: usize) -> Option<Parts> {
    from_der(signature, size).or_else(|| {
        let (r, s) = signature.split_at_checked(size).filter(|(_, s)| s.len() == size)?;
        Some(Parts { r: r.to_vec(), s: s.to_vec() })
    })
}

fn from_der(signature: &[u8], size: usize) -> Option<Parts> {
    let mut reader = SliceReader::new(signature).ok()?;
    let read: Result<_, pkcs8::der::Error> = reader.sequence(|inner| {
        let numbers = (UintRef::decode(inner)?, UintRef::decode(inner)?);
        Ok(numbers)
    });
    let (r, s) = read.ok()?;
    reader.finish().ok()?;
    Some(Parts { r: padded(r.as_bytes(), size)?, s: padded(s.as_bytes(), size)? })
}

fn padded(number: &[u8], size: usize) -> Option<Vec<u8>> {
    let missing = size.checked_sub(number.len())?;
    Some([&vec![0; missing], number].concat())
}

/// Writes a signature in the form that is wanted.
pub(super) fn write(parts: &Parts, form: EcdsaForm) -> Vec<u8> {
    match form {
        EcdsaForm::Raw => [parts.r.as_slice(), &parts.s].concat(),
        EcdsaForm::Der => {
            let number = |bytes: &[u8]| UintRef::new(bytes).and_then(|number| number.to_der());
            let numbers = [number(&parts.r), number(&parts.s)].map(Result::unwrap_or_default).concat();
            // Two numbers of at most 66 bytes: the length takes one octet, or two from 128 on.
            let length = u8::try_from(numbers.len()).unwrap_or(u8::MAX);
            let head = if length < 0x80 { vec![0x30, length] } else { vec![0x30, 0x81, length] };
            [head, numbers].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_same_in_either_form() {
        for (size, first) in [(32, 0x00), (32, 0xff), (48, 0x7f), (66, 0x01)] {
            let mut raw = vec![0x5a; 2 * size];
            (raw[0], raw[size]) = (first, 0x80);
            let der = write(&parts(&raw, size).unwrap(), EcdsaForm::Der);
            assert_eq!(der[0], 0x30);
            let again = parts(&der, size).unwrap();
            assert_eq!(write(&again, EcdsaForm::Raw), raw);
            assert_eq!(write(&again, EcdsaForm::Der), der);
        }
        for broken in [[0x30].as_slice(), &[0; 63], &[0; 65], &[]] {
            assert!(parts(broken, 32).is_none());
        }
    }
}
