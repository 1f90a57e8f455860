//! What a client can't do to the bank, whether it means to or not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::call::{Call, FOUR};
use super::{OTHER, SHOP, Town, wire};
use crate::sandbox::{Check, Log, Settings, StartError, start, start_on_thread};

#[tokio::test]
async fn a_taken_port_is_said_to_be_taken() {
    let town = Town::new().await;
    let port = town.handle.host.port().unwrap();
    let mut settings = Settings::new(vec![SHOP.client()]);
    settings.port = port;
    let error = start(settings).await.unwrap_err();
    assert_eq!(error, StartError::PortTaken(port));
    assert!(error.to_string().contains("is in use"), "{error}");
    assert!(error.help().is_some_and(|help| help.contains("--port")));
}

#[tokio::test]
async fn clients_that_could_be_mistaken_for_each_other_are_not_registered() {
    let settings = |clients| Settings::new(clients);
    assert_eq!(start(settings(Vec::new())).await.unwrap_err(), StartError::NoClients);
    let mut twin = SHOP.client();
    twin.client_id = "twin".into();
    let error = start(settings(vec![SHOP.client(), twin])).await.unwrap_err();
    assert_eq!(error, StartError::SharedCertificate(SHOP.client_id.into(), "twin".into()));
    let mut double = OTHER.client();
    double.client_id = SHOP.client_id.into();
    let error = start(settings(vec![SHOP.client(), double])).await.unwrap_err();
    assert_eq!(error, StartError::SharedId(SHOP.client_id.into()));
    start(settings(vec![SHOP.client(), SHOP.client()])).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let town = Town::new().await;
    let call = Call::token(&SHOP).with("Content-Length", "1073741824");
    let reply = town.send(&Call { body: Vec::new(), ..call }).await;
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    assert_eq!(town.last().check, Some(Check::Limits));
}

#[tokio::test]
async fn a_chunked_body_without_end_is_refused_once_it_is_too_long() {
    let town = Town::new().await;
    let call = Call::token(&SHOP).with("Transfer-Encoding", "chunked");
    let mut stream = wire::connect(&town.handle, &SHOP).await;
    stream.write_all(&wire::text(&Call { body: Vec::new(), ..call })).await.unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x1_0000], b"\r\n"].concat();
    let (mut read, mut write) = tokio::io::split(stream);
    let pouring = tokio::spawn(async move { while write.write_all(&chunk).await.is_ok() {} });
    let mut answer = vec![0; 4096];
    let length = read.read(&mut answer).await.unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
    pouring.abort();
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let town = Town::with(|_, limits| limits.patience = Duration::from_millis(200)).await;
    let call = Call::token(&SHOP).with("Content-Length", "29");
    let reply = town.send(&Call { body: Vec::new(), ..call }).await;
    assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
    assert_eq!(town.last().check, Some(Check::Limits));
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let town = Town::with(|_, limits| limits.patience = Duration::from_millis(200)).await;
    let mut stream = wire::connect(&town.handle, &SHOP).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    ended(&mut stream).await;
}

#[tokio::test]
async fn an_http_2_client_that_says_nothing_is_let_go() {
    let town = Town::with(|_, limits| limits.patience = Duration::from_millis(200)).await;
    let mut stream = http2(&town).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
    ended(&mut stream).await;
}

async fn ended(stream: &mut TlsStream<TcpStream>) {
    let mut rest = Vec::new();
    let ending = stream.read_to_end(&mut rest);
    let _ = tokio::time::timeout(Duration::from_secs(5), ending).await.expect("it was left open");
}

#[tokio::test]
async fn a_crowd_that_never_shakes_hands_does_not_keep_a_client_out() {
    let town = Town::with(|_, limits| limits.pending = 16).await;
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(wire::tcp(&town.handle).await);
    }
    let start = Instant::now();
    town.token().await;
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn one_connection_too_many_is_told_to_come_back() {
    let town = Town::with(|_, limits| limits.connections = 1).await;
    let holding = wire::connect(&town.handle, &SHOP).await;
    let mut reply = town.send(&Call::token(&SHOP)).await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
    assert_eq!(town.last().check, Some(Check::Limits));
    drop(holding);
    for _ in 0..100 {
        if reply.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        reply = town.send(&Call::token(&SHOP)).await;
    }
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn oversized_and_malformed_heads_are_refused() {
    let town = Town::new().await;
    let many = (0..200).fold(Call::token(&SHOP), |call, at| call.and(&format!("x-{at}"), "x"));
    assert_eq!(town.send(&many).await.status, 431);
    assert_eq!(town.send(&Call::token(&SHOP).and("x", &"x".repeat(100_000))).await.status, 431);
    for head in
        ["GET / HTTP/1.1\r\nHost: localhost\r\nx\0: y\r\n\r\n", "\0\r\n\r\n", "GET /\0 HTTP/1.1\r\n\r\n"]
    {
        let mut stream = wire::connect(&town.handle, &SHOP).await;
        assert_eq!(wire::raw(&mut stream, head.as_bytes()).await.status, 400, "{head:?}");
    }
}

#[tokio::test]
async fn only_requests_for_this_server_are_served() {
    let town = Town::new().await;
    for (host, status) in [
        ("Host: evil.example", 404),
        ("Host: evil.example:443", 404),
        ("x: y", 400),
        ("Host: localhost\r\nHost: localhost", 400),
        ("Host: LOCALHOST:443", 405),
        ("Host: [::1]:443", 405),
    ] {
        let mut stream = wire::connect(&town.handle, &SHOP).await;
        let head = format!("GET /oauth2/token HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n");
        assert_eq!(wire::raw(&mut stream, head.as_bytes()).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn a_panic_in_one_connection_does_not_end_the_server() {
    let first = AtomicBool::new(true);
    let log = Log::new(move |_| assert!(!first.swap(false, Ordering::Relaxed), "on purpose"));
    let town = Town::with(|settings, _| settings.log = log).await;
    let mut stream = wire::connect(&town.handle, &SHOP).await;
    stream.write_all(&wire::text(&Call::token(&SHOP))).await.unwrap();
    ended(&mut stream).await;
    town.token().await;
}

#[tokio::test]
async fn no_log_entry_or_answer_holds_a_token_even_when_it_was_signed() {
    let town = Town::new().await;
    let token = town.token().await;
    let call = Call::bare("GET", &format!("/greetings/single?t={token}"), "").bearing(&token);
    let names = format!("{FOUR} authorization");
    let value = call.signature(SHOP.client_id, &SHOP.signing_key, &names);
    let reply = town.send(&call.clone().carrying(&value)).await;
    assert_eq!(reply.status, 200);
    let value = call.signature(SHOP.client_id, &OTHER.signing_key, &names);
    let reply = town.send(&call.carrying(&value)).await;
    assert_eq!(reply.status, 401);
    let entries = town.logged(3).await;
    assert!(entries[1].signing_string.as_ref().unwrap().contains("authorization: Bearer [credentials]"));
    assert!(!format!("{entries:?} {}", reply.body).contains(&token));
}

#[tokio::test]
async fn stopping_ends_idle_connections_at_once_and_frees_the_port() {
    let town = Town::new().await;
    let mut idle = wire::connect(&town.handle, &SHOP).await;
    let port = town.handle.host.port().unwrap();
    let start = Instant::now();
    town.handle.stop().await;
    assert!(start.elapsed() < Duration::from_secs(2));
    ended(&mut idle).await;
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[test]
fn a_bank_on_its_own_thread_serves_and_stops() {
    let handle = start_on_thread(Settings::new(vec![SHOP.client()])).unwrap();
    let port = handle.host.port().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reply = runtime.block_on(wire::send(&handle, &SHOP, &Call::token(&SHOP)));
    assert_eq!(reply.status, 200);
    handle.stop_and_wait();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

async fn http2(town: &Town) -> TlsStream<TcpStream> {
    let shown = wire::certified(&SHOP.certificate, &SHOP.tls_key);
    let mut config = wire::config(&town.handle, Some(shown), rustls::DEFAULT_VERSIONS);
    config.alpn_protocols = vec![b"h2".to_vec()];
    wire::tls(&town.handle, config).await.unwrap()
}

#[tokio::test]
async fn http_2_is_served_with_the_authority_as_host() {
    let town = Town::new().await;
    let stream = TokioIo::new(http2(&town).await);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let call = Call::bare("POST", "/oauth2/token", "grant_type=client_credentials").with("host", "localhost");
    let value = call.signature(SHOP.client_id, &SHOP.signing_key, &format!("{FOUR} host"));
    let call = call.without("host").carrying(&value);
    let mut request = Request::post("https://localhost/oauth2/token").version(Version::HTTP_2);
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    let response =
        sender.send_request(request.body(Full::new(Bytes::from(call.body))).unwrap()).await.unwrap();
    let status = response.status();
    #[allow(clippy::disallowed_methods, reason = "our own server's answer")]
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(status, 200, "{body:?}");
}
