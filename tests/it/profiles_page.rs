//! The page of the profiles: a row for each that is shipped, and the worked example worked again.

use std::fs;
use std::process::Command;

use countersign::sign::Profile;

use crate::support::{Project, have, repository};

fn page() -> String {
    fs::read_to_string(repository().join("docs/profiles.md")).unwrap()
}

#[test]
fn every_shipped_profile_has_its_row_with_scheme_and_source() {
    let page = page();
    for name in Profile::shipped_names() {
        let rows: Vec<&str> =
            page.lines().filter(|line| line.starts_with(&format!("| `{name}` |"))).collect();
        let [row] = rows.as_slice() else { panic!("docs/profiles.md has {} rows for `{name}`", rows.len()) };
        let profile = Profile::shipped(name).unwrap();
        let scheme = row.split('|').nth(2).unwrap();
        assert!(scheme.contains(profile.scheme().name()), "`{name}`: {scheme}");
        let source = profile.source().unwrap();
        assert!(row.contains(&format!("({source})")), "the row of `{name}` does not link to {source}");
    }
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_bank_in_ten_lines_signs_what_its_documentation_shows_and_openssl_verifies_it() {
    let page = page();
    let [_, suite, environment, request] = blocks(&page, "yaml").try_into().unwrap();
    assert!(suite.lines().count() <= 10, "ten lines are promised");
    let project = Project::empty()
        .with("requests/suite.yaml", &suite)
        .with("requests/environments/staging.yaml", &environment)
        .with("requests/signature.yaml", &request);
    project.run(&["certs", "new", "satispay"]).ends_with(0);
    let [console] = blocks(&page, "console").try_into().unwrap();
    let (command, shown) = console.split_once('\n').unwrap();
    let arguments: Vec<&str> = command.trim_start_matches("$ countersign ").split(' ').collect();
    let said = project.run(&arguments);
    said.ends_with(0);
    for part in shown.split("…\n").filter(|part| !part.is_empty()) {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
    // What Satispay's page shows, all but the key id and the signature.
    let [documented] = blocks(&page, "text").try_into().unwrap();
    for header in documented.lines().skip(2).filter(|line| !line.starts_with("Authorization")) {
        assert!(said.out.contains(header), "{header}\n{}", said.out);
    }
    let authorization = documented.lines().last().unwrap();
    let sent = said.out.lines().find(|line| line.trim().starts_with("Authorization: ")).unwrap();
    let quoted = regex::Regex::new(r#"(keyId|signature)="[^"]*""#).unwrap();
    assert_eq!(quoted.replace_all(sent.trim(), "$1"), quoted.replace_all(authorization, "$1"));

    if !have("openssl") || !have("python3") {
        return;
    }
    let [script] = blocks(&page, "sh").try_into().unwrap();
    let script = script.replace("countersign ", &format!("{} ", env!("CARGO_BIN_EXE_countersign")));
    let done = Command::new("sh").args(["-ec", &script]).current_dir(project.path()).output().unwrap();
    let out = String::from_utf8_lossy(&done.stdout);
    assert_eq!(out, "Verified OK\n", "{}", String::from_utf8_lossy(&done.stderr));
}
