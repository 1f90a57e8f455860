//! `redirects`, from the command line: against servers that lead on.

use crate::support::{Asked, Project, Scripted, answer, key_path};

fn suite(host: &str, request: &str) -> Project {
    let environment = format!(
        "host: {host}\nheaders: {{X-Key: \"{{{{ secret('API_KEY', 'k-0123456789') }}}}\"}}\n\
         signing: {{profile: ing, key: {}, key_id: me}}\n",
        key_path("rsa.pkcs8.pem")
    );
    Project::empty()
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n")
        .with("requests/environments/bank.yaml", &environment)
        .with("requests/a.yaml", request)
        .with(
            "requests/token.yaml",
            "method: GET\nendpoint: /token\nsign: false\ncapture: {access_token: $.access_token}\n",
        )
}

const TOKEN: &str = "{\"access_token\":\"t0ken-of-the-bank\"}";

/// Answers for a token, and leads on from each of these paths to the next place.
fn leading(places: &'static [(&'static str, u16, &'static str)]) -> Scripted {
    Scripted::start(|_, heard| {
        if heard.target == "/token" {
            return answer(200, "Set-Cookie: session=s3cret-session; Path=/", TOKEN);
        }
        match places.iter().find(|(path, ..)| *path == heard.target) {
            Some((_, status, to)) => answer(*status, &format!("Location: {to}"), ""),
            None => answer(200, "", "{}"),
        }
    })
}

fn lines(heard: &[Asked]) -> Vec<String> {
    heard.iter().map(|heard| format!("{} {} {}", heard.method, heard.target, heard.body)).collect()
}

#[test]
fn nothing_is_followed_unless_it_is_asked_for() {
    let server = leading(&[("/a", 302, "/b")]);
    let project = suite(&server.host(), "method: GET\nendpoint: /a\nexpect: {status: 302}\n");
    project.run(&["run", "a"]).ends_with(0);
    assert_eq!(lines(&server.heard()), ["GET /a "]);
}

#[test]
fn each_hop_at_the_same_origin_is_signed_anew_and_keeps_its_credentials() {
    let server = leading(&[("/a", 307, "/b?x=1"), ("/b?x=1", 308, "c#part"), ("/c", 303, "/d")]);
    let request = "token: token\nmethod: POST\nendpoint: /a\nquery: {}\nbody: {json: {n: 1}}\nredirects: 3\n\
                   expect: {status: 200}\n";
    let said = suite(&server.host(), request).run(&["run", "a"]);
    said.ends_with(0);
    assert!(said.out.contains("sent 4 times"), "{}", said.out);
    let heard = server.heard().split_off(1);
    let expected = ["POST /a {\"n\":1}", "POST /b?x=1 {\"n\":1}", "POST /c {\"n\":1}", "GET /d "];
    assert_eq!(lines(&heard), expected);
    for (place, hop) in heard.iter().enumerate() {
        assert_eq!(hop.header("authorization"), "Bearer t0ken-of-the-bank", "{place}");
        assert_eq!(hop.header("x-key"), "k-0123456789", "{place}");
        assert!(hop.header("cookie").contains("session="), "{place}");
        let others = heard.iter().filter(|other| other.header("signature") == hop.header("signature"));
        assert_eq!(others.count(), 1, "every hop has a signature of its own");
    }
    assert_eq!(heard[3].header("content-type"), "");
}

#[test]
fn another_origin_gets_nothing_that_says_who_is_asking() {
    let other = Scripted::start(|_, _| answer(200, "Set-Cookie: planted=1", "{}"));
    let to = format!("Location: {}/elsewhere", other.host());
    let server = Scripted::start(move |_, heard| match heard.target.as_str() {
        "/token" => answer(200, "Set-Cookie: session=s3cret-session; Path=/", TOKEN),
        _ => answer(303, &to, ""),
    });
    let request = "token: token\nmethod: POST\nendpoint: /a\nheaders: {Accept: application/json, X-Own: mine}\n\
                   cookies: {own: cookie-value}\nbody: {json: {n: 1}}\nredirects: 1\nexpect: {status: 200}\n";
    suite(&server.host(), request).run(&["run", "a"]).ends_with(0);
    let heard = other.heard();
    assert_eq!(lines(&heard), ["GET /elsewhere "]);
    let names: Vec<String> = heard[0].headers.iter().map(|(name, _)| name.to_lowercase()).collect();
    let allowed = ["accept", "accept-encoding", "user-agent", "host"];
    assert!(names.iter().all(|name| allowed.contains(&name.as_str())), "{names:?}");
    assert_eq!(heard[0].header("accept"), "application/json");
}

#[test]
fn a_chain_that_comes_back_from_elsewhere_has_left_its_credentials_behind() {
    let bank = Scripted::start(|_, heard| match heard.target.as_str() {
        "/token" => answer(200, "Set-Cookie: session=s3cret-session; Path=/", TOKEN),
        "/pay-everything" => answer(200, "", "{}"),
        // The other server is told in the query where to lead back to.
        target => answer(302, &format!("Location: {}", target.split_once("?to=").unwrap().1), ""),
    });
    let back = format!("Location: {}/pay-everything", bank.host());
    let other = Scripted::start(move |_, _| answer(302, &back, ""));
    let request = format!(
        "token: token\nmethod: GET\nendpoint: /a?to={}\nredirects: 5\nexpect: {{status: 200}}\n",
        other.host()
    );
    suite(&bank.host(), &request).run(&["run", "a"]).ends_with(0);
    let last = bank.heard().pop().unwrap();
    assert_eq!(last.target, "/pay-everything");
    for name in ["authorization", "signature", "cookie", "x-key", "x-ing-reqid"] {
        assert_eq!(last.header(name), "", "{name}");
    }
}

#[test]
fn what_can_not_be_followed_says_so_and_shows_the_way() {
    for (places, redirects, code, words) in [
        (&[("/a", 302, "/b"), ("/b", 302, "/a")][..], 9, "redirect.loop", "/a → GET http://"),
        (&[("/a", 302, "/b"), ("/b", 302, "/c")], 1, "redirect.too_many", "/b → GET http://"),
        (&[("/a", 307, "http://127.0.0.1:1/x")], 1, "redirect.refused", "→ POST http://127.0.0.1:1/x"),
        (&[("/a", 302, "http://bank.example/")], 1, "redirect.refused", "not encrypted"),
        (&[("/a", 302, "ftp://bank.example/")], 1, "redirect.refused", "not sent over HTTP"),
    ] {
        let server = leading(places);
        let method = if places[0].1 == 307 { "POST" } else { "GET" };
        let request = format!("method: {method}\nendpoint: /a\nbody: {{text: a}}\nredirects: {redirects}\n");
        let said = suite(&server.host(), &request).run(&["run", "a"]);
        said.ends_with(5);
        assert!(said.out.contains(&format!("error[{code}]")), "{code}: {}", said.out);
        assert!(said.out.contains(words), "{code}: {}", said.out);
        assert!(said.out.contains("requests/a.yaml:4:12"), "{code}: {}", said.out);
    }
}

#[test]
fn the_suite_says_how_many_are_followed_and_a_request_says_otherwise() {
    let server = leading(&[("/a", 302, "/b"), ("/c", 302, "/d")]);
    let project = suite(&server.host(), "method: GET\nendpoint: /a\nexpect: {status: 200}\n")
        .with("requests/suite.yaml", "defaults: {snapshot: false, redirects: 1}\n")
        .with("requests/c.yaml", "method: GET\nendpoint: /c\nredirects: 0\nexpect: {status: 302}\n");
    project.run(&["run", "a", "c"]).ends_with(0);
}
