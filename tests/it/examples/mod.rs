//! Every example of the documentation is tried by the real binary.
//!
//! Each block of YAML in README.md and below `docs/` is put into a suite, and `countersign check`
//! must take it. CONTRIBUTING.md says how a page marks what its examples are.

mod commands;
mod kind;
mod page;
mod suite;
mod templates_page;

use kind::Kind;
use page::Block;

/// Blocks of YAML that are for other programs. More of them than this want a second thought.
const FOR_OTHERS: usize = 8;

fn every_block() -> Vec<Vec<Block>> {
    page::paths().iter().map(|path| page::blocks(path)).collect()
}

/// What is wrong with the YAML of a page.
fn mistakes(blocks: &[Block]) -> Vec<String> {
    let (examples, mut problems) = suite::examples(blocks);
    // Where the page's own files are wrong, each fragment would say so again.
    let mut found = Vec::<String>::new();
    for example in &examples {
        found.extend(example.problem().filter(|problem| !found.contains(problem)));
    }
    problems.extend(found);
    problems
}

fn assert_none(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} examples of the documentation do not work (CONTRIBUTING.md, \"Examples in the documentation\", \
         says how to write one):\n\n{}",
        problems.len(),
        problems.join("\n\n")
    );
}

#[test]
fn every_yaml_example_of_the_documentation_is_taken_by_check() {
    let pages = every_block();
    assert!(pages.iter().flatten().filter(|block| block.language == "yaml").count() > 40, "blocks are found");
    let halves = pages.chunks(pages.len().div_ceil(2));
    let problems: Vec<String> = std::thread::scope(|threads| {
        let work = |pages: &[Vec<Block>]| pages.iter().flat_map(|page| mistakes(page)).collect::<Vec<_>>();
        let halves: Vec<_> = halves.map(|half| threads.spawn(move || work(half))).collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert_none(&problems);
}

#[test]
fn every_command_line_of_the_documentation_is_one_that_countersign_reads() {
    let pages = every_block();
    assert_none(&pages.iter().flatten().flat_map(commands::problems).collect::<Vec<_>>());
}

/// So that no command hides in a block that nobody reads.
#[test]
fn every_block_of_the_documentation_says_what_language_it_is_in() {
    let silent = |block: &Block| {
        block.language.is_empty().then(|| {
            format!("{}: write `yaml`, `sh`, `console`, `json`, or `text` behind the fence", block.place)
        })
    };
    assert_none(&every_block().iter().flatten().filter_map(silent).collect::<Vec<_>>());
}

#[test]
fn few_examples_are_for_other_programs_and_each_says_what_it_is() {
    let mut others = Vec::new();
    for block in every_block().iter().flatten().filter(|block| block.language == "yaml") {
        if let Ok(Kind::Other(reason)) = Kind::of(block) {
            assert!(!reason.is_empty(), "{}: say what it is", block.place);
            others.push(format!("{}: {reason}", block.place));
        }
    }
    eprintln!("not for countersign:\n{}", others.join("\n"));
    assert!(others.len() <= FOR_OTHERS, "{others:#?}");
}

/// The tests above can fail: each of these pages has one mistake.
#[test]
fn a_broken_example_is_found_at_its_place() {
    let fence = |text: &str| format!("Prose.\n\n```yaml\n{text}```\n");
    for (page, told) in [
        (fence("expect: {statsu: 200}\n"), "did you mean `status`?"),
        (fence("# requests/a.yaml\nmethod: GET\n"), "a request needs `endpoint`"),
        (fence("body: {json: {amount: \"{{ amount }}\"}}\n"), "`amount` is not defined"),
        (fence("host: http://api.bank.example\n"), "not encrypted"),
        (fence("cavage: {algorithm: rsa}\n"), "rsa"),
        (fence("jobs: {build: {}}\n"), "<!-- not a suite: WHAT IT IS -->"),
        (fence("a: [\n"), "not YAML"),
        (
            format!(
                "<!-- run -->\n{}",
                &fence("token: token\nmethod: GET\nendpoint: /none\nexpect: {status: 200}\n")[8..]
            ),
            "ends with 1",
        ),
    ] {
        let problems = mistakes(&page::blocks_of("docs/page.md", &page));
        let [problem] = problems.as_slice() else { panic!("{page}\n{problems:#?}") };
        assert!(problem.starts_with("docs/page.md:") && problem.contains(told), "{page}\n{problem}");
    }
    let commands = page::blocks_of("docs/page.md", "```sh\ncountersign run --jbos 2 | less\n```\n");
    let problems = commands::problems(&commands[0]);
    assert!(problems[0].contains("'--jobs'"), "{problems:?}");
}
