//! What a hostile or unlucky disk may hold, on the real disk.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

const LIMIT: u64 = 1024;

/// A suite folder beside a folder that is none of the suite's business.
fn suite() -> (tempfile::TempDir, Root, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let (inside, outside) = (temporary.path().join("suite"), temporary.path().join("outside"));
    fs::create_dir_all(inside.join("requests")).unwrap();
    fs::create_dir_all(&outside).unwrap();
    put(&outside.join("secret"), "the bank's");
    put(&inside.join("requests/a.yaml"), "method: GET");
    let root = Root::open(&inside).unwrap();
    (temporary, root, outside)
}

fn put(path: &Path, text: &str) {
    write(path, text.as_bytes(), Mode::Shared, Existing::Replace).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_no_regular_file_is_named_and_never_waited_for() {
    let (_temporary, root, _) = suite();
    let fifo = root.join("pipe");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let socket = root.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let wanted = [
        (fifo, "is a pipe, not a regular file"),
        (socket, "is a socket, not a regular file"),
        (PathBuf::from("/dev/zero"), "is a device, not a regular file"),
        (root.path().to_owned(), "is a folder, not a regular file"),
        (root.join("nothing"), "does not exist"),
    ];
    for (path, fault) in wanted {
        assert_eq!(read(&path, LIMIT).unwrap_err().to_string(), format!("`{}` {fault}", path.display()));
    }
    assert_eq!(
        root.read_inside("pipe", LIMIT).unwrap_err().to_string(),
        "`pipe` is a pipe, not a regular file"
    );
}

#[test]
fn a_file_is_read_up_to_its_limit_and_not_a_byte_further() {
    let (_temporary, root, _) = suite();
    put(&root.join("full"), &"x".repeat(1024));
    put(&root.join("over"), &"x".repeat(1025));
    assert_eq!(read(&root.join("full"), LIMIT).unwrap().len(), 1024);
    assert!(matches!(read(&root.join("over"), LIMIT).unwrap_err().fault, Fault::TooLarge(LIMIT)));
    // A file that says it is empty and isn't.
    assert!(matches!(read(Path::new("/proc/cpuinfo"), 3).unwrap_err().fault, Fault::TooLarge(3)));
    write(&root.join("latin1"), b"caf\xe9", Mode::Shared, Existing::Keep).unwrap();
    assert!(matches!(read_text(&root.join("latin1"), LIMIT).unwrap_err().fault, Fault::NotText(3)));
}

#[test]
fn a_request_cannot_read_a_file_outside_the_suite() {
    let (_temporary, root, outside) = suite();
    symlink(&outside, root.join("folder")).unwrap();
    symlink(outside.join("secret"), root.join("link")).unwrap();
    symlink("/proc", root.join("proc")).unwrap();
    let absolute = outside.join("secret").to_str().unwrap().to_owned();
    let tries = [
        absolute.as_str(),
        "../outside/secret",
        "requests/../../outside/secret",
        "..\\outside\\secret",
        "folder/secret",
        "link",
        "proc/self/environ",
        "/proc/self/environ",
        "~/.ssh/id_rsa",
        "~root/.ssh/id_rsa",
        "C:\\Windows\\win.ini",
        "file:///etc/passwd",
        "..",
    ];
    for path in tries {
        let fault = root.read_inside(path, LIMIT).unwrap_err().fault;
        assert!(matches!(fault, Fault::Outside), "{path}: {fault:?}");
    }
    assert!(matches!(root.read_inside("%2e%2e/outside/secret", LIMIT).unwrap_err().fault, Fault::Missing));
}

#[test]
fn a_request_cannot_read_what_holds_the_suites_own_credentials() {
    let (_temporary, root, _) = suite();
    put(&root.join(".env"), "CLIENT_SECRET=1");
    put(&root.join(".git/config"), "[remote]");
    symlink(".env", root.join("innocent")).unwrap();
    for path in [".env", ".git/config", "innocent", "requests/../.env"] {
        let fault = root.read_inside(path, LIMIT).unwrap_err().fault;
        assert!(matches!(fault, Fault::Withheld), "{path}: {fault:?}");
    }
}

#[test]
fn links_that_stay_inside_the_suite_are_followed() {
    let (_temporary, root, _) = suite();
    symlink(root.join("requests"), root.join("absolute")).unwrap();
    symlink("requests/a.yaml", root.join("relative")).unwrap();
    for path in [
        "requests/a.yaml",
        "./requests//a.yaml",
        "requests/../requests/a.yaml",
        "absolute/a.yaml",
        "relative",
    ] {
        assert_eq!(root.read_text_inside(path, LIMIT).unwrap(), "method: GET", "{path}");
    }
}

#[test]
fn what_is_added_to_a_file_leaves_the_rest_of_it_and_goes_through_no_symlink() {
    let (_temporary, root, outside) = suite();
    let file = root.join("summary.md");
    append(&file, b"first\n").unwrap();
    append(&file, b"second\n").unwrap();
    assert_eq!(read_text(&file, LIMIT).unwrap(), "first\nsecond\n");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    symlink(outside.join("secret"), root.join("link.md")).unwrap();
    assert!(matches!(append(&root.join("link.md"), b"x").unwrap_err().fault, Fault::Symlink));
    assert_eq!(read_text(&outside.join("secret"), LIMIT).unwrap(), "the bank's");
    assert!(append(root.path(), b"x").is_err());
    assert!(Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
    assert!(matches!(append(&root.join("pipe"), b"x").unwrap_err().fault, Fault::NotRegular("pipe")));
}

#[test]
fn nothing_is_written_through_a_symlink() {
    let (_temporary, root, outside) = suite();
    symlink(&outside, root.join("snapshots")).unwrap();
    symlink(outside.join("secret"), root.join("file.snap")).unwrap();
    symlink(outside.join("not-there"), root.join("dangling.snap")).unwrap();
    for path in ["snapshots/a.snap", "snapshots/deep/a.snap", "file.snap", "dangling.snap"] {
        for existing in [Existing::Replace, Existing::Keep] {
            let error = root.write_inside(path, b"x", Mode::Shared, existing).unwrap_err();
            assert!(matches!(error.fault, Fault::Symlink), "{path}: {error}");
        }
        assert!(matches!(root.remove_inside(path).unwrap_err().fault, Fault::Symlink), "{path}");
    }
    let error = write(&root.join("file.snap"), b"x", Mode::Shared, Existing::Replace).unwrap_err();
    assert!(matches!(error.fault, Fault::Symlink), "{error}");
    assert_eq!(names(&outside), ["secret"]);
    assert_eq!(read_text(&outside.join("secret"), LIMIT).unwrap(), "the bank's");
}

#[test]
fn nothing_is_written_outside_the_suite_or_over_what_is_no_file() {
    let (_temporary, root, outside) = suite();
    for path in ["../outside/x", "/tmp/x", "a/../../x", "..", "", "~/x", "a\\..\\..\\x", "a\0b"] {
        let fault = root.write_inside(path, b"x", Mode::Shared, Existing::Replace).unwrap_err().fault;
        assert!(matches!(fault, Fault::Outside), "{path}: {fault:?}");
    }
    let fault = root.write_inside("requests", b"x", Mode::Shared, Existing::Replace).unwrap_err().fault;
    assert!(matches!(fault, Fault::NotRegular("folder")), "{fault:?}");
    let error = root.write_inside("requests/a.yaml/b", b"x", Mode::Shared, Existing::Replace).unwrap_err();
    assert_eq!(error.to_string(), "`requests/a.yaml` is not a folder");
    assert_eq!(names(&outside), ["secret"]);
    assert_eq!(names(&root.join("requests")), ["a.yaml"]);
}

#[test]
fn a_key_is_born_readable_by_its_owner_only_and_an_open_one_is_noticed() {
    let (_temporary, root, _) = suite();
    let path = root.join("certificates/new/client.key");
    write(&path, b"key", Mode::Private, Existing::Keep).unwrap();
    let file = read_private(&path, LIMIT).unwrap();
    assert_eq!((file.bytes.as_slice(), file.mode, file.exposed()), (b"key".as_slice(), Some(0o600), None));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(read_private(&path, LIMIT).unwrap().exposed(), Some(0o640));
}

#[test]
fn a_file_that_is_to_be_kept_is_never_overwritten_not_even_in_a_race() {
    let (_temporary, root, _) = suite();
    for round in 0..50 {
        let path = format!("race/{round}");
        let write = |text: &str| root.write_inside(&path, text.as_bytes(), Mode::Shared, Existing::Keep);
        let (one, two) = std::thread::scope(|scope| {
            let one = scope.spawn(|| write("one"));
            let two = scope.spawn(|| write("two"));
            (one.join().unwrap(), two.join().unwrap())
        });
        let (winner, loser) = if one.is_ok() { ("one", two) } else { ("two", one) };
        assert!(matches!(loser.unwrap_err().fault, Fault::Exists), "{round}");
        assert_eq!(root.read_text_inside(&path, LIMIT).unwrap(), winner);
    }
    assert_eq!(names(&root.join("race")).len(), 50, "no temporary file is left");
}

#[test]
fn two_writers_at_once_never_show_a_reader_half_a_file() {
    let (_temporary, root, _) = suite();
    let contents = ["a".repeat(100_000), "b".repeat(50_000)];
    root.write_inside("x.snap", contents[0].as_bytes(), Mode::Shared, Existing::Keep).unwrap();
    std::thread::scope(|scope| {
        for content in &contents {
            let root = &root;
            scope.spawn(move || {
                for _ in 0..200 {
                    root.write_inside("x.snap", content.as_bytes(), Mode::Shared, Existing::Replace).unwrap();
                }
            });
        }
        for _ in 0..400 {
            let read = root.read_text_inside("x.snap", 1_000_000).unwrap();
            assert!(contents.contains(&read), "{} bytes", read.len());
        }
    });
    assert_eq!(names(root.path()), ["requests", "x.snap"], "no temporary file is left");
}

#[test]
fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
    let (_temporary, root, _) = suite();
    // A name that fits and a folder that does not let anything be renamed over it.
    let long = "n".repeat(256);
    let error = root.write_inside(&long, b"x", Mode::Shared, Existing::Replace).unwrap_err();
    assert!(matches!(error.fault, Fault::Io(_)), "{error}");
    assert_eq!(names(root.path()), ["requests"]);
    // Every device of a full disk says the same as this one.
    let full = io::Error::from(io::ErrorKind::StorageFull);
    assert_eq!(Fault::from(full).to_string(), "can't be written: the disk is full");
}

#[test]
fn no_temporary_file_has_a_name_that_can_be_foreseen() {
    let names: std::collections::HashSet<String> = (0..1000).map(|_| unix::temporary()).collect();
    assert_eq!(names.len(), 1000);
    assert!(names.iter().all(|name| is_leftover(name)));
    for other in [".countersign-x.tmp", "a.tmp", "a.snap", ".countersign-0123456789abcdef0123456789abcdef"] {
        assert!(!is_leftover(other), "{other}");
    }
}

#[test]
fn the_suite_must_be_a_folder() {
    let (_temporary, root, _) = suite();
    assert!(matches!(Root::open(&root.join("none")).unwrap_err().fault, Fault::Missing));
    assert!(matches!(Root::open(&root.join("requests/a.yaml")).unwrap_err().fault, Fault::NotFolder));
}
