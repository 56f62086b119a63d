//! Annotations of GitHub Actions: workflow commands, one a line, which the runner takes out of the log.
//!
//! The runner unescapes `%25`, `%0D`, `%0A` in a message, in properties `%3A` and `%2C` as well.

use std::io::{self, Write};

use crate::report::escape;
use crate::report::results::case::Level;
use crate::report::results::collected::{Results, Totals};
use crate::report::words::short_id;

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in results.findings() {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let place = finding.place.map(|place| format!(",line={},col={}", place.line, place.column));
        let title = format!("snipcheck: {}", short_id(&finding.id, &finding.path));
        let id = if finding.id == finding.path { "snipcheck".to_owned() } else { title };
        writeln!(
            out,
            "::{command} file={}{},title={}::{}",
            property(&totals.path(&finding.path)),
            place.unwrap_or_default(),
            property(&escape::phrase(&id)),
            message(&finding.phrase())
        )?;
    }
    Ok(())
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(&escape::word(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{message, property};

    #[test]
    fn nothing_ends_a_property_or_a_line() {
        assert_eq!(property("a,line=1::x\n::error::y%0A"), "a%2Cline=1%3A%3Ax\\n%3A%3Aerror%3A%3Ay%250A");
        assert_eq!(message("50 %\r\n::stop-commands::x"), "50 %25%0D%0A::stop-commands::x");
    }
}
