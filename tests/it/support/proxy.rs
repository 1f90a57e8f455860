//! Proxies in this process: CONNECT and SOCKS 5, which count what goes through them.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::canned::head;

/// A proxy on a free port of loopback. Whatever host it is asked for, it connects with `server`:
/// so a test shows that the name was not looked up on the way.
pub struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What a proxy does with whoever asks.
#[derive(Clone, Copy)]
pub enum Policy {
    /// It lets everybody through.
    Open,
    /// It wants `Proxy-Authorization` to be this.
    Wants(&'static str),
    /// It answers this.
    Refuses(&'static str),
}

impl Proxy {
    /// A proxy that understands CONNECT.
    pub fn http(server: u16, policy: Policy) -> Self {
        Self::start(move |client, asked| {
            let head = head(&client);
            let line = head.lines().next().unwrap_or_default().to_owned();
            asked.lock().unwrap().push(head.clone());
            let refusal = match policy {
                Policy::Open => None,
                Policy::Wants(value) if head.contains(&format!("Proxy-Authorization: {value}\r\n")) => None,
                Policy::Wants(_) => Some("407 Proxy Authentication Required"),
                Policy::Refuses(status) => Some(status),
            };
            match refusal {
                Some(status) => write!(&client, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"),
                None if line.starts_with("CONNECT ") => {
                    write!(&client, "HTTP/1.1 200 Connection established\r\n\r\n")
                        .and_then(|()| splice(&client, server))
                }
                None => Err(io::ErrorKind::InvalidInput.into()),
            }
        })
    }

    /// A proxy that understands SOCKS 5 without credentials.
    pub fn socks(server: u16) -> Self {
        Self::start(move |mut client, asked| {
            let mut greeting = [0; 2];
            client.read_exact(&mut greeting)?;
            client.read_exact(&mut vec![0; greeting[1].into()])?;
            client.write_all(&[5, 0])?;
            let mut request = [0; 4];
            client.read_exact(&mut request)?;
            let length = match request[3] {
                1 => 4,
                3 => {
                    let mut length = [0];
                    client.read_exact(&mut length)?;
                    usize::from(length[0])
                }
                _ => 16,
            };
            let mut host = vec![0; length];
            client.read_exact(&mut host)?;
            client.read_exact(&mut [0; 2])?;
            let named = String::from_utf8_lossy(&host).into_owned();
            asked.lock().unwrap().push(if request[3] == 3 { named } else { format!("{host:?}") });
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
            splice(&client, server)
        })
    }

    fn start(
        serve: impl Fn(TcpStream, &Mutex<Vec<String>>) -> io::Result<()> + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (serve, noted) = (serve.clone(), Arc::clone(&noted));
                thread::spawn(move || serve(client, &noted));
            }
        });
        Self { port, asked }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it was asked for: heads of requests, or hosts.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Bytes in both directions until one side ends.
fn splice(client: &TcpStream, server: u16) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", server))?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    io::copy(&mut &server, &mut &*client)?;
    client.shutdown(Shutdown::Write)
}
