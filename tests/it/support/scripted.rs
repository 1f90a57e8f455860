//! A server of plain HTTP that answers as a test says and remembers what it was sent.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    /// The value of a field; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// Listens on a free port of this machine until it is dropped.
pub struct Scripted {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    over: Arc<AtomicBool>,
}

/// An answer that ends the connection; `fields` are lines.
pub fn answer(status: u16, fields: &str, body: &str) -> String {
    let mut answer = format!("HTTP/1.1 {status} Any\r\ncontent-length: {}\r\n", body.len());
    for field in fields.lines() {
        write!(answer, "{field}\r\n").unwrap();
    }
    format!("{answer}connection: close\r\n\r\n{body}")
}

impl Scripted {
    /// Answers each request with what `script` makes of it and of how many came before. An empty
    /// answer closes the connection.
    pub fn start(script: impl Fn(usize, &Heard) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (all, ends, script) = (Arc::clone(&heard), Arc::clone(&over), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming().take_while(|_| !ends.load(Ordering::Relaxed)) {
                let (all, script) = (Arc::clone(&all), Arc::clone(&script));
                thread::spawn(move || serve(stream.unwrap(), &all, &*script));
            }
        });
        Self { address, heard, over }
    }

    /// Its host, as an environment names it.
    pub fn host(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that it was sent, in order.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut stream: TcpStream, all: &Mutex<Vec<Heard>>, script: &(dyn Fn(usize, &Heard) -> String + Sync)) {
    let Some(heard) = read(&stream) else { return };
    let before = {
        let mut all = all.lock().unwrap();
        all.push(heard.clone());
        all.len() - 1
    };
    // Whoever gave up meanwhile need not hear it.
    drop(stream.write_all(script(before, &heard).as_bytes()));
}

fn read(stream: &TcpStream) -> Option<Heard> {
    let mut lines = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    while let Some(field) = line().filter(|line| !line.is_empty()) {
        let (name, value) = field.split_once(": ")?;
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut heard = Heard { method, target, headers, body: String::new() };
    let mut body = vec![0; heard.header("content-length").parse().unwrap_or(0)];
    lines.read_exact(&mut body).ok()?;
    heard.body = String::from_utf8(body).ok()?;
    Some(heard)
}
