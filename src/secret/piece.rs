//! A text cut at its secrets, for whoever puts something else in their place than a mask.

use super::Redactor;
use super::known::Found;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text without any secret.
    Plain(&'a str),
    /// A secret.
    Secret {
        /// What it is called.
        name: String,
        /// How it stands in the text. Never to be shown.
        text: &'a str,
        /// Whether that is the secret itself, and not an encoding of it or of several.
        exact: bool,
    },
}

impl Redactor {
    /// The text in pieces, in order; joined they are the text.
    pub fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        let known = self.known();
        let mut pieces = Vec::new();
        let mut done = 0;
        let found = if known.is_empty() { Vec::new() } else { known.find(text.as_bytes()) };
        for Found { range, secret } in found {
            let start = (done..=range.start).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(done);
            let end = (range.end..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
            if start > done {
                pieces.push(Piece::Plain(&text[done..start]));
            }
            let name = known.mask(secret).trim_start_matches('[').trim_end_matches(']').to_owned();
            let exact = known.is(secret, &text[start..end]);
            pieces.push(Piece::Secret { name, text: &text[start..end], exact });
            done = end;
        }
        if done < text.len() {
            pieces.push(Piece::Plain(&text[done..]));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_say_which_secret_stands_where_and_whether_as_it_is() {
        let redactor = Redactor::default();
        redactor.remember("pin", "s3cr3t/é+pin");
        let text = "a=s3cr3t/é+pin&b=s3cr3t%2F%C3%A9%2Bpin!";
        let pieces = redactor.pieces(text);
        let secret = |text, exact| Piece::Secret { name: "pin".into(), text, exact };
        assert_eq!(
            pieces,
            [
                Piece::Plain("a="),
                secret("s3cr3t/é+pin", true),
                Piece::Plain("&b="),
                secret("s3cr3t%2F%C3%A9%2Bpin", false),
                Piece::Plain("!"),
            ]
        );
        assert_eq!(Redactor::default().pieces("plain"), [Piece::Plain("plain")]);
    }
}
