//! Media types, and the ranges of them that a document declares (RFC 9110, section 12.5.1).

/// `application/json`, `text/*`, `*/*`, with parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Media {
    kind: String,
    sub: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let (kind, sub) = parts.next()?.trim().split_once('/')?;
        let parameter = |part: &str| {
            let (name, value) = part.trim().split_once('=')?;
            let value = value.trim().trim_matches('"');
            Some((name.trim().to_ascii_lowercase(), value.to_ascii_lowercase()))
        };
        Some(Self {
            kind: kind.trim().to_ascii_lowercase(),
            sub: sub.trim().to_ascii_lowercase(),
            parameters: parts.filter_map(parameter).collect(),
        })
    }

    /// How closely this range names a media type; `None` when it does not.
    pub(super) fn closeness(&self, media: &Self) -> Option<usize> {
        let kind = self.kind == media.kind;
        let base = match (self.kind.as_str(), self.sub.as_str()) {
            ("*", "*") => 1,
            (_, "*") if kind => 2,
            (_, sub) if kind && sub == media.sub => 3,
            _ => return None,
        };
        let has = |parameter| media.parameters.contains(parameter);
        self.parameters.iter().all(has).then_some(base + self.parameters.len())
    }

    pub(super) fn is_json(&self) -> bool {
        self.sub == "json" || self.sub.ends_with("+json")
    }

    pub(super) fn is_form(&self) -> bool {
        self.kind == "application" && self.sub == "x-www-form-urlencoded"
    }

    pub(super) fn is_text(&self) -> bool {
        self.kind == "text"
    }
}

/// The range that names a media type most closely.
pub(super) fn closest<'r, T>(ranges: &'r [(Media, T)], media: &Media) -> Option<&'r T> {
    let close = ranges.iter().filter_map(|(range, value)| Some((range.closeness(media)?, value)));
    // Of two that are as close, the first one written.
    close.rev().max_by_key(|(closeness, _)| *closeness).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_media_range_wins() {
        let ranges = ["*/*", "application/*", "application/json", "application/json; version=2", "text/*"];
        let ranges: Vec<_> = ranges.iter().map(|range| (Media::read(range).unwrap(), *range)).collect();
        let table = [
            ("application/json", "application/json"),
            ("Application/JSON;charset=utf-8", "application/json"),
            ("application/json; Version=\"2\"; charset=utf-8", "application/json; version=2"),
            ("application/xml", "application/*"),
            ("text/html", "text/*"),
            ("image/png", "*/*"),
        ];
        for (media, range) in table {
            assert_eq!(closest(&ranges, &Media::read(media).unwrap()), Some(&range), "{media}");
        }
        assert_eq!(closest(&ranges[1..], &Media::read("image/png").unwrap()), None);
    }
}
