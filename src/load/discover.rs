//! Which files make up a suite.
//!
//! Symlinks to files are followed while they stay inside the suite; those to folders are not, so
//! that the walk ends and no request is found twice. Nothing is left out silently: what is not
//! read is a problem or a warning.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, escape};
use crate::files::Root;
use crate::limits::REQUEST_FILES;

/// Deepest folder below `requests/`.
const DEPTH: usize = 32;

/// A YAML file of a suite.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// Below its folder, without the extension, with `/`: `showcase/greeting`.
    pub id: String,
    /// Below the root, with `/`: `requests/showcase/greeting.yaml`.
    pub path: String,
}

/// The files of a suite, sorted.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub requests: Vec<Found>,
    pub environments: Vec<Found>,
    pub suite: Vec<Found>,
    pub problems: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
}

/// Finds the files; `None` when there is no `requests/` folder.
pub(super) fn discover(root: &Root) -> Option<Files> {
    let requests = root.path().join("requests");
    if !requests.is_dir() {
        return None;
    }
    let mut walk = Walk { root: root.path(), files: Files::default(), links: Vec::new() };
    walk.folder(&requests, "", 0);
    let mut files = walk.settle_links();
    files.requests.sort();
    files.environments.sort();
    files.suite.sort();
    Some(files)
}

struct Walk<'r> {
    root: &'r Path,
    files: Files,
    /// Symlinks to files, with what they lead to: taken only when that is not taken itself.
    links: Vec<(Found, PathBuf)>,
}

impl Walk<'_> {
    /// Reads the folder `below` (empty, or ending with `/`) of `requests/`.
    fn folder(&mut self, folder: &Path, below: &str, depth: usize) {
        if depth > DEPTH {
            return self.unreadable(below, &format!("lies deeper than {DEPTH} folders"));
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(below, &format!("can't be listed: {}", error.kind())),
        };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            match name.to_str() {
                Some(name) if name.starts_with('.') => {}
                Some(name) => self.entry(&entry, &format!("{below}{name}"), depth),
                None if is_yaml(&name.to_string_lossy()) => {
                    self.unreadable(
                        &format!("{below}{}", name.to_string_lossy()),
                        "has a name that is not UTF-8",
                    );
                }
                None => {}
            }
        }
    }

    fn entry(&mut self, entry: &fs::DirEntry, below: &str, depth: usize) {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            return self.folder(&path, &format!("{below}/"), depth + 1);
        }
        if kind.is_symlink() && path.is_dir() {
            let message =
                format!("`requests/{}` is a symlink to a folder, which is not followed", escape(below));
            let warning = Diagnostic::warning(Code::Unreadable, message);
            self.files.warnings.push(warning.help("link the single files, or move the folder here"));
            return;
        }
        let Some(id) = stem(below) else { return };
        let found = Found { id: id.to_owned(), path: format!("requests/{below}") };
        if !kind.is_symlink() {
            return self.take(found);
        }
        match path.canonicalize() {
            Ok(real) if real.starts_with(self.root) => self.links.push((found, real)),
            Ok(_) => self.unreadable(below, "is a symlink to a file outside the suite"),
            Err(_) => self.unreadable(below, "is a symlink to a file that does not exist"),
        }
    }

    fn take(&mut self, mut found: Found) {
        if let Some(name) = found.id.strip_prefix("environments/").map(str::to_owned) {
            if name.contains('/') {
                let path = found.path.strip_prefix("requests/").unwrap_or(&found.path).to_owned();
                return self.unreadable(&path, "lies in a folder; environments lie side by side");
            }
            found.id = name;
            self.files.environments.push(found);
        } else if found.id == "suite" {
            self.files.suite.push(found);
        } else {
            if self.files.requests.len() == REQUEST_FILES {
                let message = format!("more than {REQUEST_FILES} request files");
                self.files.problems.push(Diagnostic::error(Code::YamlLimit, message));
            }
            if self.files.requests.len() <= REQUEST_FILES {
                self.files.requests.push(found);
            }
        }
    }

    /// Takes each symlink whose file was not found by its own name, nor through another one.
    fn settle_links(mut self) -> Files {
        let all = self.files.requests.iter().chain(&self.files.environments).chain(&self.files.suite);
        let mut known: HashMap<PathBuf, String> = all
            .filter_map(|found| Some((self.root.join(&found.path).canonicalize().ok()?, found.path.clone())))
            .filter(|_| !self.links.is_empty())
            .collect();
        for (link, real) in std::mem::take(&mut self.links) {
            if let Some(first) = known.get(&real) {
                let message = format!(
                    "`{}` is the same file as `{}`, and is read once",
                    escape(&link.path),
                    escape(first)
                );
                let warning = Diagnostic::warning(Code::Unreadable, message);
                self.files
                    .warnings
                    .push(warning.help("delete the symlink, or copy the file to have two requests"));
            } else {
                known.insert(real, link.path.clone());
                self.take(link);
            }
        }
        self.files
    }

    fn unreadable(&mut self, below: &str, why: &str) {
        let message = format!("`requests/{}` {why}", escape(below.trim_end_matches('/')));
        self.files.problems.push(Diagnostic::error(Code::Unreadable, message));
    }
}

fn stem(path: &str) -> Option<&str> {
    path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml"))
}

fn is_yaml(name: &str) -> bool {
    stem(name).is_some()
}
