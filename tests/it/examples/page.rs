//! A page of the documentation: its fenced blocks and the comment above each.

use std::path::{Path, PathBuf};
use std::{fs, mem};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::support::repository;

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Where it stands: `docs/bodies.md:20`, the line of its fence.
    pub place: String,
    pub language: String,
    /// What the HTML comment right above it says; empty without one.
    pub comment: String,
    pub text: String,
}

/// README.md and every page below `docs/`, in a fixed order.
pub fn paths() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(repository().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if repository().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The blocks of a page of this repository.
pub fn blocks(path: &Path) -> Vec<Block> {
    blocks_of(&path.to_string_lossy(), &fs::read_to_string(repository().join(path)).unwrap())
}

/// The blocks of a text.
pub fn blocks_of(name: &str, markdown: &str) -> Vec<Block> {
    let (mut blocks, mut comment) = (Vec::<Block>::new(), String::new());
    let mut inside = false;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let line = markdown[..range.start].matches('\n').count() + 1;
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                let (place, comment) = (format!("{name}:{line}"), mem::take(&mut comment));
                blocks.push(Block { place, language, comment, text: String::new() });
                inside = true;
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => blocks.last_mut().expect("it began").text.push_str(&text),
            Event::Html(html) => comment.push_str(html.trim()),
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
            _ => comment.clear(),
        }
    }
    for block in &mut blocks {
        let inner = block.comment.strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
        block.comment = inner.unwrap_or_default().trim().to_owned();
    }
    blocks
}
