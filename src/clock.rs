//! What a run believes the time is, and where its unique ids come from.
//!
//! Both enter from outside as values, so that `--now` and `--seed` make a run reproducible byte
//! for byte. Deadlines and durations use the monotonic clock and are not affected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The wall clock of a run.
#[derive(Debug, Clone, Copy, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Always this moment (`--now`).
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The moment it is, in UTC.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Fixed(moment) => *moment,
        }
    }
}

/// The source of UUIDs and other random values of a run.
#[derive(Debug, Clone, Default)]
pub enum Ids {
    /// The operating system's generator.
    #[default]
    Random,
    /// A sequence that depends only on the seed and the name of the sequence (`--seed`).
    Seeded(Arc<Sequence>),
}

/// A reproducible sequence of ids.
#[derive(Debug)]
pub struct Sequence {
    seed: u64,
    name: String,
    next: AtomicU64,
}

impl Ids {
    /// A reproducible source.
    pub fn seeded(seed: u64) -> Self {
        Self::sequence(seed, "")
    }

    /// The source for one part of the run, so that what a part draws does not depend on which
    /// parts ran before it.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        match self {
            Self::Random => Self::Random,
            Self::Seeded(sequence) => Self::sequence(sequence.seed, &format!("{}/{name}", sequence.name)),
        }
    }

    /// A new version 4 UUID (RFC 9562, section 5.4).
    #[allow(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    pub fn uuid(&self) -> Uuid {
        match self {
            Self::Random => Uuid::new_v4(),
            Self::Seeded(sequence) => sequence.uuid(),
        }
    }

    fn sequence(seed: u64, name: &str) -> Self {
        Self::Seeded(Arc::new(Sequence { seed, name: name.to_owned(), next: AtomicU64::new(0) }))
    }
}

impl Sequence {
    fn uuid(&self) -> Uuid {
        let drawn = self.next.fetch_add(1, Ordering::Relaxed);
        let hash = Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(drawn.to_be_bytes())
            .chain_update(self.name.as_bytes())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// `moment` as HTTP writes dates: IMF-fixdate, English names, UTC, two-digit day
/// (RFC 9110, section 5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(moment: DateTime<Utc>) -> String {
    moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads an IMF-fixdate, the only form that a sender may generate (RFC 9110, section 5.6.7).
pub fn parse_http_date(text: &str) -> Option<DateTime<Utc>> {
    let read = chrono::NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok()?;
    let moment = read.and_utc();
    (http_date(moment) == text).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seeded_run_draws_the_same_ids_whatever_ran_before() {
        let run = Ids::seeded(7);
        let alone = run.named("greeting").uuid();
        let other = Ids::seeded(7);
        other.named("token").uuid();
        assert_eq!(alone, other.named("greeting").uuid());
        assert_ne!(alone, other.named("token").uuid());
        assert_eq!(alone.get_version_num(), 4);
    }

    #[test]
    fn a_date_is_written_with_english_names_and_two_digit_days() {
        let moment = DateTime::from_timestamp(784_111_777, 0).unwrap();
        assert_eq!(http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(moment));
        for wrong in ["Sun, 6 Nov 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06", ""] {
            assert_eq!(parse_http_date(wrong), None, "{wrong}");
        }
    }
}
