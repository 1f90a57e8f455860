//! The page as text. Its steps are rendered one by one: all of a large run at once would need many
//! times the memory of the page, and one processor.

use std::io::Write;
use std::num::NonZero;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, context};
use sha2::{Digest, Sha256};

use super::outline::Outline;
use super::page::Page;
use super::step::Step;
use crate::report::threads::at_once;

const PARTS: &str = include_str!("parts.html");
const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Fewer steps than this are rendered sooner than a thread starts.
const STEPS_OF_A_THREAD: usize = 64;

/// The whole page.
pub(super) fn page(page: &Page, outline: &Outline<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let environment = environment()?;
    let (style, script) = (settled(STYLE), settled(SCRIPT));
    let policy = policy(&style, &script);
    let all = [page.bad.as_slice(), &page.others].concat();
    let mut steps = steps(&environment, &all, outline)?;
    let others = steps.split_off(page.bad.len());
    let context = context! {
        page => Serde(page),
        bad => steps,
        others,
        policy,
        style => Value::from_safe_string(style),
        script => Value::from_safe_string(script),
    };
    environment.get_template("page.html")?.render_captured_to(context, out).map(drop)
}

fn environment() -> Result<Environment<'static>, Error> {
    // Empty: none of the functions and filters that request files have.
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template("parts.html", PARTS)?;
    environment.add_template("page.html", PAGE)?;
    Ok(environment)
}

/// Each of the steps, in their order.
fn steps(environment: &Environment<'_>, steps: &[usize], outline: &Outline<'_>) -> Result<Vec<Value>, Error> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = steps.len().div_ceil(processors).max(STEPS_OF_A_THREAD);
    if steps.len() <= share {
        return share_of_steps(environment, steps, outline);
    }
    let shares = at_once(steps.chunks(share), |share| share_of_steps(environment, share, outline));
    Ok(shares.into_iter().collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect())
}

fn share_of_steps(
    environment: &Environment<'_>,
    steps: &[usize],
    outline: &Outline<'_>,
) -> Result<Vec<Value>, Error> {
    let mut parts = environment.get_template("parts.html")?.render_captured(())?;
    let one_step = parts.state().lookup("one_step").unwrap_or_default();
    let render = |&step: &usize| {
        let step = Value::from(Serde(Step::of(step, outline)));
        parts.with_state_mut(|state| one_step.call(state, &[step]))
    };
    steps.iter().map(render).collect()
}

/// A browser takes both ends of a line for one before it hashes.
fn settled(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What the page may do (Content Security Policy, level 3).
fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(style),
        hash(script)
    )
}
