//! A page for people who read Markdown: the summary of a job, a comment.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::report::escape;
use crate::report::results::case::Case;
use crate::report::results::collected::{Results, Totals};
use crate::report::words::counted;

/// Rows of the table, and failures that are shown in full.
const ROWS: usize = 200;
const DETAILS: usize = 20;
/// Bytes of all failures together: GitHub takes a mebibyte.
const LONGEST: usize = 512 << 10;

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## snipcheck\n\n{}", totals.sentence())?;
    let findings = results.findings();
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| where | what |\n| --- | --- |")?;
    for finding in findings.iter().take(ROWS) {
        writeln!(out, "| {} | {} |", code(&finding.at()), code(&finding.phrase()))?;
    }
    more(findings.len(), ROWS, out)?;

    let failures: Vec<&Case> = results.cases.iter().filter(|case| !case.text.is_empty()).collect();
    let mut written = 0;
    for case in failures.iter().take(DETAILS) {
        let text: Vec<String> = case.text.lines().map(escape::line).collect();
        let text = text.join("\n");
        written += text.len();
        if written > LONGEST {
            return writeln!(out, "\n… more failures are in the log");
        }
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        let summary = code(&escape::word(&case.id));
        writeln!(
            out,
            "\n<details><summary>{summary}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>"
        )?;
    }
    more(failures.len(), DETAILS, out)
}

fn more(all: usize, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "\n… {} of these are left out", counted(more, "entry")),
    }
}

/// As HTML, since no run of backticks ends it, and a bar would begin the next cell of a table. GitHub looks for mentions and
/// references after it has read entities, but not in code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", plain(text))
}

/// Without any meaning of its own: no link, no mention, no picture, no cell.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_punctuation() && !matches!(letter, '/' | ',' | '\'' | '(' | ')') {
            write!(plain, "&#{};", u32::from(letter)).expect("a string takes any text");
        } else {
            plain.push(letter);
        }
    }
    plain
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{longest_run, plain};

    #[test]
    fn foreign_text_has_no_meaning() {
        assert_eq!(plain("a|b <b> @me"), "a&#124;b &#60;b&#62; &#64;me");
        assert_eq!(longest_run("a ``` b ````"), 4);
    }
}
