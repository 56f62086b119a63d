//! GitLab's report of code quality: a JSON array, shown beside the changed lines of a merge request.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::report::ascii;
use crate::report::results::case::{Finding, Level};
use crate::report::results::collected::{Results, Totals};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    /// The same for the same finding in another run, so that a merge request shows what is new.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut known = BTreeMap::new();
    let findings = totals.placed(results.findings());
    let issues: Vec<Issue> = findings.iter().map(|finding| issue(finding, &mut known)).collect();
    let mut separator = "[";
    for issue in &issues {
        write!(out, "{separator}\n  ")?;
        ascii::write(out, issue)?;
        separator = ",";
    }
    out.write_all(if issues.is_empty() { b"[]\n" } else { b"\n]\n" })
}

fn issue(finding: &Finding, known: &mut BTreeMap<String, usize>) -> Issue {
    Issue {
        description: finding.phrase(),
        check_name: finding.rule.name(),
        fingerprint: fingerprint(finding, known),
        severity: match finding.level {
            Level::Error => "major",
            Level::Warning => "minor",
        },
        location: Location {
            path: finding.path.clone(),
            lines: Lines { begin: finding.place.map_or(1, |place| place.line) },
        },
    }
}

/// Without the line, which an edit above moves; findings that are the same otherwise are numbered.
pub(super) fn fingerprint(finding: &Finding, known: &mut BTreeMap<String, usize>) -> String {
    let parts = [finding.rule.name(), &finding.path, &finding.id, &finding.message];
    let number = known.entry(digest(&parts)).or_default();
    let fingerprint = digest(&[&parts[..], &[&number.to_string()]].concat());
    *number += 1;
    fingerprint
}

/// 128 bits in hexadecimal.
fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    let mut text = String::new();
    for byte in digest.finalize().iter().take(16) {
        write!(text, "{byte:02x}").expect("a string takes any text");
    }
    text
}
