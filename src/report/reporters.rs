//! Several reporters as one.

use std::io;

use super::threads::at_once;
use super::{Event, Reporter};

/// Reporters by the names of their reports. One that can't write any more is told nothing further.
#[derive(Default)]
pub struct Reporters {
    reporters: Vec<Named>,
    failures: Vec<Failure>,
}

type Named = (String, Box<dyn Reporter + Send>);

/// A report that could not be written, and why.
pub type Failure = (String, io::Error);

impl Reporters {
    /// One more.
    pub fn add(&mut self, name: &str, reporter: Box<dyn Reporter + Send>) {
        self.reporters.push((name.to_owned(), reporter));
    }

    /// Tells all of them.
    pub fn event(&mut self, event: &Event<'_>) {
        self.each(|reporter| reporter.event(event));
    }

    /// Lets all of them finish, and says whose report could not be written.
    pub fn finish(mut self) -> Vec<Failure> {
        let ends: Vec<io::Result<()>> = match self.reporters.as_mut_slice() {
            [(_, only)] => vec![only.finish()],
            several => at_once(several, |(_, reporter)| reporter.finish()),
        };
        let names = self.reporters.into_iter().map(|(name, _)| name);
        self.failures.extend(names.zip(ends).filter_map(|(name, end)| Some((name, end.err()?))));
        self.failures
    }

    fn each(&mut self, mut tell: impl FnMut(&mut dyn Reporter) -> io::Result<()>) {
        let failures = &mut self.failures;
        self.reporters.retain_mut(|(name, reporter)| match tell(reporter.as_mut()) {
            Ok(()) => true,
            Err(error) => {
                failures.push((name.clone(), error));
                false
            }
        });
    }
}
