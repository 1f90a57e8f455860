//! What stands around the part of a text that differs: `/payments/[uuid]/status`.

use crate::diag::is_invisible;

/// Most words at either end of a text that are tried as what stands around the part that differs.
const WORDS: usize = 8;

/// Longest text around what differs that a rule repeats.
const LONGEST_AFFIX: usize = 200;

/// Whether digits stand before or behind with nothing but marks between: the last digits of a date or an
/// address are no number of their own.
pub(super) fn touch_digits(before: &str, behind: &str) -> bool {
    let counts = |it: &char| it.is_alphanumeric() || *it == '/';
    let nearest = [before.chars().rev().find(counts), behind.chars().find(counts)];
    nearest.into_iter().flatten().any(|it| it.is_ascii_digit())
}

/// What all texts begin and end with, cut where words end: `/payments/` and `/status`; the longest
/// first. At least one of a pair is not empty.
pub(super) fn affixes<'t>(texts: &[&'t str]) -> impl Iterator<Item = (&'t str, &'t str)> {
    let first = texts.first().copied().unwrap_or_default();
    let equal = |(left, right): &(char, char)| left == right;
    let ahead =
        |text: &&str| first.chars().zip(text.chars()).take_while(equal).map(|(it, _)| it.len_utf8()).sum();
    let behind = |text: &&str| {
        first.chars().rev().zip(text.chars().rev()).take_while(equal).map(|(it, _)| it.len_utf8()).sum()
    };
    let begin: usize = texts.iter().map(ahead).min().unwrap_or_default();
    let end: usize = texts.iter().map(behind).min().unwrap_or_default();
    let shortest = texts.iter().map(|text| text.len()).min().unwrap_or_default();
    let marks = |text: &'t str| text.char_indices().filter(|(_, it)| !it.is_alphanumeric());
    let tail = &first[first.len() - end..];
    let mut before: Vec<&str> = marks(&first[..begin]).map(|(at, it)| &first[..at + it.len_utf8()]).collect();
    before.reverse();
    before.truncate(WORDS);
    before.push("");
    let mut after: Vec<&str> = marks(tail).map(|(at, _)| &tail[at..]).take(WORDS).collect();
    after.push("");
    let pairs = before
        .into_iter()
        .flat_map(move |before| after.clone().into_iter().map(move |after| (before, after)));
    pairs.filter(move |(before, after)| {
        let length = before.len() + after.len();
        length > 0 && length < shortest && is_repeatable(before) && is_repeatable(after)
    })
}

/// Whether a rule can hold a text as it is.
fn is_repeatable(text: &str) -> bool {
    text.len() <= LONGEST_AFFIX && !text.contains(['{', '}']) && !text.chars().any(is_invisible)
}
