//! Every shipped profile from end to end: the real binary signs a request, sends it over mutual TLS
//! to `countersign sandbox --profile NAME`, which verifies it with nothing of the signer's state.

use std::process::Command;

use countersign::sign::{Algorithm, Profile};
use serde_json::Value;

use crate::support::{Project, Said, Server, have, raw, said};

const SECRET: &str = "a-secret-that-both-sides-know";

/// One suite with a bank and a client for each profile.
struct Fair {
    project: Project,
}

/// A profile that is tried, in its way to carry a token.
struct Stall<'a> {
    project: &'a Project,
    name: &'a str,
    bank: Server,
    /// The options of `verify` that name the key.
    key: [&'a str; 2],
}

impl Fair {
    fn new() -> Self {
        let project = Project::empty();
        project.run(&["certs", "new", "tls", "--kind", "p-256"]).ends_with(0);
        Self { project }
    }

    fn open<'a>(&'a self, name: &'a str) -> Stall<'a> {
        let profile = Profile::shipped(name).unwrap();
        let signing = self.signing(&profile);
        let environment = |host: &str, tls: &str| {
            let example = |name: &String| format!("  {name}: example-{name}");
            let variables = variables(&profile).iter().map(example).collect::<Vec<_>>().join("\n");
            format!(
                "host: {host}\nvariables:\n{variables}\ntls:\n  certificate: certificates/tls.crt\n  \
                 key: certificates/tls.key\n{tls}signing:\n  profile: {name}\n{signing}"
            )
        };
        self.project.write("requests/environments/bank.yaml", &environment("embedded", ""));
        let arguments = ["sandbox", "--env", "bank", "--profile", name, "--json", "--stop-with-stdin"];
        let mut command = self.project.command(&arguments);
        let bank = Server::start(command.env("SHARED", SECRET));
        let tls = format!("  ca: certificates/sandbox_{}_ca.pem\n  ca_only: true\n", bank.port());
        let client = environment(bank.fact("host"), &tls);
        self.project.write("requests/environments/client.yaml", &client);
        Stall { project: &self.project, name, bank, key: key_options(&profile) }
    }

    /// What the profile signs with; a key of each kind is made once.
    fn signing(&self, profile: &Profile) -> String {
        let kind = match profile.scheme().algorithm() {
            Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512 => {
                return "  secret: \"{{ secret('SHARED') }}\"\n".into();
            }
            Algorithm::EcdsaSha256 => "p-256",
            Algorithm::EcdsaSha384 => "p-384",
            Algorithm::EcdsaSha512 => "p-521",
            Algorithm::Ed25519 => "ed25519",
            _ => "rsa-2048",
        };
        let key_id = if profile.key_id(true).is_none() { "  key_id: example-key\n" } else { "" };
        if !self.project.has(&format!("certificates/{kind}.key")) {
            self.project.run(&["certs", "new", kind, "--kind", kind]).ends_with(0);
        }
        format!("  key: certificates/{kind}.key\n  certificate: certificates/{kind}.crt\n{key_id}")
    }
}

/// What `verify` is told of the key that [`Fair::signing`] gives.
fn key_options(profile: &Profile) -> [&'static str; 2] {
    match profile.scheme().algorithm() {
        Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512 => ["--secret-env", "SHARED"],
        Algorithm::EcdsaSha256 => ["--key", "certificates/p-256.crt"],
        Algorithm::EcdsaSha384 => ["--key", "certificates/p-384.crt"],
        Algorithm::EcdsaSha512 => ["--key", "certificates/p-521.crt"],
        Algorithm::Ed25519 => ["--key", "certificates/ed25519.crt"],
        _ => ["--key", "certificates/rsa-2048.crt"],
    }
}

/// The variables that the templates of a profile insert.
fn variables(profile: &Profile) -> Vec<String> {
    let mentioned = regex::Regex::new(r"\{\{-?\s*([a-z_]+)\s*(\}|\||-)").unwrap();
    let text = profile.to_yaml();
    let mut names: Vec<_> = mentioned.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    names.push("client_id".into());
    names.sort();
    names.dedup();
    names
}

impl Stall<'_> {
    /// A request with or without a token. Some profiles sign only one of them.
    fn write_request(&self, with_token: bool) {
        let token = if with_token { "  Authorization: Bearer example-token\n" } else { "" };
        self.project.write(
            "requests/probe.yaml",
            &format!(
                "method: POST\nendpoint: /probe/of/it\nquery: {{currency: EUR, note: a b}}\n\
                 headers:\n  Accept: application/json\n{token}body:\n  json: {{amount: \"10.00\"}}\n\
                 expect:\n  status: 200\n  body:\n    $.verified: true\n    $.profile: {}\nsnapshot: false\n",
                self.name
            ),
        );
    }

    /// Whether the request can be signed at all; then it must verify.
    fn is_verified(&self) -> bool {
        let arguments = ["run", "probe", "--env", "client"];
        let said = said(&self.project.command(&arguments).env("SHARED", SECRET).output().unwrap());
        if said.code == 3 && said.err.contains("sign.failed") {
            return false;
        }
        assert_eq!(said.code, 0, "{}:\n{}{}", self.name, said.out, said.err);
        true
    }

    /// What `verify` says of the request as it would be sent, with these further arguments.
    fn recorded(&self, arguments: &[&str]) -> Said {
        let explain = ["explain", "probe", "--env", "client", "--json"];
        let explained = said(&self.project.command(&explain).env("SHARED", SECRET).output().unwrap());
        explained.ends_with(0);
        let message = serde_json::from_str(&explained.out).unwrap();
        self.project.write("message.http", &raw(&message));
        let arguments = [&["verify", "message.http"], arguments].concat();
        said(&self.project.command(&arguments).env("SHARED", SECRET).output().unwrap())
    }

    /// The answer to the same request as curl sends it, changed on its way.
    fn sent_by_curl(&self, change: &dyn Fn(&str) -> String) -> (u16, Value) {
        let arguments = ["explain", "probe", "--env", "client", "--curl"];
        let explained = said(&self.project.command(&arguments).env("SHARED", SECRET).output().unwrap());
        explained.ends_with(0);
        let mut shell = Command::new("sh");
        shell.args(["-c", &change(&explained.out)]).current_dir(self.project.path());
        let answer = said(&shell.output().unwrap());
        let (head, body) = answer.out.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }
}

#[test]
fn every_shipped_profile_is_verified_over_mutual_tls_and_refused_once_it_is_tampered_with() {
    let fair = Fair::new();
    for name in Profile::shipped_names() {
        let stall = fair.open(name);
        let mut ways = 0;
        for with_token in [false, true] {
            stall.write_request(with_token);
            if !stall.is_verified() {
                continue;
            }
            ways += 1;
            stall.recorded(&["--profile", name, "--env", "client"]).ends_with(0);
            let guessed = stall.recorded(&stall.key);
            // What an HMAC over a template is made of, no message says.
            let expected = if Profile::shipped(name).unwrap().scheme().name() == "hmac" { 2 } else { 0 };
            guessed.ends_with(expected);
            if !have("curl") {
                continue;
            }
            let (status, answer) = stall.sent_by_curl(&str::to_owned);
            assert_eq!((status, &answer["profile"]), (200, &name.into()), "{answer:#}");
            let tampered = |text: &str| {
                assert!(text.contains("10.00"), "{text}");
                text.replace("10.00", "10.01")
            };
            let (status, answer) = stall.sent_by_curl(&tampered);
            let reason = answer["detail"]["reason"].as_str().unwrap_or_default();
            assert_eq!(status, 401, "{name}: {answer:#}");
            let begins = format!("not signed as `{name}` says: ");
            let said = reason.strip_prefix(&begins).unwrap_or_else(|| panic!("{name}: {reason}"));
            let mends = ["digest", "body", "is not of this text", "does not verify"];
            assert!(mends.iter().any(|mend| said.to_lowercase().contains(mend)), "{name}: {said}");
            assert!(!answer.to_string().contains("example-token"), "{answer:#}");
        }
        assert!(ways > 0, "{name} signs no request");
        assert_eq!(stall.bank.stop(), 0);
    }
}

#[test]
fn a_verifier_of_all_profiles_says_which_one_fits_and_one_of_an_unknown_profile_does_not_start() {
    let fair = Fair::new();
    let stall = fair.open("ing");
    assert_eq!(stall.bank.stop(), 0);
    let arguments = ["sandbox", "--env", "bank", "--profile", "all", "--json", "--stop-with-stdin"];
    let bank = Server::start(&mut fair.project.command(&arguments));
    let client = fair.project.read("requests/environments/client.yaml");
    let port = regex::Regex::new(r"(127\.0\.0\.1:|sandbox_)\d+").unwrap();
    let client = port.replace_all(&client, format!("${{1}}{}", bank.port()));
    fair.project.write("requests/environments/client.yaml", &client);
    fair.project.write(
        "requests/probe.yaml",
        "method: GET\nendpoint: /\nexpect: {status: 200, body: {$.verified: true, $.scheme: cavage}}\nsnapshot: false\n",
    );
    fair.project.run(&["run", "probe", "--env", "client"]).ends_with(0);
    assert_eq!(bank.stop(), 0);
    let said = fair.project.run(&["sandbox", "--env", "bank", "--profile", "ign"]);
    said.ends_with(3);
    assert!(said.err.contains("did you mean `ing`?"), "{}", said.err);
}
