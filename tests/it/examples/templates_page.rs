//! docs/templates.md: each example sends what the page says that it sends.

use serde_json::Value;

use super::page::{Block, blocks};
use super::suite::examples;

/// What the page fixes for its examples.
const FIXED: [&str; 4] = ["--now", "2026-11-28T12:00:00Z", "--seed", "1"];

#[test]
fn each_example_of_a_template_sends_what_the_page_shows() {
    let blocks = blocks("docs/templates.md".as_ref());
    let shown =
        |block: &Block| (block.language == "json").then(|| serde_json::from_str(&block.text).unwrap());
    let (examples, problems) = examples(&blocks);
    assert!(problems.is_empty(), "{problems:?}");
    let page = examples.last().expect("the files of the page");
    let mut compared = 0;
    for pair in blocks.windows(2) {
        let Some(wanted): Option<Value> = shown(&pair[1]) else { continue };
        let path = super::kind::named(&pair[0]).expect("JSON stands below the request that sends it");
        let name = path.trim_start_matches("requests/").trim_end_matches(".yaml");
        let arguments = [&["explain", name, "--env", "embedded"], &FIXED[..]].concat();
        let said = page.said(&arguments);
        said.ends_with(0);
        let mut lines = said.out.lines().skip_while(|line| !line.starts_with("body, "));
        let sent = lines.nth(1).expect("a body on one line").trim();
        assert_eq!(serde_json::from_str::<Value>(sent).unwrap(), wanted, "{}: {sent}", pair[1].place);
        compared += 1;
    }
    assert!(compared >= 3, "values, functions and filters");
}
