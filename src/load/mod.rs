//! Files → [`Suite`], or every mistake in them at once.
//!
//! No mistake hides another: each file is read to its end, and only a file that is not YAML at
//! all stops at its first. Nothing is rendered and nothing is sent, so a suite can be loaded to
//! be looked at.

mod yaml;
mod decoded;
mod locate;
mod reader;
mod connecting;
mod duration;
mod headers;
mod url;
mod values;
mod vars_file;
mod body;
mod cases;
mod answer_signature;
mod client;
mod cookies;
mod chosen;
mod contract;
mod expect;
mod retry;
mod run_profile;
mod until;
mod redact;
mod snapshot;
mod profile;
mod request;
mod environment;
mod identity;
mod tamper;
mod needs;
mod key_source;
mod tls_options;
mod suite_file;
mod defaults;
mod secrets;
mod templates;
mod names;
mod discover;
mod suite;
mod edit;
#[cfg(test)]
mod tests;

pub use chosen::Chosen;
pub use duration::parse as duration;
pub use edit::{Edited, Unedited, with_rules};
pub use locate::{Locations, Owner, Place};
pub use suite::{Problems, Suite};
pub use vars_file::vars_file;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use indexmap::IndexMap;

use crate::diag::{Code, Diagnostic, SourceId, Sources, Span, distinct, escape};
use crate::files::Root;
use crate::limits::{self, YAML_FILE};
use crate::snapshot::fingerprint;
use crate::spec::{Environment, SuiteFile, acting};
use defaults::OfRequests;
use discover::{Files, Found, discover};
use names::Loaded;
use reader::{Read, Reader};
use yaml::{Documents, Node, Value};

/// Most mistakes shown of one file: who makes more has misunderstood something, once.
const PROBLEMS_PER_FILE: usize = 50;

/// Reads the suite whose `requests/` folder lies in `root`.
pub fn load(root: Root) -> Result<Suite, Problems> {
    let Some(files) = discover(&root) else {
        return Err(Problems { diagnostics: vec![no_suite(&root)], sources: Sources::default() });
    };
    let mut loader = Loader::default();
    let (file, defaults) = loader.suite_file(&root, &files);
    let environments = loader.environments(&root, &files);
    let mut requests = loader.requests(&root, &files, &defaults);
    loader.problems.extend(names::check_unique(&requests));
    for loaded in &mut requests {
        loader.rows(&root, loaded);
    }

    let mut suite = Suite {
        root,
        file,
        requests: IndexMap::new(),
        environments,
        contracts: IndexMap::new(),
        locations: loader.locations,
        sources: loader.sources,
        fingerprints: loader.fingerprints,
        warnings: files.warnings,
    };
    suite.warnings.append(&mut loader.warnings);
    let mut by_default = BTreeSet::new();
    for loaded in requests {
        suite::note(&mut suite.locations, &loaded);
        if defaults::has_default_token(&loaded, &defaults) {
            by_default.insert(loaded.written.request.name.clone());
        }
        let mut request = loaded.written.request;
        request.snapshot = loaded.written.snapshot.over(suite.file.defaults.snapshot.as_ref());
        request.redirects = request.redirects.or(suite.file.defaults.redirects);
        suite.requests.entry(request.name.clone()).or_insert(request);
    }
    suite::apply_defaults(&mut suite.environments, &suite.file, &mut suite.locations);
    loader.problems.extend(defaults::settle_token(&mut suite, &defaults, &by_default));
    suite::mark_tokens(&mut suite.requests);

    let mut diagnostics = files.problems;
    diagnostics.append(&mut loader.problems);
    diagnostics.extend(distinct(suite::check_profiles(&suite)));
    if diagnostics.is_empty() {
        diagnostics.extend(suite::check_concurrency(&suite));
        diagnostics.extend(suite::check_snapshots(&suite));
        diagnostics.extend(suite::check_lengths(&suite));
    }
    diagnostics.extend(contract::read(&mut suite));
    for secret in loader.secrets {
        suite.sources.blank_out(secret);
    }
    if diagnostics.is_empty() {
        return Ok(suite);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.labels.first().map(|label| label.span));
    Err(Problems { diagnostics, sources: suite.sources })
}

fn no_suite(root: &Root) -> Diagnostic {
    let folder = escape(&root.path().to_string_lossy());
    Diagnostic::error(Code::NoSuite, format!("there is no suite in `{folder}`: it has no folder `requests`"))
        .help("run countersign in the folder that holds `requests/`, or name that folder with `--suite DIR`")
}

/// What has been read so far.
#[derive(Default)]
struct Loader {
    sources: Sources,
    locations: Locations,
    problems: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    secrets: Vec<Span>,
    fingerprints: HashMap<PathBuf, String>,
}

impl Loader {
    /// Reads a file's documents; a file that can't be read has none.
    fn documents(&mut self, root: &Root, found: &Found) -> Option<(SourceId, Documents)> {
        let bytes = match root.read_inside(&found.path, YAML_FILE) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("`{}` {}", escape(&found.path), error.fault);
                self.problems.push(Diagnostic::error(Code::Unreadable, message));
                return None;
            }
        };
        self.fingerprints.insert(found.path.clone().into(), fingerprint(&bytes));
        match yaml::decode(found.path.clone().into(), bytes, &mut self.sources) {
            Ok(source) => Some((source, yaml::read(source, self.sources.text(source)))),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    /// Takes over what a reader found, some of it.
    fn finish(&mut self, source: SourceId, mut problems: Vec<Diagnostic>, read: Read) {
        problems.extend(read.problems);
        problems.sort_by_key(|problem| problem.labels.first().map(|label| label.span));
        let more = problems.len().saturating_sub(PROBLEMS_PER_FILE);
        if more > 0 {
            let rest = problems.split_off(PROBLEMS_PER_FILE);
            let span = rest[0].labels.first().map_or(Span::new(source, 0, 0), |label| label.span);
            problems.push(
                Diagnostic::error(rest[0].code, format!("and {more} more mistakes in this file"))
                    .at(span, "from here on"),
            );
        }
        self.problems.append(&mut problems);
        self.warnings.extend(read.warnings);
        self.secrets.extend(read.secrets);
    }

    fn suite_file(&mut self, root: &Root, files: &Files) -> (SuiteFile, OfRequests) {
        if let [first, second, ..] = files.suite.as_slice() {
            let message = format!("there are two suite files: `{}` and `{}`", first.path, second.path);
            self.problems.push(Diagnostic::error(Code::DuplicateName, message).help("delete one of them"));
        }
        let read = files.suite.first().and_then(|found| self.documents(root, found));
        let Some((source, documents)) = read else { return (SuiteFile::default(), OfRequests::default()) };
        let mut reader = Reader::new(&self.sources);
        let node = only(&mut reader, &documents);
        let file = node.and_then(|node| {
            self.locations.note(Owner::SuiteFile, node);
            secrets::note(&mut reader, node);
            templates::check(&mut reader, node);
            suite_file::suite_file(&mut reader, node)
        });
        let read = reader.done();
        let is_good = documents.problems.is_empty() && read.problems.is_empty();
        let defaults = node.filter(|_| is_good).map(OfRequests::of);
        self.finish(source, documents.problems, read);
        (file.unwrap_or_default(), defaults.unwrap_or_default())
    }

    fn environments(&mut self, root: &Root, files: &Files) -> IndexMap<String, Environment> {
        let mut environments = IndexMap::new();
        for found in &files.environments {
            let Some((source, documents)) = self.documents(root, found) else { continue };
            let mut reader = Reader::new(&self.sources);
            if documents.nodes.is_empty() && documents.problems.is_empty() {
                reader.problems.push(empty(source, self.sources.text(source), "an environment"));
            }
            if let Some(node) = only(&mut reader, &documents) {
                secrets::note(&mut reader, node);
                templates::check(&mut reader, node);
                let first = environments.contains_key(&found.id.to_lowercase());
                for (name, node) in parties(&mut reader, node, &found.id) {
                    if let Some(environment) = environment::environment(&mut reader, &node, &name) {
                        self.locations.note(Owner::Environment(name.clone()), &node);
                        // Files are told apart without regard to case, identities are not.
                        let key = if name == found.id { name.to_lowercase() } else { name };
                        environments.insert(key, environment);
                    }
                }
                if first {
                    let message = format!("two environments are named `{}`", escape(&found.id));
                    let problem = Diagnostic::error(Code::DuplicateName, message).at(node.span, "the second");
                    reader
                        .problems
                        .push(problem.help("rename one of the files; case does not tell them apart"));
                }
                // What an identity takes from its environment is read once more for it.
                reader.problems = distinct(std::mem::take(&mut reader.problems));
                reader.warnings = distinct(std::mem::take(&mut reader.warnings));
            }
            let read = reader.done();
            self.finish(source, documents.problems, read);
        }
        environments.into_values().map(|environment| (environment.name.clone(), environment)).collect()
    }

    fn requests(&mut self, root: &Root, files: &Files, defaults: &OfRequests) -> Vec<Loaded> {
        let mut requests = Vec::new();
        for found in &files.requests {
            let Some((source, documents)) = self.documents(root, found) else { continue };
            let mut reader = Reader::new(&self.sources);
            if documents.nodes.is_empty() && documents.problems.is_empty() {
                reader.problems.push(empty(source, self.sources.text(source), "a request"));
            }
            let several = documents.nodes.len() > 1;
            for document in documents.nodes {
                let place = Among { found, several, defaults };
                requests.extend(read_request(&mut reader, document, &place));
            }
            let read = reader.done();
            self.finish(source, documents.problems, read);
        }
        requests
    }
}

impl Loader {
    /// Reads the rows of a request's data file.
    fn rows(&mut self, root: &Root, loaded: &mut Loaded) {
        let Some(cases) = &mut loaded.written.request.cases else { return };
        let Some(file) = cases.file.clone() else { return };
        let read = root
            .read_inside(&file, limits::DATA_FILE)
            .map_err(|error| cases::DataError { message: error.fault.to_string(), help: None });
        let rows = match read {
            Ok(bytes) if cases::is_yaml(&file) => match self.data_of_yaml(&file, bytes) {
                Some(value) => cases::of_json(value),
                None => return,
            },
            Ok(bytes) => cases::data(&file, &bytes),
            Err(error) => Err(error),
        };
        match rows {
            Ok(rows) => cases.rows = rows.into(),
            Err(error) => {
                let message = format!("`{}` {}", escape(&file), error.message);
                let problem = Diagnostic::error(Code::DataFile, message);
                let problem = error.help.into_iter().fold(problem, Diagnostic::help);
                let written =
                    names::field(&loaded.document, "cases").and_then(|node| names::field(node, "file"));
                self.problems.push(problem.at(written.map(|node| node.span), ""));
            }
        }
    }

    fn data_of_yaml(&mut self, file: &str, bytes: Vec<u8>) -> Option<serde_json::Value> {
        let source = yaml::decode(file.into(), bytes, &mut self.sources)
            .map_err(|problem| self.problems.push(problem))
            .ok()?;
        let documents = yaml::read(source, self.sources.text(source));
        if !documents.problems.is_empty() {
            self.problems.extend(documents.problems);
            return None;
        }
        Some(documents.nodes.first().map_or(serde_json::Value::Null, Node::to_json))
    }
}

/// An environment and its identities: names and documents.
fn parties(reader: &mut Reader, document: &Node, name: &str) -> Vec<(String, Node)> {
    let identities = identity::identities(reader, document);
    let named = identities.into_iter().map(|(identity, node)| (acting(name, &identity), node));
    std::iter::once((name.to_owned(), document.clone())).chain(named).collect()
}

/// What a document is read among: its file, others in it, and what holds for all requests.
struct Among<'a> {
    found: &'a Found,
    several: bool,
    defaults: &'a OfRequests,
}

fn read_request(reader: &mut Reader, document: Node, among: &Among<'_>) -> Option<Loaded> {
    let Among { found, several, defaults } = *among;
    if matches!(document.value, Value::Null) {
        let message = if several { "an empty document" } else { "no request in this file" };
        let (label, help) = if document.span.start == document.span.end {
            ("nothing follows", "delete the `---`, or write the request")
        } else {
            ("this is `null`", "write lines like `method: GET`, or delete the file")
        };
        reader.report(
            &document,
            Diagnostic::error(Code::EmptyFile, message).at(document.span, label).help(help),
        );
        return None;
    }
    secrets::note(reader, &document);
    templates::check(reader, &document);
    let document = defaults.under(document);
    let mut written = request::request(reader, &document, &found.id)?;
    if several {
        match names::field(&document, "name") {
            None => {
                request::nameless(reader, &document);
                return None;
            }
            Some(node) => {
                let name = written.request.name.clone();
                written.request.id = names::id_among_several(reader, &found.id, node, &name);
            }
        }
    }
    Some(Loaded { written, document })
}

/// The only document of a file that holds no requests.
fn only<'d>(reader: &mut Reader, documents: &'d Documents) -> Option<&'d Node> {
    if let Some(second) = documents.nodes.get(1) {
        let diagnostic = Diagnostic::error(Code::YamlUnsupported, "more than one document in this file");
        reader.report(second, diagnostic.at(second.span, "the second begins here").help("delete the `---`"));
    }
    documents.nodes.first().filter(|node| !matches!(node.value, Value::Null))
}

fn empty(source: SourceId, text: &str, expected: &str) -> Diagnostic {
    let (message, help) = if text.is_empty() {
        ("the file is empty".to_owned(), format!("write {expected}, or delete the file"))
    } else {
        (
            format!("the file has comments only, {expected} was expected"),
            "rename it if it is not meant to be read".into(),
        )
    };
    Diagnostic::error(Code::EmptyFile, message).at(Span::new(source, 0, 0), "").help(help)
}
