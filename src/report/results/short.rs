//! `path:line:column: error: message`, as compilers write it: editors and problem matchers make links of it.

use std::io::{self, Write};

use crate::report::results::case::Level;
use crate::report::results::collected::{Results, Totals};

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in totals.placed(results.findings()) {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        writeln!(out, "{}: {level}: {} [{}]", finding.at(), finding.phrase(), finding.rule.name())?;
    }
    Ok(())
}
