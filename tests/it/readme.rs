//! What the README shows is what the program does.

use crate::support::{Project, repository, settle};

fn readme() -> String {
    std::fs::read_to_string(repository().join("README.md")).unwrap()
}

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let readme = readme();
    readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// What the console block shows below its command, settled.
fn shown(console: &str) -> (String, String) {
    let (command, output) = console.split_once('\n').unwrap();
    (command.trim_start_matches("$ countersign ").to_owned(), settle(output))
}

#[test]
fn the_files_that_the_readme_shows_are_the_files_that_it_ships() {
    let [token, greeting, sandbox] = blocks("yaml").try_into().unwrap();
    let project = Project::shipped();
    assert_eq!(project.read("requests/token.yaml"), token);
    assert_eq!(project.read("requests/greeting.yaml"), greeting);
    let (_, environment) = sandbox.split_once('\n').unwrap();
    assert!(project.read("requests/environments/sandbox.yaml").ends_with(environment));
}

#[test]
fn the_output_that_the_readme_shows_is_what_the_commands_print() {
    let [good, failing, wrong] = blocks("console").try_into().unwrap();
    let project = Project::shipped();
    let run = |block: &str| {
        let (command, output) = shown(block);
        let said = project.run(&command.split(' ').collect::<Vec<_>>());
        let dated = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT").unwrap();
        let undated = |text: &str| dated.replace_all(text, "[moment]").trim_end().to_owned();
        assert_eq!(undated(&settle(&said.all())), undated(&output), "`{command}` in the README");
    };
    run(&good);
    let greeting = project.read("requests/greeting.yaml");
    project.write("requests/greeting.yaml", &greeting.replace("Welcome to ING!", "Welcome to my bank!"));
    run(&failing);
    project.write("requests/greeting.yaml", &greeting.replace("endpoint:", "endpoit:"));
    run(&wrong);
}

#[test]
fn the_readme_and_ci_name_the_same_test_command() {
    let command = "cargo test";
    assert!(blocks("sh")[0].contains(&format!("\n{command} ")), "the README");
    let ci = std::fs::read_to_string(repository().join(".ci/run")).unwrap();
    assert!(ci.lines().any(|line| line.starts_with(command)), ".ci/run");
}
