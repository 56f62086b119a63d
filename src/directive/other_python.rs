//! Captions and remarks about another version of Python than the one that runs.

use std::sync::LazyLock;

use regex::Regex;

use crate::directive::condition::Python;

/// A version with the words around it that widen it: `before Python 3.8`, `Python 3.9+`, `Python 3.9 or newer`.
static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?P<before>(?:before|until|up\ to|older\ than|prior\ to|earlier\ than|<=?|since|from|>=?|≥|≤|as\ of|newer\ than|later\ than)\s*)?
        \b(?:c?python|py)[\s-]*
        (?P<sign><=?|>=?|≥|≤|==)?\s*
        (?P<major>[23])(?:\.(?P<minor>[0-9]{1,2}|x)(?:\.[0-9x]+)*|(?P<glued>[0-9]{1,2}))?
        (?P<after>\s*(?:\+|(?:and|or)\ (?:newer|later|above|up|higher|older|earlier|below|lower)))?",
    )
    .expect("the pattern is tested")
});

impl Python {
    /// Whether a text names versions of Python, and this one is none of them.
    pub(crate) fn is_left_out_by(self, text: &str) -> bool {
        let mut named =
            VERSION.captures_iter(text).filter(|found| !is_inside_of_word(text, found)).peekable();
        named.peek().is_some() && !named.any(|found| self.is_meant(&found))
    }

    fn is_meant(self, found: &regex::Captures<'_>) -> bool {
        let word = |name: &str| found.name(name).map_or("", |found| found.as_str()).trim().to_lowercase();
        let number = |name: &str| word(name).parse::<u8>().ok();
        let (Some(major), minor) = (number("major"), number("minor").or(number("glued"))) else {
            return true;
        };

        let words = [word("before"), word("sign"), word("after")].join(" ");
        let says = |list: &[&str]| list.iter().any(|word| words.contains(word));
        let own = (self.major, self.minor);
        let other = (major, minor.unwrap_or(0));
        // `<=` holds a `<`: what includes its border comes first.
        if says(&["<=", "≤", "up to", "older", "earlier", "below", "lower"])
            && !says(&["older than", "earlier than"])
        {
            own <= (major, minor.unwrap_or(u8::MAX))
        } else if says(&["<", "before", "until", "than", "prior"]) && !says(&["newer than", "later than"]) {
            own < other
        } else if says(&[">=", "≥", "since", "from", "as of", "+", "newer", "later", "above", "up", "higher"])
        {
            own >= other
        } else if says(&[">"]) {
            own > other
        } else {
            major == self.major && minor.is_none_or(|minor| minor == self.minor)
        }
    }
}

/// Whether what looks like a version is a part of a longer word: `py3_compat`, `python310k`.
fn is_inside_of_word(text: &str, found: &regex::Captures<'_>) -> bool {
    let end = found.get(0).map_or(0, |found| found.end());
    text[end..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
}

#[cfg(test)]
mod tests {
    use crate::directive::Python;

    const OWN: Python = Python { major: 3, minor: 11 };

    #[test]
    fn other_versions() {
        for text in [
            "Output (Python 2.7):",
            "Output (Python 2):",
            "On Python 2.x this prints:",
            "Output, py27",
            "Output (Python 3.6)",
            "Output of CPython 3.12.1:",
            "Output before Python 3.8:",
            "Output (Python < 3.11):",
            "Python 3.12+",
            "Python >= 3.13",
            "Python 3.10 or older:",
            "Python 3.12 and newer",
            "Python 2 and Python 3.6",
        ] {
            assert!(OWN.is_left_out_by(text), "{text}");
        }
    }

    #[test]
    fn this_version() {
        for text in [
            "Output:",
            "Output (Python):",
            "Output (Python 3):",
            "Output (Python 3.11):",
            "Output (Python 3.11.4):",
            "Python 3.9+",
            "Python 3.8 or newer",
            "since Python 3.7",
            "Python 2 and Python 3",
            "Python <= 3.11",
            "before Python 3.12",
            "Python 3.11 or older",
            "the first 3 pythons",
            "py3_compat",
        ] {
            assert!(!OWN.is_left_out_by(text), "{text}");
        }
    }
}
