//! Code that cannot run as it stands, where it shows what its author meant it to be.
//!
//! Anything else that does not compile runs, and fails with its own error.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::directive::Suspicion;
use crate::model::snippet::Line;
use crate::syntax::Tree;

/// Letters after which a quoted line is cut.
const WIDEST: usize = 60;

/// First words of lines that need a body.
const HEADERS: &[&str] = &[
    "async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "match", "try",
    "while", "with",
];

/// Code without any of these is not suspicious.
static SUSPICIOUS: LazyLock<[Finder<'_>; 6]> =
    LazyLock::new(|| [">>>", "...", "…", "<", "Out[", "Traceback ("].map(Finder::new));
/// Code without any of these includes nothing.
static INCLUDING: LazyLock<[Finder<'_>; 6]> =
    LazyLock::new(|| ["{*", "{!", "{{", "{%", "--8<--", ".. "].map(Finder::new));
/// The end of a line that ends with a colon.
static COLON: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(":\n"));

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// It was never meant to run.
    NotRunnable(String),
    Suspicious(Suspicion, String),
}

/// What is wrong with a script whose first line of code is at `first`.
pub(crate) fn find(code: &str, first: Line) -> Option<Defect> {
    let at = |index: usize| first.0.saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
    if let Some(reason) = include(code, at) {
        return Some(Defect::NotRunnable(reason));
    }

    if !is_suspicious(code) {
        return None;
    }

    let fault = Tree::parse(code).fault()?;
    let index = usize::try_from(fault.line.saturating_sub(1)).ok()?;
    let lines: Vec<&str> = code.lines().collect();
    let line = lines.get(index).copied().unwrap_or_default();
    let before = lines.get(index.wrapping_sub(1)).copied().unwrap_or_default();
    let number = at(index);

    if let Some(index) = lines.iter().position(|line| is_prompt(line)).filter(|found| *found <= index) {
        let reason = format!(
            "line {} has a prompt among lines without: write all of them with prompts, or none",
            at(index)
        );
        return Some(Defect::Suspicious(Suspicion::Prompts, reason));
    }

    if is_output(line) {
        let reason = format!(
            "line {number} is output, not code: `{}`; write it as a comment or in a block of its own",
            short(line)
        );
        return Some(Defect::Suspicious(Suspicion::Output, reason));
    }

    // The parser notices after the last line what that line lacks.
    let (sketch, place) =
        if line.trim().is_empty() { (before, number.saturating_sub(1)) } else { (line, number) };
    if is_sketch(&without_texts(sketch)) {
        let reason = format!("syntax: line {place} is a sketch, not Python: `{}`", short(sketch));
        return Some(Defect::NotRunnable(reason));
    }

    let lacks_body = fault.message.starts_with("Expected an indented block");
    if let Some(header) = bare_header(&lines, index).filter(|_| lacks_body) {
        let reason =
            format!("syntax: line {} is a header without a body: `{}`", at(header), short(lines[header]));
        return Some(Defect::NotRunnable(reason));
    }

    if fault.message.starts_with("Expected class, function definition") && ends_with_decorator(code) {
        let reason = format!("syntax: line {place} is a decorator without a definition: `{}`", short(sketch));
        return Some(Defect::NotRunnable(reason));
    }

    if lacks_body && loses_indentation(code) {
        let reason = format!("line {number} has lost its indentation: `{}`", short(line));
        return Some(Defect::Suspicious(Suspicion::Indentation, reason));
    }
    None
}

/// Why code cannot be compiled, with the line of the document.
pub(crate) fn of_syntax(code: &str, first: Line) -> Option<String> {
    let fault = Tree::parse(code).fault()?;
    let line = first.0.saturating_add(fault.line).saturating_sub(1);
    Some(format!("line {line} does not compile: {}", fault.message.to_lowercase()))
}

/// Whether the code has a sign that is worth parsing it: most has none, and parsing takes time.
fn is_suspicious(code: &str) -> bool {
    let odd = |line: &str| is_prompt(line) || is_output(line) || is_sketch(line);
    holds(code, &*SUSPICIOUS) && code.lines().any(odd) || loses_indentation(code) || ends_with_decorator(code)
}

fn holds(code: &str, signs: &[Finder<'_>]) -> bool {
    signs.iter().any(|sign| sign.find(code.as_bytes()).is_some())
}

/// Whether a line that ends with a colon has nothing below it.
fn loses_indentation(code: &str) -> bool {
    COLON.find_iter(code.as_bytes()).any(|colon| {
        let (above, below) = code.split_at(colon + 1);
        let above = above.rsplit('\n').next().unwrap_or_default();
        let below = below.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        indentation(below) <= indentation(above)
    })
}

/// The header before line `index` that is shown without a body: below it stand only headers, or nothing. Anything else
/// may have been its body.
fn bare_header(lines: &[&str], index: usize) -> Option<usize> {
    let is_code = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let above = (0..index.min(lines.len())).rev().find(|above| is_code(lines[*above]));
    // The parser may see the fault at the end of the header itself.
    let opens = |at: &usize| lines.get(*at).is_some_and(|line| line.trim_end().ends_with(':'));
    let own = indentation(lines.get(index).copied().unwrap_or_default());
    let header = above
        .filter(|above| opens(above) && indentation(lines[*above]) >= own)
        .or(Some(index).filter(opens))
        .or(above)?;

    // A comment in the place of the body is one.
    let next = lines[header + 1..].iter().find(|line| !line.trim().is_empty());
    if next.is_some_and(|next| indentation(next) > indentation(lines[header]) && !is_code(next)) {
        return None;
    }

    let is_header = |line: &str| {
        let word = line.trim_start().split(|letter: char| !letter.is_alphabetic() && letter != '@').next();
        word.is_some_and(|word| HEADERS.contains(&word) || word.starts_with('@'))
    };
    let mut below = lines[header + 1..].iter().copied().filter(|line| is_code(line));
    below.all(is_header).then_some(header)
}

/// Whether the last statement, as far as lines tell, is a decorator.
fn ends_with_decorator(code: &str) -> bool {
    if memchr::memchr(b'@', code.as_bytes()).is_none() {
        return false;
    }
    let is_inside = |line: &str| line.is_empty() || line.starts_with([' ', '\t', '#', ')', ']', '}']);
    code.lines().rev().find(|line| !is_inside(line)).is_some_and(|line| line.starts_with('@'))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    line == ">>>" || line.starts_with(">>> ")
}

fn is_output(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("Traceback (most recent call last)")
        || line.starts_with("Out[")
        || line.starts_with("<class '")
        || line.starts_with('<')
            && line.ends_with('>')
            && (line.contains(" at 0x") || line.contains(" object"))
}

/// Placeholders in angle brackets, or dots where no expression can be.
fn is_sketch(line: &str) -> bool {
    if line.contains("...") || line.contains('…') {
        return true;
    }
    line.match_indices('<').any(|(at, _)| {
        let inner = &line[at + 1..];
        let end = inner.find(['>', '<', '"', '\'']).unwrap_or_default();
        end > 0 && inner[end..].starts_with('>') && inner.starts_with(|letter: char| letter.is_alphabetic())
    })
}

/// A line without what stands in quotes, and without its comment, as far as the line alone tells.
fn without_texts(line: &str) -> String {
    let mut bare = String::with_capacity(line.len());
    let mut open = None;
    for letter in line.chars() {
        match (open, letter) {
            (None, '#') => break,
            (None, '"' | '\'') => open = Some(letter),
            (None, _) => bare.push(letter),
            (Some(quote), _) => open = open.filter(|_| letter != quote),
        }
    }
    bare
}

/// The line where a documentation tool includes a file. Directives that do not come first are text.
fn include(code: &str, at: impl Fn(usize) -> u32) -> Option<String> {
    if !holds(code, &*INCLUDING) {
        return None;
    }
    let directive = |line: &str| line.starts_with(".. literalinclude::") || line.starts_with(".. include::");
    let mut lines = code.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let first = lines.next().filter(|(_, line)| directive(line) || is_include(line));
    let (index, line) = first.or_else(|| lines.find(|(_, line)| is_include(line)))?;
    Some(format!("include: the code is elsewhere, see line {}: `{}`", at(index), short(line)))
}

fn is_include(line: &str) -> bool {
    let line = line.trim();
    let between = |start: &str, end: &str| {
        line.starts_with(start) && line.ends_with(end) && line.len() > start.len() + end.len()
    };
    between("{*", "*}")
        || between("{!", "!}")
        || between("{{code_block", "}}")
        || between("{{ code_block", "}}")
        || between("{% include", "%}")
        || line.starts_with("--8<--")
}

fn short(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Defect, find};
    use crate::directive::Suspicion;
    use crate::model::snippet::Line;

    #[track_caller]
    fn check(code: &str, expected: Option<(Option<Suspicion>, &str)>) {
        let found = find(code, Line(10)).map(|fault| match fault {
            Defect::NotRunnable(reason) => (None, reason),
            Defect::Suspicious(suspicion, reason) => (Some(suspicion), reason),
        });
        let found = found.as_ref().map(|(suspicion, reason)| (*suspicion, reason.as_str()));
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn what_was_never_meant_to_run() {
        check(
            "{* ../a.py hl[1] *}\n",
            Some((None, "include: the code is elsewhere, see line 10: `{* ../a.py hl[1] *}`")),
        );
        check(
            "x = 1\n--8<-- \"a.py\"\n",
            Some((None, "include: the code is elsewhere, see line 11: `--8<-- \"a.py\"`")),
        );
        check(
            "x = 1\n<int> = len(<list>)\n",
            Some((None, "syntax: line 11 is a sketch, not Python: `<int> = len(<list>)`")),
        );
        let header =
            |line: u32, text: &str| format!("syntax: line {line} is a header without a body: `{text}`");
        for (code, line, text) in [
            ("class Shape:\nclass Square(Shape):\n", 10, "class Shape:"),
            ("def area(shape: Shape) -> float:\n", 10, "def area(shape: Shape) -> float:"),
            (
                "class Shape:\n    def area(self) -> float:\n    def name(self) -> str:\n",
                11,
                "def area(self) -> float:",
            ),
            ("import x\n\n@x.cached\ndef f(a, b):\n\n# more to come\n", 13, "def f(a, b):"),
            ("async def f():\nasync def g():\n", 10, "async def f():"),
            ("for item in items:\n", 10, "for item in items:"),
            ("if a:\nelif b:\nelse:\n", 10, "if a:"),
            ("try:\nexcept ValueError:\nfinally:\n", 10, "try:"),
            ("def f(\n    a,\n    b,\n):\n", 13, "):"),
        ] {
            check(code, Some((None, &header(line, text))));
        }
        check(
            "@app.get('/')\n",
            Some((None, "syntax: line 10 is a decorator without a definition: `@app.get('/')`")),
        );
        check(
            "f(a, b, ... , c=)\n",
            Some((None, "syntax: line 10 is a sketch, not Python: `f(a, b, ... , c=)`")),
        );
    }

    #[test]
    fn what_was_meant_otherwise() {
        let prompts = "line 11 has a prompt among lines without: write all of them with prompts, or none";
        check("x = 1\n>>> x\n1\n", Some((Some(Suspicion::Prompts), prompts)));
        let output = "line 11 is output, not code: `Traceback (most recent call last):`; write it as a comment or in a block of its own";
        check("1 / 0\nTraceback (most recent call last):\n", Some((Some(Suspicion::Output), output)));
        check(
            "if x:\nprint(x)\n",
            Some((Some(Suspicion::Indentation), "line 11 has lost its indentation: `print(x)`")),
        );
        check(
            "class A:\ndef f(self):\n    return 1\n",
            Some((Some(Suspicion::Indentation), "line 11 has lost its indentation: `def f(self):`")),
        );
        check(
            "def f():\nreturn 1\n",
            Some((Some(Suspicion::Indentation), "line 11 has lost its indentation: `return 1`")),
        );
    }

    #[test]
    fn what_runs_whatever_comes_of_it() {
        for code in [
            "",
            "x = = 1\n",
            "def f(): ...\n",
            "s = '''\n>>> x\n'''\n",
            "print('<b>', a < b > c)\n",
            "s = 'if x:'\nprint(s)\n",
            "x = {*a}\nx = {*a, *b}\n{*a, *b}\n",
            "if x:\n    '''\nTraceback (most recent call last):\n    '''\n",
            "print 'hello'\n",
            "print 'wait...' # <type>\n",
            "def f(): ...\nx = = 1\n",
            "def f():\n    # ...\n",
        ] {
            check(code, None);
        }
    }
}
