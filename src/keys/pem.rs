//! The PEM armour (RFC 7468, and the older headers of RFC 1421), read by hand: people have files
//! with a BOM, Windows line ends, text around the blocks and damage in the middle, and are helped
//! by the number of the damaged line, which no PEM crate tells.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::error::{Damage, KeyError};

/// One `-----BEGIN …-----` to `-----END …-----`.
pub(super) struct Block {
    /// What the block says it holds, such as `PRIVATE KEY`.
    pub label: String,
    /// The line of its beginning, from 1.
    pub line: usize,
    /// Whether `Proc-Type` says that the contents are encrypted.
    pub encrypted: bool,
    /// The decoded contents; empty for what is not base64 of DER (PGP).
    pub contents: Zeroizing<Vec<u8>>,
}

/// Every block of the file, in order; text outside blocks is skipped.
pub(super) fn blocks(text: &[u8]) -> Result<Vec<Block>, KeyError> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).zip(1..);
    let mut blocks = Vec::new();
    while let Some((line, number)) = lines.next() {
        if let Some(label) = begin(line, number)? {
            blocks.push(block(label, number, &mut lines)?);
        }
    }
    Ok(blocks)
}

/// `contents` under `label`, in lines of 64 characters.
pub(super) fn encode(label: &str, contents: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(contents));
    let mut pem = Zeroizing::new(String::with_capacity(base64.len() * 66 / 64 + 2 * label.len() + 64));
    pem.extend(["-----BEGIN ", label, "-----\n"]);
    for start in (0..base64.len()).step_by(64) {
        pem.push_str(&base64[start..base64.len().min(start + 64)]);
        pem.push('\n');
    }
    pem.extend(["-----END ", label, "-----\n"]);
    pem
}

/// The label, if the line begins a block.
fn begin(line: &[u8], number: usize) -> Result<Option<String>, KeyError> {
    let Some(rest) = line.strip_prefix(b"-----BEGIN ") else { return Ok(None) };
    let damaged = |damage| KeyError::Damaged { line: number, damage };
    let rest = std::str::from_utf8(rest).map_err(|_| damaged(Damage::Label))?;
    match rest.split_once("-----") {
        Some((label, "")) if !label.is_empty() && label.len() <= 64 && is_label(label) => {
            Ok(Some(label.to_owned()))
        }
        Some((label, "")) if !is_label(label) => Err(damaged(Damage::Label)),
        Some((_, more)) if !more.is_empty() => Err(damaged(Damage::OneLine)),
        _ => Err(damaged(Damage::Label)),
    }
}

/// Labels are upper-case words in practice; anything else must not reach a message.
fn is_label(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b" -#.".contains(&byte))
}

fn block<'a>(
    label: String,
    begins: usize,
    lines: &mut impl Iterator<Item = (&'a [u8], usize)>,
) -> Result<Block, KeyError> {
    let is_pgp = label.starts_with("PGP ");
    let mut block = Block { label, line: begins, encrypted: false, contents: Zeroizing::default() };
    let mut base64: Vec<&[u8]> = Vec::new();
    let mut last = begins;
    for (line, number) in lines {
        let damaged = |damage| Err(KeyError::Damaged { line: number, damage });
        if let Some(end) = line.strip_prefix(b"-----END ") {
            if end.strip_suffix(b"-----") != Some(block.label.as_bytes()) {
                return damaged(Damage::End);
            }
            if !is_pgp {
                block.contents = decode(&base64, last)?;
            }
            return Ok(block);
        }
        if line.starts_with(b"-----") {
            return Err(KeyError::Damaged { line: begins, damage: Damage::NoEnd });
        }
        last = number;
        match line.iter().position(|byte| *byte == b':') {
            _ if is_pgp => {}
            Some(_) if base64.is_empty() => {
                block.encrypted |= line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED");
            }
            _ if line.iter().all(|byte| is_base64(*byte)) => base64.push(line),
            _ => return damaged(Damage::Base64),
        }
    }
    Err(KeyError::Damaged { line: begins, damage: Damage::NoEnd })
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// Joined in one piece: a vector that grows leaves copies of a key behind where nobody wipes them.
fn decode(lines: &[&[u8]], line: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let base64 = Zeroizing::new(lines.concat());
    let decoded = STANDARD.decode(&*base64);
    decoded.map(Zeroizing::new).map_err(|_| KeyError::Damaged { line, damage: Damage::Base64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (String, usize, bool, Vec<u8>);

    fn read(text: &str) -> Result<Vec<Read>, KeyError> {
        let blocks = blocks(text.as_bytes())?.into_iter();
        Ok(blocks.map(|it| (it.label, it.line, it.encrypted, it.contents.to_vec())).collect())
    }

    #[test]
    fn text_around_blocks_and_windows_line_ends_do_no_harm() {
        let text = "Bag Attributes\r\n  x: y\r\n-----BEGIN A B-----\r\nAAEC\r\n-----END A B-----\r\n\r\nmore\n-----BEGIN C-----\nAw==\n-----END C-----";
        let expected = vec![("A B".into(), 3, false, vec![0, 1, 2]), ("C".into(), 8, false, vec![3])];
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn headers_of_the_old_form_are_not_taken_for_base64() {
        let text =
            "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAEC\n-----END X-----\n";
        assert_eq!(read(text), Ok(vec![("X".into(), 1, true, vec![0, 1, 2])]));
    }

    #[test]
    fn a_damaged_block_is_found_by_its_line() {
        for (text, line, damage) in [
            ("-----BEGIN X-----\nAAEC\nA EC\n-----END X-----\n", 3, Damage::Base64),
            ("-----BEGIN X-----\nAAEC\n\0AEC\n-----END X-----\n", 3, Damage::Base64),
            ("-----BEGIN X-----\nAAEC\nAAE\n-----END X-----\n", 3, Damage::Base64),
            ("\n-----BEGIN X-----\nAAEC\n", 2, Damage::NoEnd),
            ("-----BEGIN X-----\nAAEC\n-----BEGIN Y-----\n", 1, Damage::NoEnd),
            ("-----BEGIN X-----\nAAEC\n-----END Y-----\n", 3, Damage::End),
            ("-----BEGIN X-----\nAAEC\n-----END X--\n", 3, Damage::End),
            ("-----BEGIN X-----AAEC-----END X-----\n", 1, Damage::OneLine),
            ("-----BEGIN X\n", 1, Damage::Label),
            ("-----BEGIN \u{1b}[2J-----\n", 1, Damage::Label),
        ] {
            assert_eq!(read(text), Err(KeyError::Damaged { line, damage }), "{text:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 47, 48, 49, 1000] {
            let contents = vec![7; length];
            let pem = encode("SOME KEY", &contents);
            assert!(pem.lines().all(|line| line.len() <= 64));
            assert_eq!(read(&pem), Ok(vec![("SOME KEY".into(), 1, false, contents)]));
        }
    }
}
