//! Suites of other runners, written again in our format, do what they did.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::{Asked, Http, Project, Reply, said};

/// A shop, a blog and a warehouse: what the three suites talk to.
fn server() -> Http {
    let (items, polls, posts) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    Http::start(move |asked: &Asked| {
        let sent: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let path = asked.target.split('?').next().unwrap_or_default();
        match (asked.method.as_str(), path) {
            ("POST", "/login") => {
                Reply::json(200, json!({"token": "tok-alice-1", "session_token": "tok-alice-1"}))
            }
            ("POST", "/items") if asked.header("authorization") == "bearer tok-alice-1" => {
                let id = items.fetch_add(1, Ordering::SeqCst) + 1;
                Reply::json(201, json!({"id": id, "title": sent["title"], "price": sent["price"]}))
            }
            ("GET", path) if path.starts_with("/items/") || path.starts_with("/orders/") => {
                let ready = polls.fetch_add(1, Ordering::SeqCst) >= 3;
                let state = |ready: bool, word: &str| if ready { word.to_owned() } else { "pending".into() };
                let order = path.starts_with("/orders/");
                let word = if order { "shipped" } else { "listed" };
                Reply::json(200, json!({"state": state(ready, word), "parcels": [1]}))
            }
            ("DELETE", _) => Reply::json(204, Value::Null),
            ("POST", "/posts") if asked.header("authorization") == "Basic YWxpY2U6d29uZGVybGFuZA==" => {
                let id = posts.fetch_add(1, Ordering::SeqCst) + 1;
                Reply::json(201, json!({"id": id, "title": sent["title"], "author": sent["author"]}))
            }
            ("GET", "/posts") => {
                Reply::json(200, json!({"total": posts.load(Ordering::SeqCst), "drafts": 0}))
            }
            ("GET", "/stock/7") => Reply::json(200, json!({"left": 3})),
            ("POST", "/orders") if asked.header("authorization") == "token tok-alice-1" => {
                Reply::json(201, json!({"id": 9, "lines": [{"product": sent["product"]}]}))
            }
            _ => Reply::json(404, json!({"error": asked.target})),
        }
    })
}

/// Runs the suite of a folder; what was asked of the server, sorted and each once, and what was said.
fn run(folder: &str) -> (Vec<String>, String) {
    let server = server();
    let project = Project::of(&format!("cases/converted/{folder}"))
        .with("requests/environments/local.yaml", &server.environment());
    let mut command = project.command(&["run", "--snapshots", "always"]);
    let said = said(&command.env("SHOP_PASSWORD", "wonderland").output().unwrap());
    said.ends_with(0);
    let mut asked = server.lines();
    asked.sort();
    asked.dedup();
    (asked, said.out)
}

#[test]
fn a_suite_of_tavern_runs() {
    let (asked, said) = run("tavern");
    let wanted =
        ["DELETE /items/1", "DELETE /items/2", "GET /items/1", "GET /items/2", "POST /items", "POST /login"];
    assert_eq!(asked, wanted);
    assert!(said.contains("7 passed") && !said.contains("tok-alice"), "{said}");
}

#[test]
fn a_suite_of_step_ci_runs() {
    let (asked, said) = run("stepci");
    assert_eq!(asked, ["GET /posts?sort=title", "POST /posts"]);
    assert!(said.contains("skipped: there are no drafts"), "{said}");
}

#[test]
fn a_suite_of_runn_runs() {
    let (asked, said) = run("runn");
    assert_eq!(asked, ["GET /orders/9", "GET /stock/7", "POST /login", "POST /orders"]);
    assert!(said.contains("4 passed"), "{said}");
}
