//! Every bound that countersign puts on its input, in one place, each with its reason.
//!
//! A bound is checked *before* the thing it bounds is allocated, sent or written.

use std::time::Duration;

use chrono::TimeDelta;

/// Largest request, suite or environment file, in bytes. A hand-written file stays far below it.
pub const YAML_FILE: u64 = 1024 * 1024;
/// Deepest nesting of a YAML file; deeper ones exhaust the stack of whoever walks the tree.
pub const YAML_DEPTH: usize = 48;
/// Most nodes in a YAML file after its aliases are replayed: stops alias bombs.
pub const YAML_NODES: usize = 50_000;
/// Most documents in a YAML file.
pub const YAML_DOCUMENTS: usize = 64;
/// Largest data file of `cases`, in bytes.
pub const DATA_FILE: u64 = 64 * 1024 * 1024;
/// Most rows of a request: each is a step of the plan.
pub const CASES: usize = 100_000;
/// Most needs among the steps of a plan: rows that need rows multiply.
pub const EDGES: usize = 2_000_000;
/// Most steps of a plan.
pub const STEPS: usize = 200_000;
/// Most request files in a suite.
pub const REQUEST_FILES: usize = 100_000;

/// Largest source of one templated value, in bytes: long flat operator chains overflow the
/// template engine's stack.
pub const TEMPLATE_SOURCE: usize = 16 * 1024;
/// Largest value that a template may produce, in bytes.
pub const TEMPLATE_OUTPUT: usize = 1024 * 1024;
/// Steps that one template may take; every 64 bytes that it makes on the way count as one, so
/// this bounds its memory too.
pub const TEMPLATE_FUEL: u64 = 100_000;
/// Deepest recursion of a template's macros and loops.
pub const TEMPLATE_RECURSION: usize = 100;
/// Most words and signs in one expression of a template: the engine recurses over flat chains of
/// operators.
pub const TEMPLATE_TOKENS: usize = 512;
/// Most expressions and statements in one template.
pub const TEMPLATE_TAGS: usize = 512;

/// Largest key, certificate or CA file, in bytes.
pub const KEY_FILE: u64 = 1024 * 1024;
/// Largest index of a Git repository that is searched for keys, in bytes: some 100,000 files.
pub const GIT_INDEX: u64 = 16 * 1024 * 1024;
/// Smallest RSA modulus that is used without a warning, in bits.
pub const RSA_BITS: usize = 2048;

/// Largest request body, in bytes: a body file, or what a template makes.
pub const REQUEST_BODY: u64 = 16 * 1024 * 1024;
/// Largest answer body, in bytes, *after* decoding; more ends the exchange.
pub const ANSWER_BODY: usize = 10 * 1024 * 1024;
/// Largest head of an answer, in bytes.
pub const ANSWER_HEAD: usize = 256 * 1024;
/// Most header fields in an answer.
pub const ANSWER_FIELDS: usize = 500;
/// Largest recording of HTTP messages that is verified, in bytes: HAR files hold a whole session.
pub const RECORDING: u64 = 64 * 1024 * 1024;
/// Most signed components or parameters that are looked into one by one when a refusal is explained:
/// each is a text as long as the message, which came from outside.
pub const EXPLAINED_PARTS: usize = 100;
/// Deepest nesting of a JSON answer.
pub const JSON_DEPTH: usize = 128;

/// How long before it expires a token is fetched again, at most.
pub const TOKEN_MARGIN: Duration = Duration::from_secs(30);

/// Connecting: name lookup, TCP and TLS together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The whole exchange, from the first byte sent to the last byte read.
pub const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest timeout that a suite may ask for.
pub const LONGEST_TIMEOUT: Duration = Duration::from_mins(10);
/// Most times that `retry` may have a request sent: more is a loop.
pub const ATTEMPTS: u32 = 20;
/// Most exchanges of a request with `until` that are kept before its last: it may ask for hours.
pub const POLLS_KEPT: usize = 3;
/// Most redirects that a request may follow, as many as browsers do.
pub const REDIRECTS: u32 = 20;
/// Most cookies that are kept of a chain of requests.
pub const COOKIES: usize = 300;
/// Requests in flight at once, unless `--jobs` says otherwise.
pub const JOBS: usize = 8;

/// Largest snapshot file, in bytes.
pub const SNAPSHOT_FILE: u64 = 16 * 1024 * 1024;
/// Most of an answer that an error shows, in bytes.
pub const EXCERPT: usize = 4 * 1024;
/// Secrets shorter than this are not searched for in output: replacing every `a` would hide the
/// output and protect nothing. They are masked only where their field is known.
pub const SHORTEST_MASKED_SECRET: usize = 8;
/// How long a client assertion is good for unless its settings say otherwise: long enough for a
/// clock that is a little off, too short to be used again by others.
pub const ASSERTION_LIFETIME: Duration = Duration::from_mins(1);
/// Deepest nesting of an XML answer that an XPath looks into.
pub const XML_DEPTH: usize = 128;
/// Most attributes of an element of an XML answer.
pub const XML_ATTRIBUTES: usize = 256;
/// Largest JSON Schema, in bytes: generated ones are large.
pub const SCHEMA_FILE: u64 = 4 * 1024 * 1024;
/// Largest OpenAPI document, in bytes: those of banks have a few megabytes.
pub const CONTRACT_FILE: u64 = 16 * 1024 * 1024;
/// Most values in an OpenAPI document.
pub const CONTRACT_NODES: usize = 1_000_000;
/// Most mistakes against a schema that are told one by one.
pub const SCHEMA_ERRORS: usize = 20;
/// Most components that a captured signature may say it covers: real ones cover a dozen, and what
/// is tried to explain one that does not verify grows with the square of them.
pub const SIGNED_COMPONENTS: usize = 100;
/// How far the time of a signed answer may be off, either way.
pub const SIGNATURE_SKEW: TimeDelta = TimeDelta::seconds(300);
/// Longest JSONPath, in bytes: its engine is exponential in nested filters.
pub const JSONPATH_SOURCE: usize = 1024;
/// Most nested brackets in a JSONPath.
pub const JSONPATH_BRACKETS: usize = 64;
/// Most filters in a JSONPath.
pub const JSONPATH_FILTERS: usize = 8;
/// Most `..` in a JSONPath: each multiplies what is found by the depth of the document.
pub const JSONPATH_DESCENTS: usize = 1;
/// Most selections that the brackets of a JSONPath may multiply to: each `[*,*]` doubles what is
/// found.
pub const JSONPATH_PRODUCT: usize = 1024;

/// Largest regular expression, compiled, in bytes.
pub const REGEX_SIZE: usize = 1024 * 1024;
/// Most of a value that a sentence quotes, in characters: what was wanted, what came.
pub const PHRASE: usize = 200;
/// Longest name of a snapshot file without its folder, its `.snap` and what stands behind it when it
/// waits for review, in bytes: most disks take 255 in all.
pub const SNAPSHOT_NAME: usize = 246;
/// Longest part of it for a case, an environment or an identity; of a longer one the beginning is
/// kept, and its hash.
pub const SNAPSHOT_PART: usize = 64;
/// Largest JSON report that is read again, in bytes.
pub const REPORT_FILE: u64 = 256 * 1024 * 1024;
/// Most times that a plan is repeated.
pub const REPEATS: usize = 1000;
/// How long what is in flight may still take when a run is interrupted.
pub const GRACE: Duration = Duration::from_secs(2);
/// Longest that one process waits for another that changes the snapshots.
pub const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Largest YAML head of a snapshot file, in bytes: insta writes a few short lines.
pub const SNAPSHOT_HEAD: usize = 16 * 1024;
/// Longest search for the smallest difference between two snapshots; after it, a larger one is
/// shown.
pub const DIFF_TIME: Duration = Duration::from_millis(500);
/// Most places of an answer that are named as changed.
pub const CHANGES: usize = 20;
/// Most of a value that is named as changed, in characters.
pub const CHANGE_VALUE: usize = 60;
/// Most lines of a difference that a run shows.
pub const DIFF_LINES: usize = 400;

/// How long a program that signs may take, unless the environment says otherwise.
pub const PROGRAM_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest answer of a program that signs, in bytes: the largest RSA signature in hexadecimal,
/// with room for line breaks.
pub const PROGRAM_ANSWER: u64 = 4096;

/// How long a program may take to tell a secret: those of clouds and vaults log in first.
pub const SECRET_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest secret in a file or of a program, in bytes: a token with all of its claims stays far
/// below it.
pub const SECRET: u64 = 64 * 1024;
/// Time between two answers that are compared to find what differs: times are often written in whole
/// seconds.
pub const BETWEEN_ANSWERS: Duration = Duration::from_millis(1100);
/// Most rules that are suggested for the snapshot of one request.
pub const SUGGESTIONS: usize = 100;
