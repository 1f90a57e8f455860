//! The templates of keys that are not simply files.

use super::fill::{At, Fill};
use crate::load::Owner;
use crate::secret::Passphrase;
use crate::spec::SignCommand;

pub(super) fn passphrase(
    fill: &mut Fill<'_>,
    owner: &Owner,
    pointer: &str,
    source: Option<&Passphrase>,
) -> Option<Passphrase> {
    let filled = source.and_then(|source| fill.text(&At::new(owner, pointer), source.expose()));
    filled.map(Passphrase::new)
}

pub(super) fn command(fill: &mut Fill<'_>, owner: &Owner, written: &SignCommand) -> SignCommand {
    let place = |index: usize| At::new(owner, format!("/signing/key/command/{index}"));
    let words = written.words.iter().enumerate();
    let words = words.filter_map(|(index, source)| fill.text(&place(index), source)).collect();
    SignCommand { words, ..written.clone() }
}
