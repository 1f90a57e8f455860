//! Where a suite lies in its repository: reports of CI systems name files from there.

use std::path::{Path, PathBuf};

use countersign::launch::Process;

/// Where CI systems say that the repository is: GitHub's and GitLab's.
const VARIABLES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The suite's folder below its repository, with `/`; empty where they are one, or nobody knows. The
/// repository itself is believed before the variables: it may have been checked out in a folder of
/// the workspace.
pub(super) fn folder(process: &Process, suite: &Path) -> String {
    let checked_out = suite.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    let named = || VARIABLES.iter().find_map(|variable| around(process.get(variable)?, suite));
    let root = checked_out.or_else(named);
    let below = root.as_deref().and_then(|root| suite.strip_prefix(root).ok()).unwrap_or(Path::new(""));
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn around(folder: &str, suite: &Path) -> Option<PathBuf> {
    Path::new(folder).canonicalize().ok().filter(|folder| suite.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use countersign::files;

    use super::*;

    #[test]
    fn the_nearest_repository_counts_and_the_workspace_where_there_is_none() {
        let made = tempfile::tempdir().unwrap();
        let top = made.path().canonicalize().unwrap();
        let suite = top.join("work/project/bank");
        std::fs::create_dir_all(&suite).unwrap();
        let workspace = top.join("work").display().to_string();
        let process: Process = [("GITHUB_WORKSPACE", workspace.as_str())].into_iter().collect();
        assert_eq!(folder(&process, &suite), "project/bank");
        assert_eq!(folder(&Process::default(), &suite), "");
        std::fs::create_dir(top.join("work/project/.git")).unwrap();
        assert_eq!(folder(&process, &suite), "bank");
        // A worktree or a submodule has a file there.
        let (shared, keep) = (files::Mode::Shared, files::Existing::Keep);
        files::write(&suite.join(".git"), b"gitdir: elsewhere", shared, keep).unwrap();
        assert_eq!(folder(&process, &suite), "");
    }
}
