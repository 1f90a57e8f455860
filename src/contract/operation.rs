//! What a document says of one method of one path.

use super::base::Server;
use super::media::Media;
use super::template::Template;

/// One method of one path.
#[derive(Debug)]
pub(super) struct Operation {
    /// In capitals.
    pub(super) method: String,
    /// As written.
    pub(super) path: String,
    pub(super) id: Option<String>,
    /// Where it stands.
    pub(super) line: Option<usize>,
    pub(super) template: Template,
    pub(super) servers: Vec<Server>,
    pub(super) answers: Vec<Answer>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<RequestBody>,
}

/// What one answer may be.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) line: Option<usize>,
    /// Media ranges, and the pointer of the schema of each; empty where nothing is said of a body.
    pub(super) content: Vec<(Media, Option<String>)>,
    pub(super) ranges: Vec<String>,
    pub(super) headers: Vec<Parameter>,
}

/// Which answers are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// `200`
    Code(u16),
    /// `2XX`
    Class(u16),
    /// `default`
    Default,
}

/// Where a parameter of a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    Path,
    Query,
    Header,
    Cookie,
}

/// A parameter of a request, or a header field of an answer.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) carrier: Carrier,
    pub(super) required: bool,
    /// The pointer of its schema.
    pub(super) schema: Option<String>,
    /// Whether its value can be taken apart here: simple values and lists.
    pub(super) is_plain: bool,
    /// Whether each value of a list is given by itself.
    pub(super) explode: bool,
}

/// What the body of a request may be.
#[derive(Debug)]
pub(super) struct RequestBody {
    pub(super) required: bool,
    pub(super) content: Vec<(Media, Option<String>)>,
    pub(super) ranges: Vec<String>,
}

impl Operation {
    /// `GET /greetings/single`
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The closest of its answers: a code before its class, that before `default`.
    pub(super) fn answer(&self, status: u16) -> Option<usize> {
        let wanted = [Status::Code(status), Status::Class(status / 100), Status::Default];
        wanted.iter().find_map(|wanted| self.answers.iter().position(|answer| answer.status == *wanted))
    }
}

impl Status {
    pub(super) fn read(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        if text.len() != 3 {
            return None;
        }
        let first = text[..1].parse().ok().filter(|class| (1..=5).contains(class));
        match text.parse() {
            Ok(code) => first.map(|_| Self::Code(code)),
            Err(_) => first.filter(|_| text[1..].eq_ignore_ascii_case("XX")).map(Self::Class),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}XX"),
            Self::Default => formatter.write_str("default"),
        }
    }
}
