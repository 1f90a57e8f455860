//! Work that is shared by threads.

use std::panic::resume_unwind;
use std::thread;

/// What `work` makes of each, in their order, every one on a thread of its own. A panic goes on here.
pub(super) fn at_once<T: Send, R: Send>(
    parts: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    thread::scope(|scope| {
        let work = &work;
        let started: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        let ended = started.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|end| end.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
