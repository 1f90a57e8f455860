//! `GET /greetings/single`, the bank's hello world.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// The greeting.
pub(super) fn greeting(id: Uuid, now: DateTime<Utc>) -> Value {
    json!({
        "message": "Welcome to ING!",
        "id": id.to_string(),
        "messageTimestamp": now.format("%Y-%m-%d %H:%M:%S GMT").to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_has_the_published_fields_and_timestamp() {
        let now = DateTime::from_timestamp(1_690_731_737, 0).unwrap();
        let id = Uuid::from_u128(7);
        assert_eq!(
            greeting(id, now),
            json!({
                "message": "Welcome to ING!",
                "id": "00000000-0000-0000-0000-000000000007",
                "messageTimestamp": "2023-07-30 15:42:17 GMT",
            })
        );
    }
}
