//! TAP 14: a line for each snippet, what a failure says as YAML below it.

use std::io::{self, Write};

use crate::model::verdict::Verdict;
use crate::report::escape;
use crate::report::results::case::{Case, Finding, Level};
use crate::report::results::collected::{Results, Totals};

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Results { cases, others } = results;
    writeln!(out, "TAP version 14\n1..{}", cases.len() + others.len())?;
    for (number, case) in (1..).zip(cases) {
        let name = escaped(&case.id);
        match case.verdict {
            Verdict::Passed => writeln!(out, "ok {number} - {name}")?,
            Verdict::Skipped => {
                writeln!(out, "ok {number} - {name} # SKIP {}", escaped(&escape::phrase(case.message())))?;
            }
            Verdict::Unreviewed => {
                writeln!(
                    out,
                    "not ok {number} - {name} # TODO {}",
                    escaped(&escape::phrase(case.message()))
                )?;
            }
            Verdict::Failed => {
                writeln!(out, "not ok {number} - {name}")?;
                details(case, out)?;
            }
        }
    }
    for (number, finding) in (cases.len() + 1..).zip(others) {
        // What is unfinished fails a run under `--check` alone, and TAP has a word for what may fail.
        let todo = match finding.level {
            Level::Error => "",
            Level::Warning => " # TODO unfinished",
        };
        writeln!(
            out,
            "not ok {number} - {}{todo}",
            escaped(&format!("{}: {}", finding.at(), finding.phrase()))
        )?;
        diagnostics(finding, out)?;
    }
    writeln!(out, "# {}", totals.sentence())
}

fn details(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  ---")?;
    pair("message", case.message(), out)?;
    pair("severity", "fail", out)?;
    pair("file", &case.path, out)?;
    writeln!(out, "  line: {}\n  column: {}", case.at.line, case.at.column)?;
    if !case.text.is_empty() {
        pair("text", &case.text, out)?;
    }
    writeln!(out, "  ...")
}

fn diagnostics(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  ---")?;
    pair("message", &finding.message, out)?;
    pair("file", &finding.path, out)?;
    writeln!(out, "  ...")
}

/// A string of JSON is a double-quoted scalar of YAML, but for letters that take two escapes there.
fn pair(key: &str, value: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "  {key}: \"")?;
    for letter in value.chars() {
        match letter {
            '"' | '\\' => write!(out, "\\{letter}")?,
            // Two of them and a bracket steer Azure's runner.
            '#' => write!(out, "\\x23")?,
            ' '..='~' => write!(out, "{letter}")?,
            '\n' => write!(out, "\\n")?,
            '\t' => write!(out, "\\t")?,
            '\0'..='\u{ffff}' => write!(out, "\\u{:04x}", u32::from(letter))?,
            _ => write!(out, "\\U{:08x}", u32::from(letter))?,
        }
    }
    writeln!(out, "\"")
}

/// A `#` begins a directive, so that one of a document's is taken by the letter.
fn escaped(text: &str) -> String {
    escape::word(text).replace('\\', "\\\\").replace('#', "\\#")
}
