//! From the text of a block to its examples: prompts, code, and what is shown below it.
//!
//! Follows `DocTestParser`: what that refuses as a whole is refused here example by example.

use crate::expect::doctest::ipython;
use crate::model::snippet::Line;

/// One `>>>` prompt with the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PromptedExample {
    pub(super) line: Line,
    /// The text before the prompt, as written.
    pub(super) margin: String,
    /// The code without prompts; no line end after the last line.
    pub(super) code: String,
    /// The lines shown below the prompt, without the margin.
    pub(super) want: Vec<String>,
    /// The line of the document where the first line of `want` is or would be.
    pub(super) below: Line,
    /// Whether prose stands between this example and the one above.
    pub(super) after_prose: bool,
    /// Whether the traceback of a further exception follows, which is no part of `want`: doctest ends it at an empty line.
    pub(super) is_chained: bool,
}

/// The reason why an example cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) line: Line,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

pub(super) fn parse(text: &str, first: Line) -> (Vec<PromptedExample>, Vec<Complaint>) {
    let (mut examples, mut complaints) = (Vec::new(), Vec::new());
    let raw: Vec<&str> = text.split('\n').collect();
    let mut lines: Vec<String> = raw.iter().map(|line| with_blanks_for_tabs(line)).collect();
    if lines.iter().all(|line| indent_of(line, ">>>").is_none()) {
        lines = ipython::as_prompts(lines);
    }
    let number = |index: usize| Line(first.0.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)));

    let mut after_prose = false;
    let mut at = 0;

    while at < lines.len() {
        let Some(indent) = indent_of(&lines[at], ">>>") else {
            after_prose |= !is_blank(&lines[at]);
            at += 1;
            continue;
        };

        let start = at;
        let run = |from: usize, belongs: fn(&str) -> bool| {
            lines[from..].iter().take_while(|line| belongs(line)).count() + from
        };
        let below = run(start + 1, |line| indent_of(line, "...").is_some());
        at = run(below, |line| !is_blank(line) && indent_of(line, ">>>").is_none());

        let fault = faulty_prompt(&lines[start..below], indent)
            .map(|(index, message)| (start + index, message))
            .or_else(|| {
                faulty_want(&lines[below..at], indent).map(|(index, message)| (below + index, message))
            });

        if let Some((index, (message, hint))) = fault {
            let hint = Some(hint.to_owned());
            complaints.push(Complaint { line: number(index), message: message.to_owned(), hint });
            continue;
        }

        let code: Vec<&str> =
            lines[start..below].iter().map(|line| line.get(indent + 4..).unwrap_or("")).collect();
        let written = raw[start];
        let margin = written.find(">>>").map_or_else(|| ipython::margin(written), |end| &written[..end]);
        examples.push(PromptedExample {
            line: number(start),
            margin: margin.to_owned(),
            code: code.join("\n"),
            is_chained: is_chain(&lines[at..]),
            want: lines[below..at].iter().map(|line| line[indent..].to_owned()).collect(),
            below: number(below),
            after_prose: std::mem::take(&mut after_prose),
        });
    }
    (examples, complaints)
}

impl PromptedExample {
    /// Whether the example has no code, or nothing but one comment.
    pub(super) fn is_comment(&self) -> bool {
        let code = self.code.strip_suffix('\n').unwrap_or(&self.code);
        let code = code.trim_start_matches(' ');
        code.is_empty() || code.starts_with('#') && !code.contains('\n')
    }

    /// Whether the prompt is one of `IPython`, which shows its results below another one.
    pub(super) fn is_of_ipython(&self) -> bool {
        self.margin.trim_start().starts_with("In [")
    }

    /// The text of `want`, with a line end after each line.
    pub(super) fn wanted(&self) -> String {
        self.want.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

type ExampleFault = (&'static str, &'static str);

fn faulty_prompt(lines: &[String], indent: usize) -> Option<(usize, ExampleFault)> {
    lines.iter().enumerate().find_map(|(index, line)| {
        if index > 0 && indent_of(line, "...") != Some(indent) {
            let message = "the prompt is not as far to the right as the one it continues";
            return Some((index, (message, "indent `...` as `>>>` above")));
        }

        let glued = line.as_bytes().get(indent + 3).is_some_and(|byte| *byte != b' ');
        glued.then_some((
            index,
            ("no blank after the prompt", "write `>>> ` or `... `; the example does not run"),
        ))
    })
}

/// Whether what comes next is how CPython joins the tracebacks of a chain (`traceback` in the library).
fn is_chain(below: &[String]) -> bool {
    const JOINTS: [&str; 2] = [
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    ];
    let next = below.iter().map(|line| line.trim()).find(|line| !line.is_empty());
    next.is_some_and(|line| JOINTS.contains(&line))
}

fn faulty_want(lines: &[String], indent: usize) -> Option<(usize, ExampleFault)> {
    let outside = |line: &String| line.len() - line.trim_start_matches(' ').len() < indent;
    let index = lines.iter().position(outside)?;
    let message = "what is shown is not as far to the right as its prompt";
    Some((
        index,
        (message, "indent it as its prompt, or leave a blank line above it; the example does not run"),
    ))
}

/// Blanks before the prompt with which a line begins.
fn indent_of(line: &str, prompt: &str) -> Option<usize> {
    let rest = line.trim_start_matches(' ');
    rest.starts_with(prompt).then(|| line.len() - rest.len())
}

fn is_blank(line: &str) -> bool {
    line.trim_start_matches(' ').is_empty()
}

/// Expands tabs as `str.expandtabs` does.
fn with_blanks_for_tabs(line: &str) -> String {
    if !line.contains('\t') {
        return line.to_owned();
    }

    let mut expanded = String::with_capacity(line.len() + 8);
    let mut column = 0;

    for letter in line.chars() {
        match letter {
            '\t' => {
                let width = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', width));
                column += width;
            }
            '\r' => {
                expanded.push(letter);
                column = 0;
            }
            _ => {
                expanded.push(letter);
                column += 1;
            }
        }
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::{parse, with_blanks_for_tabs};
    use crate::model::snippet::Line;

    #[track_caller]
    fn check(text: &str, expected: &[(u32, &str, &str)]) {
        let (examples, complaints) = parse(text, Line(1));
        assert_eq!(complaints, []);
        let found: Vec<_> =
            examples.iter().map(|example| (example.line.0, example.code.clone(), example.wanted())).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, code, want)| (*line, (*code).to_owned(), (*want).to_owned()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[track_caller]
    fn refuse(text: &str, line: u32, message: &str) {
        let (_, complaints) = parse(text, Line(1));
        let found: Vec<_> =
            complaints.iter().map(|complaint| (complaint.line.0, &*complaint.message)).collect();
        assert_eq!(found, [(line, message)], "{text:?}");
    }

    #[test]
    fn examples() {
        check(">>> 1 + 1\n2\n", &[(1, "1 + 1", "2\n")]);
        check("a\n\n  >>> x = 1\n  >>> x\n  1\n\n  prose\n", &[(3, "x = 1", ""), (4, "x", "1\n")]);
        check(">>> if x:\n...     y\n...\nz", &[(1, "if x:\n    y\n", "z\n")]);
        check(">>> f()\na\n  b\n \nc", &[(1, "f()", "a\n  b\n")]);
        check(">>>\n>>> \n1", &[(1, "", ""), (2, "", "1\n")]);
        check("\t>>> 'a\tb'\n\t'a\tb'", &[(1, "'a  b'", "'a      b'\n")]);
        check("no prompt >>> 1\n", &[]);
        check("", &[]);
    }

    #[test]
    fn complaints() {
        refuse(">>>1\n1\n", 1, "no blank after the prompt");
        refuse(">>> f(\n...)\n", 2, "no blank after the prompt");
        refuse("  >>> f(\n ... )\n", 2, "the prompt is not as far to the right as the one it continues");
        refuse("  >>> 1\n 1\n", 2, "what is shown is not as far to the right as its prompt");
        refuse("é >>> 1\n  >>> é\né\n", 3, "what is shown is not as far to the right as its prompt");
    }

    #[test]
    fn an_unreadable_example_leaves_the_others() {
        let (examples, complaints) = parse(">>>1\n>>> 2\n", Line(7));
        assert_eq!((examples.len(), complaints.len(), examples[0].line), (1, 1, Line(8)));
    }

    #[test]
    fn prose_divides() {
        let (examples, _) = parse(">>> 1\n\n>>> 2\n\nprose\n>>> 3\n", Line(1));
        assert_eq!(
            examples.iter().map(|example| example.after_prose).collect::<Vec<_>>(),
            [false, false, true]
        );
    }

    #[test]
    fn tabs() {
        assert_eq!(with_blanks_for_tabs("a\tb\t\tc"), "a       b               c");
        assert_eq!(with_blanks_for_tabs("é\tb\r\tc"), "é       b\r        c");
    }
}
