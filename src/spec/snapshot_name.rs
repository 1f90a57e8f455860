//! What the snapshots of a request are called.
//!
//! `ID`, then `@CASE` for each row of a request that has cases, then `@ENVIRONMENT` and `@IDENTITY`
//! where each environment has a snapshot of its own. Of one request all have the same parts, so that
//! no two share a file.

use super::{Request, parted};

impl Request {
    /// The id of a snapshot: its file below `snapshots/` without `.snap`.
    pub fn snapshot_id(&self, case: Option<usize>, environment: &str) -> String {
        let parts = self.snapshot_parts(case, environment);
        parts.iter().fold(self.id.clone(), |id, part| format!("{id}@{}", file_name(part)))
    }

    /// What a snapshot is called for people: by the name of the request.
    pub fn snapshot_name(&self, case: Option<usize>, environment: &str) -> String {
        let parts = self.snapshot_parts(case, environment);
        parts.iter().fold(self.name.clone(), |name, part| format!("{name}@{part}"))
    }

    /// Whether each environment, and each identity, has a snapshot of its own.
    pub fn has_snapshots_per_environment(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|settings| settings.per_environment)
    }

    fn snapshot_parts<'a>(&'a self, case: Option<usize>, environment: &'a str) -> Vec<&'a str> {
        let (file, identity) = parted(environment);
        let whose = self.has_snapshots_per_environment().then(|| std::iter::once(file).chain(identity));
        let row = self.row(case).map(|row| row.name.as_str());
        row.into_iter().chain(whose.into_iter().flatten()).collect()
    }
}

/// A part of a file's name: what no file name may hold everywhere is percent-encoded.
fn file_name(text: &str) -> String {
    let is_plain = |place: usize, character: char| {
        !character.is_ascii()
            || character.is_ascii_alphanumeric()
            || matches!(character, '-' | '_' | ' ')
            || (character == '.' && place > 0)
    };
    let encoded = text.chars().enumerate().map(|(place, character)| {
        if is_plain(place, character) {
            character.to_string()
        } else {
            format!("%{:02X}", u32::from(character))
        }
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_cases_share_a_snapshot_and_none_leaves_its_folder() {
        for (name, expected) in [
            ("small amount", "small amount"),
            ("a/b", "a%2Fb"),
            ("a%2Fb", "a%252Fb"),
            ("a@b", "a%40b"),
            ("..", "%2E."),
            ("Zürich", "Zürich"),
            ("1:2", "1%3A2"),
        ] {
            assert_eq!(file_name(name), expected);
        }
    }
}
