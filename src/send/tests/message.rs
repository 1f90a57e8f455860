//! What reaches the server is what was signed.

use super::*;

async fn sent(message: Message) -> String {
    let server = Server::start(vec![vec![Act::Read, say("HTTP/1.1 204 No Content\r\n\r\n")]]).await;
    let mut url = message.url.clone();
    url.set_port(Some(server.port)).unwrap();
    let message = Message { url, ..message };
    let host = message.host();
    plain().send(SignedMessage::unsigned(message), LONG).await.answer.unwrap();
    server.requests().remove(0).replace(&host, "HOST")
}

#[tokio::test]
async fn a_signed_message_arrives_byte_for_byte() {
    let headers = [
        ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("Digest", "SHA-256=abc="),
        ("X-Two", "first"),
        ("Authorization", "Signature keyId=\"x\",headers=\"(request-target) date\""),
        ("X-Two", "second"),
        ("X-Latin", "caf\u{e9} "),
    ];
    let message = Message {
        method: "pOsT".into(),
        url: Url::parse("http://127.0.0.1/a/../b%2fc/{d}'%20e?x=1&x=%41+b&y={}|'").unwrap(),
        headers: headers.into_iter().collect(),
        body: bytes::Bytes::from_static(b"\x00\xff{\"a\": 1}\r\n"),
    };
    let target = message.target();
    let expected = format!(
        "pOsT {target} HTTP/1.1\r\n\
         date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         digest: SHA-256=abc=\r\n\
         x-two: first\r\n\
         x-two: second\r\n\
         authorization: Signature keyId=\"x\",headers=\"(request-target) date\"\r\n\
         x-latin: caf\u{e9} \r\n\
         accept: */*\r\n\
         accept-encoding: gzip, deflate, br\r\n\
         user-agent: countersign/{}\r\n\
         host: HOST\r\n\
         content-length: 12\r\n\r\n\
         \u{0}\u{ff}{{\"a\": 1}}\r\n",
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(sent(message).await, expected);
}

#[tokio::test]
async fn what_the_message_says_itself_is_not_said_twice() {
    let headers = [
        ("User-Agent", "mine"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Host", "h"),
    ];
    let message = Message {
        method: "GET".into(),
        url: Url::parse("http://127.0.0.1/").unwrap(),
        headers: headers.into_iter().collect(),
        body: bytes::Bytes::new(),
    };
    let expected = "GET / HTTP/1.1\r\nuser-agent: mine\r\naccept: application/json\r\naccept-encoding: identity\r\nhost: h\r\n\r\n";
    assert_eq!(sent(message).await, expected);
}

#[tokio::test]
async fn a_post_without_a_body_says_that_it_has_none() {
    let message = Message {
        method: "POST".into(),
        url: Url::parse("http://127.0.0.1/").unwrap(),
        headers: Headers::new(),
        body: bytes::Bytes::new(),
    };
    assert!(sent(message).await.contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn what_can_not_be_sent_is_refused_before_anything_is() {
    let whole = |method: &str, name: &str, value: &str| Message {
        method: method.into(),
        url: Url::parse("http://127.0.0.1:1/").unwrap(),
        headers: [(name, value)].into_iter().collect(),
        body: bytes::Bytes::new(),
    };
    let cases = [
        (whole("GE T", "a", "b"), "`GE T` is not a method"),
        (whole("GET", "a b", "c"), "`a b` is not the name of a header field"),
        (whole("GET", "a", "b\r\nc: d"), "the value of `a`"),
        (whole("GET", "a", "\u{20ac}"), "the value of `a`"),
    ];
    for (message, fragment) in cases {
        let exchange = plain().send(SignedMessage::unsigned(message), LONG).await;
        expect(fragment, &exchange, Code::Unusable, fragment, Fate::NotSent);
    }
}

#[tokio::test]
async fn an_answer_keeps_its_fields_in_order_and_every_byte_of_them() {
    let head = b"HTTP/1.1 200 OK\r\nB: 2\r\nContent-Encoding: identity\r\na: caf\xe9\r\nB: 1\r\ncontent-length: 2\r\n\r\nok";
    let server = Server::start(vec![vec![Act::Read, say(head)]]).await;
    let answer = plain().send(message("GET", server.url()), LONG).await.answer.unwrap();
    let fields: Vec<_> = answer.headers.iter().collect();
    let expected = [
        ("b", "2"),
        ("b", "1"),
        ("content-encoding", "identity"),
        ("a", "caf\u{e9}"),
        ("content-length", "2"),
    ];
    assert_eq!(fields, expected);
    assert_eq!((answer.version.as_str(), &answer.body[..]), ("HTTP/1.1", b"ok".as_slice()));
}
