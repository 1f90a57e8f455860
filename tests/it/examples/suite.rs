//! The suite that an example stands in, and what countersign says of it.
//!
//! What an example mentions and does not show is put there: the embedded bank with a partner, a
//! request `token`, keys and certificates, the files of `tests/cases/examples/`, values for
//! `env()` and `secret()`.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use regex::Regex;
use serde_yaml::{Mapping, Value};

use super::kind::Kind;
use super::page::Block;
use crate::support::{Project, Said, repository, said};

/// An example with the files that it stands among.
#[derive(Debug, Clone)]
pub struct Example {
    /// The block that it was made of, or the last one of a page.
    pub place: String,
    /// Whether the block has to succeed or fail at the embedded bank.
    pub run: Option<Run>,
    files: BTreeMap<String, String>,
}

/// `<!-- run -->` above a block, or `<!-- run: ends with 1 -->`.
#[derive(Debug, Clone)]
pub struct Run {
    request: String,
    exit: i32,
}

const EMBEDDED: &str = "requests/environments/embedded.yaml";
const TOKEN: &str = "requests/token.yaml";
const OF_REQUEST: &str = "requests/example.yaml";
const OF_ENVIRONMENT: &str = "requests/environments/example.yaml";
const SUITE: &str = "requests/suite.yaml";

/// The second party of the embedded bank, as `docs/identities.md` has it.
const PARTNER: &str = "
identities:
  partner:
    variables: {client_id: 0ddba11e-c0de-4bad-8c0d-0123456789ab}
    tls: {certificate: certificates/partner_tls.crt, key: certificates/partner_tls.key}
    signing: {key: certificates/partner_signing.key}
";

/// The examples of one page: its files together, then each fragment among them.
pub fn examples(blocks: &[Block]) -> (Vec<Example>, Vec<String>) {
    let (mut examples, mut problems, mut fragments) = (Vec::new(), Vec::new(), Vec::new());
    let mut page = Example { place: String::new(), run: None, files: BTreeMap::new() };
    for block in blocks {
        match kind(block) {
            Ok(Some(Kind::File(path))) => {
                if page.files.contains_key(&path) {
                    examples.push(page.clone());
                }
                page.place.clone_from(&block.place);
                page.files.insert(path.clone(), block.text.clone());
                if let Some(run) = Run::read(block, &path) {
                    examples.push(Example { run: Some(run), ..page.clone() });
                }
            }
            Ok(Some(kind)) => {
                if kind == Kind::Suite {
                    page.add_to_suite_file(&block.text);
                }
                fragments.push((block, kind));
            }
            Ok(None) => {}
            Err(problem) => problems.push(format!("{}: {problem}", block.place)),
        }
    }
    if !page.place.is_empty() {
        examples.push(page.clone());
    }
    examples.extend(fragments.into_iter().map(|(block, kind)| page.with(block, &kind)));
    (examples, problems)
}

/// What a block is, if it belongs to a suite.
fn kind(block: &Block) -> Result<Option<Kind>, String> {
    let yaml = matches!(block.language.as_str(), "yaml" | "yml");
    if !yaml {
        return Ok(super::kind::named(block).map(Kind::File));
    }
    Kind::of(block).map(|kind| Some(kind).filter(|kind| !matches!(kind, Kind::Other(_))))
}

impl Run {
    fn read(block: &Block, path: &str) -> Option<Self> {
        let rest = block.comment.strip_prefix("run")?;
        let exit = rest.strip_prefix(": ends with ").map_or(0, |code| code.parse().expect("an exit code"));
        let request = path.trim_start_matches("requests/").trim_end_matches(".yaml").to_owned();
        Some(Self { request, exit })
    }
}

impl Example {
    /// The page's files and this fragment.
    fn with(&self, block: &Block, kind: &Kind) -> Self {
        let (mut files, text) = (self.files.clone(), block.text.as_str());
        let has = |key: &str| Regex::new(&format!("(?m)^{key}:")).unwrap().is_match(text);
        let lacking = |key: &str, line: &str| if has(key) { String::new() } else { format!("{line}\n") };
        let (path, text) = match kind {
            Kind::Request => {
                let endpoint = lacking("endpoint", "endpoint: /example");
                (OF_REQUEST, text.to_owned() + &lacking("method", "method: POST") + &endpoint)
            }
            Kind::Environment => {
                // Only what belongs to no environment: the page's requests may need others.
                files.retain(|path, _| path == SUITE || !path.starts_with("requests/"));
                let request = "method: GET\nendpoint: /example\nsnapshot: false\n";
                files.insert(OF_REQUEST.to_owned(), request.to_owned());
                let variables = lacking("variables", "variables: {client_id: example}");
                (
                    OF_ENVIRONMENT,
                    text.to_owned() + &lacking("host", "host: https://api.bank.example") + &variables,
                )
            }
            Kind::Profile => {
                let text = text.to_owned() + &lacking("key_id", "key_id: example");
                let indented = format!("    {}\n", text.trim_end().replace('\n', "\n    "));
                (SUITE, format!("signing_profiles:\n  example:\n{indented}"))
            }
            Kind::Suite | Kind::File(_) | Kind::Other(_) => (SUITE, text.to_owned()),
        };
        files.insert(path.to_owned(), text);
        Self { place: block.place.clone(), run: Run::read(block, path), files }
    }

    /// Takes what a block says of the whole suite: it holds for the rest of the page.
    fn add_to_suite_file(&mut self, text: &str) {
        let file = self.files.entry(SUITE.to_owned()).or_default();
        let mut whole: Mapping = serde_yaml::from_str(file).unwrap_or_default();
        let part: Mapping = serde_yaml::from_str(text).expect("it was read before");
        for (key, value) in part {
            match (whole.get_mut(&key).and_then(Value::as_mapping_mut), value) {
                (Some(known), Value::Mapping(new)) => known.extend(new),
                (_, value) => drop(whole.insert(key, value)),
            }
        }
        *file = serde_yaml::to_string(&whole).expect("it was YAML");
    }

    /// What is wrong with the example; `None` if nothing is.
    pub fn problem(&self) -> Option<String> {
        let project = self.project();
        let environments = self.environments();
        let check = |name: &String| (name.clone(), self.call(&project, &["check", "--env", name]));
        let refused = environments.iter().map(check).find(|(_, said)| said.code != 0);
        if let Some((name, said)) = refused {
            return Some(self.told(&format!("countersign check --env {name}"), &said));
        }
        let run = self.run.as_ref()?;
        let arguments = ["run", &run.request, "--env", "embedded", "--snapshots", "always"];
        let said = self.call(&project, &arguments);
        (said.code != run.exit).then(|| self.told(&format!("countersign {}", arguments.join(" ")), &said))
    }

    /// What a command says among the files.
    pub fn said(&self, arguments: &[&str]) -> Said {
        self.call(&self.project(), arguments)
    }

    fn told(&self, command: &str, said: &Said) -> String {
        let files: Vec<_> = self.files.keys().map(String::as_str).collect();
        format!(
            "{}: `{command}` ends with {} on {}:\n{}",
            self.place,
            said.code,
            files.join(", "),
            said.all().trim_end()
        )
    }

    /// The environments that the page shows, or the embedded one.
    fn environments(&self) -> Vec<String> {
        let stem = |path: &String| {
            Some(path.strip_prefix("requests/environments/")?.strip_suffix(".yaml")?.to_owned())
        };
        let shown: Vec<_> = self.files.keys().filter_map(stem).collect();
        if shown.is_empty() { vec!["embedded".to_owned()] } else { shown }
    }

    fn call(&self, project: &Project, arguments: &[&str]) -> Said {
        let mut command = project.command(arguments);
        // Programs that sign: `check` looks whether they are there and never runs them.
        let programs = project.path().join("programs").display().to_string();
        command.env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap_or_default()));
        let named = Regex::new(r#"(?:env|secret)\(\s*['"](\w+)['"]\s*\)"#).unwrap();
        for text in self.files.values() {
            for found in named.captures_iter(text) {
                let value = if found[1].ends_with("PASSPHRASE") { "test" } else { "a value for an example" };
                command.env(&found[1], value);
            }
        }
        said(&command.output().expect("the binary runs"))
    }

    fn project(&self) -> Project {
        let shipped = Project::shipped();
        let embedded = shipped.read(EMBEDDED) + PARTNER;
        let project =
            Project::of("cases/examples").with(EMBEDDED, &embedded).with(TOKEN, &shipped.read(TOKEN));
        for (name, content) in certificates() {
            project.write(&format!("certificates/{name}"), content);
        }
        for (path, text) in &self.files {
            project.write(path, text);
        }
        self.files.values().for_each(|text| put_keys(&project, text));
        project
    }
}

/// Puts a key or certificate wherever the text names one that is not there.
fn put_keys(project: &Project, text: &str) {
    let named = Regex::new(r"certificates/[\w./-]*\.(key|crt|cer|pem|pub|p12)\b").unwrap();
    for found in named.captures_iter(text).filter(|found| !project.has(&found[0])) {
        let fixture = match &found[1] {
            "key" => "rsa.pkcs8.pem",
            "pub" => "rsa.public.pem",
            "p12" => "store.p12",
            _ => "rsa.v1.crt.pem",
        };
        let target = project.path().join(&found[0]);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(repository().join("tests/fixtures/keys").join(fixture), target).unwrap();
    }
}

/// The example certificates of the embedded bank, made once: keys take their time.
fn certificates() -> &'static [(String, String)] {
    static MADE: OnceLock<Vec<(String, String)>> = OnceLock::new();
    MADE.get_or_init(|| {
        let project =
            Project::embedded().with("requests/a.yaml", "method: GET\nendpoint: /\nidentity: partner\n");
        project.write(EMBEDDED, &(project.read(EMBEDDED) + PARTNER));
        project.run(&["check"]).ends_with(0);
        let folder = fs::read_dir(project.path().join("certificates")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.map(|name| (name.clone(), project.read(&format!("certificates/{name}")))).collect()
    })
}
