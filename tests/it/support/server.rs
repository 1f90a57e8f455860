//! A server in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

use super::Project;

/// A server that prints one line of JSON when it listens and ends with its standard input.
pub struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    pub facts: Value,
}

impl Server {
    pub fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let facts = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { stdin: child.stdin.take(), child, facts }
    }

    /// The embedded bank of a suite, served for others.
    pub fn sandbox(project: &Project) -> Self {
        Self::start(&mut project.command(&["sandbox", "--json", "--stop-with-stdin"]))
    }

    pub fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.facts))
    }

    pub fn port(&self) -> &str {
        self.fact("host").rsplit_once(':').expect("a host with its port").1
    }

    /// Ends its standard input and waits.
    pub fn stop(mut self) -> i32 {
        drop(self.stdin.take());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// Sends it a signal, such as `TERM`, and waits.
    pub fn signal(mut self, name: &str) -> i32 {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}
