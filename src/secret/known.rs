//! What a redactor knows: secrets with their masks, and the automata that find them.
//!
//! Learning a secret must not cost the rebuilding of everything known, or a run with a thousand
//! tokens would be quadratic. So each secret begins as a generation of its own, and neighbours of
//! one size are merged, as in a binary counter: `n` secrets stand in at most `log n` automata.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Span, packed};

use super::encoding;
use super::view::View;

/// Replaces a secret whose own name can't be shown; shorter than any secret.
pub(super) const SHORT_MASK: &str = "[***]";
/// Longest name in a mask, in characters.
const LONGEST_NAME: usize = 64;

/// How much of a spelling is searched for; the rest is compared. A signature has thirty spellings of
/// hundreds of bytes, and is forgotten before an automaton of all of them has paid.
const BEGINNING: usize = 16;

/// Every secret, and how to find it.
#[derive(Clone, Default)]
pub(super) struct Known {
    secrets: Vec<Arc<str>>,
    masks: Vec<String>,
    generations: Vec<Arc<Generation>>,
    /// Secrets that will be forgotten; each stands alone.
    passing: Vec<(Arc<str>, Arc<Generation>)>,
    newlines: usize,
}

/// The spellings of some secrets, searched for in one pass. What searches is built when something is
/// first searched: most secrets are learned long before anything is shown.
struct Generation {
    secrets: usize,
    /// Bytes of the shortest spelling: nothing shorter can hold one. A signature is longer than most
    /// texts.
    shortest: usize,
    spellings: Vec<(Vec<u8>, usize)>,
    search: OnceLock<Search>,
}

/// Finds how spellings begin.
enum Search {
    /// Built at once, for a few of them.
    Few(packed::Searcher),
    /// For any number. Not the kind that searches fastest: that one takes milliseconds to build.
    Many(AhoCorasick),
}

/// A secret in a text.
pub(super) struct Found {
    /// Where it is.
    pub(super) range: Range<usize>,
    /// Which it is.
    pub(super) secret: usize,
}

impl Known {
    /// One secret more; `None` when it is known already or too short.
    pub(super) fn with(&self, name: &str, secret: &str) -> Option<Self> {
        if !super::is_maskable(secret) || self.secrets.iter().any(|known| **known == *secret) {
            return None;
        }
        let spellings = encoding::spellings(secret);
        let newest = Arc::new(Generation::new(
            1,
            spellings.into_iter().map(|text| (text, self.masks.len())).collect(),
        ));
        let mut more = self.clone();
        more.secrets.push(secret.into());
        more.masks.push(mask(name));
        more.newlines = more.newlines.max(secret.matches('\n').count());
        // A mask may be the secret of another name.
        for mask in more.masks.iter_mut().filter(|mask| newest.is_in(mask)) {
            SHORT_MASK.clone_into(mask);
        }
        let known = |mask: &&mut String| self.generations.iter().any(|generation| generation.is_in(mask));
        if let Some(mask) = more.masks.last_mut().filter(known) {
            SHORT_MASK.clone_into(mask);
        }
        more.generations.push(newest);
        more.merge();
        Some(more)
    }

    /// One secret more, until it is forgotten; `None` when it is known already or too short.
    pub(super) fn with_passing(&self, name: &str, secret: &str) -> Option<Self> {
        let known = self.secrets.iter().chain(self.passing.iter().map(|(secret, _)| secret));
        if !super::is_maskable(secret) || known.into_iter().any(|known| **known == *secret) {
            return None;
        }
        let mut more = self.clone();
        let mask = mask(name);
        let place = more.masks.iter().position(|known| *known == mask).unwrap_or_else(|| {
            // Every mask has a secret beside it; this one's changes from moment to moment.
            more.secrets.push("".into());
            more.masks.push(mask);
            more.masks.len() - 1
        });
        let spellings = encoding::spellings(secret).into_iter().map(|text| (text, place)).collect();
        more.passing.push((secret.into(), Arc::new(Generation::new(1, spellings))));
        Some(more)
    }

    /// Without a passing secret.
    pub(super) fn without(&self, secret: &str) -> Self {
        let mut less = self.clone();
        less.passing.retain(|(passing, _)| **passing != *secret);
        less
    }

    pub(super) fn is_empty(&self) -> bool {
        self.generations.is_empty() && self.passing.is_empty()
    }

    /// Most line breaks in any secret.
    pub(super) fn newlines(&self) -> usize {
        self.newlines
    }

    pub(super) fn mask(&self, secret: usize) -> &str {
        &self.masks[secret]
    }

    /// Whether a text is this secret, as it is.
    pub(super) fn is(&self, secret: usize, text: &str) -> bool {
        *self.secrets[secret] == *text
    }

    /// Where secrets are, in order and without overlap.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        if bytes.len() < self.shortest() {
            return found;
        }
        View::of(bytes).each(&mut |view| {
            let passing = self.passing.iter().map(|(_, generation)| generation);
            let all = self.generations.iter().chain(passing);
            for generation in all.filter(|generation| generation.shortest <= view.bytes().len()) {
                generation.places(view.bytes(), |range, secret| {
                    found.push(Found { range: view.source(range), secret });
                });
            }
        });
        join(found)
    }

    /// Bytes of the shortest spelling of all: undoing escapes makes no text longer.
    fn shortest(&self) -> usize {
        let passing = self.passing.iter().map(|(_, generation)| generation);
        let all = self.generations.iter().chain(passing);
        all.map(|generation| generation.shortest).min().unwrap_or(usize::MAX)
    }

    fn merge(&mut self) {
        while let [.., older, newer] = self.generations.as_slice()
            && older.secrets <= newer.secrets
        {
            let spellings = [older.spellings.as_slice(), newer.spellings.as_slice()].concat();
            let merged = Generation::new(older.secrets + newer.secrets, spellings);
            self.generations.truncate(self.generations.len() - 2);
            self.generations.push(Arc::new(merged));
        }
    }
}

impl Generation {
    fn new(secrets: usize, spellings: Vec<(Vec<u8>, usize)>) -> Self {
        let shortest = spellings.iter().map(|(spelling, _)| spelling.len()).min().unwrap_or_default();
        Self { secrets, shortest, spellings, search: OnceLock::new() }
    }

    /// Where a spelling stands, and of which secret.
    fn places(&self, bytes: &[u8], mut found: impl FnMut(Range<usize>, usize)) {
        let mut check = |start: usize, (spelling, secret): &(Vec<u8>, usize)| {
            if bytes[start..].starts_with(spelling) {
                found(start..start + spelling.len(), *secret);
            }
        };
        match self.search.get_or_init(|| Search::of(&self.spellings)) {
            Search::Few(searcher) => {
                let mut rest = Span::from(0..bytes.len());
                while let Some(hit) = searcher.find_in(bytes, rest) {
                    self.spellings.iter().for_each(|spelling| check(hit.start(), spelling));
                    rest.start = hit.start() + 1;
                }
            }
            Search::Many(automaton) => {
                for hit in automaton.find_overlapping_iter(bytes) {
                    check(hit.start(), &self.spellings[hit.pattern().as_usize()]);
                }
            }
        }
    }

    /// Whether one of the spellings stands in the mask. Masks are short, most spellings are not.
    fn is_in(&self, mask: &str) -> bool {
        let mask = mask.as_bytes();
        self.spellings.iter().any(|(spelling, _)| mask.windows(spelling.len()).any(|part| part == spelling))
    }
}

impl Search {
    fn of(spellings: &[(Vec<u8>, usize)]) -> Self {
        let beginnings = || spellings.iter().map(|(spelling, _)| &spelling[..spelling.len().min(BEGINNING)]);
        // Sorted by whoever lists them: spellings that begin alike stand side by side.
        let mut different: Vec<&[u8]> = beginnings().collect();
        different.dedup();
        let many = || {
            let built = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(beginnings());
            Self::Many(built.expect("secrets are far fewer than an automaton has room for"))
        };
        let few = packed::Config::new().builder().extend(different).build();
        few.map_or_else(many, Self::Few)
    }
}

/// Ranges that overlap become one, named after the longest of them.
fn join(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_unstable_by_key(|found| (found.range.start, found.range.end, found.secret));
    let mut joined: Vec<Found> = Vec::new();
    let mut longest = 0;
    for next in found {
        match joined.last_mut() {
            Some(last) if next.range.start < last.range.end => {
                last.range.end = last.range.end.max(next.range.end);
                if next.range.len() > longest {
                    longest = next.range.len();
                    last.secret = next.secret;
                }
            }
            _ => {
                longest = next.range.len();
                joined.push(next);
            }
        }
    }
    joined
}

fn mask(name: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | ' ');
    let name: String = name.chars().filter(kept).take(LONGEST_NAME).collect();
    if name.trim().is_empty() { "[secret]".to_owned() } else { format!("[{name}]") }
}
