//! The screens of a review.

use super::*;
use crate::report::{Line, Look, Sink};
use crate::secret::Redactor;

fn look(width: usize, unicode: bool) -> Look {
    Look { unicode, width, ..Look::default() }
}

fn card(contents: ReviewContents) -> ReviewCard {
    ReviewCard {
        position: (2, 7),
        name: "balances".into(),
        parts: vec!["case small".into(), "environment sandbox".into(), "identity partner".into()],
        expression: "GET /accounts/{{ id }}/balances".into(),
        file: "snapshots/balances@small@sandbox@partner.snap".into(),
        contents,
    }
}

fn changed() -> ReviewContents {
    let old = "HTTP 200\n\n{\n  \"amount\": 10.00,\n  \"currency\": \"EUR\",\n  \"old\": 1\n}";
    let new = "HTTP 200\n\n{\n  \"amount\": 12.50,\n  \"more\": true,\n  \"currency\": \"EUR\"\n}";
    ReviewContents::Changed { old: old.into(), new: new.into() }
}

fn page(contents: ReviewContents, layout: DiffLayout, look: &Look) -> View {
    let redactor = Redactor::default();
    redactor.remember("token", "s3cr3t-T0ken");
    View::new(Page::of(&card(contents), layout, look, &redactor))
}

fn written(lines: &[Line]) -> String {
    let mut output = Vec::new();
    let mut sink = Sink::new(&mut output, Redactor::default(), false);
    for line in lines {
        sink.line(line).unwrap();
    }
    String::from_utf8(output).unwrap()
}

fn keys(layout: DiffLayout) -> Footing {
    Footing::Keys { remaining: 6, layout: Some(layout) }
}

fn screen(contents: ReviewContents, layout: DiffLayout, look: &Look, rows: usize) -> String {
    let text = written(&page(contents, layout, look).draw(&keys(layout), look, rows));
    assert_eq!(text.lines().count(), rows, "{text}");
    let fits = |line: &str| text::columns(line) <= look.width;
    assert!(text.lines().all(fits), "{text}");
    text
}

#[test]
fn a_difference_is_shown_in_one_column_below_the_paths_that_changed() {
    insta::assert_snapshot!(screen(changed(), DiffLayout::Unified, &look(80, true), 21), @r#"
    2 of 7  changed  balances
    GET /accounts/{{ id }}/balances · case small · environment sandbox
    identity partner
    snapshots/balances@small@sandbox@partner.snap
    ────────────────────────────────────────────────────────────────────────────────
    $.amount: 10.00 → 12.50
    $.more: true is new
    $.old: 1 is gone

    1 1   HTTP 200
    2 2
    3 3   {
    4   -   "amount": 10.00,
    5   -   "currency": "EUR",
    6   -   "old": 1
      4 +   "amount": 12.50,
      5 +   "more": true,
      6 +   "currency": "EUR"
    7 7   }
    ────────────────────────────────────────────────────────────────────────────────
    a accept  r reject  s skip  A all 6  u undo  d two columns  ? help  q quit
    "#);
}

#[test]
fn a_wide_terminal_shows_both_sides() {
    insta::assert_snapshot!(screen(changed(), DiffLayout::SideBySide, &look(120, true), 18), @r#"
    2 of 7  changed  balances
    GET /accounts/{{ id }}/balances · case small · environment sandbox · identity partner
    snapshots/balances@small@sandbox@partner.snap
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    $.amount: 10.00 → 12.50
    $.more: true is new
    $.old: 1 is gone

    1   HTTP 200                                               │ 1   HTTP 200
    2                                                          │ 2
    3   {                                                      │ 3   {
    4 -   "amount": 10.00,                                     │ 4 +   "amount": 12.50,
    5 -   "currency": "EUR",                                   │ 5 +   "more": true,
    6 -   "old": 1                                             │ 6 +   "currency": "EUR"
    7   }                                                      │ 7   }

    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    a accept  r reject  s skip  A all 6  u undo  d one column  ? help  q quit
    "#);
    assert_eq!(
        [80, 109, 110, 200].map(DiffLayout::fitting).map(|layout| layout == DiffLayout::SideBySide),
        [false, false, true, true]
    );
}

#[test]
fn a_terminal_without_utf_8_is_shown_ascii_only() {
    for layout in [DiffLayout::Unified, DiffLayout::SideBySide] {
        let text = screen(changed(), layout, &look(80, false), 18);
        assert!(text.is_ascii(), "{text}");
        assert!(text.contains("$.amount: 10.00 -> 12.50"), "{text}");
    }
}

#[test]
fn what_is_not_ascii_is_written_out_where_the_terminal_has_nothing_else() {
    let new = "HTTP 200\n\n{\n  \"name\": \"Zürich\"\n}";
    let text = screen(ReviewContents::New(new.into()), DiffLayout::Unified, &look(80, false), 18);
    assert!(text.contains(r#""name": "Z\u{fc}rich""#), "{text}");
}

#[test]
fn nothing_of_a_long_line_is_left_out_on_a_narrow_terminal() {
    let long: String = ('a'..='z').chain('A'..='Z').collect();
    let contents = ReviewContents::Changed { old: "HTTP 200\n".into(), new: format!("HTTP 200\n{long}") };
    for (layout, width) in [(DiffLayout::Unified, 24), (DiffLayout::SideBySide, 30)] {
        let look = look(width, true);
        let mut view = page(contents.clone(), layout, &look);
        let footing = keys(layout);
        let mut seen = String::new();
        for _ in 0..60 {
            seen += &written(&view.draw(&footing, &look, 16));
            let room = view.room(&footing, &look, 16);
            view.scroll(Scroll::Down, room);
        }
        let found = long.chars().all(|letter| seen.contains(letter));
        assert!(found, "{layout:?}: {seen}");
    }
}

#[test]
fn a_long_page_is_walked_through_to_its_end_and_back() {
    let new = (1..=50).map(|number| format!("line {number}")).collect::<Vec<_>>().join("\n");
    let look = look(80, true);
    let footing = Footing::Keys { remaining: 1, layout: None };
    let mut view = page(ReviewContents::New(new), DiffLayout::Unified, &look);
    let mut last = |scroll| {
        let room = view.room(&footing, &look, 15);
        view.scroll(scroll, room);
        let text = written(&view.draw(&footing, &look, 15));
        text.lines().find(|line| line.contains(" of 50")).unwrap().trim_matches('─').trim().to_owned()
    };
    assert_eq!(last(Scroll::Up), "1–8 of 50, space for more");
    assert_eq!(last(Scroll::Down), "2–9 of 50, space for more");
    assert_eq!(last(Scroll::PageDown), "9–16 of 50, space for more");
    assert_eq!(last(Scroll::Bottom), "43–50 of 50");
    assert_eq!(last(Scroll::PageDown), "43–50 of 50");
    assert_eq!(last(Scroll::PageUp), "36–43 of 50, space for more");
    assert_eq!(last(Scroll::Top), "1–8 of 50, space for more");
}

#[test]
fn what_a_terminal_would_obey_and_a_secret_are_not_shown() {
    let hostile = "HTTP 200\n\n\u{1b}]0;x\u{7} s3cr3t-T0ken \u{202e}\n";
    let text = screen(ReviewContents::New(hostile.into()), DiffLayout::Unified, &look(80, true), 20);
    assert!(text.contains("\\u{1b}]0;x\\u{7} [token] \\u{202e}"), "{text}");
}

#[test]
fn the_help_and_the_question_fit_where_the_keys_were() {
    let look = look(80, true);
    let mut view = page(changed(), DiffLayout::Unified, &look);
    insta::assert_snapshot!(written(&view.draw(&Footing::Help, &look, 15)), @"
    keys
    ────────────────────────────────────────────────────────────────────────────────
    a                             accept: it is stored
    r                             reject: it is thrown away
    s                             skip: it waits on
    A                             accept all that remain, after one more question
    u                             undo the last decision, then the one before it
    d                             one column, or two beside each other
    up, down, k, j                a line up or down
    page up, page down, b, space  a page up or down
    home, end, g, G               to the beginning or the end
    q                             quit; what was decided stays decided
    ?                             this help
    ────────────────────────────────────────────────────────────────────────────────
    any key goes back
    ");
    view.message = Some("`snapshots/a.snap` changed while it was shown; this is what it is now".into());
    let asking = written(&view.draw(&Footing::Asking { remaining: 6 }, &look, 15));
    assert_eq!(asking.lines().count(), 15);
    assert!(
        asking.ends_with(
            "`snapshots/a.snap` changed while it was shown; this is what it is now\n\
         accept all 6 that remain, unseen?  y accepts them  any other key goes back\n"
        ),
        "{asking}"
    );
}

#[test]
fn nothing_can_be_decided_where_nothing_of_it_is_shown() {
    for (width, rows, readable) in
        [(80, 24, true), (80, 12, true), (80, 3, false), (20, 5, false), (10, 10, false)]
    {
        let look = Look { width, ..Look::default() };
        let view = page(changed(), DiffLayout::Unified, &look);
        assert_eq!(view.is_readable(&keys(DiffLayout::Unified), &look, rows), readable, "{width} x {rows}");
    }
}

#[test]
fn a_terminal_of_a_few_rows_and_columns_shows_something() {
    for (width, rows) in [(80, 1), (80, 4), (10, 10), (1, 1), (3, 40)] {
        let look = look(width, true);
        for layout in [DiffLayout::Unified, DiffLayout::SideBySide] {
            let lines = page(changed(), layout, &look).draw(&keys(layout), &look, rows);
            assert_eq!(lines.len(), rows);
        }
    }
}
