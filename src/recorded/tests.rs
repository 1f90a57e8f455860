//! Each form of a recording, and what is said of one that can't be read.

use super::*;

const GET: &str = "GET /a?b=%20 HTTP/1.1\r\nHost: bank.example\r\nDate: x\r\n\r\n";
const POST: &str = "POST /a HTTP/1.1\nHost: bank.example\nContent-Length: 4\n\na=1\n";

fn one(text: &str) -> Recorded {
    read(text.as_bytes(), &Choice::default()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn refused(text: &[u8], choice: &Choice) -> String {
    let error = read(text, choice).unwrap_err();
    let help = error.what_to_do().map(|help| format!(" | {help}")).unwrap_or_default();
    format!("{error}{help}")
}

fn line(message: &Received) -> String {
    match &message.start {
        Start::Request { method, target, scheme, authority } => {
            format!("{method} {target} {scheme} {}", authority.as_deref().unwrap_or("-"))
        }
        Start::Answer { status, request } => {
            format!("{status} to {}", request.as_ref().map_or_else(|| "-".into(), |request| line(request)))
        }
    }
}

fn text(recorded: &Recorded) -> &str {
    std::str::from_utf8(&recorded.message.body).unwrap()
}

#[test]
fn a_raw_request_is_read_with_either_end_of_line_and_in_the_words_of_http2() {
    let crlf = one(GET);
    assert_eq!(line(&crlf.message), "GET /a?b=%20 https -");
    assert_eq!(crlf.message.headers.iter().collect::<Vec<_>>(), [("Host", "bank.example"), ("Date", "x")]);
    assert_eq!(one(&GET.replace('\r', "")).message, crlf.message);
    let http2 = ":method: GET\n:path: /a?b=%20\n:scheme: https\n:authority: bank.example\ndate: x\n";
    assert_eq!(line(&one(http2).message), "GET /a?b=%20 https bank.example");
    let absolute = one("GET http://bank.example?b HTTP/2\n:authority: bank.example\n\n");
    assert_eq!(line(&absolute.message), "GET /?b http bank.example");
    let folded = one("GET / HTTP/1.1\r\nX-Long: one\r\n\t two\r\nX-Empty:\r\n\r\n");
    let fields: Vec<_> = folded.message.headers.iter().collect();
    assert_eq!(fields, [("X-Long", "one two"), ("X-Empty", "")]);
    assert_eq!(
        read(b"GET / HTTP/1.1\nX: \xe9\n\n", &Choice::default()).unwrap().message.headers.get("x"),
        Some("é")
    );
}

#[test]
fn the_body_is_as_long_as_its_head_says_and_otherwise_the_rest() {
    let exact = one(POST);
    assert_eq!((text(&exact), exact.with_newline.is_none(), exact.notes.len()), ("a=1\n", true, 0));
    let edited = one(&POST.replace("Length: 4", "Length: 3"));
    assert_eq!((text(&edited), edited.notes.len()), ("a=1", 1));
    assert!(edited.notes[0].contains("newline at the end is not part of the body"), "{:?}", edited.notes);
    let unsaid = one(&POST.replace("Content-Length: 4\n", ""));
    assert_eq!((text(&unsaid), unsaid.with_newline.as_deref()), ("a=1", Some(&b"a=1\n"[..])));
    let cut = one(&POST.replace("Length: 4", "Length: 9"));
    assert_eq!(
        (text(&cut), cut.doubts.as_slice()),
        ("a=1\n", &["`Content-Length` says 9 bytes, and 4 are there".to_owned()][..])
    );
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\na=1&\r\n3\r\nb=2\r\n0\r\n\r\n";
    assert_eq!(text(&one(chunked)), "a=1&b=2");
    let joined = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na=1&b=2";
    assert_eq!(text(&one(joined)), "a=1&b=2");
}

#[test]
fn an_answer_knows_the_request_that_it_follows() {
    let both = format!("{POST}\nHTTP/1.1 201 Created\nX: y\n\n{{}}");
    assert_eq!(line(&one(&both).message), "POST /a https -");
    let choice = Choice { answer: true, ..Choice::default() };
    let answer = read(both.as_bytes(), &choice).unwrap();
    assert_eq!((line(&answer.message).as_str(), text(&answer)), ("201 to POST /a https -", "{}"));
    assert_eq!(line(&one("HTTP/2 204\n\n").message), "204 to -");
    assert_eq!(refused(POST.as_bytes(), &choice), "the request was recorded, and its answer was not");
}

const VERBOSE: &str = "*   Trying 127.0.0.1:34457...
* Connected to 127.0.0.1 (127.0.0.1) port 34457 (#0)
> POST /a/b?x=1 HTTP/1.1\r
> Host: 127.0.0.1:34457\r
> Content-Length: 3\r
> Expect: 100-continue\r
> \r
< HTTP/1.1 100 Continue\r
< \r
} [3 bytes data]
< HTTP/1.1 200 OK\r
< Content-Length: 11\r
< \r
{ [11 bytes data]
\r100    14  100    11  100     3  10566  11527 --:--:-- --:--:-- --:--:-- 23000
* Connection #0 to host 127.0.0.1 left intact
{\"ok\":true}";

#[test]
fn a_verbose_log_of_curl_holds_everything_but_the_body_that_was_sent() {
    let choice = |answer| Choice { answer, data: Some("a=1".into()), ..Choice::default() };
    let request = read(VERBOSE.as_bytes(), &choice(false)).unwrap();
    assert_eq!((line(&request.message).as_str(), text(&request)), ("POST /a/b?x=1 https -", "a=1"));
    assert_eq!(request.form, Form::CurlVerbose);
    let answer = read(VERBOSE.as_bytes(), &choice(true)).unwrap();
    let said = (line(&answer.message), text(&answer).to_owned());
    assert_eq!(said, ("200 to POST /a/b?x=1 https -".into(), r#"{"ok":true}"#.into()));
    assert_eq!(
        refused(VERBOSE.as_bytes(), &Choice::default()),
        "the body of 3 bytes was not recorded | give the body with `--data FILE`, or record with \
         `curl --trace FILE`, which keeps it"
    );
    let glued =
        VERBOSE.replace("{\"ok\":true}", "").replace("* Connection #0", "{\"ok\":true}* Connection #0");
    assert_eq!(text(&read(glued.as_bytes(), &choice(true)).unwrap()), r#"{"ok":true}"#);
    let twice = format!("{VERBOSE}\n{VERBOSE}");
    assert_eq!(
        refused(twice.as_bytes(), &choice(false)),
        "2 exchanges are recorded | say which with `--entry`, 1 to 2"
    );
    assert!(read(twice.as_bytes(), &Choice { entry: Some(2), ..choice(false) }).is_ok());
}

const TRACE: &str = "== Info: Connected to 127.0.0.1 (127.0.0.1) port 34457 (#0)
=> Send header, 38 bytes (0x26)
0000: 50 4f 53 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d POST / HTTP/1.1.
0010: 0a 43 6f 6e 74 65 6e 74 2d 4c 65 6e 67 74 68 3a .Content-Length:
0020: 20 33 0d 0a 0d 0a                                3....
=> Send data, 3 bytes (0x3)
0000: c3 a9 2e                                        ...
<= Recv header, 17 bytes (0x11)
0000: 48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d HTTP/1.1 200 OK.
0010: 0a                                              .
<= Recv header, 2 bytes (0x2)
0000: 0d 0a                                           ..
";

#[test]
fn a_trace_of_curl_holds_every_byte_and_an_ascii_trace_all_that_can_be_printed() {
    let exact = one(TRACE);
    assert_eq!((line(&exact.message).as_str(), text(&exact)), ("POST / https -", "é."));
    assert!(exact.doubts.is_empty());
    let long = "a".repeat(60);
    let ascii = format!(
        "=> Send header, 106 bytes (0x6a)\n0000: GET /{long}\n0041:  HTTP/1.1\n004c: X-Some: value of that\n\
         0063: A: b\n0069: \n== Info: x\n"
    )
    .replace("106 bytes (0x6a)", "107 bytes (0x6b)");
    let read = one(&ascii);
    assert_eq!(line(&read.message), format!("GET /{long} https -"));
    assert_eq!(read.message.headers.get("x-some"), Some("value of that"));
    let dots = "=> Send header, 18 bytes (0x12)\n0000: GET / HTTP/1.1\n0010: \n=> Send data, 4 bytes (0x4)\n0000: a..b\n";
    assert!(one(dots).doubts[0].contains("record it with `--trace`"));
}

fn har(request: &str, response: &str) -> String {
    format!(
        r#"{{"log": {{"version": "1.2", "entries": [{{"request": {request}, "response": {response}}}]}}}}"#
    )
}

#[test]
fn a_har_file_gives_requests_and_answers_with_their_bytes() {
    let request = r#"{"method": "POST", "url": "https://bank.example/a?b#c",
        "headers": [{"name": ":authority", "value": "bank.example"}, {"name": "date", "value": "x"}],
        "postData": {"mimeType": "text/plain", "text": "é"}}"#;
    let response = r#"{"status": 200, "headers": [], "content": {"text": "w6k=", "encoding": "base64"}}"#;
    let har = har(request, response);
    let read_one = |answer| read(har.as_bytes(), &Choice { answer, ..Choice::default() }).unwrap();
    let request = read_one(false);
    assert_eq!((line(&request.message).as_str(), text(&request)), ("POST /a?b https bank.example", "é"));
    assert_eq!(request.message.headers.len(), 1);
    let answer = read_one(true);
    assert_eq!(line(&answer.message), "200 to POST /a?b https bank.example");
    assert_eq!(text(&answer), "é");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_without_its_contents() {
    let get = |headers: &str| har(&format!(r#"{{"method": "GET", "url": "https://a/", {headers}}}"#), "null");
    for (recording, reason) in [
        (" \n", "there is nothing in it"),
        ("hello\n", "line 1: neither a request line (`GET /path HTTP/1.1`) nor a status line"),
        ("GET / HTTP/1.1\nHost: a\nBearer s3cr3t\n\n", "line 3: a header field without a colon"),
        ("GET / HTTP/1.1\nX Y: s3cr3t\n\n", "line 2: what stands before the colon is not a header name"),
        ("HTTP/1.1 abc\n\n", "line 1: a status line without a status"),
        (":path: /\n\n", "line 1: neither `:status`, nor `:method` and `:path`, is there"),
        (":method: GET\n:colour: red\n\n", "line 2: HTTP/2 has no such pseudo-header"),
        ("GET / HTTP/1.1\n\n\nHTTP/1.1 200 OK\nX\n\n", "line 5: a header field without a colon"),
        ("> GET / HTTP/1.1\n> s3cr3t\n> \n", "line 2: a header field without a colon"),
        ("* nothing\n", "there is no request and no answer in it"),
        ("=> Send header, 9 bytes (0x9)\n0000: abc\n", "line 1: fewer or more than the 9 bytes"),
        ("{\"log\": {\n\"entries\": [", "line 2: it begins like a HAR file, and is not JSON from here on"),
        ("{\"log\": {\n\"entries\": 7}}", "line 2: not what HAR 1.2 has here"),
        ("{\"a\": 1}", "it is JSON, and has no `log.entries`: not a HAR file"),
        ("{\"log\": {\"entries\": []}}", "there is no request and no answer in it"),
        (&har(r#"{"url": "https://a/"}"#, "null"), "`log.entries[0].request.method` is missing"),
        (
            &har(r#"{"method": "GET", "url": "ws://a/"}"#, "null"),
            "`log.entries[0].request.url` is not an http",
        ),
        (
            &get(r#""postData": {"params": [{}]}"#),
            "`log.entries[0].request.postData` has `params` and no `text`",
        ),
        (
            &get(r#""postData": {"text": "?", "encoding": "base64"}"#),
            "`log.entries[0].request.postData.text` is said",
        ),
        (
            &get(r#""headers": [{"name": "a b", "value": ""}]"#),
            "a header field has a name that no header can have",
        ),
    ] {
        let said = refused(recording.as_bytes(), &Choice::default());
        assert!(said.starts_with(reason), "{recording:?}: {said}");
        assert!(!said.contains("s3cr3t"), "{said}");
    }
    let many = format!("GET / HTTP/1.1\n{}\n", "A: b\n".repeat(501));
    assert!(refused(many.as_bytes(), &Choice::default()).contains("more than 500 fields"));
}

#[test]
fn no_garbage_makes_the_reader_panic() {
    let har = har(r#"{"method":"GET","url":"https://a/"}"#, "null");
    let seeds = [GET, POST, VERBOSE, TRACE, &har].map(str::as_bytes);
    for seed in seeds {
        for at in 0..seed.len() {
            for byte in [b'\n', b'\r', b' ', b':', b'0', b'>', 0xff] {
                let mut changed = seed.to_vec();
                changed[at] = byte;
                let _ = read(&changed, &Choice::default());
                let _ = read(&changed[at..], &Choice { answer: true, ..Choice::default() });
            }
        }
    }
}

/// A log with one answer, its body as given.
fn logged(head: &str, body: &str) -> String {
    format!("> GET /a HTTP/1.1\n> Host: bank.example\n> \n< HTTP/1.1 200 OK\n{head}< \n{body}")
}

fn answered(log: &str) -> Recorded {
    read(log.as_bytes(), &Choice { answer: true, ..Choice::default() }).unwrap()
}

#[test]
fn a_line_of_the_body_that_looks_like_curls_own_is_kept_or_told_of() {
    let body = "one\n* item\n> quoted\n< less\nend\n";
    let intact = "* Connection #0 to host bank.example left intact\n";
    let head = format!("< Content-Length: {}\n", body.len());
    let known = answered(&logged(&head, &format!("{body}{intact}")));
    assert_eq!(text(&known), body);
    let line =
        |number: usize, which: &str| format!("line {number} begins like a remark of curl's, and {which}");
    assert_eq!(known.doubts, [line(8, "belongs to the body by `Content-Length`")]);

    let unknown = answered(&logged("", &format!("{body}{intact}")));
    assert_eq!(text(&unknown), "one\n> quoted\n< less\nend");
    assert_eq!(unknown.doubts, [line(7, "was left out of the body")]);

    let last = "one\n* last";
    let known = answered(&logged(&format!("< Content-Length: {}\n", last.len()), last));
    assert_eq!(text(&known), last);
    let remarked = answered(&logged("< Content-Length: 4\n", &format!("one\n{intact}")));
    assert_eq!((text(&remarked), remarked.doubts.len()), ("one\n", 0));
    let inside = "a* Connection #1\nb";
    let kept = answered(&logged("", inside));
    assert_eq!(text(&kept), inside);
}

#[test]
fn a_request_behind_an_answer_without_its_body_is_another_exchange() {
    let log = logged("< Content-Length: 90\n", "") + &logged("", "two\n");
    let choice = |entry| Choice { answer: true, entry: Some(entry), ..Choice::default() };
    assert_eq!(text(&read(log.as_bytes(), &choice(2)).unwrap()), "two");
}
