//! `redirects`: where an answer leads on to, and whether the request may follow (RFC 9110, section
//! 15.4, and what the Fetch standard says of methods). Pure.

use url::Url;

use crate::diag::{Code, Diagnostic};
use crate::message::{Answer, Message};
use crate::render::{Baggage, Hop, sendable};
use crate::send::Exchange;

/// How far a chain of redirects has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// Every URL that was asked, with its method.
    asked: Vec<(String, Url)>,
    /// Where the next message goes; `None`: where the request says.
    pub(super) hop: Option<Hop>,
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    pub(super) code: Code,
    /// A lower-case fragment.
    pub(super) message: String,
    pub(super) help: String,
}

impl Chain {
    /// Follows the answer, if it leads anywhere and at most `most` hops were asked for.
    pub(super) fn follow(&mut self, most: u32, exchange: &Exchange) -> Result<Option<String>, Refused> {
        let Ok(answer) = &exchange.answer else { return Ok(None) };
        let Some(location) = location(answer).filter(|_| most > 0) else { return Ok(None) };
        let sent = exchange.signed.message();
        self.asked.push((sent.method.clone(), sent.url.clone()));
        let hop = self.hop(sent, answer.status, location)?;
        // A server may lead back to the same place with a cookie in hand.
        let again = self.asked.iter().any(|(method, url)| (method, url) == (&hop.method, &hop.url));
        if again && !answer.headers.contains("set-cookie") {
            let message = format!("the server redirects in a circle: {}", self.shown(&hop));
            return Err(refused(
                Code::RedirectLoop,
                message,
                "the server is to blame, or a cookie or token that it looks for is missing",
            ));
        }
        if self.asked.len() > most as usize {
            let message = format!("the server redirects more than {most} times: {}", self.shown(&hop));
            return Err(refused(
                Code::RedirectTooMany,
                message,
                "raise `redirects`, or call the last of these",
            ));
        }
        let why = format!("the server redirected it with {} to {}", answer.status, hop.url);
        self.hop = Some(hop);
        Ok(Some(why))
    }

    fn hop(&self, sent: &Message, status: u16, location: &str) -> Result<Hop, Refused> {
        let mut url = target(sent, location)?;
        url.set_fragment(None);
        let method = method(&sent.method, status).to_owned();
        let before = self.hop.as_ref().map_or(Baggage::Everything, |hop| hop.baggage);
        let now = if url.origin() != sent.url.origin() {
            Baggage::Nothing
        } else if method == sent.method {
            Baggage::Everything
        } else {
            Baggage::NoBody
        };
        let hop = Hop { url, method, baggage: before.max(now) };
        let carries = hop.method == sent.method && !sent.body.is_empty();
        if hop.baggage == Baggage::Nothing && (carries || !matches!(hop.method.as_str(), "GET" | "HEAD")) {
            let message =
                format!("the server redirects a {} to another host: {}", sent.method, self.shown(&hop));
            let help = "what a request does, and its body, never follow to another origin: \
                        call it there in a request of its own if that is meant";
            return Err(refused(Code::RedirectRefused, message, help));
        }
        Ok(hop)
    }

    /// `POST https://a → GET https://b`
    fn shown(&self, hop: &Hop) -> String {
        let last = (hop.method.clone(), hop.url.clone());
        let links = self.asked.iter().chain([&last]).map(|(method, url)| format!("{method} {url}"));
        links.collect::<Vec<_>>().join(" → ")
    }
}

/// Where an answer leads on to, if it does.
fn location(answer: &Answer) -> Option<&str> {
    matches!(answer.status, 301 | 302 | 303 | 307 | 308).then(|| answer.headers.get("location")).flatten()
}

/// The URL that is meant, if it is one that may be sent to.
fn target(sent: &Message, location: &str) -> Result<Url, Refused> {
    let joined = sent.url.join(location.trim()).map_err(|error| {
        let message = format!("the server redirects to `{location}`, which is not a URL: {error}");
        refused(Code::RedirectRefused, message, "the server is to blame; its answer is above with `-v`")
    })?;
    if sent.url.scheme() == "https" && joined.scheme() == "http" {
        let message =
            format!("the server redirects from an encrypted connection to `{joined}`, which has none");
        return Err(refused(
            Code::RedirectDowngrade,
            message,
            "whoever listens would read and change what is sent: the server is to blame",
        ));
    }
    sendable(joined.as_str()).map_err(|problem: Diagnostic| {
        let message =
            format!("the server redirects to `{joined}`, where nothing is sent: {}", problem.message);
        refused(Code::RedirectRefused, message, "only `https` URLs without credentials are followed")
    })
}

/// The method of the next message: what was posted is looked at, not posted again, unless the
/// status says that the method stays.
fn method(sent: &str, status: u16) -> &str {
    match (status, sent) {
        (303, "HEAD") => "HEAD",
        (303, _) | (301 | 302, "POST") => "GET",
        _ => sent,
    }
}

fn refused(code: Code, message: String, help: &str) -> Refused {
    Refused { code, message, help: help.to_owned() }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Headers;
    use crate::send::Phases;
    use crate::sign::SignedMessage;

    fn exchange(method: &str, url: &str, status: u16, location: &str) -> Exchange {
        let message = Message {
            method: method.into(),
            url: url.parse().unwrap(),
            headers: Headers::new(),
            body: if method == "GET" { Bytes::new() } else { "{}".into() },
        };
        let answer = Answer {
            status,
            version: "HTTP/1.1".into(),
            headers: [("location", location)].into_iter().collect(),
            body: Bytes::new(),
        };
        let signed = SignedMessage::unsigned(message);
        Exchange { signed, answer: Ok(answer), phases: Phases::default(), server: None }
    }

    fn followed(method: &str, status: u16, location: &str) -> Result<(String, String, Baggage), Code> {
        let mut chain = Chain::default();
        chain
            .follow(3, &exchange(method, "https://bank.example/a?x=1", status, location))
            .map(|_| chain.hop.map(|hop| (hop.method, hop.url.into(), hop.baggage)).unwrap())
            .map_err(|refused| refused.code)
    }

    #[test]
    fn method_and_baggage_follow_the_status_and_never_leave_the_origin() {
        use Baggage::{Everything, NoBody, Nothing};
        let own = "https://bank.example/b";
        let table = [
            ("POST", 301, "/b#part", Ok(("GET", own, NoBody))),
            ("POST", 302, "b", Ok(("GET", own, NoBody))),
            ("PUT", 302, "b", Ok(("PUT", own, Everything))),
            ("DELETE", 303, "b", Ok(("GET", own, NoBody))),
            ("HEAD", 303, "b", Ok(("HEAD", own, Everything))),
            ("POST", 307, "https://BANK.example:443/b", Ok(("POST", own, Everything))),
            ("POST", 308, "//bank.example/b", Ok(("POST", own, Everything))),
            ("GET", 302, "https://other.example/b", Ok(("GET", "https://other.example/b", Nothing))),
            ("POST", 303, "https://other.example/b", Ok(("GET", "https://other.example/b", Nothing))),
            ("GET", 302, "https://bank.example:444/b", Ok(("GET", "https://bank.example:444/b", Nothing))),
            ("POST", 307, "https://other.example/b", Err(Code::RedirectRefused)),
            ("DELETE", 302, "https://other.example/b", Err(Code::RedirectRefused)),
            ("GET", 302, "http://bank.example/b", Err(Code::RedirectDowngrade)),
            ("GET", 302, "http://127.0.0.1/b", Err(Code::RedirectDowngrade)),
            ("GET", 302, "javascript:alert(1)", Err(Code::RedirectRefused)),
            ("GET", 302, "file:///etc/passwd", Err(Code::RedirectRefused)),
            ("GET", 302, "https://me:secret@bank.example/b", Err(Code::RedirectRefused)),
            ("GET", 302, "https://[", Err(Code::RedirectRefused)),
            ("GET", 302, "/a?x=1", Err(Code::RedirectLoop)),
        ];
        for (method, status, location, wanted) in table {
            let wanted = wanted.map(|(method, url, baggage)| (method.to_owned(), url.to_owned(), baggage));
            assert_eq!(followed(method, status, location), wanted, "{method} {status} {location}");
        }
    }

    #[test]
    fn a_chain_that_left_an_origin_has_nothing_to_carry_when_it_comes_back() {
        let mut chain = Chain::default();
        chain.follow(9, &exchange("GET", "https://bank.example/a", 302, "https://evil.example/")).unwrap();
        chain.follow(9, &exchange("GET", "https://evil.example/", 302, "https://bank.example/pay")).unwrap();
        assert_eq!(chain.hop.as_ref().unwrap().baggage, Baggage::Nothing);
        chain.follow(9, &exchange("GET", "https://bank.example/pay", 302, "/more")).unwrap();
        assert_eq!(chain.hop.unwrap().baggage, Baggage::Nothing);
    }

    #[test]
    fn a_redirect_is_followed_only_as_often_as_it_is_asked_for() {
        let mut chain = Chain::default();
        let hop = |chain: &mut Chain, from: u32, most| {
            let url = format!("https://bank.example/{from}");
            chain.follow(most, &exchange("GET", &url, 302, &format!("/{}", from + 1)))
        };
        assert_eq!(hop(&mut Chain::default(), 0, 0), Ok(None));
        assert!(hop(&mut chain, 0, 2).unwrap().is_some() && hop(&mut chain, 1, 2).unwrap().is_some());
        let refused = hop(&mut chain, 2, 2).unwrap_err();
        assert_eq!(refused.code, Code::RedirectTooMany);
        assert!(refused.message.ends_with("GET https://bank.example/2 → GET https://bank.example/3"));
    }
}
