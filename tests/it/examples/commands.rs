//! The command lines that the documentation shows, as the real binary reads them.

use super::page::Block;
use crate::support::Project;

/// The exit code of a command line that is wrong.
const USAGE: i32 = 2;

/// What is wrong with the commands of a block: a shell's, or a console's behind `$ `.
pub fn problems(block: &Block) -> Vec<String> {
    let text = block.text.replace("\\\n", " ");
    let lines = text.lines().filter_map(|line| match block.language.as_str() {
        "console" => line.strip_prefix("$ "),
        "sh" => Some(line),
        _ => None,
    });
    lines.flat_map(|line| line.split(';')).filter_map(|line| problem(&block.place, line)).collect()
}

/// Runs the command in an empty folder, where all that it can find wrong is the command itself.
fn problem(place: &str, line: &str) -> Option<String> {
    let words = shlex::split(line.trim())?;
    let [program, arguments @ ..] = words.as_slice() else { return None };
    if program != "countersign" {
        return None;
    }
    let ends = |word: &&String| !matches!(word.as_str(), "|" | "&&" | "||" | "&" | ">" | ">>" | "<" | "2>&1");
    let arguments: Vec<&str> = arguments.iter().take_while(ends).map(String::as_str).collect();
    let said = Project::empty().run(&arguments);
    (said.code == USAGE).then(|| format!("{place}: `{}` is refused:\n{}", line.trim(), said.err.trim_end()))
}
