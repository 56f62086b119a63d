//! Whether a block is a console session. Prompts decide, not the label.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::document::block::label::may_show_prompts;
use crate::document::block::suspicion;
use crate::document::code_block::is_python;
use crate::model::snippet::{Form, Line};

/// Content without any of these has no prompt.
static PROMPTS: LazyLock<[Finder<'_>; 2]> = LazyLock::new(|| [">>>", "In ["].map(Finder::new));

/// Words after `$` that start an interpreter at a prompt, with the switches after them.
const INTERPRETERS: &[&str] = &["python", "python3", "py", "pypy", "pypy3"];

/// How lines begin that an interpreter greets with.
const GREETINGS: &[&str] =
    &["Python ", "[GCC ", "[Clang ", "[MSC ", "[PyPy ", "Type \"help\"", "Type 'copyright'"];

/// The form of a block in this language.
pub(crate) fn form(language: &str, content: &str) -> Form {
    if PROMPTS.iter().all(|prompt| prompt.find(content.as_bytes()).is_none()) {
        return Form::Script;
    }

    let mut lines = content.lines().map(str::trim_start).skip_while(|line| line.is_empty());
    let is_console = match language {
        // A terminal may print a greeting first.
        "pycon" => lines.any(is_prompt),
        _ if is_python(language) => {
            let mut below =
                lines.skip_while(|line| line.is_empty() || line.starts_with('#') || is_start(line));
            below.next().is_some_and(is_prompt)
        }
        _ if !may_show_prompts(language) => false,
        _ => {
            let mut below = lines.clone().skip_while(|line| is_start(line));
            let is_session = below.next().is_some_and(|line| is_python_code(line, below));
            // After a shell has started the interpreter, what is typed into the shell may follow.
            let is_mixed = || lines.filter(|line| shell_command(line).is_some()).nth(1).is_some();
            is_session && !is_mixed()
        }
    };
    if is_console { Form::Console } else { Form::Script }
}

/// Whether the examples of a session begin on a line, even if the first of them is refused.
pub(crate) fn begins(line: &str) -> bool {
    line.trim_start().starts_with(">>>") || is_prompt(line)
}

/// Whether an example begins on a line.
fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    code(line, ">>>").is_some() || ipython_code(line).is_some()
}

/// The code after a prompt of `IPython`: `In [1]: `.
fn ipython_code(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix("In [")?.split_once("]:")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (rest.is_empty() || rest.starts_with(' '))).then(|| rest.trim_start_matches(' '))
}

/// Whether a line starts an interpreter or belongs to its greeting.
fn is_start(line: &str) -> bool {
    let starts_interpreter = |command: &str| {
        let mut words = command.split_whitespace();
        let program = words.next().and_then(|program| program.rsplit('/').next()).unwrap_or_default();
        let program = program.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        (INTERPRETERS.contains(&program) || program == "python") && words.all(|word| word.starts_with('-'))
    };
    shell_command(line).is_some_and(starts_interpreter)
        || GREETINGS.iter().any(|greeting| line.starts_with(greeting))
}

/// What is typed after the prompt of a shell: `$ `, `% `, `ann@host:~$ `, `(venv) $ `, `C:\> `.
fn shell_command(line: &str) -> Option<&str> {
    let at = line.find(['$', '%', '#', '>']).filter(|at| *at < 60)?;
    let (prompt, command) = line.split_at(at);
    let is_plain = prompt.is_empty() && line.starts_with(['$', '%']);
    let is_full =
        (prompt.contains(['@', ':', '~']) || prompt.starts_with('(')) && !prompt.contains(['"', '\'', '=']);
    let is_word = line.starts_with("PS ") || is_plain || is_full;
    is_word.then(|| command[1..].trim_start()).filter(|_| command[1..].starts_with(' '))
}

/// Whether prompts are followed by Python: `>>>` is also how mail quotes a quote of a quote.
fn is_python_code<'a>(first: &'a str, below: impl Iterator<Item = &'a str>) -> bool {
    if let Some(first) = ipython_code(first) {
        return suspicion::of_syntax(first, Line(1)).is_none();
    }
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
    fn comments_and_greetings_may_come_first() {
        for above in [
            "# a comment\n",
            "\n# one\n\n# two\n",
            "$ python\n",
            "$ python3 -q\n",
            "% python3.12\n",
            "ann@host:~$ python\nPython 3.9.6 (default, Jun 28 2021, 15:26:21)\nType \"help\", \"copyright\" or more.\n",
            "(venv) $ python -i\nPython 3.12.1 (main) [GCC 13] on linux\n",
            "root@1f2e:/# /usr/bin/python3\n",
            "C:\\Users\\ann> py\nPython 3.12.1 (tags/v3.12.1) [MSC v.1937] on win32\n",
            "PS C:\\> python\n[MSC v.1937] on win32\n",
            "Python 3.13.0 (main)\n[GCC 13.2.0] on linux\n",
        ] {
            check("python", &format!("{above}>>> 1\n1\n"), Form::Console);
            check("pycon", &format!("{above}>>> 1\n1\n"), Form::Console);
        }
        check("console", "$ python\n>>> 1\n1\n", Form::Console);
        check("sh", "$ python3\nPython 3.12.1\n>>> 1\n", Form::Console);
        check("python", "import x  # so\n>>> x\n", Form::Script);
        check("console", "$ python\n>>> 1\n1\n>>> exit()\n$ ls\n", Form::Script);
        check("console", "$ python app.py\n>>> 1\n", Form::Script);
        check("console", "# words\n>>> 1\n", Form::Script);
    }

    #[test]
    fn prompts_of_ipython_are_prompts() {
        for language in ["python", "pycon", "", "console"] {
            check(language, "In [1]: x = 5\nIn [2]: x\nOut[2]: 5\n", Form::Console);
        }
        check("python", "In [x]: 5\n", Form::Script);
        check("python", "In = {}\n", Form::Script);
        check("ipython", "In [1]: 5\n", Form::Script);
        check("", "In [1]: the beginning there was\n", Form::Script);
    }

    #[test]
    fn other_signs_are_left_alone() {
        check("ruby", ">>> 1\n", Form::Script);
        check("", ">>> On Tuesday Ada wrote:\n>> that is so\n", Form::Script);
        check("", ">>>> 1\n", Form::Script);
        check("sh", "$ ./run python\n>>> 1\n", Form::Script);
    }
}
