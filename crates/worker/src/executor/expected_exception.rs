//! What a document says about the exception of a statement: `d.x = 1  # AttributeError`, or lines of its own below.
//!
//! A statement that raises what its comment says does not end its snippet. The exception's own name must stand there, the
//! words of a type checker, whose findings are errors at run time as well, or words such as "raises an error".

use crate::statement::StatementEnd;
use snipcheck_model::announced_error::{announced_exit, is_nameless_error};
use snipcheck_model::outcome::Exception;
use snipcheck_model::type_checkers::TYPE_CHECKERS;

/// Base classes that say nothing in particular.
const VAGUE: [&str; 3] = ["Exception", "BaseException", "object"];
const HEADER: &str = "Traceback (most recent call last)";
/// Words before the name of an exception on a line of its own.
const LEADS: [&str; 14] = [
    "this will raise ",
    "this raises ",
    "will raise ",
    "it raises ",
    "raises: ",
    "raises ",
    "raise ",
    "throws ",
    "gives ",
    "output: ",
    "-> ",
    "=> ",
    "--> ",
    "→ ",
];
/// Lines below a statement that are looked at.
const LINES: usize = 60;

/// Whether the text after a statement announces the exception: the comment beside it, or what stands directly below.
/// The first line of the code is line 1 of `end`.
pub(crate) fn is_expected(code: &str, end: StatementEnd, exception: &Exception) -> bool {
    let index = end.line.saturating_sub(1) as usize;
    let Some(line) = code.lines().nth(index) else { return false };
    let beside = line.get(end.offset..).and_then(|rest| rest.trim_start().strip_prefix('#'));
    if beside.is_some_and(|comment| announces(comment.trim(), exception)) {
        return true;
    }

    let below: Vec<&str> = code.lines().skip(index + 1).take(LINES).collect();
    shown_below(&below).is_some_and(|text| is_announced_below(&text, exception))
}

/// Whether a comment on a line that does not compile announces that.
pub(crate) fn is_expected_on(line: &str, exception: &Exception) -> bool {
    let comment = line.rsplit_once('#').map(|(_, comment)| comment.trim());
    comment.is_some_and(|comment| announces(comment, exception))
}

/// Whether a comment beside a statement announces the exception.
fn announces(comment: &str, exception: &Exception) -> bool {
    if exception.kind == "SystemExit" {
        return announces_exit(comment, exception);
    }

    let lower = comment.to_lowercase();
    if TYPE_CHECKERS.iter().any(|checker| lower.starts_with(checker)) {
        return true;
    }

    let joined: String = lower.chars().filter(|character| !character.is_whitespace()).collect();
    let mut names = names(exception);
    names.any(|name| has_word(comment, name) || joined.starts_with(&name.to_lowercase()))
        || is_ordinary(exception) && (is_nameless_error(comment) || begins_with_any(comment))
}

fn names(exception: &Exception) -> impl Iterator<Item = &str> {
    let bases = exception.bases.iter().map(|base| base.rsplit('.').next().unwrap_or(base));
    bases.filter(|name| !VAGUE.contains(name))
}

/// Whether the exception is one of the statement, which "an error" may mean.
fn is_ordinary(exception: &Exception) -> bool {
    exception.bases.iter().any(|base| base == "Exception") && !exception.is_of_surroundings()
}

/// `Exception`, `raises Exception: no such key`
fn begins_with_any(text: &str) -> bool {
    without_lead(text)
        .strip_prefix("Exception")
        .is_some_and(|rest| is_name_end(rest) && !rest.starts_with('('))
}

/// Whether what follows a name is a message or a remark.
fn is_name_end(rest: &str) -> bool {
    let remark = [" (", " - ", " – ", " — ", " #"].iter().any(|sign| rest.starts_with(sign));
    rest.trim_end_matches(['!', '.', ' ']).is_empty() || rest.starts_with([':', '!', '(']) || remark
}

fn without_lead(text: &str) -> &str {
    let text = text.trim();
    let led = LEADS.iter().find_map(|lead| {
        let start = text.get(..lead.len())?;
        start.eq_ignore_ascii_case(lead).then(|| text[lead.len()..].trim_start())
    });
    let text = led.unwrap_or(text);
    ["a ", "an ", "the "].iter().find_map(|article| text.strip_prefix(article)).unwrap_or(text)
}

/// `SystemExit`, `SystemExit: 2`, `exits with code 2`: with the code or the message that it really has, if it says one.
fn announces_exit(comment: &str, exception: &Exception) -> bool {
    let message = match exception.message.as_str() {
        "" | "None" => "0",
        message => message,
    };

    if let Some(exit) = announced_exit(comment) {
        return exit.code.is_none_or(|code| code.to_string() == message);
    }

    let Some(place) = comment.find("SystemExit") else { return false };
    let rest = &comment[place + "SystemExit".len()..];
    if rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
        return false;
    }
    let said = match rest.strip_prefix(':') {
        Some(said) => said.trim(),
        None => rest.strip_prefix('(').and_then(|said| said.split(')').next()).unwrap_or_default().trim(),
    };
    let bare = said.split(" (").next().unwrap_or_default().trim_matches(['\'', '"']);
    said.is_empty() || said == message || bare == message
}

/// The lines of comments, or the string, that begin directly below a statement.
fn shown_below(below: &[&str]) -> Option<String> {
    let first = below.first()?;
    if first.starts_with('#') {
        let comments = below.iter().map_while(|line| line.strip_prefix('#'));
        let lines = comments.map(|line| line.strip_prefix('>').unwrap_or(line));
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        return Some(lines.join("\n") + "\n");
    }

    let first = first.trim_start_matches(['r', 'R']);
    let quotes = ["\"\"\"", "'''"].into_iter().find(|quotes| first.starts_with(quotes))?;
    let rest = [&first[quotes.len()..]].into_iter().chain(below[1..].iter().copied());
    let text: Vec<&str> = rest.collect();
    let text = text.join("\n");
    let end = text.find(quotes)?;
    Some(text[..end].to_owned())
}

/// Whether a text below a statement is the exception: a traceback that ends with it, or its line alone.
fn is_announced_below(text: &str, exception: &Exception) -> bool {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let Some(mut first) = lines.next() else { return false };

    if first.trim().trim_end_matches(':') == HEADER {
        let Some(error) = lines.find(|line| !line.starts_with([' ', '\t']) && !line.trim().is_empty()) else {
            return false;
        };
        first = error;
    } else if is_heading(first) {
        first = lines.next().unwrap_or_default();
    }

    let said = without_lead(first);
    if exception.kind == "SystemExit" {
        return announces_exit(said, exception)
            && (said.starts_with("SystemExit") || announced_exit(said).is_some());
    }

    let name_end = said.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '.'));
    let (name, rest) = said.split_at(name_end.unwrap_or(said.len()));
    let name = name.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    is_name_end(rest) && names(exception).any(|own| own == name)
        || is_ordinary(exception) && (is_nameless_error(first) || begins_with_any(first))
}

fn is_heading(line: &str) -> bool {
    let words = line.trim().trim_end_matches(':').to_lowercase();
    line.trim().ends_with(':')
        && ["output", "outputs", "result", "error", "raises", "prints"].contains(&words.as_str())
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric() && character != '_').any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exception(bases: &[&str], message: &str) -> Exception {
        Exception {
            kind: bases[0].to_owned(),
            bases: bases.iter().map(ToString::to_string).collect(),
            message: message.to_owned(),
            line: None,
            frames: Vec::new(),
            traceback: String::new(),
            operands: Vec::new(),
        }
    }

    fn key_error() -> Exception {
        exception(&["KeyError", "LookupError", "Exception", "BaseException"], "'x'")
    }

    #[track_caller]
    fn check_raised(code: &str, exception: &Exception, expected: bool) {
        let first = code.lines().next().unwrap();
        let end = StatementEnd { line: 1, offset: first.find("  #").unwrap_or(first.len()) };
        assert_eq!(is_expected(code, end, exception), expected, "{code}");
    }

    #[track_caller]
    fn check(code: &str, expected: bool) {
        check_raised(code, &key_error(), expected);
    }

    #[test]
    fn comments() {
        check("d['x']  # KeyError", true);
        check("d['x']  # raises KeyError: 'x'", true);
        check("d['x']  # Key error!", true);
        check("d['x']  # LookupError", true);
        check("d['x']  # Error: no such key", true);
        check("d['x']  # mypy error: no such key", true);
        check("d['x']  # NoKeyErrorHere", false);
        check("d['x']  # the key", false);
        check("d['x']", false);
    }

    #[test]
    fn errors_without_names() {
        for comment in [
            "Exception",
            "Exception: no such key",
            "raises Exception",
            "raises an error",
            "throws an exception!",
        ] {
            check(&format!("d['x']  # {comment}"), true);
        }
        for comment in
            ["an Exception of the rule", "raises an error if it is empty", "ExceptionGroup", "error"]
        {
            check(&format!("d['x']  # {comment}"), false);
        }
        // The code around a statement, and not the statement, may be to blame for these.
        let name = exception(&["NameError", "Exception", "BaseException"], "");
        check_raised("d['x']  # raises an error", &name, false);
        check_raised("d['x']  # Exception", &name, false);
        check_raised("d['x']  # NameError", &name, true);
        let interrupt = exception(&["KeyboardInterrupt", "BaseException"], "");
        check_raised("d['x']  # raises an error", &interrupt, false);
    }

    #[test]
    fn lines_below() {
        for below in [
            "# KeyError: 'x'",
            "# raises KeyError",
            "# -> KeyError",
            "#> KeyError: 'x'",
            "# Raises a LookupError!",
            "# raises an error",
            "# Exception: 'x'",
            "# Output:\n# KeyError: 'x'",
            "# Traceback (most recent call last):\n#   ...\n# KeyError: 'x'",
            "#> Traceback (most recent call last):\n#>   ...\n#> KeyError: 'x'",
            "\"\"\"\nKeyError: 'x'\n\"\"\"",
            "'''\nTraceback (most recent call last):\n  ...\nKeyError: 'x'\n'''",
        ] {
            check(&format!("d['x']\n{below}\nf()"), true);
        }
        for below in [
            "# ValueError: 'x'",
            "# KeyError is raised where a key is missing",
            "# the next one raises KeyError",
            "",
            "\n# KeyError: 'x'",
            "f()  # KeyError",
            "\"\"\"\nWhat a KeyError is\n\"\"\"",
            "# Traceback (most recent call last):\n#   ...\n# IndexError: 'x'",
        ] {
            check(&format!("d['x']\n{below}\nf()"), false);
        }
    }

    #[test]
    fn exits() {
        let exit = exception(&["SystemExit", "BaseException"], "2");
        for comment in [
            "SystemExit",
            "SystemExit: 2",
            "SystemExit(2)",
            "raises SystemExit: 2 (usage)",
            "exits with code 2",
        ] {
            check_raised(&format!("f()  # {comment}"), &exit, true);
        }
        for comment in
            ["SystemExit: 3", "SystemExit(1)", "exits with status 1", "raises an error", "Exception", "2"]
        {
            check_raised(&format!("f()  # {comment}"), &exit, false);
        }
        check_raised("f()\n# SystemExit: 2\n", &exit, true);
        check_raised("f()\n# SystemExit: 1\n", &exit, false);
        check_raised("f()  # SystemExit: bye", &exception(&["SystemExit"], "bye"), true);
        check_raised("f()  # SystemExit: 0", &exception(&["SystemExit"], ""), true);
    }

    #[test]
    fn lines_that_do_not_compile() {
        let syntax = exception(&["SyntaxError", "Exception", "BaseException"], "invalid syntax");
        assert!(is_expected_on("x = = 1  # SyntaxError", &syntax));
        assert!(is_expected_on("x = = 1  # SyntaxError: invalid syntax", &syntax));
        assert!(!is_expected_on("x = = 1  # TypeError", &syntax));
        assert!(!is_expected_on("x = = 1", &syntax));
    }
}
