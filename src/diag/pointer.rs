//! JSON pointers (RFC 6901): how the stages name a place in a file without knowing its text.
//!
//! A pointer is a plain `String`, not a type of its own: it is only ever built, compared and used
//! as a key.

/// The pointer through these keys and indices.
///
/// ```
/// assert_eq!(countersign::diag::pointer(["headers", "a/b", "0"]), "/headers/a~1b/0");
/// ```
pub fn pointer<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> String {
    segments.into_iter().fold(String::new(), |mut pointer, segment| {
        push(&mut pointer, segment.as_ref());
        pointer
    })
}

/// The pointer to `segment` below `parent`.
pub fn join(parent: &str, segment: &str) -> String {
    let mut pointer = String::with_capacity(parent.len() + segment.len() + 1);
    pointer.push_str(parent);
    push(&mut pointer, segment);
    pointer
}

/// The pointer to the item `index` below `parent`.
pub fn item(parent: &str, index: usize) -> String {
    format!("{parent}/{index}")
}

fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for character in segment.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_slash_or_tilde_is_one_segment() {
        assert_eq!(pointer(["a/b", "c~d", ""]), "/a~1b/c~0d/");
        assert_eq!(join("/body", "m~n/"), "/body/m~0n~1");
        assert_eq!(item("/needs", 3), "/needs/3");
        assert_eq!(pointer::<&str>([]), "");
    }
}
