//! What runs, how often and in which order: cases, needs with variables, what runs always, what is
//! skipped, and what must not run at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Asked, Http, Project, Reply};

fn echo() -> Http {
    Http::start(|asked| Reply::json(200, asked.echo()))
}

fn project(server: &Http) -> Project {
    Project::empty()
        .with("requests/environments/local.yaml", &server.environment())
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n")
}

/// Hands out a token for each scope, counted.
fn tokens() -> Http {
    let given = AtomicUsize::new(0);
    Http::start(move |asked| match asked.target.as_str() {
        "/token" => {
            let number = given.fetch_add(1, Ordering::SeqCst);
            let scope = asked.body.trim_start_matches("scope=");
            Reply::json(200, json!({"access_token": format!("{scope}-token-{number:04}"), "scope": scope}))
        }
        _ => Reply::json(200, asked.echo()),
    })
}

fn bodies(server: &Http) -> BTreeSet<String> {
    server.asked().into_iter().map(|asked| asked.body).collect()
}

const PAY: &str = "method: POST\nendpoint: /pay\nbody: {json: {amount: '{{ amount }}', to: '{{ to }}'}}\n\
                   expect: {status: 200, body: {$.json.to: '{{ to }}'}}\n";

#[test]
fn every_row_of_a_request_is_sent_with_its_values_and_told_by_its_name() {
    let server = echo();
    let cases =
        "variables: {to: Ann}\ncases:\n- {case: small, amount: 1.10}\n- {amount: '{{ 2 + 3 }}', to: Bob}\n";
    let project = project(&server).with("requests/pay.yaml", &format!("{PAY}{cases}"));
    let said = project.run(&["run"]);
    said.ends_with(0);
    assert!(said.out.contains("✓ pay@small") && said.out.contains("✓ pay@2"), "{}", said.out);
    let sent = [r#"{"amount":1.10,"to":"Ann"}"#, r#"{"amount":5,"to":"Bob"}"#];
    assert_eq!(bodies(&server), sent.map(str::to_owned).into());
}

#[test]
fn one_row_is_selected_explained_and_failed_by_its_name() {
    let server = echo();
    let cases = "cases:\n- {case: small, amount: 1, to: Ann}\n- {case: large, amount: 2, to: Bob}\n";
    let wrong = PAY.replace("$.json.to: '{{ to }}'", "$.json.to: Ann");
    let project = project(&server).with("requests/pay.yaml", &format!("{wrong}{cases}"));
    project.run(&["run", "pay@small"]).ends_with(0);
    assert_eq!(server.asked().len(), 1);
    let said = project.run(&["run", "pay@l*"]);
    said.ends_with(1);
    assert!(said.out.contains("✗ pay@large") && said.out.contains("requests/pay.yaml:4:"), "{}", said.out);
    let said = project.run(&["explain", "pay@large", "--json"]);
    let told: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(told["name"], "pay@large");
    let said = project.run(&["explain", "pay"]);
    said.ends_with(2);
    assert!(said.err.contains("name one of them: `pay@small`, `pay@large`"), "{}", said.err);
    let said = project.run(&["run", "pay@huge"]);
    said.ends_with(7);
    assert!(said.err.contains("`pay` has no case `huge`; there are `small`, `large`"), "{}", said.err);
}

#[test]
fn rows_come_from_csv_json_and_yaml_as_data_and_never_as_templates() {
    let server = echo();
    let mut project = project(&server)
        .with("data/rows.csv", "case,amount,to\none,\"1,5\",{{ env('HOME') }}\n")
        .with("data/rows.json", r#"[{"case": "one", "amount": 1.50, "to": "{{ nothing }}"}]"#)
        .with("data/rows.yaml", "- {case: one, amount: 1.50, to: '{{ nothing }}'}\n");
    for ending in ["csv", "json", "yaml"] {
        let cases = format!("cases: {{file: data/rows.{ending}}}\n");
        project = project.with(&format!("requests/{ending}.yaml"), &format!("{PAY}{cases}"));
    }
    project.run(&["run"]).ends_with(0);
    let sent = [r#"{"amount":"1,5","to":"{{ env('HOME') }}"}"#, r#"{"amount":1.50,"to":"{{ nothing }}"}"#];
    assert_eq!(bodies(&server), sent.map(str::to_owned).into());
}

#[test]
fn each_row_has_a_snapshot_of_its_own() {
    let server = echo();
    let cases = "cases:\n- {case: a/b, amount: 1, to: Ann}\n- {case: plain, amount: 2, to: Bob}\nsnapshot: {headers: []}\n";
    let project = project(&server).with("requests/pay.yaml", &format!("{PAY}{cases}"));
    project.run(&["run", "--snapshots", "new"]).ends_with(1);
    let said = project.run(&["snapshots", "list"]);
    assert!(said.out.contains("pay@a%2Fb"), "{}", said.out);
    project.run(&["snapshots", "accept", "pay@plain"]).ends_with(0);
    assert!(project.has("snapshots/pay@plain.snap") && project.has("snapshots/pay@a%2Fb.snap.new"));
    project.run(&["run", "pay@plain"]).ends_with(0);
}

#[test]
fn what_needs_a_request_with_rows_waits_for_all_and_gets_lists() {
    let server = echo();
    let project = project(&server)
        .with(
            "requests/create.yaml",
            "method: POST\nendpoint: /accounts\nbody: {json: {n: '{{ n }}'}}\n\
             cases: [{n: 1}, {n: 2}, {n: 3}]\ncapture: {id: $.json.n}\n",
        )
        .with("requests/all.yaml", "method: POST\nendpoint: /all\nbody: {json: {ids: '{{ create.id }}'}}\n");
    project.run(&["run", "all"]).ends_with(0);
    assert_eq!(server.asked().last().unwrap().body, r#"{"ids":[1,2,3]}"#);
}

const TOKEN: &str = "method: POST\nendpoint: /token\nvariables: {scope: none}\nbody: {form: {scope: '{{ scope }}'}}\n\
                     capture: {access_token: $.access_token}\n";

#[test]
fn a_token_is_fetched_once_for_each_set_of_values_and_never_mixed_up() {
    let server = tokens();
    let read = |scope: &str| {
        format!("token: {{from: token, with: {{scope: {scope}}}}}\nmethod: GET\nendpoint: /read/{scope}\n")
    };
    let mut project = project(&server).with("requests/token.yaml", TOKEN);
    for (name, scope) in [("a", "accounts"), ("b", "accounts"), ("c", "payments")] {
        project = project.with(&format!("requests/{name}.yaml"), &read(scope));
    }
    let by_rows = "token: {from: token, with: {scope: '{{ wanted }}'}}\nmethod: GET\nendpoint: '/read/{{ wanted }}'\n\
                   cases: [{wanted: accounts}, {wanted: payments}, {wanted: cards}]\n";
    let project = project.with("requests/rows.yaml", by_rows);
    project.run(&["run", "a", "b", "c", "rows"]).ends_with(0);
    let asked = server.asked();
    let fetched: Vec<&Asked> = asked.iter().filter(|asked| asked.target == "/token").collect();
    let written: BTreeSet<&str> = fetched.iter().map(|asked| asked.body.as_str()).collect();
    assert_eq!(written, ["scope=accounts", "scope=cards", "scope=payments"].into());
    for asked in asked.iter().filter(|asked| asked.target.starts_with("/read/")) {
        let scope = asked.target.trim_start_matches("/read/");
        assert!(asked.header("authorization").starts_with(&format!("Bearer {scope}-token-")), "{asked:?}");
    }
}

#[test]
fn two_needs_of_one_request_are_told_apart_by_their_names_and_see_what_was_captured() {
    let server = tokens();
    let project = project(&server).with("requests/token.yaml", TOKEN).with(
        "requests/consent.yaml",
        "method: POST\nendpoint: '/consent/{{ account }}'\nvariables: {account: none}\ncapture: {url: $.url}\n",
    );
    let compare = "needs:\n- {request: token, with: {scope: a}, as: first}\n- {request: token, with: {scope: b}, as: second}\n\
                   - {request: consent, with: {account: '{{ first.access_token[:1] }}'}}\n\
                   method: POST\nendpoint: /compare\n\
                   body: {json: ['{{ first.response.body.scope }}', '{{ second.response.body.scope }}', '{{ consent.url }}']}\n";
    let project = project.with("requests/compare.yaml", compare);
    project.run(&["run", "compare"]).ends_with(0);
    assert_eq!(server.asked().last().unwrap().body, r#"["a","b","/consent/a"]"#);
}

#[test]
fn what_runs_always_cleans_up_after_a_failure_and_leaves_alone_what_was_never_made() {
    let fails_at = Arc::new(Mutex::new("/check".to_owned()));
    let fails = Arc::clone(&fails_at);
    let server = Http::start(move |asked| {
        let status = if *fails.lock().unwrap() == asked.target { 500 } else { 200 };
        Reply::json(status, json!({"id": "a1"}))
    });
    let project = project(&server)
        .with(
            "requests/make.yaml",
            "method: POST\nendpoint: /make\nexpect: {status: 200}\ncapture: {id: $.id}\n",
        )
        .with("requests/check.yaml", "method: GET\nendpoint: /check\nneeds: [make]\nexpect: {status: 200}\n")
        .with("requests/after.yaml", "method: GET\nendpoint: /after\nneeds: [check]\n")
        .with(
            "requests/remove.yaml",
            "always: true\nneeds: [check]\nmethod: DELETE\nendpoint: '/things/{{ make.id }}'\n",
        );
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert_eq!(server.lines(), ["POST /make", "GET /check", "DELETE /things/a1"]);
    assert!(said.out.contains("2 passed, 1 failed, 1 skipped"), "{}", said.out);

    // Nothing was made whose name could be known: nothing is removed.
    "/nowhere".clone_into(&mut fails_at.lock().unwrap());
    let made_nothing = project.read("requests/make.yaml").replace("$.id", "$.nothing");
    project.write("requests/make.yaml", &made_nothing);
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(said.out.contains("- remove") && said.out.contains("skipped: `"), "{}", said.out);
    assert_eq!(server.lines()[3..], ["POST /make"]);
}

#[test]
fn what_is_skipped_is_told_with_its_reason_and_needs_nothing() {
    let server = echo();
    let request = |more: &str| format!("{more}\nmethod: GET\nendpoint: /a\n");
    let project = project(&server)
        .with("requests/needed.yaml", &request(""))
        .with("requests/off.yaml", &request("needs: [needed]\nskip: broken since May"))
        .with("requests/on.yaml", &request("skip: '{% if x == 2 %}no{% endif %}'\nvariables: {x: 1}"))
        .with("requests/by_template.yaml", &request("skip: \"{{ 'not on ' ~ x }}\"\nvariables: {x: Monday}"))
        .with("requests/behind.yaml", &request("needs: [off]"));
    let said = project.run(&["run", "off", "on", "by_template", "behind"]);
    said.ends_with(0);
    assert!(said.out.contains("skipped: broken since May"), "{}", said.out);
    assert!(said.out.contains("skipped: not on Monday"), "{}", said.out);
    assert!(said.out.contains("skipped: `off` was skipped"), "{}", said.out);
    assert_eq!(server.lines().len(), 1, "{:?}", server.lines());
    project.run(&["run", "off"]).ends_with(7);
}

#[test]
fn requests_of_a_bounded_tag_never_run_at_once_while_others_do() {
    let (now, most) = (Arc::new(Mutex::new([0, 0])), Arc::new(Mutex::new([0, 0])));
    let (busy, peak) = (Arc::clone(&now), Arc::clone(&most));
    let server = Http::start(move |asked| {
        let kind = usize::from(asked.target == "/free");
        {
            let mut busy = busy.lock().unwrap();
            busy[kind] += 1;
            let mut peak = peak.lock().unwrap();
            peak[kind] = peak[kind].max(busy[kind]);
        }
        thread::sleep(Duration::from_millis(30));
        busy.lock().unwrap()[kind] -= 1;
        Reply::json(200, Value::Null)
    });
    let rows = "cases: [{n: 1}, {n: 2}, {n: 3}, {n: 4}, {n: 5}, {n: 6}]\nvariables: {n: 0}\nmethod: GET\n";
    let project = project(&server)
        .with("requests/suite.yaml", "defaults: {snapshot: false}\nconcurrency: {ledger: 1}\n")
        .with("requests/free.yaml", &format!("{rows}endpoint: /free\n"))
        .with("requests/bound.yaml", &format!("{rows}tags: [ledger]\nendpoint: /bound\n"));
    project.run(&["run", "--jobs", "6"]).ends_with(0);
    let most = *most.lock().unwrap();
    assert_eq!(most[0], 1);
    assert!(most[1] > 1, "{most:?}");
}

/// A bank whose tokens live so long, and that takes only the newest.
fn strict(lifetime: u64) -> Http {
    let newest = AtomicUsize::new(0);
    Http::start(move |asked| match asked.target.as_str() {
        "/token" => {
            let number = newest.fetch_add(1, Ordering::SeqCst) + 1;
            Reply::json(200, json!({"access_token": format!("token-{number:04}"), "expires_in": lifetime}))
        }
        "/revoke" => {
            newest.fetch_add(1, Ordering::SeqCst);
            Reply::json(200, Value::Null)
        }
        _ => {
            let wanted = format!("Bearer token-{:04}", newest.load(Ordering::SeqCst));
            if asked.header("authorization") == wanted {
                return Reply::json(200, json!({}));
            }
            let mut refused = Reply::json(401, json!({"error": "invalid_token"}));
            refused.headers.push(("WWW-Authenticate", "Bearer error=\"invalid_token\"".into()));
            refused
        }
    })
}

const READ: &str = "method: GET\nendpoint: /read\nexpect: {status: 200}\n";
const PLAIN_TOKEN: &str = "method: POST\nendpoint: /token\ncapture: {access_token: $.access_token}\n";

#[test]
fn a_token_that_expired_is_fetched_again_before_it_is_sent() {
    let server = strict(0);
    let project = project(&server)
        .with("requests/token.yaml", PLAIN_TOKEN)
        .with("requests/a.yaml", &format!("token: token\n{READ}"))
        .with("requests/b.yaml", &format!("token: token\nneeds: [a]\n{READ}"));
    let said = project.run(&["run"]);
    said.ends_with(0);
    assert_eq!(server.lines(), ["POST /token", "POST /token", "GET /read", "POST /token", "GET /read"]);
    assert!(said.out.contains("3 passed"), "{}", said.out);
}

#[test]
fn a_401_that_says_so_brings_one_new_token_for_all_that_wait_for_it() {
    let server = strict(3600);
    let with = "token: {from: token, refresh: on_401}\nneeds: [revoke]\ncases: [{n: 1}, {n: 2}, {n: 3}]\n";
    let revoke = "needs: [token]\nmethod: POST\nendpoint: /revoke\n";
    let project = project(&server)
        .with("requests/token.yaml", PLAIN_TOKEN)
        .with("requests/revoke.yaml", revoke)
        .with("requests/read.yaml", &format!("{with}{READ}"));
    let said = project.run(&["run", "--report", "json"]);
    said.ends_with(0);
    let lines = server.lines();
    assert_eq!(lines.iter().filter(|line| *line == "POST /token").count(), 2, "{lines:?}");
    assert!(lines.iter().filter(|line| *line == "GET /read").count() <= 6, "{lines:?}");
    assert!(said.out.contains("the server said that its token had expired"), "{}", said.out);
    assert!(!said.out.contains("token-000"), "a token was shown");
}

#[test]
fn a_401_is_an_answer_like_others_where_nothing_is_said_and_never_asks_twice() {
    let server = strict(3600);
    let revoke = "needs: [token]\nmethod: POST\nendpoint: /revoke\n";
    let project = project(&server)
        .with("requests/token.yaml", PLAIN_TOKEN)
        .with("requests/revoke.yaml", revoke)
        .with("requests/read.yaml", &format!("token: token\nneeds: [revoke]\n{READ}"));
    project.run(&["run"]).ends_with(1);
    assert_eq!(server.lines().len(), 3);

    let refuses = Http::start(|asked| match asked.target.as_str() {
        "/token" => Reply::json(200, json!({"access_token": "token-0001"})),
        _ => Reply::json(401, json!({"error": "invalid_token"})),
    });
    project.write("requests/environments/local.yaml", &refuses.environment());
    project.write("requests/read.yaml", &format!("token: {{from: token, refresh: on_401}}\n{READ}"));
    project.run(&["run", "read"]).ends_with(1);
    assert_eq!(refuses.lines(), ["POST /token", "GET /read", "POST /token", "GET /read"]);
}

#[test]
fn a_token_that_cannot_be_fetched_again_stops_what_waits_for_it() {
    let given = AtomicUsize::new(0);
    let server = Http::start(move |asked| match asked.target.as_str() {
        "/token" if given.fetch_add(1, Ordering::SeqCst) == 0 => {
            Reply::json(200, json!({"access_token": "token-0001", "expires_in": 0}))
        }
        _ => Reply::json(503, Value::Null),
    });
    let project = project(&server)
        .with("requests/token.yaml", &format!("{PLAIN_TOKEN}expect: {{status: 200}}\n"))
        .with("requests/read.yaml", &format!("token: token\n{READ}"));
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(said.out.contains("error[token.refresh]: `token` could not fetch a token"), "{}", said.out);
    assert!(said.out.contains("`status` is 503"), "{}", said.out);
    assert_eq!(server.lines(), ["POST /token", "POST /token"]);
}

#[test]
fn what_waits_to_ask_again_leaves_its_place_to_others_and_gets_it_back() {
    let (order, busy, most) =
        (Arc::new(Mutex::new(Vec::new())), AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (told, peak) = (Arc::clone(&order), Arc::clone(&most));
    let server = Http::start(move |asked| {
        peak.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        let mut told = told.lock().unwrap();
        told.push(asked.target.clone());
        busy.fetch_sub(1, Ordering::SeqCst);
        let others = told.iter().filter(|target| *target != "/poll").count();
        Reply::json(200, json!({"others": others}))
    });
    let project = project(&server)
        .with(
            "requests/a_poll.yaml",
            "method: GET\nendpoint: /poll\nuntil: {body: {$.others: {at_least: 4}}, every: 20ms, within: 10s}\n",
        )
        .with("requests/b.yaml", "cases: [{n: 1}, {n: 2}, {n: 3}, {n: 4}]\nmethod: GET\nendpoint: '/{{ n }}'\n");
    project.run(&["run", "--jobs", "1"]).ends_with(0);
    assert_eq!(order.lock().unwrap()[0], "/poll");
    assert_eq!(most.load(Ordering::SeqCst), 1, "more at once than --jobs");
}

/// Two requests that hand their own token on to what they need.
const HANDS_ON: &str = "needs: [{request: consent, with: {bearer: '{{ handed }}'}}]\nmethod: POST\nendpoint: /use\n\
                        variables: {handed: '{{ token.access_token }}'}\nbody: {json: '{{ consent.bearer }}'}\n";

#[test]
fn a_token_that_is_handed_on_never_ends_up_with_another_request() {
    let server = tokens();
    let uses = |scope: &str| format!("token: {{from: token, with: {{scope: {scope}}}}}\n{HANDS_ON}");
    let project = project(&server)
        .with("requests/token.yaml", TOKEN)
        .with(
            "requests/consent.yaml",
            "method: POST\nendpoint: /consent\nvariables: {bearer: none}\nbody: {json: '{{ bearer }}'}\ncapture: {bearer: $.json}\n",
        )
        .with("requests/accounts.yaml", &uses("accounts"))
        .with("requests/payments.yaml", &uses("payments"));
    project.run(&["run", "accounts", "payments"]).ends_with(0);
    let used: Vec<Asked> = server.asked().into_iter().filter(|asked| asked.target == "/use").collect();
    assert_eq!(used.len(), 2);
    for asked in used {
        let own = asked.header("authorization").trim_start_matches("Bearer ").to_owned();
        assert_eq!(asked.body, format!("\"{own}\""));
    }
    assert_eq!(server.lines().iter().filter(|line| *line == "POST /consent").count(), 2);
}

#[test]
fn steps_of_one_name_and_other_values_have_other_ids() {
    let server = echo();
    let project = project(&server)
        .with(
            "requests/create.yaml",
            "method: POST\nendpoint: /create\nvariables: {n: 0}\nheaders: {X-Id: '{{ uuid() }}'}\nbody: {json: '{{ n }}'}\n",
        )
        .with(
            "requests/each.yaml",
            "needs: [{request: create, with: {n: '{{ m }}'}}]\ncases: [{m: 1}, {m: 2}, {m: 3}]\nmethod: GET\nendpoint: /each\n",
        );
    let said = project.run(&["run", "each", "--seed", "7"]);
    said.ends_with(0);
    assert!(said.out.contains("create (n: {{ m }}) #3"), "{}", said.out);
    let created: Vec<Asked> = server.asked().into_iter().filter(|asked| asked.target == "/create").collect();
    let ids: BTreeSet<&str> = created.iter().map(|asked| asked.header("x-id")).collect();
    assert_eq!((created.len(), ids.len()), (3, 3));
}

#[test]
fn a_token_that_waits_to_be_fetched_again_holds_up_no_run() {
    let asked_for = AtomicUsize::new(0);
    let server = Http::start(move |asked| match asked.target.as_str() {
        "/token" => match asked_for.fetch_add(1, Ordering::SeqCst) {
            0 | 2.. => Reply::json(200, json!({"access_token": "token-0001", "expires_in": 0})),
            _ => Reply::json(503, Value::Null),
        },
        _ => Reply::json(200, json!({})),
    });
    let token =
        format!("{PLAIN_TOKEN}retry: {{attempts: 3, delay: 20ms, on: [5xx]}}\nexpect: {{status: 200}}\n");
    let project = project(&server)
        .with("requests/token.yaml", &token)
        .with("requests/read.yaml", &format!("token: token\ncases: [{{n: 1}}, {{n: 2}}, {{n: 3}}]\n{READ}"));
    project.run(&["run", "--jobs", "1"]).ends_with(0);
}

#[test]
fn a_token_that_needs_a_token_has_that_fetched_again_too() {
    let (clients, users) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let server = Http::start(move |asked| match asked.target.as_str() {
        "/client" => {
            let number = clients.fetch_add(1, Ordering::SeqCst) + 1;
            Reply::json(200, json!({"access_token": format!("client-{number:04}")}))
        }
        "/user" => {
            let number = users.fetch_add(1, Ordering::SeqCst) + 1;
            // The second time, the client's first token is not taken any more.
            if number > 1 && asked.header("authorization") == "Bearer client-0001" {
                return Reply::json(401, json!({"error": "invalid_token"}));
            }
            Reply::json(200, json!({"access_token": format!("user-{number:04}"), "expires_in": 0}))
        }
        _ => Reply::json(200, json!({})),
    });
    let fetches = |endpoint: &str| {
        format!("method: POST\nendpoint: {endpoint}\ncapture: {{access_token: $.access_token}}\n")
    };
    let project = project(&server)
        .with("requests/client.yaml", &fetches("/client"))
        .with(
            "requests/user.yaml",
            &format!("token: {{from: client, refresh: on_401}}\n{}", fetches("/user")),
        )
        .with("requests/read.yaml", &format!("token: user\n{READ}"));
    project.run(&["run", "read"]).ends_with(0);
    let wanted = ["POST /client", "POST /user", "POST /user", "POST /client", "POST /user", "GET /read"];
    assert_eq!(server.lines(), wanted);
}

#[test]
fn what_cleans_up_is_skipped_where_the_variable_that_is_set_for_it_was_never_captured() {
    let server = Http::start(|_| Reply::json(500, json!({})));
    let project = project(&server)
        .with(
            "requests/consent.yaml",
            "method: POST\nendpoint: /consent\nexpect: {status: 200}\ncapture: {id: $.id}\n",
        )
        .with(
            "requests/revoke.yaml",
            "always: true\nvariables: {id: none}\nmethod: DELETE\nendpoint: '/consent/{{ id }}'\n",
        )
        .with(
            "requests/last.yaml",
            "needs: [{request: revoke, with: {id: '{{ consent.id }}'}}]\nmethod: GET\nendpoint: /last\n",
        );
    let said = project.run(&["run", "last"]);
    said.ends_with(1);
    assert!(said.out.contains("1 failed, 2 skipped"), "{}", said.out);
}

#[test]
fn a_need_that_is_listed_twice_is_one() {
    let server = echo();
    let project = project(&server)
        .with("requests/pay.yaml", "cases: [{n: 1}, {n: 2}]\nmethod: POST\nendpoint: /pay\nbody: {json: '{{ n }}'}\ncapture: {n: $.json}\n")
        .with("requests/sum.yaml", "needs: [pay, pay]\nmethod: POST\nendpoint: /sum\nbody: {json: '{{ pay.n }}'}\n");
    project.run(&["run", "sum"]).ends_with(0);
    assert_eq!(server.asked().last().unwrap().body, "[1,2]");
}

#[test]
fn codes_and_tokens_of_redirects_are_masked() {
    let server = Http::start(|asked| {
        let mut reply = Reply::json(200, Value::Null);
        if asked.target == "/code" {
            reply.status = 302;
            let target = "/cb?code=c0de-c0de-c0de&x=1#access_token=fr4g-fr4g-fr4g";
            reply.headers.push(("Location", target.into()));
        }
        reply
    });
    let project = project(&server).with("requests/code.yaml", "method: GET\nendpoint: /code\nredirects: 1\n");
    let said = project.run(&["run", "-v", "--report", "json=report.json"]);
    said.ends_with(0);
    let all = format!("{}{}", said.all(), project.read("report.json"));
    assert!(all.contains("[code]"), "{all}");
    assert!(!all.contains("c0de-c0de") && !all.contains("fr4g-fr4g"), "{all}");
}

#[test]
fn a_reason_to_skip_that_cannot_be_told_is_found_before_anything_is_sent() {
    let server = echo();
    let project = project(&server)
        .with("requests/a.yaml", "skip: \"{{ env('NOT_SET_ANYWHERE') }}\"\nmethod: GET\nendpoint: /a\n")
        .with("requests/b.yaml", "method: POST\nendpoint: /b\n");
    project.run(&["check"]).ends_with(3);
    project.run(&["run"]).ends_with(3);
    assert!(server.lines().is_empty());
}

#[test]
fn the_text_false_of_a_table_skips_nothing() {
    let server = echo();
    let project = project(&server).with("data/rows.csv", "case,off\na,false\nb,true\nc,\n").with(
        "requests/a.yaml",
        "cases: {file: data/rows.csv}\nskip: '{{ off }}'\nmethod: GET\nendpoint: /a\n",
    );
    let said = project.run(&["run"]);
    said.ends_with(0);
    assert!(said.out.contains("2 passed, 1 skipped"), "{}", said.out);
    project.write("requests/a.yaml", "skip: '{{ [1] }}'\nmethod: GET\nendpoint: /a\n");
    let said = project.run(&["check"]);
    said.ends_with(3);
    assert!(said.err.contains("requests/a.yaml:1:7"), "{}", said.err);
}
