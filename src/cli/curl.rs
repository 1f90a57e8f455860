//! A signed request as a curl command.
//!
//! Secrets are not printed, nor what is not known yet: a shell variable stands in their place,
//! outside the single quotes around everything else, so that the command works once it is set. The
//! signature in it was made over the real values, as far as these are known.

use std::fmt::Write;
use std::net::IpAddr;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use countersign::diag::is_invisible;
use countersign::files::Root;
use countersign::limits;
use countersign::message::Message;
use countersign::secret::{Piece, Redactor};
use countersign::send::Way;
use countersign::spec::{HttpVersion, Proxy, Resolve, Tls, TlsVersion};
use countersign::template::url_part;

use url::{Position, Url};

use super::placeholder;

/// What the command is made of.
pub(super) struct Curl<'a> {
    pub(super) message: &'a Message,
    pub(super) tls: &'a Tls,
    pub(super) route: Route<'a>,
    /// What relative paths are relative to.
    pub(super) root: &'a Root,
    pub(super) redactor: &'a Redactor,
}

/// How the message gets to its server.
pub(super) struct Route<'a> {
    /// Addresses that no name server is asked for.
    pub(super) resolve: &'a [Resolve],
    pub(super) way: &'a Way,
    /// Whether it was said that there is no proxy.
    pub(super) straight: bool,
}

/// A command, and what whoever runs it has to know.
pub(super) struct Command {
    pub(super) text: String,
    /// Shell variables that have to be set.
    pub(super) variables: Vec<String>,
    /// Those of them that are not a secret itself, but a secret as the message spells it.
    pub(super) encoded: Vec<String>,
}

/// Behind the name of a variable that holds a secret as the message spells it.
const ENCODED: &str = "_encoded";

impl Curl<'_> {
    /// The command, one option a line.
    pub(super) fn command(&self) -> Command {
        let mut shell = Shell { redactor: self.redactor, variables: Vec::new() };
        let message = self.message;
        let method = shell.word(&message.method);
        let mut lines = vec![format!("curl --silent --show-error --include --request {method}")];
        let renamed = self.renamed();
        let url = renamed.as_ref().map_or(&message.url, |(url, _)| url).as_str();
        // Brackets and braces would be a pattern for several URLs.
        let globs = url.contains(['[', ']', '{', '}']);
        lines.push(format!("{}{}", if globs { "--globoff " } else { "" }, shell.word(url)));
        lines.extend(self.tls_options(&mut shell));
        lines.extend(self.route_options(renamed.as_ref().map(|(_, options)| options)));
        lines.extend(self.way_options(&mut shell, renamed.is_some()));
        for (name, value) in message.headers.iter() {
            let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            lines.push(format!("--header {}", shell.word(&field)));
        }
        let mut before = String::new();
        match std::str::from_utf8(&message.body) {
            Ok("") => {}
            // Unlike `--data-binary`, this takes an `@` at the beginning as it is.
            Ok(text) if !text.contains('\0') => lines.push(format!("--data-raw {}", shell.word(text))),
            _ => {
                let encoded = BASE64_STANDARD.encode(&message.body);
                let _ = write!(before, "printf %s {encoded} | base64 --decode | ");
                lines.push("--data-binary @-".into());
            }
        }
        let text = format!("{before}{}\n", lines.join(" \\\n  "));
        let variables: Vec<String> = shell.variables.into_iter().map(|(_, name)| name).collect();
        let encoded = variables.iter().filter(|name| name.contains(ENCODED)).cloned().collect();
        Command { text, variables, encoded }
    }

    fn tls_options(&self, shell: &mut Shell<'_>) -> Vec<String> {
        let option = |name: &str, path: &str| format!("--{name} {}", quoted(&self.path(path)));
        let mut options = Vec::new();
        options.extend(self.tls.certificate.as_deref().map(|path| option("cert", path)));
        options.extend(self.tls.key.as_deref().map(|path| option("key", path)));
        options.extend(
            self.tls.pkcs12.as_deref().map(|path| format!("--cert-type P12 {}", option("cert", path))),
        );
        options
            .extend(self.tls.passphrase.as_ref().map(|it| format!("--pass {}", shell.secret(it.expose()))));
        options.extend(self.tls.ca.first().map(|path| option("cacert", path)));
        options
    }

    /// The URL with the name that the server is asked for, and what leads to the host all the same.
    fn renamed(&self) -> Option<(Url, Vec<String>)> {
        let name = self.tls.options.server_name.as_deref()?;
        let mut url = self.message.url.clone();
        let (host, port) = (url.host_str()?.to_owned(), url.port_or_known_default()?);
        let mut options = vec![format!("--http1.1 --connect-to {name}:{port}:{host}:{port}")];
        if !self.message.headers.contains("host") {
            let authority = &url[Position::BeforeHost..Position::AfterPort];
            options.push(format!("--header {}", quoted(&format!("host: {authority}"))));
        }
        url.set_host(Some(name)).ok()?;
        Some((url, options))
    }

    fn route_options(&self, renamed: Option<&Vec<String>>) -> Vec<String> {
        let asked = &self.tls.options;
        let mut options = renamed.cloned().unwrap_or_default();
        let resolve = |entry: &Resolve| match entry.address {
            IpAddr::V6(address) => format!("--resolve '{}:{}:[{address}]'", entry.host, entry.port),
            IpAddr::V4(address) => format!("--resolve {}:{}:{address}", entry.host, entry.port),
        };
        options.extend(self.route.resolve.iter().map(resolve));
        // What curl compares has a slash more than RFC 7469.
        let pins: Vec<String> = asked.pins.iter().map(|pin| pin.to_string().replacen('/', "//", 1)).collect();
        if !pins.is_empty() {
            options.push(format!("--pinnedpubkey {}", quoted(&pins.join(";"))));
        }
        if asked.min_version == TlsVersion::Tls13 {
            options.push("--tlsv1.3".to_owned());
        }
        if !asked.verify {
            options.push("--insecure".to_owned());
        }
        options
    }

    /// `--http1.1`, `--connect-timeout` and `--proxy`.
    fn way_options(&self, shell: &mut Shell<'_>, renamed: bool) -> Vec<String> {
        let Route { way, straight, .. } = &self.route;
        let secure = self.message.url.scheme() == "https";
        let version = match way.http_version {
            _ if renamed => None,
            HttpVersion::Auto => None,
            HttpVersion::Http11 => Some("--http1.1"),
            HttpVersion::Http2 if secure => Some("--http2"),
            HttpVersion::Http2 => Some("--http2-prior-knowledge"),
        };
        let mut options: Vec<String> = version.map(str::to_owned).into_iter().collect();
        if way.connect_timeout != limits::CONNECT_TIMEOUT {
            options.push(format!("--connect-timeout {}", way.connect_timeout.as_secs_f64()));
        }
        options.extend(
            way.proxy.as_ref().map(|proxy| format!("--proxy {}", shell.word(&with_credentials(proxy)))),
        );
        options.extend(straight.then(|| "--noproxy '*'".to_owned()));
        options
    }

    /// As written where that leads there from the working directory, else absolute.
    fn path(&self, written: &str) -> String {
        let here = Path::new(".").canonicalize();
        if here.is_ok_and(|here| here == self.root.path()) {
            return written.to_owned();
        }
        self.root.join(written).display().to_string()
    }
}

fn with_credentials(proxy: &Proxy) -> String {
    let Some((user, password)) = proxy.credentials() else { return proxy.to_string() };
    let (user, password) = (url_part(user), url_part(password));
    format!("{}://{user}:{password}@{}", proxy.scheme().name(), proxy.authority())
}

/// Makes words of a POSIX shell, and remembers which variables they use.
struct Shell<'a> {
    redactor: &'a Redactor,
    /// What each stands for, and its name.
    variables: Vec<(Meaning, String)>,
}

#[derive(PartialEq, Eq)]
enum Meaning {
    Unknown(String),
    Secret(String),
}

impl Shell<'_> {
    fn word(&mut self, text: &str) -> String {
        let mut word = String::new();
        let mut rest = text;
        while let Some((before, name, behind)) = placeholder::next(rest) {
            word += &self.known(before);
            word += &self.variable(&name.clone(), Meaning::Unknown(name));
            rest = behind;
        }
        word += &self.known(rest);
        if word.is_empty() { "''".into() } else { word }
    }

    /// A text that is secret as a whole, however short.
    fn secret(&mut self, text: &str) -> String {
        match self.redactor.pieces(text).as_slice() {
            [] => quoted(text),
            [Piece::Plain(_)] => self.variable("KEY_PASSPHRASE", Meaning::Secret(text.to_owned())),
            _ => self.known(text),
        }
    }

    /// A text without placeholders.
    fn known(&mut self, text: &str) -> String {
        let redactor = self.redactor;
        let mut word = String::new();
        for piece in redactor.pieces(text) {
            match piece {
                Piece::Plain(text) => word += &quoted(text),
                Piece::Secret { name, text, exact } => {
                    let name = if exact { name } else { name + ENCODED };
                    word += &self.variable(&name, Meaning::Secret(text.to_owned()));
                }
            }
        }
        word
    }

    /// `"$name"`: one variable for one meaning.
    fn variable(&mut self, name: &str, meaning: Meaning) -> String {
        if let Some((_, known)) = self.variables.iter().find(|(known, _)| *known == meaning) {
            return format!("\"${known}\"");
        }
        let mut safe: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if safe.starts_with(|first: char| first.is_ascii_digit()) || safe.is_empty() {
            safe.insert(0, '_');
        }
        let is_free = |name: &String| self.variables.iter().all(|(_, taken)| taken != name);
        let numbered = (2..).map(|number| format!("{safe}_{number}"));
        let name = std::iter::once(safe.clone()).chain(numbered).find(is_free).unwrap_or(safe);
        self.variables.push((meaning, name.clone()));
        format!("\"${name}\"")
    }
}

/// In single quotes, which nothing in a POSIX shell looks into, where it needs any.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut word = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => word += r"'\''",
            // Nothing that a terminal obeys may be printed, and the command must make it all the same.
            control if control != '\n' && is_invisible(control) => {
                word += "'\"$(printf '";
                for byte in control.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(word, "\\{byte:03o}");
                }
                word += "')\"'";
            }
            plain => word.push(plain),
        }
    }
    word + "'"
}
