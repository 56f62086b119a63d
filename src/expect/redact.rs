//! Replaces what differs from run to run, within bounds of time and size. Knows no snapshots.
//!
//! The built-in rules take time linear in the text. Those of the settings are a checkout's own: a search may take the
//! product of pattern and text, and there may be one for each letter of it. They have a thread, which is left alone when
//! it takes too long.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;

use crate::config::Redaction;
use crate::model::problem::Problem;
use crate::model::snippet::Line;

/// Time of the rules of the settings for one text. A usual pattern takes milliseconds for all of a snippet's output.
const LONGEST: Duration = Duration::from_secs(5);
/// The same for all texts of a run.
const LONGEST_TOGETHER: Duration = Duration::from_mins(1);
/// Bytes that the rules of the settings may add to a text.
const GROWTH: usize = 4 << 20;

/// Matches from one look at the clock to the next.
const MATCHES: usize = 256;

/// Why a text could not be redacted. The lines are those of `pyproject.toml`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedactError {
    #[error(
        "the redaction at pyproject.toml:{line} is too slow: {} s for an output, or {} s for all of them, are over",
        LONGEST.as_secs(),
        LONGEST_TOGETHER.as_secs()
    )]
    TooSlow { line: Line },
    #[error("the redaction at pyproject.toml:{line} adds more than {} MiB to its output", GROWTH >> 20)]
    TooLong { line: Line },
    #[error("the redactions of pyproject.toml cannot be tried: {error}")]
    NoThread { error: String },
}

impl From<RedactError> for Problem {
    fn from(error: RedactError) -> Self {
        let line = match &error {
            RedactError::TooSlow { line } | RedactError::TooLong { line } => Some(*line),
            RedactError::NoThread { .. } => None,
        };
        let hint = "nothing was recorded; a narrower pattern may help".to_owned();
        Self { path: "pyproject.toml".to_owned(), line, message: error.to_string(), hint: Some(hint) }
    }
}

/// The built-in rules, then those of the settings in their order.
#[derive(Debug)]
pub(crate) struct Redactions {
    built_in: &'static [Rule],
    own: Arc<[Redaction]>,
    /// Once too slow, always too slow: a run does not wait for the same rules again and again.
    slow: OnceLock<RedactError>,
    /// Microseconds that the rules of the settings have taken.
    spent: AtomicU64,
    /// Time for one text.
    longest: Duration,
}

impl Redactions {
    pub(crate) fn new(own: &[Redaction]) -> Self {
        Self {
            built_in: &BUILT_IN,
            own: own.into(),
            slow: OnceLock::new(),
            spent: AtomicU64::new(0),
            longest: LONGEST,
        }
    }

    /// Without blanks at the end, as snapshots are read.
    pub(crate) fn apply<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, RedactError> {
        let mut redacted = Cow::Borrowed(text);
        for (pattern, replacement) in self.built_in {
            if let Cow::Owned(changed) = pattern.replace_all(&redacted, *replacement) {
                redacted = Cow::Owned(changed);
            }
        }
        if !self.own.is_empty() && !redacted.is_empty() {
            redacted = Cow::Owned(self.own(redacted.into_owned())?);
        }

        Ok(match redacted {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
            Cow::Owned(mut text) => {
                text.truncate(text.trim_end().len());
                Cow::Owned(text)
            }
        })
    }

    fn own(&self, text: String) -> Result<String, RedactError> {
        if let Some(error) = self.slow.get() {
            return Err(error.clone());
        }
        let (result, redacted) = channel();
        let at = Arc::new(AtomicU32::new(0));
        let (rules, reached) = (Arc::clone(&self.own), Arc::clone(&at));
        let spent = Duration::from_micros(self.spent.load(Ordering::Relaxed));
        let patience = LONGEST_TOGETHER.saturating_sub(spent).min(self.longest);
        let start = Instant::now();
        let deadline = start + patience;
        let redact = move || {
            // Nobody may be waiting any more.
            let _ = result.send(replaced_by_all(&rules, text, deadline, &reached));
        };
        let thread = thread::Builder::new().name("redactions".to_owned()).spawn(redact);
        thread.map_err(|error| RedactError::NoThread { error: error.to_string() })?;

        let answer = redacted.recv_timeout(patience).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Err(RedactError::TooSlow { line: Line(at.load(Ordering::Relaxed)) }),
            RecvTimeoutError::Disconnected => {
                Err(RedactError::NoThread { error: "their thread broke off".to_owned() })
            }
        });
        let taken = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.spent.fetch_add(taken, Ordering::Relaxed);
        if let Err(error @ RedactError::TooSlow { .. }) = &answer {
            // Another thread may have found the same.
            let _ = self.slow.set(error.clone());
        }
        answer
    }
}

/// `reached` is the line of the rule that is being applied.
fn replaced_by_all(
    rules: &[Redaction],
    mut text: String,
    deadline: Instant,
    reached: &AtomicU32,
) -> Result<String, RedactError> {
    let most = text.len() + GROWTH;
    for rule in rules {
        reached.store(rule.line.0, Ordering::Relaxed);
        if let Some(changed) = replaced(rule, &text, most, deadline)? {
            text = changed;
        }
    }
    Ok(text)
}

/// As `Regex::replace_all`, up to a length and a time. `None` where nothing matches.
fn replaced(
    rule: &Redaction,
    text: &str,
    most: usize,
    deadline: Instant,
) -> Result<Option<String>, RedactError> {
    let line = rule.line;
    let groups = rule.replacement.matches('$').count();
    let mut changed = String::new();
    let mut done = 0;
    let mut count: usize = 0;

    // Groups cost more than matches do, and few replacements name any.
    let mut add = |start: usize, end: usize, expand: &dyn Fn(&mut String)| {
        // What a group holds is a part of the match.
        let longest = groups.saturating_mul(end - start).saturating_add(rule.replacement.len());
        if longest.saturating_add(changed.len() + start - done) > most {
            return Err(RedactError::TooLong { line });
        }
        count += 1;
        if count.is_multiple_of(MATCHES) && Instant::now() > deadline {
            return Err(RedactError::TooSlow { line });
        }
        changed.push_str(&text[done..start]);
        expand(&mut changed);
        done = end;
        Ok(())
    };
    if groups == 0 {
        for found in rule.pattern.find_iter(text) {
            add(found.start(), found.end(), &|changed| changed.push_str(&rule.replacement))?;
        }
    } else {
        for captures in rule.pattern.captures_iter(text) {
            let Some(found) = captures.get(0) else { continue };
            add(found.start(), found.end(), &|changed| captures.expand(&rule.replacement, changed))?;
        }
    }

    if done == 0 && changed.is_empty() {
        return Ok(None);
    }
    if changed.len() + text.len() - done > most {
        return Err(RedactError::TooLong { line });
    }
    changed.push_str(&text[done..]);
    Ok(Some(changed))
}

/// A pattern and what takes its place.
type Rule = (Regex, &'static str);

static BUILT_IN: LazyLock<Vec<Rule>> = LazyLock::new(|| {
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
        // Measured rates: `962.93it/s`, `1.25 s/it`.
        (
            r"(?x) (?<before> ^ | [^\w.] ) [0-9]{1,18} \.[0-9]{1,18}
              (?<unit> [\ ]? (?:
                [kKMG]? (?: B | iB | bytes? | it | its | iter | iterations? | ops | calls | requests? | req | rows | items
                  | files | lines | records | msgs | messages | tokens | steps ) / s (?: ec (?: ond )? )?
                | s/it ) ) \b",
            "${before}…${unit}",
        ),
    ];
    let compiled = |pattern| Regex::new(pattern).expect("the built-in patterns are tested");
    rules.map(|(pattern, replacement)| (compiled(pattern), replacement)).into()
});

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use regex::Regex;

    use super::{GROWTH, RedactError, Redactions};
    use crate::config::Redaction;
    use crate::model::snippet::Line;

    fn own(rules: &[(&str, &str)]) -> Redactions {
        let mut line = Line(0);
        let rule = |(pattern, replacement): &(&str, &str)| {
            line.0 += 1;
            Redaction { pattern: Regex::new(pattern).unwrap(), replacement: (*replacement).to_owned(), line }
        };
        Redactions::new(&rules.iter().map(rule).collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Redactions::new(&[]).apply(text).unwrap(), expected);
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
    fn rates() {
        check("4/9 [00:00<00:00, 962.93it/s]", "4/9 [00:00<00:00, …it/s]");
        check("1.25 s/it, 3.5MB/s at 12.5 requests/second", "… s/it, …MB/s at … requests/second");
        check("12.5 ops/sec\n0.5kiB/s", "… ops/sec\n…kiB/s");
    }

    #[test]
    fn numbers_that_mean_something_stay() {
        for text in [
            "sleep of 2 s",
            "12 ms",
            "3.14",
            "1.5 sets",
            "v1.2 s",
            "1.2.3 s",
            "0.5 m",
            "9.99 $",
            "1.5x",
            "9.5 m/s",
            "10 it/s",
            "1.5 items/set",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn own_rules_come_last_and_may_use_groups() {
        let redactions = own(&[(r"port (\d)\d+", "port $1…"), ("…s", "time")]);
        assert_eq!(redactions.apply("port 54321 in 0.5s \n").unwrap(), "port 5… in time");
        // As the crate has it.
        for (pattern, replacement) in [("x*", "-"), ("(a)|b", "[$1]"), ("$", "!"), ("a", "$$"), ("^", "")] {
            let expected = Regex::new(pattern).unwrap().replace_all("xab axb", replacement).into_owned();
            assert_eq!(own(&[(pattern, replacement)]).apply("xab axb").unwrap(), expected, "{pattern}");
        }
    }

    #[test]
    fn own_rules_add_no_more_than_is_allowed() {
        let text = "a".repeat(1 << 18);
        let line = |line| Err(RedactError::TooLong { line: Line(line) });
        let grown = "a".repeat(20);
        assert_eq!(own(&[("b", ""), ("a", &grown), ("a", &grown)]).apply(&text), line(2));
        assert_eq!(own(&[("a", "aaaa"), ("a", "aaaa"), ("aaaa", "aaaaa")]).apply(&text), line(3));
        assert_eq!(own(&[("a+", &"$0".repeat(1 << 20))]).apply(&text), line(1));
        assert_eq!(own(&[("", &"b".repeat(GROWTH))]).apply("ab"), line(1));
        assert_eq!(own(&[("a", "aaaa"), ("a", "aaaa")]).apply(&text).unwrap().len(), 4 << 20);
        assert_eq!(own(&[("a", "")]).apply(&text).unwrap(), "");
    }

    #[test]
    fn own_rules_take_no_longer_than_is_allowed() {
        let text = "a".repeat(1 << 20);
        for (slow, replacement) in
            [("(a{1,100}){1,100}b", ""), ("(?s)(.{0,500}){1,8}z", "$1"), ("a.*z|a", "")]
        {
            let mut redactions = own(&[("b", ""), (slow, replacement)]);
            redactions.longest = Duration::from_millis(200);
            let start = Instant::now();
            let expected = RedactError::TooSlow { line: Line(2) };
            assert_eq!(redactions.apply(&text), Err(expected.clone()), "{slow}");
            assert!(start.elapsed() < Duration::from_secs(30), "{slow}: {:?}", start.elapsed());
            // Nobody waits for them a second time.
            assert_eq!(redactions.apply("short"), Err(expected), "{slow}");
        }
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
