//! The real binary at a real terminal, as somebody in front of it sees it.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use rustix::termios::LocalModes;

/// Longest wait for something to appear; only a failure waits so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// A terminal with a command in it.
pub struct Pty {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    reader: Option<thread::JoinHandle<()>>,
    shared: Arc<(Mutex<Shown>, Condvar)>,
}

struct Shown {
    screen: vt100::Parser,
    /// Everything that was ever written.
    raw: Vec<u8>,
    is_over: bool,
    lets_go: bool,
}

impl Pty {
    /// Starts the binary in `folder` at a terminal of this size, with hardly any environment.
    pub fn start(folder: &Path, arguments: &[&str], size: (u16, u16), environment: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(arguments);
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        Self::of(command, folder, size)
    }

    /// Starts another program, in the environment of the test, but in no CI job.
    pub fn program(folder: &Path, words: &[&str], size: (u16, u16)) -> Self {
        let mut command = CommandBuilder::from_argv(words.iter().map(Into::into).collect());
        command.env_remove("CI");
        command.env("TERM", "xterm-256color");
        Self::of(command, folder, size)
    }

    fn of(mut command: CommandBuilder, folder: &Path, (cols, rows): (u16, u16)) -> Self {
        command.cwd(folder);
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let child = pair.slave.spawn_command(command).expect("the binary runs");
        drop(pair.slave);
        let shown = Shown {
            screen: vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 0),
            raw: Vec::new(),
            is_over: false,
            lets_go: false,
        };
        let shared = Arc::new((Mutex::new(shown), Condvar::new()));
        let reader = watch(pair.master.try_clone_reader().expect("a reader"), Arc::clone(&shared));
        let keys = Some(pair.master.take_writer().expect("a writer"));
        Self { master: Some(pair.master), keys, child, reader: Some(reader), shared }
    }

    /// Types.
    pub fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().expect("the terminal is there");
        writer.write_all(keys.as_bytes()).and_then(|()| writer.flush()).expect("keys are taken");
    }

    /// Waits until the screen shows `text`, and gives all of it.
    #[track_caller]
    pub fn see(&self, text: &str) -> String {
        self.wait(text, |shown| shown.screen.screen().contents().contains(text))
    }

    /// Types, and waits for `text` on the screen.
    #[track_caller]
    pub fn press_and_see(&mut self, keys: &str, text: &str) -> String {
        self.press(keys);
        self.see(text)
    }

    /// Types, and waits until the screen was drawn anew, as it may be.
    #[track_caller]
    pub fn press_and_watch(&mut self, keys: &str) -> String {
        let before = self.shown().raw.len();
        self.press(keys);
        self.wait("another screen", |shown| shown.raw.len() > before)
    }

    /// Whether the screen is one that will be gone afterwards, and whether there is a cursor.
    pub fn is_full_screen(&self) -> (bool, bool) {
        let shown = self.shown();
        (shown.screen.screen().alternate_screen(), !shown.screen.screen().hide_cursor())
    }

    /// Everything that was written so far.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.shown().raw).into_owned()
    }

    /// Whether what is typed is shown, and comes line by line, as at a shell.
    pub fn is_cooked(&self) -> bool {
        let name = self.master.as_ref().and_then(|master| master.tty_name()).expect("it has a name");
        let tty = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("it is there");
        let modes = rustix::termios::tcgetattr(tty).expect("it has modes");
        modes.local_modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Changes the size of the terminal, and waits until the screen was drawn anew.
    #[track_caller]
    pub fn resize(&self, (cols, rows): (u16, u16)) {
        let before = self.shown().raw.len();
        self.shown().screen.screen_mut().set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().expect("the terminal is there").resize(size).expect("it has a size");
        self.wait("another screen", |shown| shown.raw.len() > before);
    }

    /// The connection drops: nobody holds the terminal any more. Waits for the exit code.
    pub fn hang_up(mut self) -> u32 {
        let master = self.master.take().expect("the terminal is there");
        // What the command writes for another size wakes the reader, which then lets go.
        self.shown().lets_go = true;
        let size = master.get_size().expect("it has a size");
        master.resize(PtySize { rows: size.rows + 1, ..size }).expect("it has a size");
        self.reader.take().map(thread::JoinHandle::join).expect("there is one").expect("it ends");
        // The writer ends with a key of its own, which must not be read.
        let process = self.process();
        kill_process(process, Signal::STOP).expect("it is ours");
        waitpid(Some(process), WaitOptions::UNTRACED).expect("it stops");
        drop((self.keys.take(), master));
        self.child.wait().expect("it ends").exit_code()
    }

    /// Sends the command a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.process(), signal).expect("it is ours");
    }

    fn process(&self) -> Pid {
        let number = self.child.process_id().and_then(|number| number.try_into().ok());
        number.and_then(Pid::from_raw).expect("it runs")
    }

    /// Waits for the end: the exit code, and what the terminal shows then.
    #[track_caller]
    pub fn end(&mut self) -> (u32, String) {
        let screen = self.wait("the end", |shown| shown.is_over);
        (self.child.wait().expect("it ends").exit_code(), screen)
    }

    #[track_caller]
    fn wait(&self, what: &str, is_there: impl Fn(&Shown) -> bool) -> String {
        let changed = &self.shared.1;
        let waited = changed.wait_timeout_while(self.shown(), PATIENCE, |shown| {
            !(shown.is_over || shown.is_whole() && is_there(shown))
        });
        let shown = waited.expect("the reader lives").0;
        let screen = shown.screen.screen().contents();
        assert!(is_there(&shown), "`{what}` did not come; the screen is\n{screen}");
        screen
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shared.0.lock().expect("the reader lives")
    }
}

impl Shown {
    /// Whether no screen is half drawn.
    fn is_whole(&self) -> bool {
        let last = |mark: &[u8]| self.raw.windows(mark.len()).rposition(|window| window == mark);
        last(b"\x1b[?2026h") <= last(b"\x1b[?2026l")
    }
}

/// Feeds the screen with what comes, until the command is gone.
fn watch(mut reader: Box<dyn Read + Send>, shared: Arc<(Mutex<Shown>, Condvar)>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let read = reader.read(&mut buffer).unwrap_or_default();
            let mut shown = shared.0.lock().expect("nobody panics with it");
            shown.screen.process(&buffer[..read]);
            shown.raw.extend_from_slice(&buffer[..read]);
            shown.is_over = read == 0;
            shared.1.notify_all();
            if read == 0 || shown.lets_go {
                return;
            }
        }
    })
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A test that failed must not leave it waiting for a key.
        let _ = self.child.kill();
    }
}
