//! A place in a value, as people read it.

use std::fmt::Write as _;

/// A JSON pointer as the JSONPath of the same place: `/items/0/id` is `$.items[0].id`.
pub fn path_of(pointer: &str) -> String {
    let mut path = "$".to_owned();
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let _ = match name.parse::<usize>() {
            Ok(index) => write!(path, "[{index}]"),
            Err(_) if is_name => write!(path, ".{name}"),
            Err(_) => write!(path, "['{}']", name.replace('\\', r"\\").replace('\'', r"\'")),
        };
    }
    path
}
