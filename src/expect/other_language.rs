//! Code that this Python cannot compile because it is meant for something else: a newer Python, `IPython`, a shell.

use std::sync::LazyLock;

use regex::Regex;

use crate::directive::Python;
use crate::model::outcome::Exception;
use crate::model::reason::{Minor, Reason, Shell};
use crate::model::snippet::{Form, Line, Snippet};
use crate::syntax::Tree;

/// Shell commands, magics, and questions about an object (IPython.core.inputtransformer2).
static IPYTHON: LazyLock<Regex> = LazyLock::new(|| {
    let assigned = r"(?:[\w.\[\], ]+=\s*)?";
    let magic = r"(?:!|%{1,2}[A-Za-z_!])";
    let question = r"\?{1,2}[\w.*%]+|[\w.*%]+\?{1,2}";
    Regex::new(&format!(r"\A\s*(?:{assigned}{magic}.*|{question})\s*\z")).expect("it is tested")
});

static SYSTEM: LazyLock<Regex> = LazyLock::new(|| {
    let installers = r"(?:pip3?|pipx|conda|mamba|uv|poetry|pdm|npm|brew|apt|apt-get)\s+\w";
    let others = r"(?:sudo|git|cd|ls|mkdir|curl|wget|docker|export|source|cat|echo)\s+[\w./~$-]";
    let python = r"(?:python3?|py|pytest)\s+[\w./-]";
    Regex::new(&format!(r"\A\s*(?:\$\s+\S|{installers}|{others}|{python}).*\z")).expect("it is tested")
});

/// What the code is meant for, if that is why it does not compile in this Python.
pub(super) fn not_this_python(
    snippet: &Snippet,
    exception: &Exception,
    python: Option<Python>,
) -> Option<Reason> {
    if snippet.form != Form::Script || !exception.bases.iter().any(|base| base == "SyntaxError") {
        return None;
    }
    let line = exception.line?;
    let above = line.0.checked_sub(snippet.location.code.0)?;
    let text = snippet.code.lines().nth(above as usize)?;
    command(line, text).or_else(|| newer(&snippet.code, python?))
}

fn command(line: Line, text: &str) -> Option<Reason> {
    let shell = if IPYTHON.is_match(text) {
        Shell::IPython
    } else if SYSTEM.is_match(text) {
        Shell::System
    } else {
        return None;
    };
    Some(Reason::Command { line, text: text.trim().to_owned(), shell })
}

fn newer(code: &str, python: Python) -> Option<Reason> {
    let is = Minor(python.minor);
    let needs = Minor(Tree::parse(code).needed_minor()?);
    (needs > is).then_some(Reason::NewerSyntax { needs, is })
}

#[cfg(test)]
mod tests {
    use super::command;
    use crate::model::reason::{Reason, Shell};
    use crate::model::snippet::Line;

    #[track_caller]
    fn check(text: &str, expected: Option<Shell>) {
        let found = command(Line(4), text).map(|reason| match reason {
            Reason::Command { shell, .. } => shell,
            other => panic!("{other:?}"),
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn commands_of_other_programs() {
        for text in [
            "!pip install numpy",
            "%matplotlib inline",
            "%%time",
            "x = !ls",
            "a = %time f()",
            "len?",
            "?len",
            "np.sum??",
        ] {
            check(text, Some(Shell::IPython));
        }
        for text in
            ["$ ls -l", "pip install numpy", "  python -m venv x", "git clone x", "cd ~/x", "uv add numpy"]
        {
            check(text, Some(Shell::System));
        }
        for text in ["x = = 1", "print 'x'", "a % b c", "pip = = 1", "cd = 1 1", "x != = y", "def f(:"] {
            check(text, None);
        }
    }
}
