//! Puts a client's certificates in the order that TLS wants (RFC 8446, section 4.4.2): its own
//! first, then each followed by the one that signed it. Banks hand chains out in any order.

use crate::keys::{Certificate, PublicKey};

/// The chain with the certificate of `key` first, its issuers behind it, and whatever does not
/// belong to that line last, in its old order; none when no certificate is for this key.
pub fn arrange(key: &PublicKey, mut chain: Vec<Certificate>) -> Option<Vec<Certificate>> {
    let own = chain.iter().position(|certificate| certificate.public_key() == key)?;
    let mut arranged = vec![chain.remove(own)];
    while let Some(next) = issuer_of(arranged.last()?, &chain) {
        arranged.push(chain.remove(next));
    }
    arranged.append(&mut chain);
    Some(arranged)
}

fn issuer_of(certificate: &Certificate, others: &[Certificate]) -> Option<usize> {
    if certificate.is_self_issued() {
        return None;
    }
    others.iter().position(|other| other.subject() == certificate.issuer())
}
