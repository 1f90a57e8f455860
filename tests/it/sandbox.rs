//! `countersign sandbox`: the embedded bank, served for other clients.

use std::net::TcpListener;

use crate::support::{Project, Server, repository};

/// The client's side of a bank that is served elsewhere, as `docs/sandbox.md` has it, and the
/// commands there.
fn recipe() -> (String, Vec<Vec<String>>) {
    let page = std::fs::read_to_string(repository().join("docs/sandbox.md")).unwrap();
    let block = |fence: &str, mark: &str| {
        let mut blocks = page.split(fence).skip(1).map(|rest| rest.split("```").next().unwrap());
        blocks.find(|block| block.contains(mark)).unwrap_or_else(|| panic!("no {mark}")).to_owned()
    };
    let commands = block("```sh\n", "countersign sandbox");
    let words = |line: &str| {
        let command = line.split('#').next().unwrap().strip_prefix("countersign ").unwrap();
        command.split_whitespace().map(str::to_owned).collect()
    };
    (block("```yaml\n", "environments/served.yaml"), commands.lines().map(words).collect())
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

#[test]
fn a_suite_talks_to_a_bank_that_is_served_as_the_page_says() {
    let project = Project::shipped();
    let (environment, commands) = recipe();
    let port = free_port();
    project.write("requests/environments/served.yaml", &environment.replace("8443", &port));
    let [serve, run] = commands.as_slice() else { panic!("two commands: {commands:?}") };
    let serve: Vec<String> = serve.iter().map(|word| word.replace("8443", &port)).collect();
    let mut command = project.command(&serve.iter().map(String::as_str).collect::<Vec<_>>());
    let bank = Server::start(command.args(["--json", "--stop-with-stdin"]));
    let said = project.run(&run.iter().map(String::as_str).collect::<Vec<_>>());
    said.ends_with(0);
    assert!(said.out.contains("✓ greeting"), "{}", said.out);
    assert_eq!(bank.stop(), 0);
}

/// The worked example of `--profile`: both environments, the request and the commands of the page.
#[test]
fn a_suite_is_verified_by_a_profile_as_the_page_says() {
    let page = std::fs::read_to_string(repository().join("docs/sandbox.md")).unwrap();
    let port = free_port();
    let mut project = Project::empty();
    for block in page.split("```yaml\n# ").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        let (path, text) = block.split_once('\n').unwrap();
        project = project.with(path, &text.replace("8443", &port));
    }
    let serve = ["sandbox", "--env", "rabobank", "--profile", "rabobank", "--port", &port];
    let run = ["run", "balances", "--env", "verifier"];
    for command in [serve[..5].join(" "), run.join(" ")] {
        assert!(page.contains(&format!("\ncountersign {command}")), "{command}");
    }
    let bank = Server::start(project.command(&serve).args(["--json", "--stop-with-stdin"]));
    let said = project.run(&run);
    said.ends_with(0);
    assert!(said.out.contains("✓ balances"), "{}", said.out);
    assert_eq!(bank.stop(), 0);
}

/// Each flavour of ING's that `docs/sandbox.md` names.
#[test]
fn every_flavour_of_a_token_leads_to_a_greeting() {
    let said = Project::of("flavours").run(&["run"]);
    said.ends_with(0);
    for name in ["psd2_token", "psd2_greeting", "mtls_token", "mtls_greeting", "jws_greeting"] {
        assert!(said.out.contains(&format!("✓ {name} ")), "{name}: {}", said.out);
    }
}

#[test]
fn the_signature_of_an_answer_is_checked_with_the_certificate_that_the_bank_publishes() {
    let project = Project::of("flavours");
    let bank = Server::sandbox(&project);
    let environment = project.read("requests/environments/embedded.yaml");
    let tls = format!("tls:\n  ca: certificates/sandbox_{}_ca.pem\n  ca_only: true\n", bank.port());
    let served = environment.replace("embedded", bank.fact("host")).replace("tls:\n", &tls);
    project.write("requests/environments/served.yaml", &served);
    let file = format!("certificates/sandbox_{}_signing.pem", bank.port());
    assert!(bank.fact("answer_certificate").ends_with(&file), "{}", bank.facts);
    let greeting = project.read("requests/jws/greeting.yaml");
    let expecting = |key: &str| {
        let signature = format!("expect:\n  signature: {{profile: ing-jws, key: {key}}}\n");
        let asking =
            greeting.replace("expect:\n", &signature).replace("  body:\n", "  body:\n    signature: true\n");
        project.write("requests/jws/greeting.yaml", &asking);
        project.run(&["run", "jws_greeting", "--env", "served"])
    };
    expecting(&file).ends_with(0);
    let said = expecting("certificates/tls.crt");
    said.ends_with(1);
    assert!(said.out.contains("error[expect.signature]: `signature` is false"), "{}", said.out);
    assert_eq!(bank.stop(), 0);
    assert!(!project.has(&file));
}

#[test]
fn two_banks_at_once_keep_their_ca_files_which_go_when_they_close() {
    let project = Project::shipped();
    let (first, second) = (Server::sandbox(&project), Server::sandbox(&project));
    let of = |bank: &Server| format!("certificates/sandbox_{}_ca.pem", bank.port());
    let files = [of(&first), of(&second)];
    for (bank, file) in [(&first, &files[0]), (&second, &files[1])] {
        assert!(bank.fact("ca").ends_with(file.as_str()), "{}", bank.facts);
        assert!(project.has(file), "{file}");
    }
    assert_ne!(project.read(&files[0]), project.read(&files[1]));
    assert_eq!(first.signal("TERM"), 0);
    assert_eq!((project.has(&files[0]), project.has(&files[1])), (false, true));
    assert_eq!(second.stop(), 0);
    assert!(!project.has(&files[1]));
    let third = Server::sandbox(&project);
    let file = of(&third);
    assert_eq!(third.signal("INT"), 0);
    assert!(!project.has(&file));
}

#[test]
fn the_ca_of_another_start_is_explained() {
    let project = Project::shipped();
    let (environment, _) = recipe();
    let (one, other) = (Server::sandbox(&project), Server::sandbox(&project));
    let mixed = environment
        .replace("127.0.0.1:8443", &format!("127.0.0.1:{}", one.port()))
        .replace("sandbox_8443", &format!("sandbox_{}", other.port()));
    project.write("requests/environments/served.yaml", &mixed);
    let said = project.run(&["run", "--env", "served"]);
    said.ends_with(5);
    assert!(said.all().contains("its signature is not its issuer's"), "{}", said.all());
    assert!(said.all().contains("of another authority with the same name"), "{}", said.all());
    assert_eq!((one.stop(), other.stop()), (0, 0));
}

#[cfg(unix)]
#[test]
fn a_symlink_in_the_place_of_the_ca_is_not_written_through() {
    let project = Project::shipped();
    project.run(&["certs", "check", "--env", "embedded"]).ends_with(0);
    let port = free_port();
    project.write("precious", "mine\n");
    let file = format!("certificates/sandbox_{port}_ca.pem");
    std::os::unix::fs::symlink(project.path().join("precious"), project.path().join(&file)).unwrap();
    let said = project.run(&["sandbox", "--port", &port, "--stop-with-stdin"]);
    said.ends_with(6);
    assert!(said.err.contains("is a symlink"), "{}", said.err);
    assert_eq!(project.read("precious"), "mine\n");
}

#[test]
fn a_port_that_is_taken_is_told_as_such_and_is_no_fault_of_the_suite() {
    let project = Project::shipped();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = project.run(&["sandbox", "--port", &port, "--stop-with-stdin"]);
    said.ends_with(6);
    insta::assert_snapshot!(said.err.replace(&port, "[port]").trim_end(), @r"
    error[sandbox.port]: the embedded bank can't be started: port [port] is in use by another program
     |
     = help: end the other program, or choose another port with `--port`; 0 takes a free one
    ");
    assert!(!project.has(&format!("certificates/sandbox_{port}_ca.pem")));
}
