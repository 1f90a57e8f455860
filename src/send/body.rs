//! The only way to the body of an answer: piece by piece, decoded, capped.
//!
//! The cap holds after decoding and for what is read, so that neither a bomb nor an endless
//! stream of nothing gets through. Every other way has no bound.

use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::connect::Broken;
use super::decode::{Coding, DecodeError, Decoder};
use super::requests::Incoming;
use super::watch::note;
use crate::limits::ANSWER_BODY;
use crate::message::Answer;

/// Why there is no body that can be used.
#[derive(Debug)]
pub(super) enum BodyError {
    /// It is larger than the cap; as announced, where it was.
    TooLarge(Option<u64>),
    /// It is framed in a way that says nothing about where it ends.
    Transfer(String),
    /// It is coded in a way that we don't decode.
    Unknown(String),
    /// It is not what its coding says.
    Damaged(Coding),
    /// The connection failed before it was complete.
    Cut(Broken),
}

/// Reads the body that belongs to the head.
pub(super) async fn read(method: &str, head: &Answer, mut body: Incoming) -> Result<Bytes, BodyError> {
    if method == "HEAD" || matches!(head.status, 100..=199 | 204 | 304) {
        return Ok(Bytes::new());
    }
    let framed: Vec<&str> = head.headers.all("transfer-encoding").map(str::trim).collect();
    if framed.iter().any(|coding| !coding.eq_ignore_ascii_case("chunked")) {
        return Err(BodyError::Transfer(framed.join(", ")));
    }
    let coding = Coding::of(&head.headers).map_err(BodyError::Unknown)?;
    let declared = head.headers.get("content-length").and_then(|length| length.trim().parse::<u64>().ok());
    if declared.is_some_and(|length| length > ANSWER_BODY as u64) {
        return Err(BodyError::TooLarge(declared));
    }
    note(|seen| seen.declared = declared);
    let mut decoder = Decoder::new(coding, ANSWER_BODY);
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        // Trailers are none of the body.
        let Ok(piece) = frame.map_err(BodyError::Cut)?.into_data() else { continue };
        received += piece.len();
        note(|seen| seen.received = received);
        if received > ANSWER_BODY {
            return Err(BodyError::TooLarge(None));
        }
        decoder.push(&piece).map_err(|error| refusal(error, coding))?;
        // Decoding is work without waiting: the deadline and other requests get their turn.
        tokio::task::consume_budget().await;
    }
    // A coded body of no bytes is empty, as its framing says.
    let body =
        if received == 0 { Vec::new() } else { decoder.finish().map_err(|error| refusal(error, coding))? };
    Ok(body.into())
}

fn refusal(error: DecodeError, coding: Coding) -> BodyError {
    match error {
        DecodeError::TooLarge => BodyError::TooLarge(None),
        DecodeError::Damaged => BodyError::Damaged(coding),
    }
}
