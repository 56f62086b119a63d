//! From the text of a block to its examples: prompts, code, and what is shown below it.
//!
//! Follows `DocTestParser`: what that refuses as a whole is refused here example by example.

use crate::model::snippet::Line;

/// One `>>>` prompt with the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prompted {
    pub(super) line: Line,
    /// What stands in front of the prompt, as written.
    pub(super) margin: String,
    /// Without prompts; lines are joined, the last one is not ended.
    pub(super) code: String,
    /// Without the margin.
    pub(super) want: Vec<String>,
    /// Where the first line of the want is or would be.
    pub(super) below: Line,
    /// Whether prose stands between this example and the one above.
    pub(super) after_prose: bool,
}

/// An example that nobody can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) line: Line,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

pub(super) fn parse(text: &str, first: Line) -> (Vec<Prompted>, Vec<Complaint>) {
    let (mut examples, mut complaints) = (Vec::new(), Vec::new());
    let raw: Vec<&str> = text.split('\n').collect();
    let lines: Vec<String> = raw.iter().map(|line| with_blanks_for_tabs(line)).collect();
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
        let margin = raw[start].find(">>>").map_or("", |end| &raw[start][..end]);
        examples.push(Prompted {
            line: number(start),
            margin: margin.to_owned(),
            code: code.join("\n"),
            want: lines[below..at].iter().map(|line| line[indent..].to_owned()).collect(),
            below: number(below),
            after_prose: std::mem::take(&mut after_prose),
        });
    }
    (examples, complaints)
}

impl Prompted {
    /// No code, or nothing but one comment.
    pub(super) fn is_comment(&self) -> bool {
        let code = self.code.strip_suffix('\n').unwrap_or(&self.code);
        let code = code.trim_start_matches(' ');
        code.is_empty() || code.starts_with('#') && !code.contains('\n')
    }

    /// With the line end that a want has unless it is empty.
    pub(super) fn wanted(&self) -> String {
        self.want.iter().flat_map(|line| [line, "\n"]).collect()
    }
}

type Fault = (&'static str, &'static str);

fn faulty_prompt(lines: &[String], indent: usize) -> Option<(usize, Fault)> {
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

fn faulty_want(lines: &[String], indent: usize) -> Option<(usize, Fault)> {
    let outside = |line: &String| line.len() - line.trim_start_matches(' ').len() < indent;
    let index = lines.iter().position(outside)?;
    let message = "what is shown is not as far to the right as its prompt";
    Some((
        index,
        (message, "indent it as its prompt, or leave a blank line above it; the example does not run"),
    ))
}

/// Blanks in front of the prompt that a line begins with.
fn indent_of(line: &str, prompt: &str) -> Option<usize> {
    let rest = line.trim_start_matches(' ');
    rest.starts_with(prompt).then(|| line.len() - rest.len())
}

fn is_blank(line: &str) -> bool {
    line.trim_start_matches(' ').is_empty()
}

/// As `str.expandtabs` does it.
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
