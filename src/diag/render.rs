//! Diagnostics as text, in rustc's look.
//!
//! The renderer is never given a user's lines as they are: each is first escaped and bounded, and
//! the spans moved along, so that an excerpt can neither drive a terminal nor fill it. Because
//! escaping moves columns, the place in the heading is put right afterwards.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::shown::{escape, mask_login, push_escaped};
use super::{Diagnostic, Label, Severity, Sources, Span, floor};

/// Longest line that is shown whole, in characters.
const LINE: usize = 200;
/// How much of a longer line is shown before its first label.
const BEFORE: usize = 60;

/// The diagnostics as text, one below the other, each ending with a line break.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    // Lines are bounded here; the renderer's own cut would hide labels.
    let renderer = renderer.term_width(LINE * 4);
    diagnostics.iter().map(|diagnostic| one(diagnostic, sources, &renderer)).collect::<Vec<_>>().join("\n")
}

fn one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(escape(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let mut headings = Vec::new();
    for (number, labels) in by_source(&diagnostic.labels).iter().enumerate() {
        let excerpt = excerpt(labels, number == 0, sources);
        group = group.element(excerpt.snippet);
        headings.extend(excerpt.heading);
    }
    let help = diagnostic.help.iter().map(|help| Element::from(Level::HELP.message(escape_lines(help))));
    let mut shown = renderer.render(&[group.elements(help)]) + "\n";
    for (counted, real) in headings {
        shown = shown.replacen(&counted, &real, 1);
    }
    shown.split_inclusive('\n').map(with_arrow).collect()
}

/// The renderer begins the excerpt of a further file with `:::`, which CI systems take for a
/// command of theirs: an arrow stands there, as before the first.
fn with_arrow(line: &str) -> String {
    let Some((before, behind)) = line.split_once(":::") else { return line.to_owned() };
    // Blanks and colours.
    let is_margin = before.split('\u{1b}').enumerate().all(|(number, part)| match number {
        0 => part.trim().is_empty(),
        _ => part.split_once('m').is_some_and(|(_, text)| text.trim().is_empty()),
    });
    if is_margin { format!("{before}-->{behind}") } else { line.to_owned() }
}

fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// The labels of each file, files in the order of their first label. In a further file, the label
/// that stands first is the one its heading names.
fn by_source(labels: &[Label]) -> Vec<Vec<&Label>> {
    let mut files: Vec<Vec<&Label>> = Vec::new();
    for label in labels {
        match files.iter_mut().find(|known| known[0].span.source == label.span.source) {
            Some(known) => known.push(label),
            None => files.push(vec![label]),
        }
    }
    for further in files.iter_mut().skip(1) {
        further.sort_by_key(|label| label.span);
    }
    files
}

/// The lines that the labels of one file touch.
struct Excerpt<'a> {
    snippet: Snippet<'a, Annotation<'a>>,
    /// The place as the renderer counts it in the escaped text, and as it is in the file.
    heading: Option<(String, String)>,
}

fn excerpt<'a>(labels: &[&Label], first_file: bool, sources: &Sources) -> Excerpt<'a> {
    let source = labels[0].span.source;
    let text = sources.text(source);
    let spans: Vec<Range<usize>> = labels.iter().map(|label| on_one_line(text, label.span)).collect();
    let start = spans.iter().map(|span| line_start(text, span.start)).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.start).max().unwrap_or(0);

    let mut shown = String::new();
    let mut moved = vec![0..0; spans.len()];
    let mut offset = start;
    for line in text[start..].split('\n') {
        if offset > end {
            break;
        }
        show_line(&mask_login(line.trim_end_matches('\r')), offset, &spans, &mut shown, &mut moved);
        shown.push('\n');
        offset += line.len() + 1;
    }

    let path = escape(&sources.path(source).to_string_lossy());
    let place = sources.position(labels[0].span);
    let column = shown[line_start(&shown, moved[0].start)..moved[0].start].chars().count() + 1;
    let heading = |column| format!(" {path}:{}:{column}", place.line);
    let heading = (column != place.column).then(|| (heading(column), heading(place.column)));

    let annotations = labels.iter().zip(moved).enumerate().map(|(index, (label, span))| {
        let kind = if first_file && index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(span);
        if label.text.is_empty() { annotation } else { annotation.label(escape(&label.text)) }
    });
    let number = text[..start].matches('\n').count() + 1;
    let snippet = Snippet::source(shown).line_start(number).path(path).annotations(annotations);
    Excerpt { snippet, heading }
}

/// Appends a line, escaped and cut, and notes where its spans went.
fn show_line(
    line: &str,
    offset: usize,
    spans: &[Range<usize>],
    shown: &mut String,
    moved: &mut [Range<usize>],
) {
    let here = |span: &&Range<usize>| (offset..=offset + line.len()).contains(&span.start);
    let first = spans.iter().filter(here).map(|span| span.start - offset).min().unwrap_or(0);
    let window = window(line, first.min(line.len()));
    if window.start > 0 {
        shown.push('…');
    }
    let mark = |at: usize, shown: &String, moved: &mut [Range<usize>]| {
        for (span, moved) in spans.iter().zip(moved) {
            if span.start == offset + at {
                *moved = shown.len()..shown.len();
            }
            if (offset..=offset + at).contains(&span.start) && span.end >= offset + at {
                moved.end = shown.len();
            }
        }
    };
    for (at, character) in line[window.clone()].char_indices().map(|(at, c)| (window.start + at, c)) {
        mark(at, shown, moved);
        match character {
            '\t' => shown.push('\t'),
            other => push_escaped(shown, other),
        }
    }
    mark(window.end, shown, moved);
    if window.end < line.len() {
        shown.push('…');
    }
}

/// The part of a line to show, around the character that matters.
fn window(line: &str, focus: usize) -> Range<usize> {
    if line.chars().count() <= LINE {
        return 0..line.len();
    }
    let before = line[..floor(line, focus)].char_indices().rev().nth(BEFORE - 1);
    let start = before.map_or(0, |(at, _)| at);
    let end = line[start..].char_indices().nth(LINE).map_or(line.len(), |(at, _)| start + at);
    start..end
}

/// The part of a span on its first line: what spans several lines is shown by how it begins.
fn on_one_line(text: &str, span: Span) -> Range<usize> {
    let start = floor(text, span.start as usize);
    let end = floor(text, span.end as usize).max(start);
    let line = text[start..end].split('\n').next().unwrap_or_default();
    start..start + line.trim_end_matches('\r').len()
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;

    fn shown(text: &str, range: Range<usize>) -> String {
        let mut sources = Sources::default();
        let source = sources.add("requests/a.yaml", text);
        let span = Span::new(source, range.start, range.end);
        let diagnostic = Diagnostic::error(Code::WrongValue, "`a` is wrong").at(span, "here");
        render(&[diagnostic.help("write it right")], &sources, false)
    }

    #[test]
    fn an_error_shows_place_line_caret_and_what_to_do() {
        insta::assert_snapshot!(shown("x: 1\nwährung: €uro\n", 15..21), @r"
        error[format.wrong_value]: `a` is wrong
         --> requests/a.yaml:2:10
          |
        2 | währung: €uro
          |          ^^^^ here
          |
          = help: write it right
        ");
    }

    #[test]
    fn an_excerpt_cannot_drive_the_terminal_and_the_caret_still_fits() {
        insta::assert_snapshot!(shown("a: \u{1b}[2J\u{202e}x y\r\n", 11..12), @r"
        error[format.wrong_value]: `a` is wrong
         --> requests/a.yaml:1:10
          |
        1 | a: \u{1b}[2J\u{202e}x y
          |                      ^ here
          |
          = help: write it right
        ");
    }

    #[test]
    fn a_very_long_line_is_shown_around_its_mistake() {
        let text = format!("{}WRONG{}", "a".repeat(5000), "b".repeat(5000));
        let shown = shown(&text, 5000..5005);
        assert!(shown.lines().all(|line| line.chars().count() < LINE + 20), "{shown}");
        assert!(shown.contains("…aaa") && shown.contains("aWRONGb") && shown.contains("bbb…"), "{shown}");
        assert!(shown.contains("^^^^^ here") && shown.contains("requests/a.yaml:1:5001"), "{shown}");
    }

    #[test]
    fn a_place_at_the_end_of_the_file_is_shown() {
        insta::assert_snapshot!(shown("a: 1", 4..4), @r"
        error[format.wrong_value]: `a` is wrong
         --> requests/a.yaml:1:5
          |
        1 | a: 1
          |     ^ here
          |
          = help: write it right
        ");
    }

    #[test]
    fn places_in_two_files_are_both_shown() {
        let mut sources = Sources::default();
        let one = sources.add("requests/a.yaml", "name: token\n");
        let two = sources.add("requests/b.yaml", "method: GET\nname: token\n");
        let diagnostic = Diagnostic::error(Code::DuplicateName, "two requests are named `token`")
            .at(Span::new(two, 18, 23), "the second")
            .at(Span::new(one, 6, 11), "the first");
        insta::assert_snapshot!(render(&[diagnostic], &sources, false), @r"
        error[suite.duplicate_name]: two requests are named `token`
         --> requests/b.yaml:2:7
          |
        2 | name: token
          |       ^^^^^ the second
          |
         --> requests/a.yaml:1:7
          |
        1 | name: token
          |       ----- the first
        ");
    }
}
