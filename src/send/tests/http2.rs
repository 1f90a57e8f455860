//! HTTP/2, as TLS negotiates it.

use std::future::Future;

use h2::Reason;
use h2::server::{Connection, SendResponse};
use tokio_rustls::server::TlsStream;

use super::tls_server::{Authority, Bank, Wire};
use super::*;

type Respond = SendResponse<bytes::Bytes>;
type Session = Connection<TlsStream<Wire>, bytes::Bytes>;

/// Serves every request of every session.
async fn serve<F>(authority: &Authority, answer: impl Fn(Respond) -> F + Clone + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let bank = Bank { http2: true, ..Bank::new(authority) };
    bank.serve(move |stream| {
        let answer = answer.clone();
        async move {
            let mut session: Session = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, respond))) = session.accept().await {
                tokio::spawn(answer(respond));
            }
        }
    })
    .await
}

async fn send(authority: &Authority, port: u16, method: &str, timeout: Duration) -> Exchange {
    transport(authority).send(message(method, https(port)), timeout).await
}

fn transport(authority: &Authority) -> Transport {
    let authorities = vec![authority.certificate.clone()];
    Transport::new(TransportSettings { authorities, ..TransportSettings::default() }).unwrap()
}

fn https(port: u16) -> Url {
    Url::parse(&format!("https://localhost:{port}/")).unwrap()
}

async fn fine(mut respond: Respond) {
    let head = ::http::Response::builder().header("x-a", "b").body(()).unwrap();
    respond.send_response(head, false).unwrap().send_data("ok".into(), true).unwrap();
}

#[tokio::test]
async fn http_2_is_spoken_where_the_server_offers_it() {
    let authority = Authority::new("root");
    let port = serve(&authority, fine).await;
    let transport = transport(&authority);
    let first = transport.send(message("POST", https(port)), LONG).await;
    assert!(first.phases.dns.is_some(), "`localhost` is looked up");
    let answer = first.answer.unwrap();
    assert_eq!((answer.version.as_str(), &answer.body[..]), ("HTTP/2", b"ok".as_slice()));
    let several = [(); 8].map(|()| transport.send(message("GET", https(port)), LONG));
    for exchange in Box::pin(at_once(several)).await {
        assert_eq!((exchange.answer.unwrap().status, exchange.phases.tls), (200, None));
    }
}

/// All at once, on one task.
async fn at_once<F: Future, const N: usize>(futures: [F; N]) -> Vec<F::Output> {
    let mut futures = futures.map(|future| (Box::pin(future), None));
    std::future::poll_fn(|context| {
        for (future, output) in &mut futures {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
        }
        if futures.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    futures.into_iter().map(|(_, output)| output.unwrap()).collect()
}

#[tokio::test]
async fn a_stream_that_the_server_closes_is_named_with_its_reason() {
    let authority = Authority::new("root");
    let port =
        serve(&authority, |mut respond: Respond| async move { respond.send_reset(Reason::INTERNAL_ERROR) })
            .await;
    let exchange = send(&authority, port, "POST", LONG).await;
    let fragment = "closed the HTTP/2 stream: INTERNAL_ERROR";
    expect("reset", &exchange, Code::Protocol, fragment, Fate::MaybeExecuted);
    let cut = |mut respond: Respond| async move {
        let head = ::http::Response::builder().header("content-length", "100").body(()).unwrap();
        let mut body = respond.send_response(head, false).unwrap();
        body.send_data("hello".into(), false).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        body.send_reset(Reason::CANCEL);
    };
    let port = serve(&authority, cut).await;
    let exchange = send(&authority, port, "GET", LONG).await;
    expect("cut", &exchange, Code::Protocol, "closed the HTTP/2 stream: CANCEL", Fate::MaybeExecuted);
}

#[tokio::test]
async fn a_body_that_is_not_as_long_as_it_says_is_refused() {
    let authority = Authority::new("root");
    let short = |mut respond: Respond| async move {
        let head = ::http::Response::builder().header("content-length", "100").body(()).unwrap();
        respond.send_response(head, false).unwrap().send_data("hello".into(), true).unwrap();
    };
    let port = serve(&authority, short).await;
    let exchange = send(&authority, port, "GET", LONG).await;
    expect("short", &exchange, Code::Protocol, "broke the rules of HTTP/2", Fate::MaybeExecuted);
}

#[tokio::test]
async fn a_head_that_is_too_large_and_an_answer_that_never_comes_are_as_under_http_1() {
    let authority = Authority::new("root");
    let large = |mut respond: Respond| async move {
        let mut head = ::http::Response::builder();
        for n in 0..600 {
            head = head.header(format!("x-{n}"), "b");
        }
        let _ = respond.send_response(head.body(()).unwrap(), true);
    };
    let port = serve(&authority, large).await;
    let exchange = send(&authority, port, "GET", LONG).await;
    expect("600 fields", &exchange, Code::TooLarge, "600 header fields", Fate::MaybeExecuted);
    let silent = |respond: Respond| async move {
        tokio::time::sleep(LONG).await;
        drop(respond);
    };
    let port = serve(&authority, silent).await;
    let exchange = send(&authority, port, "GET", SHORT).await;
    expect("silent", &exchange, Code::AnswerTimeout, "no answer from `localhost:", Fate::MaybeExecuted);
}
