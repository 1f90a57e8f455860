//! What the snapshots of a request are called.
//!
//! `ID`, then `@CASE` for each row of a request that has cases, then `@ENVIRONMENT` and `@IDENTITY`
//! where each environment has a snapshot of its own. Of one request all have the same parts, so that
//! no two share a file.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{Request, parted};
use crate::limits;

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

    /// The longest name of a snapshot file in its folder, without its ending, in bytes.
    pub fn longest_snapshot_name(&self, environments: &[&str]) -> usize {
        let own = self.id.rsplit('/').next().unwrap_or_default().len();
        let longest = |parts: &mut dyn Iterator<Item = &str>| {
            parts.map(|part| 1 + file_name(part).len()).max().unwrap_or_default()
        };
        let row = longest(&mut self.rows().iter().map(|row| row.name.as_str()));
        if !self.has_snapshots_per_environment() {
            return own + row;
        }
        let of = |environment: &&str| {
            let (file, identity) = parted(environment);
            longest(&mut std::iter::once(file)) + longest(&mut identity.into_iter())
        };
        own + row + environments.iter().map(of).max().unwrap_or_default()
    }

    fn snapshot_parts<'a>(&'a self, case: Option<usize>, environment: &'a str) -> Vec<&'a str> {
        let (file, identity) = parted(environment);
        let whose = self.has_snapshots_per_environment().then(|| std::iter::once(file).chain(identity));
        let row = self.row(case).map(|row| row.name.as_str());
        row.into_iter().chain(whose.into_iter().flatten()).collect()
    }
}

/// A part of a file's name, another for every text: what no file name may hold everywhere is
/// percent-encoded, and what is too long is cut.
fn file_name(text: &str) -> String {
    let encoded = encoded(text);
    if encoded.len() <= limits::SNAPSHOT_PART {
        return encoded;
    }
    let hash = HEXLOWER.encode(&Sha256::digest(text)[..8]);
    let room = limits::SNAPSHOT_PART - hash.len() - 1;
    let kept = (0..=room).rev().find(|end| encoded.is_char_boundary(*end)).unwrap_or_default();
    // No name that was not cut has a `~` in it.
    format!("{}~{hash}", &encoded[..kept])
}

fn encoded(text: &str) -> String {
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
            ("a~b", "a%7Eb"),
        ] {
            assert_eq!(file_name(name), expected);
        }
        let long = |end: &str| file_name(&format!("{}{end}", "ü".repeat(100)));
        assert_eq!(long("a").len(), limits::SNAPSHOT_PART - 1, "an `ü` is not cut in two");
        assert_ne!(long("a"), long("b"));
    }
}
