//! How people announce that code raises something or ends the program, without the name of an exception.

/// Words about what is said: `this raises an error`.
const SUBJECTS: [&str; 7] = ["this ", "it ", "that ", "this call ", "the call ", "this line ", "python "];
const VERBS: [&str; 9] = [
    "raises",
    "raise",
    "will raise",
    "would raise",
    "throws",
    "throw",
    "will throw",
    "would throw",
    "fails with",
];
const WHAT: [&str; 6] = ["an error", "error", "an exception", "exception", "some error", "an exception here"];
/// What may follow: a reason, or a remark.
const REASONS: [&str; 5] = [" because ", " since ", " as ", ", because ", ", since "];

/// `raises an error`, `This will raise an exception!`, `throws an error: no such key`
pub fn is_nameless_error(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    let core = without_subject(&lower);
    VERBS.iter().any(|verb| {
        let Some(rest) = core.strip_prefix(verb) else { return false };
        let Some(rest) = rest.strip_prefix(' ') else { return is_end(rest) };
        WHAT.iter().any(|what| rest.strip_prefix(what).is_some_and(is_end))
    })
}

fn without_subject(lower: &str) -> &str {
    SUBJECTS.iter().find_map(|subject| lower.strip_prefix(subject)).unwrap_or(lower)
}

/// Whether nothing follows but signs, a reason or a remark in brackets or after a dash.
fn is_end(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['!', '.']);
    rest.trim().is_empty()
        || rest.starts_with([':', ';'])
        || [" (", " - ", " – ", " — "].iter().any(|sign| rest.starts_with(sign))
        || REASONS.iter().any(|reason| rest.starts_with(reason))
}

/// What a text says of the end of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncedExit {
    /// The exit code, if one is named.
    pub code: Option<i64>,
}

/// `exits with code 2`, `exit status 1`, `ends the program`
pub fn announced_exit(text: &str) -> Option<AnnouncedExit> {
    let lower = text.trim().to_lowercase();
    let said = without_subject(&lower);
    let said = said.split([',', '(', ';']).next().unwrap_or_default().trim_end_matches(['!', '.', ' ']);
    let mut words = said.split([' ', ':', '=']).filter(|word| !word.is_empty());

    let first = words.next()?;
    if !["exits", "exit", "quits", "quit", "terminates", "ends", "stops"].contains(&first) {
        return None;
    }

    let (mut code, mut says) = (None, matches!(first, "exits" | "quits"));
    for word in words {
        match word {
            "with" | "and" | "the" | "here" | "an" => {}
            "exit" | "code" | "status" | "program" | "script" | "process" | "interpreter" => says = true,
            _ => code = Some(word.parse().ok().filter(|_| code.is_none())?),
        }
    }
    says.then_some(AnnouncedExit { code })
}

#[cfg(test)]
mod tests {
    use super::{AnnouncedExit, announced_exit, is_nameless_error};

    #[test]
    fn errors_without_names() {
        for text in [
            " raises an error",
            "Raises error!",
            "this raises an exception.",
            "It will raise an error",
            "throws an exception (no such key)",
            "raises an error: no such key",
            "raises an error because x is a text",
            "fails with an error",
            "raises",
        ] {
            assert!(is_nameless_error(text), "{text}");
        }
        for text in [
            "raises an error if it is empty",
            "raises an eyebrow",
            "error",
            "raises errors",
            "raises the limit",
            "never raises an error",
            "raises an error when x is a text",
            "",
        ] {
            assert!(!is_nameless_error(text), "{text}");
        }
    }

    #[test]
    fn ends_of_programs() {
        let code = |code| Some(AnnouncedExit { code });
        for (text, expected) in [
            ("exits with code 2", code(Some(2))),
            ("Exits with status 1!", code(Some(1))),
            ("exit code: 3", code(Some(3))),
            ("exits", code(None)),
            ("this ends the program", code(None)),
            ("exits (the file is missing)", code(None)),
            ("exit", None),
            ("exits the loop", None),
            ("ends with 2", None),
            ("exit strategy", None),
            ("stops after 3 rounds", None),
            ("", None),
        ] {
            assert_eq!(announced_exit(text), expected, "{text}");
        }
    }
}
