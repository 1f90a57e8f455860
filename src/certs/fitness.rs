//! Whether a certificate is made for what it is configured for. Banks answer one that is not with
//! an alert, or take it and refuse the signature.

use crate::keys::{Certificate, QualifiedKind};

use super::check::Purpose;
use super::problem::Problem;

/// What a certificate says against its use, as far as that is known.
pub(super) fn fitness(certificate: &Certificate, file: &str, purpose: Option<Purpose>) -> Vec<Problem> {
    let file = || file.to_owned();
    let mut problems = Vec::new();
    if certificate.is_ca() {
        // What `certs new --ca` makes may sign certificates alone.
        let usages = certificate.key_usage();
        let usable = purpose.zip(usages).is_none_or(|(purpose, usages)| may_sign(usages, purpose));
        let self_issued = certificate.is_self_issued() && usable;
        problems.push(Problem::Authority { file: file(), self_issued });
    }
    problems.extend(purpose.into_iter().flat_map(|purpose| misuse(certificate, &file(), purpose)));
    if let Some(hash) = certificate.weak_hash() {
        problems.push(Problem::WeakHash { file: file(), hash });
    }
    if certificate.is_v1() {
        problems.push(Problem::Version1 { file: file() });
    }
    problems
}

/// What a certificate says against this use of it.
fn misuse(certificate: &Certificate, file: &str, purpose: Purpose) -> Vec<Problem> {
    let file = || file.to_owned();
    let mut problems = Vec::new();
    if let Some(usages) = certificate.extended_key_usage()
        && purpose == Purpose::Tls
        && !certificate.allows_client_authentication()
    {
        problems.push(Problem::NotForClients { file: file(), usages: usages.to_vec() });
    }
    if let Some(usages) = certificate.key_usage().filter(|usages| !may_sign(usages, purpose)) {
        // A CA's usage is told of already.
        if !certificate.is_ca() {
            problems.push(Problem::KeyUsage { file: file(), usages: usages.to_vec(), purpose });
        }
    }
    if let Some(kind) = other_kind(certificate, purpose) {
        problems.push(Problem::OtherKind { file: file(), kind, purpose });
    }
    problems
}

/// TLS 1.3 and requests are signed with the key; only requests may be sealed with it.
fn may_sign(usages: &[&str], purpose: Purpose) -> bool {
    usages.contains(&"digitalSignature")
        || (purpose == Purpose::Signing && usages.contains(&"nonRepudiation"))
}

/// The kind of a qualified certificate that is made for the other purpose alone.
fn other_kind(certificate: &Certificate, purpose: Purpose) -> Option<QualifiedKind> {
    let kinds = &certificate.qualified()?.kinds;
    let (meant, other) = match purpose {
        Purpose::Tls => (QualifiedKind::Web, QualifiedKind::Seal),
        Purpose::Signing => (QualifiedKind::Seal, QualifiedKind::Web),
    };
    (kinds.contains(&other) && !kinds.contains(&meant)).then_some(other)
}
