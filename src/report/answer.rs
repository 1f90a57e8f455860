//! An answer as text, for whoever prints one: masked, escaped, bounded.

use super::{excerpt, shown, words};
use crate::limits;
use crate::message::Answer;
use crate::secret::Redactor;

/// Status line, header fields and the beginning of the body.
pub fn answer_text(answer: &Answer, redactor: &Redactor) -> String {
    let fields = answer.headers.iter();
    let fields = fields.map(|(name, value)| format!("{name}: {}", excerpt::header(name, value, redactor)));
    let mut lines: Vec<String> = vec![format!("{} {}", answer.version, answer.status)];
    lines.extend(fields);
    let body = excerpt::body(&answer.body, limits::EXCERPT, redactor);
    if !answer.body.is_empty() {
        lines.push(String::new());
        lines.extend(body.text.iter().flat_map(|text| text.trim_end().lines()).map(str::to_owned));
    }
    match (&body.text, body.more) {
        (_, 0) => {}
        (Some(_), more) => lines.push(format!("… {}", words::count(more, "more byte"))),
        (None, all) => lines.push(format!("<binary: {}>", words::count(all, "byte"))),
    }
    lines.iter().map(|line| shown(line, redactor)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn an_answer_that_somebody_prints_shows_neither_a_token_nor_a_cookie() {
        let redactor = Redactor::default();
        redactor.remember("access_token", "s3cr3t-T0ken");
        let mut answer = sample::answer(200, "{\"access_token\": \"s3cr3t-T0ken\"}\n::error::x");
        answer.headers.append("set-cookie", "session=1");
        insta::assert_snapshot!(answer_text(&answer, &redactor), @r#"
        HTTP/1.1 200
        content-type: application/json
        set-cookie: [set-cookie]

        {"access_token": "[access_token]"}
        \u{3a}:error::x
        "#);
    }
}
