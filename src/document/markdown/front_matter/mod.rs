//! The block of metadata at the start of a document, and the directives in it.

mod entry;
mod toml;
mod yaml;

use crate::directive::{Directive, DirectiveError, Value, Wish, markers};
use crate::document::markdown::front_matter::entry::{Entry, Metadata, OURS};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line};

/// Where the document proper begins, and what the text before it asks of every fence.
#[derive(Debug, Default)]
pub(crate) struct FrontMatter {
    /// Offset after the closing line; 0 where there is no front matter.
    pub(crate) end: usize,
    pub(crate) wishes: Vec<Wish>,
    pub(crate) problems: Vec<Problem>,
}

impl FrontMatter {
    /// Reads the metadata between `---` and `---` or `...` (YAML) or between `+++` and `+++` (TOML).
    ///
    /// Without a closing line, with a blank line first or without a mapping inside, it is text like any other.
    pub(crate) fn read(text: &str, path: &DocumentPath) -> Self {
        let Some((inner, end, read)) = split(text) else { return Self::default() };
        let mut front_matter = Self { end, ..Self::default() };

        let problem = |line: Line, message: String, hint: Option<String>| Problem {
            path: path.0.clone(),
            line: Some(Line(line.0 + 1)),
            message,
            hint,
        };

        match read(inner) {
            Metadata::NoMapping => return Self::default(),
            Metadata::Broken { .. }
                if inner.lines().any(|line| line.starts_with("```") || line.starts_with("~~~")) =>
            {
                return Self::default();
            }
            Metadata::Broken { line, message } if inner.contains(OURS) => {
                front_matter.problems.push(problem(
                    line,
                    format!("unreadable front matter: {message}"),
                    None,
                ));
            }
            Metadata::Broken { .. } => {}
            Metadata::Entries(entries) => {
                for entry in entries {
                    if entry.theirs {
                        let Some(Value::Text(value)) = &entry.value else { continue };
                        let wishes = markers::in_front_matter(&entry.key, value);
                        front_matter.wishes.extend(wishes.into_iter().flatten());
                        continue;
                    }
                    match directive(&entry) {
                        Some(Ok(directive)) => {
                            front_matter.wishes.push(Wish { spelling: entry.key, directive });
                        }
                        Some(Err(error)) => {
                            front_matter.problems.push(problem(entry.line, error.to_string(), error.hint()));
                        }
                        None => front_matter.problems.push(problem(
                            entry.line,
                            format!("`{}` in the front matter has a value of the wrong kind", entry.key),
                            Some(format!(
                                "write `{OURS}` with keys and plain values below, such as `skip: true`"
                            )),
                        )),
                    }
                }
            }
        }
        front_matter
    }
}

fn directive(entry: &Entry) -> Option<Result<Directive, DirectiveError>> {
    let directive = Directive::parse(&entry.key, entry.value.clone()?);
    Some(match directive {
        Ok(Directive::Id(_)) => Err(DirectiveError::NotForAll),
        other => other,
    })
}

type Reader = fn(&str) -> Metadata;

/// The metadata, the offset after its closing line, and the reader for its format.
fn split(text: &str) -> Option<(&str, usize, Reader)> {
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next()?;
    let (closings, read): (&[&str], Reader) = match opening.trim_end() {
        "---" => (&["---", "..."], yaml::read),
        "+++" => (&["+++"], toml::read),
        _ => return None,
    };

    let mut end = opening.len();
    for line in lines {
        if end == opening.len() && line.trim().is_empty() {
            return None;
        }
        let inner = &text[opening.len()..end];
        end += line.len();
        if closings.contains(&line.trim_end()) {
            return Some((inner, end, read));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::FrontMatter;
    use crate::directive::{Directive, Skip};
    use crate::model::snippet::DocumentPath;

    #[track_caller]
    fn check(text: &str, rest: &str, directives: &[Directive], problems: &[(u32, &str)]) {
        let found = FrontMatter::read(text, &DocumentPath("a.md".to_owned()));
        assert_eq!(&text[found.end..], rest, "{text:?}");
        let wishes: Vec<_> = found.wishes.into_iter().map(|wish| wish.directive).collect();
        assert_eq!(wishes, directives, "{text:?}");
        let found: Vec<_> = found
            .problems
            .iter()
            .map(|problem| (problem.line.map_or(0, |line| line.0), problem.message.as_str()))
            .collect();
        assert_eq!(found, problems, "{text:?}");
    }

    fn skip(why: Option<&str>) -> Directive {
        Directive::Skip(Skip { why: why.map(str::to_owned) })
    }

    #[test]
    fn what_is_front_matter() {
        check("---\ntitle: a\n---\ntext\n", "text\n", &[], &[]);
        check("---\r\ntitle: a\r\n...\r\ntext\r\n", "text\r\n", &[], &[]);
        check("+++\ntitle = \"a\"\n+++\n", "", &[], &[]);
        check("---\n---\n", "", &[], &[]);
        check("---\ntitle: {{ a }}: b\n---\n", "", &[], &[]);
    }

    #[test]
    fn what_is_none() {
        check("---\ntext\n---\n", "---\ntext\n---\n", &[], &[]);
        check("---\n\ntitle: a\n---\n", "---\n\ntitle: a\n---\n", &[], &[]);
        check("---\ntitle: a\n", "---\ntitle: a\n", &[], &[]);
        check(" ---\ntitle: a\n---\n", " ---\ntitle: a\n---\n", &[], &[]);
        check("---\n```python\n---\n```\n", "---\n```python\n---\n```\n", &[], &[]);
        check("", "", &[], &[]);
    }

    #[test]
    fn yaml() {
        let timeout = Directive::Timeout(Duration::from_millis(1500));
        let files = Directive::Files(vec!["a.csv".to_owned(), "b.csv".to_owned()]);
        check("---\nsnipcheck:\n  skip:\n---\n", "", &[skip(None)], &[]);
        check("---\nsnipcheck: {skip: later, timeout: 1.5}\n---\n", "", &[skip(Some("later")), timeout], &[]);
        check(
            "---\nx: [{a: 1}]\nsnipcheck:\n  files: [a.csv, b.csv]\n---\n",
            "",
            std::slice::from_ref(&files),
            &[],
        );
        check("---\nsnipcheck:\n  files:\n  - a.csv\n  - b.csv\n---\n", "", &[files], &[]);
    }

    #[test]
    fn other_tools() {
        check("---\nexecute:\n  eval: false\n  error: [x]\n---\n", "", &[skip(None)], &[]);
        check("---\nmystnb: {execution_mode: 'off', a: {b: c}}\n---\n", "", &[skip(None)], &[]);
        check("---\nexecute: false\nmystnb:\n- eval\n---\n", "", &[], &[]);
    }

    #[test]
    fn toml() {
        check(
            "+++\n[snipcheck]\nskip = true\nisolated = false\n+++\n",
            "",
            &[skip(None), Directive::Shared],
            &[],
        );
        check(
            "+++\nsnipcheck = { timeout = 2 }\n+++\n",
            "",
            &[Directive::Timeout(Duration::from_secs(2))],
            &[],
        );
    }

    #[test]
    fn complaints() {
        check("---\nsnipcheck:\n  skp: true\n---\n", "", &[], &[(3, "unknown directive `skp`")]);
        check(
            "---\nsnipcheck:\n  id: a\n---\n",
            "",
            &[],
            &[(3, "`id` belongs to one snippet, not to all of a document")],
        );
        let kind = "`snipcheck` in the front matter has a value of the wrong kind";
        check("---\nsnipcheck: skip\n---\n", "", &[], &[(2, kind)]);
        let broken =
            "unreadable front matter: while parsing a flow mapping, did not find expected ',' or '}'";
        check("---\nsnipcheck: {skip\n---\n", "", &[], &[(3, broken)]);
        check("+++\n[snipcheck]\nskp = 1\n+++\n", "", &[], &[(3, "unknown directive `skp`")]);
    }
}
