//! How requests travel, from the command line: timeouts, versions of HTTP, and proxies of our own
//! that count what goes through them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "files of a test's own folder")]

use std::time::Duration;

use crate::support::{Canned, Policy, Project, Proxy, Said, Server, said};

const GREETING: &str = "method: GET\nendpoint: /greetings/single\nsnapshot: false\n";

/// The shipped suite against a bank that is served beside it, under a port where nothing listens:
/// whoever reaches it went through the proxy.
struct Served {
    project: Project,
    bank: Server,
}

impl Served {
    const HOST: &str = "https://127.0.0.1:1";

    fn new() -> Self {
        let project = Project::shipped();
        let bank = Server::sandbox(&project);
        Self { project, bank }
    }

    fn port(&self) -> u16 {
        self.bank.port().parse().unwrap()
    }

    /// The environment with these lines; the certificate is for `localhost`.
    fn environment(&self, host: &str, lines: &str) {
        let written = self.project.read("requests/environments/embedded.yaml");
        let tls = format!(
            "tls:\n  server_name: localhost\n  ca: certificates/sandbox_{}_ca.pem\n  ca_only: true\n",
            self.bank.port()
        );
        let text = written.replace("host: embedded", &format!("host: {host}")).replace("tls:\n", &tls);
        self.project.write("requests/environments/served.yaml", &format!("{text}{lines}"));
    }

    fn run(&self, variables: &[(&str, &str)]) -> Said {
        let mut command = self.project.command(&["run", "greeting", "--env", "served", "--snapshots", "no"]);
        said(&command.envs(variables.iter().copied()).output().unwrap())
    }
}

#[test]
fn a_request_goes_through_the_proxy_with_its_client_certificate_and_nothing_else_does() {
    let served = Served::new();
    let proxy = Proxy::http(served.port(), Policy::Open);
    let url = format!("proxy: http://127.0.0.1:{}\n", proxy.port());
    served.environment(Served::HOST, &url);
    served.run(&[]).ends_with(0);
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.len() <= 2, "one tunnel for each connection: {asked:?}");
    for head in asked {
        assert!(head.starts_with("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"), "{head}");
        assert!(!head.contains("Bearer") && !head.contains("Signature"), "{head}");
    }
}

#[test]
fn socks_looks_names_up_at_the_proxy_or_here() {
    let served = Served::new();
    for (scheme, host, asked) in
        [("socks5h", "localhost", "localhost"), ("socks5", "127.0.0.1", "[127, 0, 0, 1]")]
    {
        let proxy = Proxy::socks(served.port());
        served.environment(
            &format!("https://{host}:1"),
            &format!("proxy: {scheme}://127.0.0.1:{}\n", proxy.port()),
        );
        served.run(&[]).ends_with(0);
        assert!(
            proxy.asked().iter().all(|host| host == asked) && !proxy.asked().is_empty(),
            "{:?}",
            proxy.asked()
        );
    }
}

#[test]
fn the_proxy_of_the_variables_is_taken_unless_something_speaks_against_it() {
    let served = Served::new();
    let proxy = Proxy::http(served.port(), Policy::Open);
    let url = format!("http://127.0.0.1:{}", proxy.port());
    served.environment("https://bank.invalid", "");
    // The bank is reached, and does not know itself by that name.
    assert!(served.run(&[("HTTPS_PROXY", &url)]).ends_with(1).out.contains("`status` is 404"));
    let tunnels = proxy.asked().len();
    assert!(tunnels > 0);
    served.run(&[("all_proxy", &url)]).ends_with(1);
    assert!(proxy.asked().len() > tunnels);
    let tunnels = proxy.asked().len();
    served.run(&[("HTTPS_PROXY", &url), ("NO_PROXY", "invalid")]).ends_with(5);
    served.environment("https://bank.invalid", "proxy: false\n");
    served.run(&[("HTTPS_PROXY", &url)]).ends_with(5);
    served.environment(&format!("https://localhost:{}", served.port()), "");
    served.run(&[("HTTPS_PROXY", &url)]).ends_with(0);
    let embedded = ["run", "greeting", "--env", "embedded", "--snapshots", "no"];
    let inside = served.project.command(&embedded).env("ALL_PROXY", &url).output().unwrap();
    said(&inside).ends_with(0);
    assert_eq!(proxy.asked().len(), tunnels, "{:?}", proxy.asked());
    served.environment("https://bank.invalid", "");
    let wrong = served.run(&[("HTTPS_PROXY", "ftp://me:hunter2-hunter2@proxy")]);
    wrong.ends_with(3);
    assert!(wrong.err.contains("the environment variable `HTTPS_PROXY` has another scheme"), "{}", wrong.err);
    assert!(!wrong.all().contains("hunter2"), "{}", wrong.all());
}

#[test]
fn the_password_of_a_proxy_is_sent_to_it_and_shown_to_nobody() {
    let served = Served::new();
    // me:hunter2/hunter2
    let proxy = Proxy::http(served.port(), Policy::Wants("Basic bWU6aHVudGVyMi9odW50ZXIy"));
    let url = format!("\"http://me:{{{{ env('WORD') | urlencode }}}}@127.0.0.1:{}\"", proxy.port());
    served.environment(Served::HOST, &format!("proxy: {url}\n"));
    let word = [("WORD", "hunter2/hunter2")];
    served.run(&word).ends_with(0);
    let mut explain = served.project.command(&["explain", "token", "--env", "served", "--curl"]);
    let curl = said(&explain.envs(word).output().unwrap());
    curl.ends_with(0);
    assert!(curl.out.contains("--proxy http://me:\"$proxy_password_encoded\"@127.0.0.1:"), "{}", curl.out);
    let refused = served.run(&[("WORD", "another-one")]);
    refused.ends_with(5);
    let sentence = format!(
        "error[proxy.refused]: the proxy `http://127.0.0.1:{}` refused our credentials (407)",
        proxy.port()
    );
    assert!(refused.out.contains(&sentence), "{}", refused.all());
    for said in [&curl, &refused] {
        assert!(!said.all().contains("hunter2") && !said.all().contains("another-one"), "{}", said.all());
    }
}

#[test]
fn a_proxy_that_does_not_let_us_through_is_named_with_what_it_says() {
    let served = Served::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (proxy, sentences) in [
        (Proxy::http(1, Policy::Wants("x")).port(), ["error[proxy.refused]", "wants credentials (407)"]),
        (
            Proxy::http(1, Policy::Refuses("403 Forbidden")).port(),
            ["error[proxy.refused]", "does not connect us with `bank.invalid:443`: it answers 403"],
        ),
        (
            gone,
            ["error[proxy.failed]: no way through the proxy `http://127.0.0.1:", "refused the connection"],
        ),
    ] {
        served.environment("https://bank.invalid", &format!("proxy: http://127.0.0.1:{proxy}\n"));
        let said = served.run(&[]);
        said.ends_with(5);
        for sentence in sentences {
            assert!(said.out.contains(sentence), "{sentence} is not in\n{}", said.all());
        }
        assert!(!said.all().contains("may have acted"), "{}", said.all());
    }
}

#[test]
fn a_version_of_http_is_spoken_because_the_request_its_environment_or_the_suite_says_so() {
    let environment = Project::embedded().read("requests/environments/embedded.yaml");
    let version = |suite: &str, of_environment: &str, of_request: &str| {
        let token = Project::shipped().read("requests/token.yaml");
        let project = Project::empty()
            .with("requests/suite.yaml", &format!("defaults: {{timeout: 20s{suite}}}\n"))
            .with("requests/environments/embedded.yaml", &format!("{environment}{of_environment}"))
            .with("requests/token.yaml", &format!("{token}{of_request}"));
        let said = project.run(&["run", "token", "--snapshots", "no", "--report", "json"]);
        ["HTTP/1.1", "HTTP/2"]
            .into_iter()
            .find(|version| said.out.contains(&format!("\"version\":\"{version}\"")))
    };
    assert_eq!(version("", "", ""), Some("HTTP/2"));
    assert_eq!(version(", http_version: 1.1", "", ""), Some("HTTP/1.1"));
    assert_eq!(version(", http_version: 1.1", "http_version: auto\n", ""), Some("HTTP/2"));
    assert_eq!(version("", "http_version: auto\n", "http_version: 1.1\n"), Some("HTTP/1.1"));
    assert_eq!(version(", http_version: 1.1", "", "http_version: 2\n"), Some("HTTP/2"));
}

#[test]
fn a_server_without_http_2_is_told_apart_where_nothing_else_is_asked_for() {
    let canned = Canned::start("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", Duration::ZERO);
    let project = Project::empty()
        .with("requests/environments/test.yaml", &format!("host: {}\nhttp_version: 2\n", canned.url()))
        .with("requests/a.yaml", GREETING);
    let said = project.run(&["run"]);
    said.ends_with(5);
    assert!(said.out.contains("speaks HTTP/2 without asking: the server may not know it"), "{}", said.all());
}

#[test]
fn connecting_takes_no_longer_than_the_nearest_file_says() {
    // Nothing answers in this network (RFC 5737); where it is refused at once, that is no timeout.
    let project = Project::empty()
        .with("requests/suite.yaml", "defaults: {connect_timeout: 9m}\n")
        .with("requests/environments/test.yaml", "host: https://192.0.2.1\nconnect_timeout: 8m\n")
        .with("requests/a.yaml", &format!("{GREETING}connect_timeout: 1ms\n"))
        .with("requests/b.yaml", GREETING);
    let said = project.run(&["run", "a"]);
    said.ends_with(5);
    assert!(said.out.contains("within 1 ms") || said.out.contains("error[connect."), "{}", said.all());
    let curl = |name: &str| project.run(&["explain", name, "--curl"]).out;
    assert!(curl("a").contains("--connect-timeout 0.001"), "{}", curl("a"));
    assert!(curl("b").contains("--connect-timeout 480"), "{}", curl("b"));
}

#[test]
fn curl_gets_the_way_too() {
    let project = Project::empty()
        .with(
            "requests/environments/test.yaml",
            "host: https://bank.invalid\nproxy: socks5h://proxy.invalid\n",
        )
        .with("requests/a.yaml", &format!("{GREETING}http_version: 2\n"))
        .with("requests/b.yaml", &format!("{GREETING}http_version: 1.1\nproxy: false\n"));
    let curl = |name: &str| project.run(&["explain", name, "--curl"]).out;
    for option in ["--http2 ", "--proxy socks5h://proxy.invalid:1080"] {
        assert!(curl("a").contains(option), "{}", curl("a"));
    }
    for option in ["--http1.1 ", "--noproxy '*'"] {
        assert!(curl("b").contains(option), "{}", curl("b"));
    }
}
