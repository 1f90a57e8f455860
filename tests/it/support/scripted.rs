//! A server of plain HTTP that answers as a test says and remembers what it was sent.

use std::fmt::Write as _;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::http::{Asked, read};

/// Listens on a free port of this machine until it is dropped.
pub struct Scripted {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Asked>>>,
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
    pub fn start(script: impl Fn(usize, &Asked) -> String + Send + Sync + 'static) -> Self {
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
    pub fn heard(&self) -> Vec<Asked> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(mut stream: TcpStream, all: &Mutex<Vec<Asked>>, script: &(dyn Fn(usize, &Asked) -> String + Sync)) {
    let Some(heard) = read(&mut BufReader::new(&stream)) else { return };
    let before = {
        let mut all = all.lock().unwrap();
        all.push(heard.clone());
        all.len() - 1
    };
    // Whoever gave up meanwhile need not hear it.
    drop(stream.write_all(script(before, &heard).as_bytes()));
}
