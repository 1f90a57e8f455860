//! From a plan to a run: keys read, banks opened, a runtime of its own.

use std::future::Future;
use std::sync::Arc;
use std::thread;

use tokio::sync::oneshot;

use super::{Error, Problem, Told};
use crate::diag::Diagnostic;
use crate::launch::{self, Bank};
use crate::load::Suite;
use crate::plan::Plan;
use crate::report::{Event, Summary};
use crate::run::{self, Prepared, Surroundings};

/// What is to run: everything is decided, no key was read.
pub(crate) struct Job {
    pub(crate) suite: Arc<Suite>,
    pub(crate) plan: Plan,
    pub(crate) surroundings: Surroundings,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// What runs next: keys are read, banks listen.
pub(crate) struct Started {
    prepared: Arc<Prepared>,
    banks: Vec<Bank>,
    pub(crate) warnings: Vec<Problem>,
}

impl Job {
    /// Reads the keys and opens the banks.
    pub(crate) fn start(self) -> Result<Started, Error> {
        let Self { suite, plan, surroundings, mut warnings } = self;
        let redactor = surroundings.redactor.clone();
        let refuse = |problems: Vec<Diagnostic>| Error::refused(&problems, &suite.sources, &redactor);
        let mut checked = launch::check(&suite, &plan, &surroundings).map_err(refuse)?;
        warnings.append(&mut checked.warnings);
        let warnings = warnings.iter().map(|warning| Problem::new(warning, &suite.sources, &redactor));
        let warnings = warnings.collect();
        let started = launch::start(Arc::clone(&suite), plan, surroundings, checked);
        let (prepared, banks) = started.map_err(refuse)?;
        Ok(Started { prepared: Arc::new(prepared), banks, warnings })
    }
}

impl Started {
    /// What listens to the run and remembers it.
    pub(crate) fn listener(&self) -> Told {
        Told::new(&self.prepared.suite.sources, &self.prepared.surroundings.redactor)
    }

    /// Carries it out on this thread, until everything ended or `stop` is ready.
    pub(crate) fn run(
        self,
        stop: impl Future<Output = ()>,
        tell: &mut (dyn FnMut(Event<'_>) + '_),
    ) -> Result<Summary, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Error::System)?;
        let summary = runtime.block_on(run::run(self.prepared, stop, tell));
        // A name lookup that hangs must not keep the thread.
        runtime.shutdown_background();
        drop(self.banks);
        Ok(summary)
    }
}

/// Does something on a thread of its own. What it does is given a future that is ready when
/// nobody waits for it any more.
pub(super) async fn on_a_thread<T: Send + 'static>(
    act: impl FnOnce(std::pin::Pin<Box<dyn Future<Output = ()>>>) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (mut alive, dropped) = oneshot::channel::<()>();
    let (sender, receiver) = oneshot::channel();
    let thread = thread::Builder::new().name("countersign".to_owned()).spawn(move || {
        let result = act(Box::pin(async move { alive.closed().await }));
        // Whoever waited may be gone.
        drop(sender.send(result));
    });
    let thread = thread.map_err(Error::System)?;
    let result = receiver.await;
    drop(dropped);
    match result {
        Ok(result) => result,
        Err(_) => match thread.join() {
            Ok(()) => unreachable!("the thread sends before it ends"),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}
