//! Finds the Git repository in which a key lies, and asks its index for the key.

use std::path::{Path, PathBuf};

use crate::certs::{Tracked, is_tracked};
use crate::files;
use crate::limits;

/// Whether a private key is kept in a Git repository; `shown` is how its file is called. A
/// repository that can't be read says nothing.
pub fn tracked(path: &Path, shown: &str) -> Option<Tracked> {
    let real = path.canonicalize().ok()?;
    let top = real.ancestors().skip(1).find(|folder| folder.join(".git").exists())?;
    let index = files::read(&index_of(top)?, limits::GIT_INDEX).ok()?;
    let parts: Option<Vec<&str>> = real.strip_prefix(top).ok()?.iter().map(|part| part.to_str()).collect();
    is_tracked(&index, &parts?.join("/")).then(|| Tracked { file: shown.to_owned() })
}

/// The index of the repository with this top; in a worktree `.git` is a file that says where.
fn index_of(top: &Path) -> Option<PathBuf> {
    let git = top.join(".git");
    if git.is_dir() {
        return Some(git.join("index"));
    }
    let text = files::read_text(&git, limits::YAML_FILE).ok()?;
    Some(top.join(text.strip_prefix("gitdir:")?.trim()).join("index"))
}
