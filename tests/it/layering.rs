//! A module uses only what `lib.rs` declares above it; crafts use vocabulary only.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CRAFTS: [&str; 7] = ["template", "select", "sign", "snapshot", "certs", "recorded", "contract"];

/// The modules in the order `lib.rs` declares them.
fn declared() -> Vec<String> {
    let lib = fs::read_to_string(source("lib.rs")).unwrap();
    let module = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    lib.lines().filter_map(module).collect()
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every `crate::module` that the files of a module name, with the file that names it.
fn imports(module: &str) -> BTreeMap<String, PathBuf> {
    let mut files = Vec::new();
    if source(module).is_dir() {
        rust_files(&source(module), &mut files);
    }
    let single = source(&format!("{module}.rs"));
    if single.exists() {
        files.push(single);
    }
    assert!(!files.is_empty(), "`{module}` is declared in lib.rs but has no file");
    let mut named = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for part in code.split("crate::").skip(1) {
            for name in names(part) {
                named.insert(name, file.clone());
            }
        }
    }
    named
}

/// `a::b` names `a`; `{a::b, c}` names `a` and `c`.
fn names(part: &str) -> Vec<String> {
    let word =
        |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = part.strip_prefix('{') else { return vec![word(part)] };
    let mut depth = 0;
    let mut items = vec![String::new()];
    for character in group.chars() {
        match character {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(String::new()),
            _ => {
                depth += i32::from(character == '{') - i32::from(character == '}');
                items.last_mut().unwrap().push(character);
            }
        }
    }
    items.iter().map(|item| word(item)).collect()
}

/// What breaks the layering, given what each module names.
fn violations(order: &[String], imports_of: impl Fn(&str) -> BTreeMap<String, PathBuf>) -> Vec<String> {
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut found = Vec::new();
    for (own, module) in order.iter().enumerate() {
        for (imported, file) in imports_of(module) {
            let Some(other) = place(&imported) else { continue };
            let file = file.display();
            if other > own {
                found.push(format!("{file}: `{module}` imports `{imported}`, which is declared below it"));
            }
            if CRAFTS.contains(&module.as_str()) && CRAFTS.contains(&imported.as_str()) && other != own {
                found.push(format!("{file}: the craft `{module}` imports the craft `{imported}`"));
            }
        }
    }
    found
}

#[test]
fn a_newcomer_can_read_the_modules_from_top_to_bottom_without_circles() {
    let order = declared();
    assert!(order.len() > 15, "lib.rs declares its modules as `pub mod name;`: {order:?}");
    assert_eq!(violations(&order, imports), Vec::<String>::new());
}

#[test]
fn the_layering_check_bites() {
    let order = ["files", "template", "sign", "load"].map(String::from);
    let imports = |module: &str| match module {
        "files" => BTreeMap::from([("load".to_owned(), PathBuf::from("files.rs"))]),
        "sign" => BTreeMap::from([("template".to_owned(), PathBuf::from("sign.rs"))]),
        "load" => BTreeMap::from([("sign".to_owned(), PathBuf::from("load.rs"))]),
        _ => BTreeMap::new(),
    };
    let found = violations(&order, imports);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("`files` imports `load`"));
    assert!(found[1].contains("the craft `sign` imports the craft `template`"));
    assert_eq!(names("{files::{Root, read}, keys}"), ["files", "keys"]);
    assert_eq!(names("diag::Code;"), ["diag"]);
}

#[test]
fn every_file_has_one_reason_to_exist_and_says_which() {
    let mut files = Vec::new();
    rust_files(&source(""), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines; split it", file.display());
        assert!(text.starts_with("//!"), "{} does not open with what it is for", file.display());
    }
}
