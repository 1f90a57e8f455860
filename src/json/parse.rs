//! Reads JSON (RFC 8259) as an answer must be read: a key that is there twice is an error, since
//! two readers may each believe another one; every digit of a number is kept.

use serde_json::{Map, Number, Value};

use crate::diag::literal;
use crate::limits;

/// Why a body is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// Counted from 1.
    pub line: usize,
    /// Characters in the line, counted from 1.
    pub column: usize,
    /// The byte it is about.
    pub offset: usize,
    /// What is wrong there: a lower-case fragment.
    pub reason: String,
}

/// The value that `bytes` are. A byte order mark before it is passed over.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if utf16 || matches!(bytes, [0, _, ..] | [_, 0, ..]) {
        return Err(error_at(bytes, 0, "UTF-16 or UTF-32, and JSON is UTF-8".into()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        error_at(bytes, offset, format!("byte 0x{:02X} at {offset} is not UTF-8", bytes[offset]))
    })?;
    let mut reader = Reader { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, depth: 0 };
    reader.document().map_err(|(offset, reason)| error_at(bytes, offset, reason))
}

fn error_at(bytes: &[u8], offset: usize, reason: String) -> JsonError {
    let before = &bytes[..offset];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let line = before.split(|&byte| byte == b'\n').count();
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    JsonError { line, column, offset, reason }
}

type Read<T> = Result<T, (usize, String)>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Read<Value> {
        self.blanks();
        if self.peek().is_none() {
            let what = if self.text.is_empty() { "the body is empty" } else { "there is no value" };
            return self.fail(what);
        }
        let value = self.value()?;
        self.blanks();
        match self.peek() {
            None => Ok(value),
            Some(_) => self.unexpected("nothing more after the value"),
        }
    }

    fn value(&mut self) -> Read<Value> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => self.unexpected("a value"),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        if self.depth == limits::JSON_DEPTH {
            return self.fail(&format!("nested deeper than {} levels", limits::JSON_DEPTH));
        }
        self.depth += 1;
        self.at += 1;
        self.blanks();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Read<Value> {
        let mut map = Map::new();
        if self.eat(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return self.unexpected("a key in double quotes");
            }
            let key = self.string()?;
            if map.contains_key(&key) {
                return Err((start, format!("key {} twice", literal(&key))));
            }
            self.blanks();
            if !self.eat(b':') {
                return self.unexpected("`:` after the key");
            }
            self.blanks();
            let value = self.value()?;
            map.insert(key, value);
            if self.ends(b'}', "`,` or `}`")? {
                return Ok(Value::Object(map));
            }
        }
    }

    fn array(&mut self) -> Read<Value> {
        let mut list = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(list));
        }
        loop {
            list.push(self.value()?);
            if self.ends(b']', "`,` or `]`")? {
                return Ok(Value::Array(list));
            }
        }
    }

    /// Behind an element: whether the list or map ends here.
    fn ends(&mut self, bracket: u8, wanted: &str) -> Read<bool> {
        self.blanks();
        if self.eat(bracket) {
            return Ok(true);
        }
        if !self.eat(b',') {
            return self.unexpected(wanted);
        }
        self.blanks();
        Ok(false)
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return self.unexpected("the end of the number");
        }
        Ok(Value::Number(Number::from_string_unchecked(self.text[start..self.at].to_owned())))
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.unexpected("a digit") } else { Ok(()) }
    }

    fn string(&mut self) -> Read<String> {
        let mut value = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|character| matches!(character, '"' | '\\' | '\0'..='\u{1f}'));
            let Some(plain) = plain else {
                self.at = self.text.len();
                return self.fail("the text ends inside a string");
            };
            value.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => value.push(self.escape()?),
                _ => return self.fail("a control character in a string must be written as an escape"),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let start = self.at;
        let letter = self.text.as_bytes().get(start + 1).copied();
        self.at += 2;
        Ok(match letter {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => return Err((start, "there is no such escape in JSON".into())),
        })
    }

    /// `\u` and four digits, or two of them that make one character (RFC 8259, section 7).
    fn unicode(&mut self, start: usize) -> Read<char> {
        let first = self.hex(start)?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let half = || (start, "half of a surrogate pair, which is no character".to_owned());
        if !self.text[self.at..].starts_with("\\u") || first >= 0xdc00 {
            return Err(half());
        }
        self.at += 2;
        let second = self.hex(start)?;
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or_else(half)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low).ok_or_else(half)
    }

    fn hex(&mut self, start: usize) -> Read<u32> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let digits = digits.ok_or_else(|| (start, "`\\u` needs four hexadecimal digits".to_owned()))?;
        self.at += 4;
        Ok(u32::from_str_radix(digits, 16).expect("these are hexadecimal digits"))
    }

    fn word(&mut self, word: &str, value: Value) -> Read<Value> {
        if !self.text[self.at..].starts_with(word) {
            return self.unexpected("a value");
        }
        self.at += word.len();
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected<T>(&self, wanted: &str) -> Read<T> {
        let found = match self.text[self.at..].chars().next() {
            Some(character) => literal(character.encode_utf8(&mut [0; 4])),
            None => "the end".into(),
        };
        self.fail(&format!("expected {wanted}, found {found}"))
    }

    fn fail<T>(&self, reason: &str) -> Read<T> {
        Err((self.at, reason.to_owned()))
    }
}

#[cfg(test)]
mod tests;
