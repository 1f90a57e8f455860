//! A server on loopback that answers as a test says, and keeps what it was sent.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What goes back.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The request as JSON, for an answer that tells what was asked.
    pub fn echo(&self) -> Value {
        let headers: serde_json::Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.to_lowercase(), json!(value))).collect();
        let parsed: Value = serde_json::from_str(&self.body).unwrap_or(Value::Null);
        json!({"method": self.method, "url": self.target, "headers": headers, "data": self.body, "json": parsed})
    }
}

/// The server; it ends with the test.
pub struct Http {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Http {
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || serve(connection, &kept, &*answer));
            }
        });
        Self { port, asked }
    }

    /// An environment file for it.
    pub fn environment(&self) -> String {
        format!("host: http://127.0.0.1:{}\n", self.port)
    }

    /// Everything that came, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and target of everything that came.
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(|asked| format!("{} {}", asked.method, asked.target)).collect()
    }
}

fn serve(connection: TcpStream, kept: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Reply) {
    let Ok(mut out) = connection.try_clone() else { return };
    let mut reader = BufReader::new(connection);
    while let Some(asked) = read(&mut reader) {
        kept.lock().unwrap().push(asked.clone());
        let reply = answer(&asked);
        let body = if reply.body.is_null() { String::new() } else { reply.body.to_string() };
        let mut head = format!("HTTP/1.1 {} x\r\nContent-Length: {}\r\n", reply.status, body.len());
        if !body.is_empty() {
            head += "Content-Type: application/json\r\n";
        }
        for (name, value) in &reply.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if out.write_all(format!("{head}\r\n{body}").as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request of a connection, when it is whole.
pub fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut asked = Asked { method, target, headers: Vec::new(), body: String::new() };
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        asked.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut body = vec![0; asked.header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    Some(asked)
}
