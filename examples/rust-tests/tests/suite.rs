//! The suite from tests as one writes them: `cargo test --test suite`

use countersign::{Error, Suite};
use example_rust_tests::Greeting;

#[test]
fn the_suite_passes() -> Result<(), Error> {
    Suite::open("requests")?.environment("embedded").run()?.assert_passed();
    Ok(())
}

#[test]
fn our_code_reads_what_the_bank_really_answers() -> Result<(), Box<dyn std::error::Error>> {
    let outcome = Suite::open("requests")?.select("greeting").run()?;
    outcome.assert_passed();
    let answer = outcome.request("greeting").and_then(|greeting| greeting.answer()).ok_or("no answer")?;
    assert_eq!(answer.status(), 200, "{answer}");
    assert_eq!(Greeting::read(answer.body())?.message, "Welcome to ING!", "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_variable_is_set_for_one_test() -> Result<(), Error> {
    let suite = Suite::open("requests")?.select("greeting").var("expected", "Bonjour");
    let outcome = suite.run_async().await?;
    assert!(!outcome.passed());
    let greeting = outcome.request("greeting").expect("it was selected");
    assert_eq!(greeting.problems()[0].code().as_str(), "expect.body", "{greeting}");
    Ok(())
}
