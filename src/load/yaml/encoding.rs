//! Bytes of a file → text: UTF-8 only, and nothing in it that can't be seen.
//!
//! A file that is not text is still added to the sources, as well as it can be read, so that the
//! error can show the place.

use std::path::PathBuf;

use crate::diag::{Code, Diagnostic, SourceId, Sources, Span};

/// Adds a file's text to the sources, without a byte-order mark in front.
pub(in crate::load) fn decode(
    path: PathBuf,
    bytes: Vec<u8>,
    sources: &mut Sources,
) -> Result<SourceId, Diagnostic> {
    if let Some(little) = utf16(&bytes) {
        let units = bytes.chunks_exact(2).map(|pair| {
            if little {
                u16::from_le_bytes([pair[0], pair[1]])
            } else {
                u16::from_be_bytes([pair[0], pair[1]])
            }
        });
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect();
        let source = sources.add(path, text.trim_start_matches('\u{feff}'));
        return Err(Diagnostic::error(Code::YamlEncoding, "this file is UTF-16, not UTF-8")
            .at(Span::new(source, 0, 0), "")
            .help("save it as UTF-8: `iconv -f UTF-16 -t UTF-8 OLD > NEW`, or the editor's \"save with encoding\""));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(path, text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let byte = bytes[at];
            let source = sources.add(path, String::from_utf8_lossy(&bytes));
            Err(Diagnostic::error(Code::YamlEncoding, format!("byte 0x{byte:02X} is not UTF-8"))
                .at(Span::new(source, at, at + '\u{fffd}'.len_utf8()), "here")
                .help("save the file as UTF-8; in Latin-1 an `é` is one such byte"))
        }
    }
}

/// Whether the bytes are UTF-16, and if so whether the low byte comes first: by their mark, or
/// because a text that begins in ASCII has a zero in every pair.
fn utf16(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xff, 0xfe, ..] => Some(true),
        [0xfe, 0xff, ..] => Some(false),
        [low, 0, next, 0, ..] if *low != 0 && *next != 0 => Some(true),
        [0, high, 0, next, ..] if *high != 0 && *next != 0 => Some(false),
        _ => None,
    }
}

/// The first character that YAML does not allow in a file (YAML 1.2.2, section 5.1), or a
/// byte-order mark that is not at the beginning.
pub(super) fn forbidden_character(source: SourceId, text: &str) -> Option<Diagnostic> {
    let forbidden = |character: char| {
        (character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}'))
            || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let (at, character) = text.char_indices().find(|(_, character)| forbidden(*character))?;
    let code = u32::from(character);
    let what = if character == '\u{feff}' { "byte-order mark" } else { "control character" };
    let help = if character == '\u{feff}' {
        "it may stand only at the beginning of a file; delete it".to_owned()
    } else {
        let escape = if code < 0x100 { format!("\\x{code:02x}") } else { format!("\\u{code:04x}") };
        format!("delete it; where it is meant, write `{escape}` inside double quotes")
    };
    let span = Span::new(source, at, at + character.len_utf8());
    let message = format!("{what} U+{code:04X} in the file");
    Some(Diagnostic::error(Code::YamlEncoding, message).at(span, "here").help(help))
}
