//! Where the paths of a document begin: below the base path of each of its servers.

use super::at::At;
use super::template::Template;

/// A server of a document.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// `https://api.example.com`; empty for a relative one and for one with variables in it.
    pub(super) origin: String,
    /// Its base paths: with its variables at their defaults, and with anything in their place.
    pub(super) bases: Vec<Template>,
}

/// The servers that an object lists.
pub(super) fn servers(object: &At<'_>) -> Option<Vec<Server>> {
    let list = object.get("servers")?.items();
    let servers: Vec<Server> = list.iter().filter_map(server).collect();
    (!servers.is_empty()).then_some(servers)
}

/// The server of a document that lists none.
pub(super) fn anywhere() -> Server {
    Server { origin: String::new(), bases: vec![Template::default()] }
}

fn server(at: &At<'_>) -> Option<Server> {
    let written = at.text("url")?;
    let mut settled = written.to_owned();
    for (name, variable) in at.get("variables").map(|variables| variables.members()).unwrap_or_default() {
        let default = variable.text("default").unwrap_or_default();
        settled = settled.replace(&format!("{{{name}}}"), default);
    }
    let (origin, _) = parted(written);
    let mut bases = vec![Template::read(parted(&settled).1).ok()?];
    if settled != written {
        bases.extend(Template::read(parted(written).1));
    }
    let origin = if origin.contains('{') { String::new() } else { origin.to_ascii_lowercase() };
    Some(Server { origin, bases })
}

/// Origin and path of a server's URL, which may be relative.
fn parted(url: &str) -> (&str, &str) {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let is_absolute = after_scheme > 0;
    let path = match url[after_scheme..].find('/') {
        Some(at) if is_absolute => after_scheme + at,
        Some(_) | None if is_absolute => url.len(),
        Some(at) => at,
        None => url.len(),
    };
    (url[..path].trim_end_matches('.'), url[path..].trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::parted;

    #[test]
    fn a_server_is_an_origin_and_a_base_path() {
        assert_eq!(parted("https://a.example/v1/"), ("https://a.example", "/v1"));
        assert_eq!(parted("https://a.example"), ("https://a.example", ""));
        assert_eq!(parted("/v1"), ("", "/v1"));
        assert_eq!(parted("./v1"), ("", "/v1"));
        assert_eq!(parted("/"), ("", ""));
    }
}
