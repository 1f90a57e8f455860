//! `countersign verify`: whether a recorded message is signed as it should be, and if not, why.
//!
//! A message is judged by its own time unless the command line says otherwise: whoever looks at
//! yesterday's request wants to know what was wrong with it, not that it was yesterday.

pub(crate) mod args;
mod input;
mod report;

use chrono::{DateTime, TimeDelta, Utc};
use countersign::clock::Clock;
use countersign::recorded::Recorded;
use countersign::sign::{Judgement, Made, Moment, Profile, made};

use super::context::Context;
use super::exit::Exit;
use args::Verify;
use input::Key;
use report::Report;

pub(super) fn verify(context: &Context<'_>, arguments: &Verify) -> Exit {
    try_verify(context, arguments).unwrap_or_else(|exit| exit)
}

fn try_verify(context: &Context<'_>, arguments: &Verify) -> Result<Exit, Exit> {
    let mut recorded = input::message(context, arguments)?;
    countersign::run::remember_received(&context.settings.redactor, &recorded.message);
    let environment = input::environment(context, arguments)?;
    let (ready, of_environment) = environment.unzip();
    let chosen = input::profile(context, arguments, of_environment.unwrap_or_default(), &recorded.message)?;
    let mut keys = input::keys(context, arguments, ready.as_ref())?;
    let (at, judged_by) = clock(arguments.at, &recorded);
    let moment = Moment { now: at, skew: TimeDelta::seconds(i64::from(arguments.skew)) };
    let judgement = judge(&chosen.profile, &mut recorded, &mut keys, moment);
    let report = Report {
        recorded: &recorded,
        chosen: &chosen,
        keys: &keys,
        at,
        judged_by: &judged_by,
        judgement: &judgement,
    };
    if arguments.json {
        context.output.print_json(&report.json().to_string());
    } else {
        context.output.print(&report.text());
    }
    Ok(if judgement.verified() { Exit::Ok } else { Exit::Failed })
}

/// The time to judge by, and where it is from.
fn clock(asked: Option<DateTime<Utc>>, recorded: &Recorded) -> (DateTime<Utc>, String) {
    match (asked, made(&recorded.message)) {
        (Some(at), _) => (at, "as asked".into()),
        (None, Some(Made { at, said_by })) => (at, format!("the message's own {said_by}")),
        (None, None) => (Clock::System.now(), "now; the message says no time".into()),
    }
}

/// How a body was read that nobody gave the length of.
const NEWLINE: &str = "the newline at the end of the file was taken for an editor's, not the body's; a \
                       `Content-Length` would tell";

/// Judges the message; should it not verify, the other way to read it and the other keys are tried.
fn judge(profile: &Profile, recorded: &mut Recorded, keys: &mut [Key], moment: Moment) -> Judgement {
    let judged = |recorded: &Recorded, keys: &[Key]| {
        let candidates: Vec<_> = keys.iter().map(Key::candidate).collect();
        profile.scheme().judge(&recorded.message, &candidates, moment)
    };
    let mut judgement = judged(recorded, keys);
    let named = keys.iter().position(|key| key.kid.is_some() && key.kid == judgement.key_id);
    if let Some(place) = named.filter(|place| *place > 0) {
        keys[..=place].rotate_right(1);
        judgement = judged(recorded, keys);
    }
    if judgement.verified() {
        recorded.notes.extend(recorded.with_newline.as_ref().map(|_| NEWLINE.to_owned()));
        return judgement;
    }
    let Some(longer) = recorded.with_newline.clone() else { return judgement };
    let shorter = std::mem::replace(&mut recorded.message.body, longer);
    let retried = judged(recorded, keys);
    if retried.verified() {
        return retried;
    }
    recorded.message.body = shorter;
    recorded.notes.push(NEWLINE.into());
    judgement
}
