//! Path templates: `/accounts/{id}/report.{format}`.
//!
//! Not a router crate: OpenAPI allows two templates that differ only in the names of their
//! parameters, parameters in the middle of a segment, and wants the concrete path to win.

use percent_encoding::percent_decode_str;
use regex::Regex;

/// A path that was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
enum Segment {
    /// `accounts`, decoded
    Literal(String),
    /// `report.{format}`
    Mixed(Regex, Vec<String>),
    /// `{id}`
    Parameter(String),
}

/// How concrete a path is, segment by segment; the smallest is the most concrete.
pub(super) type Rank = Vec<u8>;

impl Template {
    /// Reads a template; the empty one is the root of a server.
    pub(super) fn read(written: &str) -> Result<Self, String> {
        if written.is_empty() {
            return Ok(Self::default());
        }
        let path = written.strip_prefix('/').ok_or("a path begins with `/`")?;
        if path.contains('?') {
            return Err("a path has no query".to_owned());
        }
        let segments = path.split('/').map(segment).collect::<Result<_, _>>()?;
        Ok(Self { segments })
    }

    /// This template with another below it.
    pub(super) fn and(&self, below: &Self) -> Self {
        Self { segments: self.segments.iter().chain(&below.segments).cloned().collect() }
    }

    /// The names and values of the parameters, if the path is one of these.
    pub(super) fn parameters(&self, path: &[String]) -> Option<Vec<(String, String)>> {
        if path.len() != self.segments.len() {
            return None;
        }
        let mut found = Vec::new();
        for (segment, text) in self.segments.iter().zip(path) {
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Parameter(name) if !text.is_empty() => found.push((name.clone(), text.clone())),
                Segment::Mixed(pattern, names) => {
                    let captured = pattern.captures(text)?;
                    let values = captured.iter().skip(1).flatten().map(|value| value.as_str().to_owned());
                    found.extend(names.iter().cloned().zip(values));
                }
                Segment::Literal(_) | Segment::Parameter(_) => return None,
            }
        }
        Some(found)
    }

    pub(super) fn rank(&self) -> Rank {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Mixed(..) => 1,
            Segment::Parameter(_) => 2,
        };
        self.segments.iter().map(rank).collect()
    }
}

/// The segments of a path, decoded.
pub(super) fn segments(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
}

fn segment(written: &str) -> Result<Segment, String> {
    let mut pattern = "^".to_owned();
    let mut names = Vec::new();
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or("a `{` without its `}`")?;
        if name.is_empty() || name.contains('{') || before.contains('}') {
            return Err("braces that name no parameter".to_owned());
        }
        pattern += &regex::escape(&decoded(before));
        pattern += "(.+?)";
        names.push(name.to_owned());
        rest = behind;
    }
    if rest.contains('}') {
        return Err("a `}` without its `{`".to_owned());
    }
    if names.is_empty() {
        return Ok(Segment::Literal(decoded(written)));
    }
    if let ([name], "") = (names.as_slice(), written.replace(&format!("{{{}}}", names[0]), "").as_str()) {
        return Ok(Segment::Parameter(name.clone()));
    }
    pattern += &regex::escape(&decoded(rest));
    let pattern = Regex::new(&(pattern + "$")).map_err(|_| "a segment that is too long")?;
    Ok(Segment::Mixed(pattern, names))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
