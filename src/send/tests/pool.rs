//! Connections that are kept, and servers that close them.

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

async fn two(script: Vec<Vec<Act>>, method: &str, pause: Duration) -> (Server, Exchange, Exchange) {
    let server = Server::start(script).await;
    let transport = plain();
    let first = transport.send(message("POST", server.url()), LONG).await;
    tokio::time::sleep(pause).await;
    let second = transport.send(message(method, server.url()), LONG).await;
    assert_eq!(&first.answer.as_ref().unwrap().body[..], b"ok");
    (server, first, second)
}

#[tokio::test]
async fn a_second_request_uses_the_connection_of_the_first() {
    let once = vec![Act::Read, say(OK), Act::Read, say(OK), Act::Hold];
    let (server, first, second) = two(vec![once, vec![]], "GET", Duration::ZERO).await;
    assert!(second.answer.is_ok());
    assert_eq!(server.requests().len(), 2);
    assert!(first.phases.connect.is_some() && first.phases.first_byte.is_some());
    assert_eq!((second.phases.dns, second.phases.connect, second.phases.tls), (None, None, None));
    assert!(second.phases.first_byte.is_some());
}

#[tokio::test]
async fn a_get_survives_a_server_that_closes_its_kept_connections() {
    let closes = vec![Act::Read, say(OK)];
    let swallows = vec![Act::Read, say(OK), Act::Read];
    let resets = vec![Act::Read, say(OK), Act::Read, Act::Reset];
    let fine = vec![Act::Read, say(OK), Act::Hold];
    for (name, first) in [("closes", closes), ("swallows", swallows), ("resets", resets)] {
        for pause in [0, 30] {
            for method in ["GET", "HEAD", "OPTIONS"] {
                let script = vec![first.clone(), fine.clone()];
                let (_, _, second) = two(script, method, Duration::from_millis(pause)).await;
                assert!(second.answer.is_ok(), "{name}, {method} after {pause} ms: {:?}", second.answer);
            }
        }
    }
}

#[tokio::test]
async fn a_post_is_never_sent_twice() {
    for method in ["POST", "PUT", "DELETE"] {
        let fine = vec![Act::Read, say(OK), Act::Hold];
        let script = vec![fine.clone(), vec![Act::Read], fine];
        let (server, _, second) = two(script, method, Duration::ZERO).await;
        expect(method, &second, Code::Protocol, "without a complete answer", Fate::MaybeExecuted);
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_post_does_not_fail_because_the_server_closes_its_kept_connections() {
    let fine = vec![Act::Read, say(OK), Act::Hold];
    for closing in [vec![Act::Read, say(OK)], vec![Act::Read, say(OK), Act::Read]] {
        for pause in [0, 3, 30] {
            let script = vec![closing.clone(), fine.clone()];
            let (server, _, second) = two(script, "POST", Duration::from_millis(pause)).await;
            assert!(second.answer.is_ok(), "after {pause} ms: {:?}", second.answer);
            assert_eq!(server.requests().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_get_that_fails_on_its_second_connection_too_is_given_up() {
    let swallows = vec![Act::Read, say(OK), Act::Read];
    let (server, _, second) = two(vec![swallows, vec![Act::Read]], "GET", Duration::ZERO).await;
    expect("twice", &second, Code::Protocol, "without a complete answer", Fate::MaybeExecuted);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn an_answer_too_many_is_not_taken_for_the_next_one() {
    let early =
        vec![Act::Read, say(format!("{OK}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison")), Act::Hold];
    let fine = vec![Act::Read, say(OK), Act::Hold];
    for pause in [0, 30] {
        let script = vec![early.clone(), fine.clone()];
        let (_, _, second) = two(script, "GET", Duration::from_millis(pause)).await;
        if let Ok(answer) = second.answer {
            assert_eq!(&answer.body[..], b"ok");
        }
    }
}
