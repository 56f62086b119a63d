//! Whether a block is a console session. Prompts decide, not the label.

use crate::document::block::label::may_show_prompts;
use crate::document::block::suspicion;
use crate::document::code_block::is_python;
use crate::model::snippet::{Form, Line};

/// The form of a block in this language.
pub(crate) fn form(language: &str, content: &str) -> Form {
    let mut lines = content.lines().map(str::trim_start).skip_while(|line| line.is_empty());
    let is_console = match language {
        // A terminal may print a greeting first.
        "pycon" => lines.any(|line| code(line, ">>>").is_some()),
        _ if is_python(language) => lines.next().is_some_and(|line| code(line, ">>>").is_some()),
        _ => may_show_prompts(language) && lines.next().is_some_and(|line| is_python_code(line, lines)),
    };
    if is_console { Form::Console } else { Form::Script }
}

/// Whether prompts are followed by Python: `>>>` is also how mail quotes a quote of a quote.
fn is_python_code<'a>(first: &'a str, below: impl Iterator<Item = &'a str>) -> bool {
    let Some(first) = code(first, ">>>") else { return false };
    let mut text = format!("{first}\n");
    for line in below.map_while(|line| code(line, "...")) {
        text.push_str(line);
        text.push('\n');
    }
    suspicion::of_syntax(&text, Line(1)).is_none()
}

/// The code after a prompt.
fn code<'a>(line: &'a str, prompt: &str) -> Option<&'a str> {
    let code = line.strip_prefix(prompt)?;
    if code.trim().is_empty() { Some("") } else { code.strip_prefix(' ') }
}

#[cfg(test)]
mod tests {
    use super::form;
    use crate::model::snippet::Form;

    #[track_caller]
    fn check(language: &str, content: &str, expected: Form) {
        assert_eq!(form(language, content), expected, "{language} {content:?}");
    }

    #[test]
    fn prompts_decide() {
        for language in ["python", "pycon", "", "bash", "console", "text"] {
            check(language, "\n  >>> f(x)\n  1\n", Form::Console);
            check(language, ">>> for x in y:\n...     x\n...\n", Form::Console);
            check(language, "f(x)\n1\n", Form::Script);
        }
        check("python", ">>>\n", Form::Console);
        check("python", "x = 1\n>>> x\n", Form::Script);
        check("pycon", "Python 3\n>>> x\n", Form::Console);
    }

    #[test]
    fn other_signs_are_left_alone() {
        check("ruby", ">>> 1\n", Form::Script);
        check("", ">>> On Tuesday Ada wrote:\n>> that is so\n", Form::Script);
        check("", ">>>> 1\n", Form::Script);
        check("sh", "$ python\n>>> 1\n", Form::Script);
    }
}
