//! Which language the info string of a fence names.

use crate::directive::{Directive, Suspicion};
use crate::document::text::python::{CONSOLE, SCRIPT, names_python};
use crate::model::directives::Turn;

/// The words of an info string: its language, and the attributes after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label<'a> {
    /// `python`, `pycon`, or the first word in lower case; empty without a label.
    pub(crate) language: String,
    /// Why the label may not be what its author meant.
    pub(crate) suspicion: Option<(Suspicion, String)>,
    pub(crate) attributes: &'a str,
    pub(crate) role: Role,
}

/// What kind of block a label in braces makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// No braces, or those of attributes.
    Plain,
    /// Options may precede the code.
    Directive,
    /// Sphinx tests it: options may precede the code, and the argument names groups.
    Tested(Turn),
}

/// Classes that say how a block looks, where a language may be named after them.
const LOOKS: &[&str] = &[
    "annotate",
    "code",
    "copy",
    "example",
    "highlight",
    "line-numbers",
    "linenums",
    "no-copy",
    "number-lines",
    "numberlines",
    "select",
    "sourcecode",
];

/// Labels of blocks that show what a terminal shows.
const PROMPTED: &[&str] = &[
    "",
    "bash",
    "console",
    "doctest",
    "plain",
    "plaintext",
    "sh",
    "shell",
    "shell-session",
    "terminal",
    "text",
    "txt",
    "zsh",
];

/// Languages of their own, although their names are one slip away from `python` or begin with it.
const NEIGHBOURS: &[&str] = &[
    "bpython",
    "cython",
    "ipython",
    "jython",
    "mpython",
    "python-traceback",
    "python2",
    "rpython",
    "xpython",
];

impl<'a> Label<'a> {
    pub(crate) fn parse(info: &'a str) -> Self {
        let info = info.trim();
        let Some(inner) = info.strip_prefix('{') else {
            // As reStructuredText writes a directive.
            let directive =
                info.split_once("::").and_then(|(name, rest)| Self::directive(name.trim_end(), rest.trim()));
            return directive.unwrap_or_else(|| Self::in_words(info));
        };

        let (role, rest) = split(inner.trim_start());
        match Self::directive(role, argument(rest)) {
            Some(label) => label,
            None if role.starts_with(['.', '#']) => Self::of(class(inner).unwrap_or_default(), info),
            None if names_python(role) => Self::of(role, rest),
            // The first class is the language, wherever it stands (pymdownx, `superfences`).
            None => match class(inner) {
                Some(class) => Self::of(class, info),
                None => Self::of(info.split_whitespace().next().unwrap_or_default(), rest),
            },
        }
    }

    /// The label of words without braces. The first one is the language; Python that is named after another kind of word
    /// is a slip.
    fn in_words(info: &'a str) -> Self {
        let (word, attributes) = split(info);
        let mut label = Self::of(word, attributes);
        let is_no_language = word.contains(['=', '"']) || Directive::is_ours(word);
        if !is_no_language {
            return label;
        }
        if let Some(python) = attributes.split([' ', '\t', ',']).find(|word| names_python(word)) {
            let reason = format!("`{python}` is not the first word after the fence: begin with it");
            label.language = Self::of(python, "").language;
            label.suspicion = Some((Suspicion::Label, reason));
            label.attributes = info;
        }
        label
    }

    /// The label of a directive that holds code.
    fn directive(name: &str, argument: &'a str) -> Option<Self> {
        let (word, attributes) = split(argument);
        match name.to_ascii_lowercase().as_str() {
            "code-block" | "code" | "sourcecode" | "code-tab" => {
                Some(Self { role: Role::Directive, ..Self::of(word, attributes) })
            }
            "code-cell" => {
                let word = if matches!(word, "" | "ipython3") { "python" } else { word };
                Some(Self { role: Role::Directive, ..Self::of(word, attributes) })
            }
            "testcode" => Some(Self { role: Role::Tested(Turn::InPlace), ..Self::of("python", argument) }),
            "testsetup" => Some(Self { role: Role::Tested(Turn::First), ..Self::of("python", argument) }),
            "testcleanup" => Some(Self { role: Role::Tested(Turn::Last), ..Self::of("python", argument) }),
            "doctest" => Some(Self { role: Role::Tested(Turn::InPlace), ..Self::of("pycon", argument) }),
            _ => None,
        }
    }

    fn of(word: &str, attributes: &'a str) -> Self {
        let lower = word.to_lowercase();

        let label = |language: String, suspicion| Self { language, suspicion, attributes, role: Role::Plain };

        if SCRIPT.contains(&lower.as_str()) {
            return label("python".to_owned(), None);
        }
        if CONSOLE.contains(&lower.as_str()) {
            return label("pycon".to_owned(), None);
        }
        if NEIGHBOURS.contains(&lower.as_str()) {
            return label(lower, None);
        }

        if let Some((python, glued)) = glued(&lower) {
            let reason = format!("`{glued}` is glued to the label: write `{python}`, a blank, then the rest");
            return label("python".to_owned(), Some((Suspicion::Glued, reason)));
        }

        let near = (5..=8).contains(&lower.len()) && strsim::osa_distance(&lower, "python") == 1;
        let suspicion = near.then(|| (Suspicion::Label, format!("label `{word}`: did you mean `python`?")));
        label(lower, suspicion)
    }
}

/// Whether prompts in a block of this language, which is not Python, are Python's all the same.
pub(crate) fn may_show_prompts(language: &str) -> bool {
    PROMPTED.contains(&language)
}

/// The first class of attributes in braces, quoted values aside, that may be a language.
fn class(inner: &str) -> Option<&str> {
    let mut quote = None;
    let mut start = 0;
    let mut classes = Vec::new();
    for (at, letter) in inner.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ' | '\t' | '}') => {
                classes.extend(inner[start..at].strip_prefix('.'));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            (Some(_) | None, _) => {}
        }
    }

    let looks = |class: &&str| LOOKS.contains(&class.to_lowercase().as_str());
    classes.iter().find(|class| !looks(class)).or(classes.first()).copied()
}

/// A word ends at a blank, a comma or a brace.
fn split(text: &str) -> (&str, &str) {
    text.split_at(
        text.find(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '{' | '}'))
            .unwrap_or(text.len()),
    )
}

/// What follows the closing brace of a role.
fn argument(rest: &str) -> &str {
    rest.trim_start().strip_prefix('}').unwrap_or(rest).trim_start()
}

/// Splits `python---` into the label and what is stuck to it.
fn glued(word: &str) -> Option<(&'static str, &str)> {
    let (python, rest) = SCRIPT
        .iter()
        .filter_map(|python| word.strip_prefix(python).map(|rest| (*python, rest)))
        .max_by_key(|(python, _)| python.len())?;
    let stuck = rest.starts_with(|letter: char| !letter.is_alphanumeric() && letter != '_');
    stuck.then_some((python, rest))
}

#[cfg(test)]
mod tests {
    use super::Label;

    #[track_caller]
    fn check(info: &str, language: &str, attributes: &str) {
        let label = Label::parse(info);
        assert_eq!((label.language.as_str(), label.attributes.trim()), (language, attributes), "{info}");
        assert_eq!(label.suspicion, None, "{info}");
    }

    #[track_caller]
    fn check_suspicion(info: &str, language: &str, reason: &str) {
        let label = Label::parse(info);
        let found = label.suspicion.map(|(_, reason)| reason);
        assert_eq!((label.language.as_str(), found.as_deref()), (language, Some(reason)), "{info}");
    }

    #[test]
    fn scripts() {
        for info in ["python", "py", "python3", "py3", "Python", "PY", " python ", "{python}", "{.python}"] {
            check(
                info,
                "python",
                if info.starts_with("{.") { "{.python}" } else { info.matches('}').next().unwrap_or("") },
            );
        }
        check("python title=\"a b\"", "python", "title=\"a b\"");
        check("python,ignore", "python", ",ignore");
        check("python{1,3}", "python", "{1,3}");
        check("py {k=\"v\"}", "python", "{k=\"v\"}");
        check("{#x .python .big skip}", "python", "{#x .python .big skip}");
        check("{python, echo=FALSE}", "python", ", echo=FALSE}");
        check("{code-block} python", "python", "");
        check("{code} py3 skip", "python", "skip");
        check("{code-cell}", "python", "");
        check("{code-cell} ipython3", "python", "");
        check("{testcode} group", "python", "group");
        check("{code-tab} py Title", "python", "Title");
        check("code-block :: python", "python", "");
        check("{other .python .x}", "python", "{other .python .x}");
        check("{data-x=\"1\" .python}", "python", "{data-x=\"1\" .python}");
        check("{data-x='.bash a' .py}", "python", "{data-x='.bash a' .py}");
        check("{linenums=\"1\" .python title=\"a\"}", "python", "{linenums=\"1\" .python title=\"a\"}");
        check("{.numberLines .python}", "python", "{.numberLines .python}");
        check("{ .annotate .py }", "python", "{ .annotate .py }");
    }

    #[test]
    fn consoles() {
        for info in ["pycon", "python-repl", "python-console", "PyCon", "{doctest}", "{.pycon}"] {
            assert_eq!(Label::parse(info).language, "pycon", "{info}");
        }
    }

    #[test]
    fn other_languages() {
        check("", "", "");
        check("Bash", "bash", "");
        check("c++ x", "c++", "x");
        check("{py:data} x", "{py:data}", "} x");
        check("{note}", "{note}", "}");
        check("{code-cell} bash", "bash", "");
        check("{.bash .python}", "bash", "{.bash .python}");
        check("{#only-an-id}", "", "{#only-an-id}");
        check("{data-x=\".python\"}", "{data-x=\".python\"}", "}");
        check("{other .bash .python}", "bash", "{other .bash .python}");
        check("console python", "console", "python");
        check("text title=\"python\"", "text", "title=\"python\"");
        for info in
            ["pytb", "py3tb", "python-traceback", "pyi", "python2", "cython", "ipython", "pythonrepl", "pip"]
        {
            check(info, info, "");
        }
    }

    #[test]
    fn suspicions() {
        check_suspicion(
            "python---",
            "python",
            "`---` is glued to the label: write `python`, a blank, then the rest",
        );
        check_suspicion(
            "py:app.py",
            "python",
            "`:app.py` is glued to the label: write `py`, a blank, then the rest",
        );
        check_suspicion(
            "python3.11",
            "python",
            "`.11` is glued to the label: write `python3`, a blank, then the rest",
        );
        check_suspicion("Pyhton", "pyhton", "label `Pyhton`: did you mean `python`?");
        check_suspicion("pythn title=x", "pythn", "label `pythn`: did you mean `python`?");
        for (info, python) in [
            ("title=\"app.py\" python", "python"),
            ("linenums=1,py", "py"),
            ("skip pycon", "pycon"),
            ("isolated python timeout=3s", "python"),
            ("\"app.py\" python", "python"),
        ] {
            let language = if python == "pycon" { "pycon" } else { "python" };
            let reason = format!("`{python}` is not the first word after the fence: begin with it");
            check_suspicion(info, language, &reason);
        }
        check_suspicion("{.pyton}", "pyton", "label `pyton`: did you mean `python`?");
    }
}
