//! Which request ids were used: none is taken twice.
//!
//! Ids are kept as hashes, so that a client's long ids cost no more than short ones, and only as
//! long as a repeated request could still pass the check of its `Date`.

use std::collections::{HashSet, VecDeque};

use aws_lc_rs::digest::{self, SHA256};
use chrono::{DateTime, TimeDelta, Utc};

/// Most ids that are remembered; the oldest are forgotten first.
const MOST: usize = 200_000;

type Fingerprint = [u8; 32];

/// The ids that were used.
pub(super) struct Replay {
    used: HashSet<Fingerprint>,
    order: VecDeque<(DateTime<Utc>, Fingerprint)>,
    memory: TimeDelta,
}

impl Replay {
    /// Remembers ids for as long as a `Date` within `skew` of the clock stays acceptable.
    pub(super) fn new(skew: TimeDelta) -> Self {
        let memory = skew.checked_mul(2).unwrap_or(TimeDelta::MAX);
        Self { used: HashSet::new(), order: VecDeque::new(), memory }
    }

    /// Whether the id is new; it is used from now on.
    pub(super) fn claim(&mut self, client: &str, id: &str, now: DateTime<Utc>) -> bool {
        self.forget(now);
        let fingerprint = fingerprint(client, id);
        let new = self.used.insert(fingerprint);
        if new {
            self.order.push_back((now, fingerprint));
        }
        new
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        while let Some((at, fingerprint)) = self.order.front() {
            if self.order.len() < MOST && now.signed_duration_since(*at) <= self.memory {
                break;
            }
            self.used.remove(fingerprint);
            self.order.pop_front();
        }
    }
}

fn fingerprint(client: &str, id: &str) -> Fingerprint {
    let mut context = digest::Context::new(&SHA256);
    context.update(&(client.len() as u64).to_be_bytes());
    context.update(client.as_bytes());
    context.update(id.as_bytes());
    context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_per_client_until_its_date_would_be_stale() {
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let after = |seconds| start + TimeDelta::seconds(seconds);
        let mut replay = Replay::new(TimeDelta::seconds(300));
        assert!(replay.claim("a", "1", start));
        assert!(replay.claim("b", "1", start));
        assert!(!replay.claim("a", "1", after(600)));
        assert!(replay.claim("a", "1", after(601)));
    }

    #[test]
    fn a_flood_of_ids_takes_a_bounded_amount_of_memory() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let mut replay = Replay::new(TimeDelta::seconds(300));
        for id in 0..=MOST {
            assert!(replay.claim("a", &id.to_string(), now));
        }
        assert_eq!((replay.used.len(), replay.order.len()), (MOST, MOST));
    }
}
