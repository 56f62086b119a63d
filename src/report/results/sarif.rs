//! SARIF 2.1.0. A dozen of its keys say all that there is to say; `.ci/run formats` reads them by its schema.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::report::results::case::{Finding, Level, Rule};
use crate::report::results::collected::{Results, Totals};
use crate::report::{ascii, results::gitlab};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut known = BTreeMap::new();
    let findings = totals.placed(results.findings());
    let found: Vec<Value> = findings.iter().map(|finding| result(finding, &mut known)).collect();
    let rules: Vec<Value> = Rule::ALL.iter().copied().map(rule).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "snipcheck",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": matches!(totals.exit_code, 0 | 1),
                "exitCode": totals.exit_code,
            }],
            "results": found,
        }],
    });
    ascii::write(out, &log)?;
    out.write_all(b"\n")
}

fn rule(rule: Rule) -> Value {
    json!({ "id": rule.name(), "shortDescription": { "text": rule.description() } })
}

fn result(finding: &Finding, known: &mut BTreeMap<String, usize>) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri(&finding.path), "uriBaseId": "%SRCROOT%" } });
    if let Some(place) = finding.place {
        location["region"] = json!({ "startLine": place.line, "startColumn": place.column });
    }
    json!({
        "ruleId": finding.rule.name(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        // A message is a template, in which brackets are links.
        "message": { "text": template(&finding.phrase()) },
        "locations": [{ "physicalLocation": location }],
        "partialFingerprints": { "snipcheck/v1": gitlab::fingerprint(finding, known) },
    })
}

/// Text that no viewer takes for a link or a placeholder.
fn template(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    text.replace('{', "{{").replace('}', "}}")
}

/// A relative reference: everything but what may stand in a path as it is, in percent.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("a string takes any text");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{template, uri};

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("docs/limits & ends.md"), "docs/limits%20%26%20ends.md");
        assert_eq!(uri("javascript:é"), "javascript%3A%C3%A9");
    }

    #[test]
    fn messages_link_to_nothing() {
        assert_eq!(template("[a](b) {0}"), "\\[a\\](b) {{0}}");
    }
}
