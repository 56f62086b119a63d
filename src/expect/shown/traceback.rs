//! Reads tracebacks in the forms in which documents show them: those of CPython, of groups and of `IPython`.

use std::sync::LazyLock;

use regex::Regex;

use crate::expect::exception::TRACEBACK_HEADER;

/// `Traceback (most recent call last)` without a colon, after the name of the exception or alone.
static IPYTHON_HEADER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:(?P<name>[A-Za-z_][\w.]*)\s+)?Traceback \(most recent call last\)$"));
/// A line that begins with an exception, as the last line of a traceback does.
static ERROR: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Za-z_][\w.]*(?:: |:?$)"));
const GROUP_HEADER: &str = "+ Exception Group Traceback (most recent call last):";
/// What stands before the exception of a group, on each line: blanks and the bars of its frame.
static FRAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^ *(?:\|(?: +\|)*|\+-\+|\+)"));
/// The place of a syntax error, which CPython shows without a header.
static PLACE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^  File "[^"\n]*", line [0-9]+"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is tested")
}

/// A text that ends with an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Traceback<'a> {
    /// What is above the traceback.
    pub(super) before: &'a str,
    /// Lines before the exception: those that were printed, and those of the stack.
    pub(super) above: usize,
    pub(super) error: &'a str,
    /// The exceptions that led to it, in their order.
    pub(super) earlier: Vec<&'a str>,
    /// The exceptions of a group with their depth, without the stacks; nothing for any other exception.
    pub(super) members: Option<String>,
}

/// The traceback in a text, in any of its forms.
pub(super) fn read(text: &str) -> Option<Traceback<'_>> {
    group(text).or_else(|| with_header(text)).or_else(|| of_ipython(text)).or_else(|| of_syntax(text))
}

/// The last exception of a traceback with a header.
fn with_header(text: &str) -> Option<Traceback<'_>> {
    let is_header = |line: &str| line.trim_end() == TRACEBACK_HEADER;
    let mut before = None;
    let mut error: Option<(usize, usize)> = None;
    let mut earlier = Vec::new();
    let (mut at, mut in_stack) = (0, false);

    for (number, line) in text.split_inclusive('\n').enumerate() {
        if is_header(line) {
            before.get_or_insert(&text[..at]);
            earlier.extend(error.take().map(|(_, start)| first_paragraph(&text[start..at])));
            in_stack = true;
        } else if in_stack && !line.starts_with([' ', '\t']) && !line.trim().is_empty() && !is_marked(line) {
            (in_stack, error) = (false, Some((number, at)));
        }
        at += line.len();
    }

    let (above, start) = error?;
    Some(Traceback { before: before?, above, error: text[start..].trim_end(), earlier, members: None })
}

/// Whether a line of the stack has a sign before it, as the frame that caught an exception has in logs of loguru.
fn is_marked(line: &str) -> bool {
    line.starts_with("> File \"")
}

/// An exception without the sentence that links it to the next one.
fn first_paragraph(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or_default().trim_end()
}

/// The exception that `IPython` shows below the lines of the stack.
fn of_ipython(text: &str) -> Option<Traceback<'_>> {
    let mut lines = offsets(text);
    let (header, found) = lines.find_map(|(_, at, line)| Some((at, IPYTHON_HEADER.captures(line)?)))?;
    let name = found.name("name").map(|name| name.as_str());

    let is_error = |line: &str| match name {
        Some(name) => line
            .strip_prefix(name)
            .or_else(|| {
                line.rsplit_once(name).filter(|(module, _)| module.ends_with('.')).map(|(_, rest)| rest)
            })
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':')),
        None => ERROR.is_match(line) && !line.starts_with("Cell ") && !line.starts_with("File "),
    };
    let (above, start) =
        lines.filter(|(_, _, line)| is_error(line)).map(|(number, at, _)| (number, at)).last()?;

    // A rule of dashes is a part of the traceback.
    let before = text[..header].trim_end_matches('\n');
    let rule = before.rfind('\n').map_or(0, |at| at + 1);
    let is_rule = before.len() - rule > 9 && before[rule..].bytes().all(|byte| byte == b'-');
    let before = if is_rule { &text[..rule] } else { &text[..header] };

    Some(Traceback { before, above, error: text[start..].trim_end(), earlier: Vec::new(), members: None })
}

/// A syntax error without a header.
fn of_syntax(text: &str) -> Option<Traceback<'_>> {
    let (_, start, _) = offsets(text).find(|(_, _, line)| PLACE.is_match(line))?;
    let mut below = offsets(text).filter(|(_, at, _)| *at > start);
    let (above, at, _) = below.find(|(_, _, line)| !line.starts_with([' ', '\t']) && !line.is_empty())?;

    let error = text[at..].trim_end();
    let is_syntax =
        ["SyntaxError", "IndentationError", "TabError"].iter().any(|name| error.starts_with(name));
    is_syntax.then(|| Traceback { before: &text[..start], above, error, earlier: Vec::new(), members: None })
}

fn group(text: &str) -> Option<Traceback<'_>> {
    let (_, start, _) = offsets(text).find(|(_, _, line)| line.trim() == GROUP_HEADER)?;
    let mut first = None;
    let mut members: Vec<String> = Vec::new();

    for (number, at, line) in offsets(text).filter(|(_, at, _)| *at > start) {
        let Some(frame) = FRAME.find(line) else {
            if line.starts_with([' ', '\t']) {
                continue;
            }
            // What is below the frame is no part of the group.
            break;
        };
        let depth = frame.as_str().trim_end_matches('-').trim_end_matches('+').len();
        let content = &line[frame.end()..];
        let said = content.trim_matches(['-', ' ']);

        if frame.as_str().ends_with('+') || frame.as_str().ends_with("+-+") {
            // `---- 1 ----` begins a member.
            members.extend((!said.is_empty()).then(|| format!("{depth} #{said}\n")));
        } else if !content.starts_with("  ") && !said.is_empty() && !is_header(content) {
            first.get_or_insert((number, at + frame.end()));
            members.push(format!("{depth} {}\n", content.trim()));
        }
    }

    let (above, at) = first?;
    Some(Traceback {
        before: &text[..start],
        above,
        error: text[at..].lines().next().unwrap_or_default().trim(),
        earlier: Vec::new(),
        members: Some(members.concat()),
    })
}

fn is_header(content: &str) -> bool {
    content.trim() == TRACEBACK_HEADER || content.trim().ends_with(GROUP_HEADER)
}

/// The number, the offset and the text of each line.
fn offsets(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut next = 0;
    text.split_inclusive('\n').enumerate().map(move |(number, line)| {
        let at = next;
        next += line.len();
        (number, at, line.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use super::{Traceback, read};

    #[track_caller]
    fn check(text: &str, before: &str, above: usize, error: &str) {
        let found = read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((found.before, found.above, found.error), (before, above, error), "{text}");
    }

    #[test]
    fn tracebacks_of_cpython() {
        let text = "a\nTraceback (most recent call last):\n  File x\n    y\n\nValueError: b\nc\n";
        check(text, "a\n", 5, "ValueError: b\nc");
        let chained = "Traceback (most recent call last):\n  ...\nKeyError: 1\n\nDuring it\n\nTraceback (most recent call last):\n  ...\na.B\n";
        check(chained, "", 8, "a.B");
        assert_eq!(read(chained).unwrap().earlier, ["KeyError: 1"]);
        assert_eq!(read("Traceback (most recent call last):\n  File\n"), None);
        assert_eq!(read("ValueError: a\n"), None);
    }

    #[test]
    fn tracebacks_of_ipython() {
        let rule = "-".repeat(75);
        let text = format!(
            "x\n{rule}\nZeroDivisionError                         Traceback (most recent call last)\nCell In[1], line 1\n----> 1 1 / 0\n\nZeroDivisionError: division by zero\n"
        );
        check(&text, "x\n", 6, "ZeroDivisionError: division by zero");
        let text = "KeyError   Traceback (most recent call last)\n/a.py in f(x)\n      1 def f(x):\n----> 2     return {}[x]\n\nKeyError: 'x'";
        check(text, "", 5, "KeyError: 'x'");
        let text = "Traceback (most recent call last)\n<ipython-input-3-9e1622b385b6> in <module>\n----> 1 1 / 0\n\nMyError: a: b\n";
        check(text, "", 4, "MyError: a: b");
        assert_eq!(read("KeyError   Traceback (most recent call last)\nCell In[1]\n"), None);
    }

    #[test]
    fn syntax_errors_have_no_header() {
        let text = "  File \"x.py\", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n";
        check(text, "", 3, "SyntaxError: invalid syntax");
        check(&format!("a\n{text}"), "a\n", 4, "SyntaxError: invalid syntax");
        assert_eq!(read("  File \"x.py\", line 1\nprinted\n"), None);
    }

    #[test]
    fn marked_frames_are_of_the_stack() {
        let text = "log\nTraceback (most recent call last):\n\n  File \"a.py\", line 2, in <module>\n    f()\n\n> File \"a.py\", line 1, in f\n    g()\n\nKeyError: 1\n";
        check(text, "log\n", 9, "KeyError: 1");
    }

    #[test]
    fn groups() {
        let text = "  + Exception Group Traceback (most recent call last):\n  |   File \"demo.py\", line 1, in <module>\n  |     raise x\n  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File \"demo.py\", line 2, in f\n    | ValueError: a\n    +---------------- 2 ----------------\n    | KeyError: 'b'\n    +------------------------------------\n";
        check(text, "", 3, "ExceptionGroup: two (2 sub-exceptions)");
        let Traceback { members, .. } = read(text).unwrap();
        assert_eq!(
            members.as_deref(),
            Some("3 ExceptionGroup: two (2 sub-exceptions)\n4 #1\n5 ValueError: a\n4 #2\n5 KeyError: 'b'\n")
        );
    }
}
