//! The report as one page of HTML that needs nothing else: no network, no other file.
//!
//! What a run brought is data of the template only. The page's policy (CSP) allows the style and
//! the script of this folder by their hashes and nothing besides, so that markup which got through
//! all the same would be dead.

mod body;
mod chain;
mod difference;
mod exchange;
mod layers;
mod outline;
mod page;
mod rendered;
mod shown;
mod step;
mod waterfall;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::io::{self, Write};

use super::record::Tree;
use outline::Outline;
use page::Page;

/// The whole page.
pub(super) fn html(tree: &Tree, out: &mut dyn Write) -> io::Result<()> {
    let outline = Outline::of(tree);
    rendered::page(&Page::of(tree, &outline), &outline, out).map_err(|error| {
        let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
        let kind = source.map(io::Error::kind);
        kind.expect("the templates read only what a page and a step have, as tests of each part show").into()
    })
}
