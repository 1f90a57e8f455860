//! Content codings (RFC 9110, section 8.4), decoded as the body comes and never beyond the cap.
//!
//! The decoders push into a sink that refuses to grow past its limit, so that a few hundred bytes
//! that stand for a gigabyte stop at the limit. reqwest's own decoding is off: it takes the field
//! away, and of a coding applied twice in two fields it undoes one and hides the other.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{MultiGzDecoder, ZlibDecoder};

use crate::message::Headers;

/// Size of the brotli decoder's buffer, in bytes.
const BUFFER: usize = 16 * 1024;

/// What the body of an answer is coded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950: zlib, in spite of its name.
    Deflate,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// The codings that a request offers.
    pub(super) const OFFER: &str = "gzip, deflate, br";

    /// Reads it from the answer's fields; the error is what stands there instead.
    pub(super) fn of(headers: &Headers) -> Result<Self, String> {
        let applied: Vec<&str> = headers
            .all("content-encoding")
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
            .collect();
        match applied[..] {
            [] => Ok(Self::Identity),
            [one] => Self::named(one).ok_or_else(|| one.to_owned()),
            _ => Err(applied.join(", ")),
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// Its name in the field.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
        }
    }
}

/// Why a body could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecodeError {
    /// It grows beyond the cap.
    TooLarge,
    /// It is not what its coding says, or ends too early.
    Damaged,
}

/// Decodes a body piece by piece.
pub(super) enum Decoder {
    Identity(Sink),
    Gzip(MultiGzDecoder<Sink>),
    Deflate(ZlibDecoder<Sink>),
    Brotli(Box<DecompressorWriter<Sink>>),
}

impl Decoder {
    /// For a body in this coding, of at most `cap` bytes after decoding.
    pub(super) fn new(coding: Coding, cap: usize) -> Self {
        let sink = Sink { bytes: Vec::new(), cap, overflowed: false };
        match coding {
            Coding::Identity => Self::Identity(sink),
            Coding::Gzip => Self::Gzip(MultiGzDecoder::new(sink)),
            Coding::Deflate => Self::Deflate(ZlibDecoder::new(sink)),
            Coding::Brotli => Self::Brotli(Box::new(DecompressorWriter::new(sink, BUFFER))),
        }
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), DecodeError> {
        let pushed = match self {
            Self::Identity(sink) => sink.write_all(piece),
            Self::Gzip(decoder) => decoder.write_all(piece),
            Self::Deflate(decoder) => decoder.write_all(piece),
            Self::Brotli(decoder) => decoder.write_all(piece),
        };
        self.judge(pushed.is_ok())
    }

    /// Takes the end of the body.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, DecodeError> {
        let finished = match &mut self {
            Self::Identity(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
        };
        self.judge(finished.is_ok())?;
        Ok(std::mem::take(&mut self.sink().bytes))
    }

    fn judge(&mut self, well: bool) -> Result<(), DecodeError> {
        match (self.sink().overflowed, well) {
            (true, _) => Err(DecodeError::TooLarge),
            (false, false) => Err(DecodeError::Damaged),
            (false, true) => Ok(()),
        }
    }

    fn sink(&mut self) -> &mut Sink {
        match self {
            Self::Identity(sink) => sink,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
        }
    }
}

/// Bytes up to a cap.
#[derive(Debug)]
pub(super) struct Sink {
    bytes: Vec<u8>,
    cap: usize,
    overflowed: bool,
}

impl Write for Sink {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if piece.len() > self.cap - self.bytes.len() {
            self.overflowed = true;
            return Err(io::Error::other("beyond the cap"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn coded(coding: Coding, plain: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Identity => plain.to_vec(),
            Coding::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(plain).unwrap();
                encoder.finish().unwrap()
            }
            Coding::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
                encoder.write_all(plain).unwrap();
                encoder.into_inner()
            }
        }
    }

    fn decoded(coding: Coding, wire: &[u8], step: usize, cap: usize) -> Result<Vec<u8>, DecodeError> {
        let mut decoder = Decoder::new(coding, cap);
        for piece in wire.chunks(step) {
            decoder.push(piece)?;
        }
        decoder.finish()
    }

    const CODINGS: [Coding; 4] = [Coding::Identity, Coding::Gzip, Coding::Deflate, Coding::Brotli];

    #[test]
    fn a_body_decodes_the_same_however_the_network_cuts_it() {
        let plain: Vec<u8> = (0..50_000_u32).flat_map(|n| (n % 251).to_le_bytes()).collect();
        for coding in CODINGS {
            let wire = coded(coding, &plain);
            for step in [1, 7, 4096, usize::MAX] {
                assert_eq!(
                    decoded(coding, &wire, step, plain.len()),
                    Ok(plain.clone()),
                    "{coding:?} by {step}"
                );
            }
        }
    }

    #[test]
    fn a_body_of_the_cap_is_read_and_one_byte_more_is_not() {
        let plain = vec![b'x'; 100_000];
        for coding in CODINGS {
            let wire = coded(coding, &plain);
            let read = |cap| decoded(coding, &wire, usize::MAX, cap).map(|body| body.len());
            assert_eq!(read(100_001), Ok(100_000), "{coding:?}");
            assert_eq!(read(100_000), Ok(100_000), "{coding:?}");
            assert_eq!(read(99_999), Err(DecodeError::TooLarge), "{coding:?}");
        }
    }

    #[test]
    fn a_cut_or_damaged_body_is_never_taken_for_a_whole_one() {
        let plain: Vec<u8> =
            (0..9_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli] {
            let wire = coded(coding, &plain);
            for keep in [1, wire.len() / 2, wire.len() - 1] {
                let cut = decoded(coding, &wire[..keep], 512, usize::MAX);
                assert_eq!(cut, Err(DecodeError::Damaged), "{coding:?}, {keep} of {}", wire.len());
            }
            let trailing = [wire.as_slice(), b"trailing"].concat();
            let read = decoded(coding, &trailing, usize::MAX, usize::MAX);
            assert_eq!(read, Err(DecodeError::Damaged), "{coding:?} with something behind it");
            assert_eq!(
                decoded(coding, b"<html>no</html>", 4, usize::MAX),
                Err(DecodeError::Damaged),
                "{coding:?}"
            );
        }
        let mut checksum = coded(Coding::Gzip, &plain);
        let place = checksum.len() - 6;
        checksum[place] ^= 1;
        assert_eq!(decoded(Coding::Gzip, &checksum, 512, usize::MAX), Err(DecodeError::Damaged));
    }

    #[test]
    fn a_coding_that_is_unknown_or_applied_twice_is_seen_also_across_two_fields() {
        let of =
            |values: &[&str]| Coding::of(&values.iter().map(|value| ("Content-Encoding", *value)).collect());
        assert_eq!(of(&[]), Ok(Coding::Identity));
        assert_eq!(of(&["identity"]), Ok(Coding::Identity));
        assert_eq!(of(&["GZip"]), Ok(Coding::Gzip));
        assert_eq!(of(&["x-gzip, identity"]), Ok(Coding::Gzip));
        assert_eq!(of(&["gzip, gzip"]), Err("gzip, gzip".to_owned()));
        assert_eq!(of(&["gzip", "gzip"]), Err("gzip, gzip".to_owned()));
        assert_eq!(of(&["zstd"]), Err("zstd".to_owned()));
    }
}
