//! A text with its escapes undone, that still knows where in the text each byte came from.
//!
//! Encoders differ in what they escape: `a/b` may be `a%2Fb`, `a\/b`, `a&#47;b` or `%61/b`. So a
//! text is searched as it is and unescaped in each of the usual ways, and once more on top of
//! that, because a form may stand in JSON, and JSON in a JSON string.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

/// How many escapings may lie on top of each other.
const DEPTH: usize = 2;

/// A way to write characters by other characters.
#[derive(Clone, Copy)]
enum Escaping {
    /// `%41`
    Percent,
    /// `%41`, and `+` for a blank
    Form,
    /// `\u0041`, `\x41`, `\n`, `\/`: JSON, YAML, and most programming languages
    Backslash,
    /// The same, when a backslash of somebody else stands before it
    LateBackslash,
    /// `&amp;`, `&#65;`, `&#x41;`
    Entity,
}

const ESCAPINGS: [Escaping; 5] =
    [Escaping::Percent, Escaping::Form, Escaping::Backslash, Escaping::LateBackslash, Escaping::Entity];

/// A text, or what it reads as when unescaped.
pub(super) struct View<'a> {
    bytes: Cow<'a, [u8]>,
    /// One list for every time that escapes were undone, the last one last.
    layers: Vec<Vec<Undone>>,
}

/// An escape that was undone.
#[derive(Clone)]
struct Undone {
    /// What it reads as, in the bytes of the view.
    here: Range<usize>,
    /// The escape, in the bytes before.
    before: Range<usize>,
}

/// What an escape at the beginning of some bytes reads as.
struct Character {
    bytes: [u8; 4],
    length: usize,
    escape: usize,
}

impl<'a> View<'a> {
    /// The text as it is.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes), layers: Vec::new() }
    }

    /// Shows this view, and what it reads as when it is unescaped.
    pub(super) fn each(&self, show: &mut impl FnMut(&View<'_>)) {
        show(self);
        if self.layers.len() < DEPTH && self.has_escapes() {
            for escaping in ESCAPINGS {
                if let Some(unescaped) = self.unescaped(escaping) {
                    unescaped.each(show);
                }
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where in the text a range of this view comes from; escapes count as a whole.
    pub(super) fn source(&self, range: Range<usize>) -> Range<usize> {
        self.layers.iter().rev().fold(range, |range, layer| before(layer, &range))
    }

    /// Whether anything in it may be an escape. Every byte is looked at, which a processor does to many
    /// at once, and to stop early it could not.
    fn has_escapes(&self) -> bool {
        self.bytes.iter().fold(false, |has, byte| has | matches!(byte, b'%' | b'+' | b'\\' | b'&'))
    }

    /// `None` when there is nothing to undo.
    fn unescaped(&self, escaping: Escaping) -> Option<View<'static>> {
        if !escaping.may_be_in(&self.bytes) {
            return None;
        }
        let mut layer = Vec::new();
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut at = 0;
        while let Some(distance) = escaping.next(&self.bytes[at..]) {
            let escape = at + distance;
            bytes.extend_from_slice(&self.bytes[at..escape]);
            let Some(character) = escaping.read(&self.bytes[escape..]) else {
                bytes.push(self.bytes[escape]);
                at = escape + 1;
                continue;
            };
            let start = bytes.len();
            bytes.extend_from_slice(&character.bytes[..character.length]);
            at = escape + character.escape;
            layer.push(Undone { here: start..bytes.len(), before: escape..at });
        }
        if layer.is_empty() {
            return None;
        }
        bytes.extend_from_slice(&self.bytes[at..]);
        let layers = self.layers.iter().cloned().chain([layer]).collect();
        Some(View { bytes: Cow::Owned(bytes), layers })
    }
}

fn before(layer: &[Undone], range: &Range<usize>) -> Range<usize> {
    // The last escape that begins at or before an offset; between escapes, offsets run in step.
    let place = |offset: usize| {
        let next = layer.partition_point(|undone| undone.here.start <= offset);
        match next.checked_sub(1).map(|index| &layer[index]) {
            None => offset..offset + 1,
            Some(undone) if offset < undone.here.end => undone.before.clone(),
            Some(undone) => {
                let start = undone.before.end + (offset - undone.here.end);
                start..start + 1
            }
        }
    };
    place(range.start).start..place(range.end - 1).end
}

impl Escaping {
    fn may_be_in(self, bytes: &[u8]) -> bool {
        match self {
            Self::LateBackslash => memmem::find(bytes, br"\\").is_some(),
            Self::Percent | Self::Form | Self::Backslash | Self::Entity => self.next(bytes).is_some(),
        }
    }

    /// Where the next escape may begin.
    fn next(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Percent => memchr(b'%', bytes),
            Self::Form => memchr2(b'%', b'+', bytes),
            Self::Backslash | Self::LateBackslash => memchr(b'\\', bytes),
            Self::Entity => memchr(b'&', bytes),
        }
    }

    fn read(self, bytes: &[u8]) -> Option<Character> {
        match self {
            Self::Form if bytes[0] == b'+' => Some(Character::byte(b' ', 1)),
            Self::Percent | Self::Form => percent(bytes),
            Self::LateBackslash if bytes.starts_with(br"\\") => None,
            Self::Backslash | Self::LateBackslash => backslash(bytes),
            Self::Entity => entity(bytes),
        }
    }
}

impl Character {
    fn byte(byte: u8, escape: usize) -> Self {
        Self { bytes: [byte, 0, 0, 0], length: 1, escape }
    }

    fn code(code: u32, escape: usize) -> Self {
        let mut bytes = [0; 4];
        let length =
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut bytes).len();
        Self { bytes, length, escape }
    }
}

fn percent(bytes: &[u8]) -> Option<Character> {
    let byte = u8::try_from(hex(bytes.get(1..3)?)?).ok()?;
    Some(Character::byte(byte, 3))
}

fn backslash(bytes: &[u8]) -> Option<Character> {
    let control = |code| Some(Character::byte(code, 2));
    match *bytes.get(1)? {
        b'u' if bytes.get(2) == Some(&b'{') => braced(bytes),
        b'u' => utf16(bytes),
        b'U' => Some(Character::code(hex(bytes.get(2..10)?)?, 10)),
        b'x' => Some(Character::byte(u8::try_from(hex(bytes.get(2..4)?)?).ok()?, 4)),
        b'n' => control(b'\n'),
        b'r' => control(b'\r'),
        b't' => control(b'\t'),
        b'b' => control(8),
        b'f' => control(12),
        b'v' => control(11),
        b'a' => control(7),
        b'e' => control(27),
        b'0' => control(0),
        byte if byte.is_ascii_punctuation() || byte == b' ' => control(byte),
        _ => None,
    }
}

/// `\u{1f600}`
fn braced(bytes: &[u8]) -> Option<Character> {
    let length = bytes.iter().take(12).position(|&byte| byte == b'}')?;
    Some(Character::code(hex(&bytes[3..length])?, length + 1))
}

/// `\u0041`, or two of them for a character that needs two.
fn utf16(bytes: &[u8]) -> Option<Character> {
    let first = hex(bytes.get(2..6)?)?;
    let second = || bytes[6..].strip_prefix(b"\\u").and_then(|rest| hex(rest.get(..4)?));
    match (first, second()) {
        (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => {
            Some(Character::code(0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12))
        }
        _ => Some(Character::code(first, 6)),
    }
}

fn entity(bytes: &[u8]) -> Option<Character> {
    let length = bytes.iter().take(32).position(|&byte| byte == b';')?;
    let code = match &bytes[1..length] {
        b"amp" => u32::from(b'&'),
        b"lt" => u32::from(b'<'),
        b"gt" => u32::from(b'>'),
        b"quot" => u32::from(b'"'),
        b"apos" => u32::from(b'\''),
        b"sol" => u32::from(b'/'),
        b"nbsp" => 0xa0,
        [b'#', b'x' | b'X', digits @ ..] => hex(digits)?,
        [b'#', digits @ ..] => std::str::from_utf8(digits).ok()?.parse().ok()?,
        _ => return None,
    };
    Some(Character::code(code, length + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    u32::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| plain)?, 16).ok()
}
