//! Signs one request again and again with a private key, and prints how many a second: whole
//! signatures with digest and signing string, one after the other on one thread.
//!
//! `benches/signing.sh` puts the number beside OpenSSL's.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it is a program of its own, and prints a number"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::Utc;
use countersign::keys::PrivateKey;
use countersign::message::Message;
use countersign::sign::{Filled, Profile, Signer, SigningKey, sign};

/// How long it is measured, as `openssl speed -seconds 3` does.
const MEASURED: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the file of a private key")?;
    let key = PrivateKey::read(&std::fs::read(path)?)?;
    let profile = Profile::shipped("ing").ok_or("the profile `ing` is not there")?;
    let signer = Signer::new(profile, SigningKey::from(key), None)?;
    let message = Message {
        method: "POST".to_owned(),
        url: url::Url::parse("https://api.example.com/oauth2/token")?,
        headers: [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-ing-reqid", "4e1c3a8e-6f2e-4f0e-9d5b-0d5f0a3f6b11"),
        ]
        .into_iter()
        .collect(),
        body: Bytes::from_static(b"grant_type=client_credentials"),
    };
    let filled = Filled::key_id("e77d776b-90af-4684-bebc-521e5b2614dd");
    let began = Instant::now();
    let mut made = 0_u32;
    while began.elapsed() < MEASURED {
        sign(message.clone(), &signer, &filled, Utc::now())?;
        made += 1;
    }
    println!("{:.1}", f64::from(made) / began.elapsed().as_secs_f64());
    Ok(())
}
