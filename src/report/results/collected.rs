//! The results of a run, in the order of the documents.

use crate::report::results::case::{Case, Finding};
use crate::report::words::counted;
use crate::summary::Summary;

/// Snippets, and what is wrong with them and with everything else.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// By path and line, once they are sorted.
    pub(crate) cases: Vec<Case>,
    /// What is no snippet's failure: problems, suspicious blocks, orphaned snapshots.
    pub(crate) others: Vec<Finding>,
}

impl Results {
    pub(crate) fn sort(&mut self) {
        self.cases.sort_by(|one, other| one.order().cmp(&other.order()));
        self.others.sort();
    }

    /// Everything that somebody has to look at, in the order of the documents.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.cases.iter().filter_map(Case::finding).collect();
        findings.extend(self.others.iter().cloned());
        findings.sort();
        findings
    }
}

/// The counts of a run.
#[derive(Clone, Copy)]
pub(crate) struct Totals<'a> {
    pub(crate) summary: &'a Summary,
    pub(crate) exit_code: u8,
    /// What stands before the paths of the project, for those who do not look from its root.
    pub(crate) root: &'a str,
}

impl Totals<'_> {
    /// Findings with their paths as the reader of the report has to name them.
    pub(crate) fn placed(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        for finding in &mut findings {
            finding.path = self.path(&finding.path);
        }
        findings
    }

    /// A path as the reader of the report has to name it.
    pub(crate) fn path(&self, path: &str) -> String {
        if self.root.is_empty() || path.starts_with('/') {
            path.to_owned()
        } else {
            format!("{}/{path}", self.root)
        }
    }

    /// `12 snippets in 3 documents: 11 passed, 1 failed`.
    pub(crate) fn sentence(&self) -> String {
        let Summary { passed, failed, unreviewed, skipped, documents, .. } = self.summary;
        let (problems, orphaned) = (self.summary.problems, self.summary.orphaned);
        let parts = [
            (*passed, "passed"),
            (*failed, "failed"),
            (*unreviewed, "unreviewed"),
            (*skipped, "skipped"),
            (problems, if problems == 1 { "problem" } else { "problems" }),
            (orphaned, if orphaned == 1 { "orphaned snapshot" } else { "orphaned snapshots" }),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
        let all = passed + failed + unreviewed + skipped;
        let start = format!("{} in {}", counted(all, "snippet"), counted(*documents, "document"));
        if parts.is_empty() { start } else { format!("{start}: {}", parts.join(", ")) }
    }
}
