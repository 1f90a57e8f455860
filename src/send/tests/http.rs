//! Faults below and in HTTP, without TLS.

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\n";

#[tokio::test]
async fn an_answer_that_is_cut_is_never_taken_for_a_whole_one() {
    use Code::Protocol;
    let read = || Act::Read;
    let cases = vec![
        fault(
            "closed after the request",
            vec![read()],
            Protocol,
            "closed the connection without a complete answer",
        ),
        fault("reset after the request", vec![read(), Act::Reset], Protocol, "without a complete answer"),
        fault(
            "closed in the head",
            vec![read(), say("HTTP/1.1 200 OK\r\nconte")],
            Protocol,
            "without a complete answer",
        ),
        fault("reset in the head", vec![read(), say(OK), Act::Reset], Protocol, "without a complete answer"),
        fault(
            "short body",
            vec![read(), say(format!("{OK}content-length: 11\r\n\r\nhello"))],
            Protocol,
            "5 of 11 bytes",
        ),
        fault(
            "no last chunk",
            vec![read(), say(format!("{OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"))],
            Protocol,
            "5 bytes of the body had come",
        ),
        fault(
            "bad chunk size",
            vec![read(), say(format!("{OK}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"))],
            Protocol,
            "not well-formed chunks",
        ),
    ];
    check(cases, LONG).await;
}

#[tokio::test]
async fn what_is_not_http_is_called_so() {
    let said = |text: &str| vec![Act::Read, say(text)];
    let cases = [
        ("SSH", said("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), "does not answer in HTTP"),
        ("SMTP", said("220 mail.example ESMTP\r\n"), "does not answer in HTTP"),
        ("ICY", said("ICY 200 OK\r\n\r\n"), "does not answer in HTTP"),
        ("HTTP/0.9", said("<html>hello</html>\r\n\r\n"), "not an HTTP version"),
        ("HTTP/9.9", said("HTTP/9.9 200 OK\r\n\r\n"), "not an HTTP version"),
        ("TLS", vec![Act::Read, say([21, 3, 1, 0, 2, 2, 22])], "does not answer in HTTP"),
        ("status banana", said("HTTP/1.1 banana\r\n\r\n"), "status is not three digits"),
        ("status 99", said("HTTP/1.1 99 No\r\n\r\n"), "status is not three digits"),
        ("no colon", said("HTTP/1.1 200 OK\r\nfoo bar\r\n\r\n"), "not a header field"),
        ("NUL", said("HTTP/1.1 200 OK\r\nfoo: b\0r\r\n\r\n"), "not a header field"),
        ("folded", said("HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n"), "not a header field"),
        (
            "two lengths",
            said("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!"),
            "`content-length` is contradictory",
        ),
        ("signed length", said("HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello"), "`content-length`"),
        (
            "unknown transfer coding",
            said("HTTP/1.1 200 OK\r\ntransfer-encoding: rot13\r\n\r\nhello"),
            "transfer coding `rot13`",
        ),
    ];
    let faults = cases.map(|(name, script, fragment)| fault(name, script, Code::Protocol, fragment));
    check(faults.into(), LONG).await;
}

#[tokio::test]
async fn a_silent_or_slow_server_ends_with_the_part_that_was_waited_for() {
    use Code::AnswerTimeout;
    let slow = format!("{OK}content-length: 500\r\n\r\n{}", "x".repeat(500));
    let cases = vec![
        fault("accepts, then silence", vec![Act::Hold], AnswerTimeout, "no answer from `127.0.0.1:"),
        fault("reads, then silence", vec![Act::Read, Act::Hold], AnswerTimeout, "within 300 ms"),
        fault("half a head", vec![Act::Read, say("HTTP/1.1 200"), Act::Hold], AnswerTimeout, "no answer"),
        fault(
            "interim answers for ever",
            vec![Act::Read, Act::Forever(b"HTTP/1.1 103 Early Hints\r\n\r\n".into())],
            AnswerTimeout,
            "no answer",
        ),
        fault(
            "drips the head",
            vec![Act::Read, Act::Drip(format!("{OK}a: {}", "x".repeat(500)).into())],
            AnswerTimeout,
            "no answer",
        ),
        fault(
            "stalls in the body",
            vec![Act::Read, say(format!("{OK}content-length: 11\r\n\r\nhello")), Act::Hold],
            AnswerTimeout,
            "not complete within 300 ms: 5 of 11 bytes",
        ),
        fault(
            "drips the body",
            vec![Act::Read, say(&slow[..60]), Act::Drip(slow[60..].into())],
            AnswerTimeout,
            "of 500 bytes of the body",
        ),
    ];
    check(cases, SHORT).await;
}

#[tokio::test]
async fn an_answer_that_would_fill_the_memory_is_given_up() {
    use Code::TooLarge;
    let chunk = format!("{OK}transfer-encoding: chunked\r\n\r\n");
    let cases = vec![
        fault(
            "declares a tebibyte",
            vec![Act::Read, say(format!("{OK}content-length: 1099511627776\r\n\r\nx")), Act::Hold],
            TooLarge,
            "declares a body of 1099511627776 bytes",
        ),
        fault(
            "chunks for ever",
            vec![
                Act::Read,
                say(chunk),
                Act::Forever([b"4000\r\n".as_slice(), &[b'x'; 0x4000], b"\r\n"].concat()),
            ],
            TooLarge,
            "larger than 10 MiB",
        ),
        fault(
            "until it closes, never",
            vec![Act::Read, say(format!("{OK}\r\n")), Act::Forever(vec![b'x'; 65536])],
            TooLarge,
            "larger than 10 MiB",
        ),
        fault(
            "too many fields",
            vec![Act::Read, say(format!("{OK}{}\r\n", "x-a: b\r\n".repeat(600)))],
            TooLarge,
            "head",
        ),
        fault(
            "head without end",
            vec![Act::Read, say(OK), Act::Forever(b"x-a: b\r\n".repeat(512))],
            TooLarge,
            "head",
        ),
        fault(
            "one long line",
            vec![Act::Read, say(format!("{OK}x-a: {}\r\n\r\n", "x".repeat(1024 * 1024)))],
            TooLarge,
            "head",
        ),
        fault(
            "a head of 300 KiB",
            vec![Act::Read, say(format!("{OK}x-a: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(300 * 1024)))],
            TooLarge,
            "head of",
        ),
    ];
    check(cases, LONG).await;
}

#[tokio::test]
async fn odd_but_sound_answers_are_read() {
    let script = |text: &str| vec![Act::Read, say(text)];
    let cases = [
        ("until it closes", script("HTTP/1.0 200 OK\r\n\r\nok"), 200, "ok"),
        (
            "chunks",
            script("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1;a=b\r\nk\r\n0\r\n\r\n"),
            200,
            "ok",
        ),
        (
            "after interim answers",
            script(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            ),
            200,
            "ok",
        ),
        (
            "204 with a length",
            script("HTTP/1.1 204 No Content\r\ncontent-length: 9999999999\r\n\r\n"),
            204,
            "",
        ),
        ("status 999", script("HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"), 999, ""),
        (
            "redirect, which is not followed",
            script("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
            302,
            "",
        ),
    ];
    for (name, script, status, body) in cases {
        let server = Server::start(vec![script]).await;
        let answer = plain().send(message("GET", server.url()), LONG).await.answer.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (status, body.as_bytes()), "{name}");
    }
}

#[tokio::test]
async fn a_host_that_can_not_be_reached_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    for scheme in ["http", "https"] {
        let url = Url::parse(&format!("{scheme}://127.0.0.1:{port}/")).unwrap();
        let exchange = plain().send(message("POST", url), LONG).await;
        expect("refused", &exchange, Code::Connect, &format!("`127.0.0.1:{port}` refused"), Fate::NotSent);
        let url = Url::parse(&format!("{scheme}://no-such-host.invalid/")).unwrap();
        let exchange = plain().send(message("POST", url), LONG).await;
        expect(
            "no such name",
            &exchange,
            Code::Resolve,
            "`no-such-host.invalid` has no address",
            Fate::NotSent,
        );
    }
}

#[tokio::test]
async fn a_server_that_closes_at_once_is_never_said_to_have_answered() {
    let server = Server::start(vec![vec![]]).await;
    let answer = plain().send(message("POST", server.url()), LONG).await.answer;
    let error = answer.unwrap_err();
    // Whether the request was out by then is a race, and the fate says how it ended.
    let fragment = match error.fate {
        Fate::NotSent => "before the request was sent",
        Fate::MaybeExecuted => "without a complete answer",
    };
    assert_eq!(error.code, Code::Protocol);
    assert!(error.message.contains(fragment), "{}", error.message);
}

#[tokio::test]
async fn a_connection_that_is_never_accepted_is_told_from_an_answer_that_never_comes() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(0).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(stream);
        assert!(waiting.len() < 64, "the queue of the listener never fills");
    }
    let url = Url::parse(&format!("https://{address}/")).unwrap();
    let exchange = plain().send(message("POST", url), LONG).await;
    expect("full", &exchange, Code::ConnectTimeout, "no TCP connection to `127.0.0.1:", Fate::NotSent);
}
