//! Bodies that are coded, or said to be.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::*;
use crate::limits;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(plain).unwrap();
    encoder.into_inner()
}

/// A whole answer with a body that is coded, or said to be.
fn coded(fields: &str, body: &[u8]) -> Act {
    let head = format!("HTTP/1.1 200 OK\r\n{fields}content-length: {}\r\n\r\n", body.len());
    Act::Say([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn a_damaged_or_unknown_coding_never_reaches_an_expectation() {
    let whole = gzip(b"{\"ok\":true} and some more to cut away");
    let mut damaged = whole.clone();
    let place = damaged.len() - 6;
    damaged[place] ^= 1;
    let twice = gzip(&whole);
    let cases: [(&str, &str, &[u8], &str); 9] = [
        ("truncated", "gzip", &whole[..20], "not gzip, or not all of it"),
        ("wrong checksum", "gzip", &damaged, "not gzip"),
        ("gzip of HTML", "gzip", b"<html>", "not gzip"),
        ("deflate of HTML", "deflate", b"<html>", "not deflate"),
        ("br of HTML", "br", b"<html></html>", "not br"),
        ("zstd", "zstd", b"x", "the content coding `zstd`"),
        ("stacked", "gzip, gzip", &twice, "the content coding `gzip, gzip`"),
        (
            "stacked in two fields",
            "gzip\r\ncontent-encoding: gzip",
            &twice,
            "the content coding `gzip, gzip`",
        ),
        ("stacked with another", "br\r\ncontent-encoding: gzip", &twice, "the content coding `br, gzip`"),
    ];
    let faults = cases.map(|(name, coding, body, fragment)| {
        let script = vec![Act::Read, coded(&format!("content-encoding: {coding}\r\n"), body)];
        fault(name, script, Code::Encoding, fragment)
    });
    check(faults.into(), LONG).await;
}

#[tokio::test]
async fn a_bomb_is_given_up_at_the_limit() {
    let zeros = vec![0; 64 * 1024 * 1024];
    let cases = [("gzip", gzip(&zeros)), ("deflate", deflate(&zeros)), ("br", brotli(&zeros))];
    let faults = cases.map(|(coding, body)| {
        let script = vec![Act::Read, coded(&format!("content-encoding: {coding}\r\n"), &body)];
        fault(coding, script, Code::TooLarge, "larger than 10 MiB")
    });
    check(faults.into(), LONG).await;
}

#[tokio::test]
async fn every_coding_that_is_offered_is_read_and_its_field_kept() {
    let body = b"{\"ok\":true}".as_slice();
    let cases: [(&str, Vec<u8>, &[u8]); 6] = [
        ("identity", body.to_vec(), body),
        ("gzip", gzip(body), body),
        ("Deflate", deflate(body), body),
        ("br", brotli(body), body),
        ("x-gzip", gzip(body), body),
        ("gzip", Vec::new(), b""),
    ];
    for (coding, wire, body) in cases {
        let script = vec![Act::Read, coded(&format!("content-encoding: {coding}\r\n"), &wire)];
        let server = Server::start(vec![script]).await;
        let answer = plain().send(message("GET", server.url()), LONG).await.answer.unwrap();
        assert_eq!(&answer.body[..], body, "{coding}");
        let fields: Vec<_> = answer.headers.iter().collect();
        assert_eq!(fields, [("content-encoding", coding), ("content-length", &wire.len().to_string())]);
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
    for (size, fits) in
        [(limits::ANSWER_BODY - 1, true), (limits::ANSWER_BODY, true), (limits::ANSWER_BODY + 1, false)]
    {
        let body = vec![b'x'; size];
        for (fields, wire) in [("", body.clone()), ("content-encoding: gzip\r\n", gzip(&body))] {
            let server = Server::start(vec![vec![Act::Read, coded(fields, &wire)]]).await;
            let exchange = plain().send(message("GET", server.url()), LONG).await;
            assert_eq!(exchange.answer.is_ok(), fits, "{size} bytes, {fields}");
        }
    }
}
