//! Replaces what differs from run to run, in time linear in the text. Knows no snapshots.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::config::Redaction;

/// The built-in rules, then those of the settings in their order.
#[derive(Debug)]
pub(crate) struct Redactions {
    rules: Vec<Redaction>,
}

impl Redactions {
    pub(crate) fn new(own: &[Redaction]) -> Self {
        let mut rules = BUILT_IN.clone();
        rules.extend_from_slice(own);
        Self { rules }
    }

    /// Without blanks at the end, as snapshots are read.
    pub(crate) fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut redacted = Cow::Borrowed(text);
        for rule in &self.rules {
            if let Cow::Owned(changed) = rule.pattern.replace_all(&redacted, &rule.replacement) {
                redacted = Cow::Owned(changed);
            }
        }
        match redacted {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
            Cow::Owned(mut text) => {
                text.truncate(text.trim_end().len());
                Cow::Owned(text)
            }
        }
    }
}

static BUILT_IN: LazyLock<Vec<Redaction>> = LazyLock::new(|| {
    let rules = [
        // `<function f at 0x7f12…>`
        (r"\bat 0x[0-9a-fA-F]{4,16}\b", "at 0x…"),
        // What Python's tempfile makes up, in whatever folder, and our own private folders.
        (r"/tmp[a-z0-9_]{8}\b", "/tmp…"),
        (r"/snipcheck-[A-Za-z0-9]{6,16}\b", "/snipcheck-…"),
        // Only with a fraction or an exponent, and only with a unit: `2 s` is what the author chose.
        (
            r"(?x) (?<before> ^ | [^\w.] )
              [0-9]{1,18} (?: \.[0-9]{1,18} (?: e[+-]?[0-9]{1,3} )? | e[+-]?[0-9]{1,3} )
              (?<unit> [\ ]? (?: [mnuµμ]?s | m?secs? | (?:milli|micro|nano)?seconds? ) ) \b",
            "${before}…${unit}",
        ),
    ];
    rules.map(|(pattern, replacement)| rule(pattern, replacement)).to_vec()
});

fn rule(pattern: &str, replacement: &str) -> Redaction {
    let pattern = Regex::new(pattern).expect("the built-in patterns are tested");
    Redaction { pattern, replacement: replacement.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Redactions, rule};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Redactions::new(&[]).apply(text), expected);
    }

    #[test]
    fn addresses() {
        check("<function f at 0x7f8b1c2d3e50>", "<function f at 0x…>");
        check("<__main__.A object at 0x10b0, x at 0x7F00>", "<__main__.A object at 0x…, x at 0x…>");
        check("0x7f8b1c2d3e50 hex(255) at 0xff", "0x7f8b1c2d3e50 hex(255) at 0xff");
    }

    #[test]
    fn temporary_paths() {
        check("/tmp/tmpab12_xyz/a.txt '/var/tmp/tmpabcd1234'", "/tmp/tmp…/a.txt '/var/tmp/tmp…'");
        check("/tmp/snipcheck-Ab12Cd/x", "/tmp/snipcheck-…/x");
        check("/tmp/data.txt /tmpfiles tmpab12_xyz", "/tmp/data.txt /tmpfiles tmpab12_xyz");
    }

    #[test]
    fn durations() {
        check("passed in 0.003s", "passed in …s");
        check("took 1.2 seconds", "took … seconds");
        check("0.53 s, 12.3 ms\n1.2e-05 seconds", "… s, … ms\n… seconds");
        check("1.23 µs (2.5us) 3.0sec 1e-05 s", "… µs (…us) …sec … s");
        check("0.1s 0.2s", "…s …s");
    }

    #[test]
    fn numbers_that_mean_something_stay() {
        for text in
            ["sleep of 2 s", "12 ms", "3.14", "1.5 sets", "v1.2 s", "1.2.3 s", "0.5 m", "9.99 $", "1.5x"]
        {
            check(text, text);
        }
    }

    #[test]
    fn own_rules_come_last_and_may_use_groups() {
        let redactions = Redactions::new(&[rule(r"port (\d)\d+", "port $1…"), rule("…s", "time")]);
        assert_eq!(redactions.apply("port 54321 in 0.5s \n"), "port 5… in time");
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let start = Instant::now();
        for text in
            ["1".repeat(1 << 20), "1.1e-".repeat(1 << 18), "/tmp".repeat(1 << 18), "at 0x0".repeat(1 << 17)]
        {
            check(&text, &text);
        }
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
