//! `update`: what documents say is replaced by what happened, and nothing else of them changes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use crate::project::{EXECUTABLE, PYTHON, Project, document, eventually, marker, processes};

const BEFORE: &str = "# A\n\n```python\nx = [1, 2]\nprint(x)  # [1, 3]\n```\n";
const AFTER: &str = "# A\n\n```python\nx = [1, 2]\nprint(x)  # [1, 2]\n```\n";
const SHOWN: &str = "  │   \n  │   ```python\n  │   x = [1, 2]\n  │ - print(x)  # [1, 3]\n  \
                     │ + print(x)  # [1, 2]\n  │   ```\n";

fn shown(path: &str) -> String {
    format!("{path}:5\n{SHOWN}")
}

#[test]
fn a_false_comment_becomes_true() {
    let project = Project::new(&[("a.md", BEFORE), ("b.md", AFTER)]);
    let files = project.files();
    let run = project.run(&["update", "--yes", "."]);
    run.assert(0, &(shown("a.md") + "updated a.md: 1 line\n"), "");
    assert_eq!((project.read("a.md"), project.read("b.md")), (AFTER.to_owned(), AFTER.to_owned()));
    assert_eq!(project.files(), files);
    assert_eq!(project.run(&["run", "."]).code, 0);
    project.run(&["update", "."]).assert(0, "nothing to update\n", "");
    assert_eq!(project.read("a.md"), AFTER);
}

/// What is written holds, and there is nothing left to write.
#[track_caller]
fn becomes(before: &str, after: &str) {
    becomes_in("a.md", before, after);
}

#[track_caller]
fn becomes_in(path: &str, before: &str, after: &str) {
    let project = Project::new(&[(path, before), ("mkdocs.yml", "site_name: a\n")]);
    let run = project.run(&["update", "--yes", path]);
    assert_eq!((&*project.read(path), run.code, &*run.stderr), (after, 0, ""), "{}", run.stdout);
    let run = project.run(&["run", path]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    project.run(&["update", "--yes", path]).assert(0, "nothing to update\n", "");
    assert_eq!(project.read(path), after);
}

#[test]
fn every_kind_of_document_is_written() {
    let modules = |double| {
        format!(
            "def double(x):\n    \"\"\"Twice.\n\n    >>> double(4)\n    {double}\n    \"\"\"\n    return 2 * x\n"
        )
    };
    becomes_in("pkg/m.py", &modules(9), &modules(8));
    let text = |sum| format!("words\r\n\r\n  >>> 1 + 1\r\n  {sum}\r\n\r\nmore");
    becomes_in("a.txt", &text(3), &text(2));
    let directives = |sum, other| {
        format!(
            "A\n=\n\n.. code-block:: python\n\n   print(1 + 1)  # {sum}\n\n>>> 1 + 2\n{other}\n\nend\n\n\
             .. note::\n\n\t.. code-block:: python\n\n\t\tprint(4)  # {sum}4\n"
        )
    };
    becomes_in("a.rst", &directives(3, 4), &directives(2, 3).replace("24", "4"));
    let admonitions = |one| format!("!!! note\n\n    ```python\n    print(1)  # {one}\n    ```\n");
    becomes_in("a.md", &admonitions(2), &admonitions(1));
}

#[test]
fn a_docstring_is_never_ended_by_what_came_out() {
    let module = "def f():\n    \"\"\"Words.\n\n    >>> 'a' + chr(92)\n    b\n    >>> 1\n    2\"\"\"\n";
    let project = Project::new(&[("a.py", module)]);
    let run = project.run(&["update", "--yes", "a.py"]);
    let problems: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("  -->")).collect();
    assert_eq!((run.code, problems), (1, vec!["  --> a.py:7", "  --> a.py:5"]), "{}", run.stderr);
    assert_eq!(project.read("a.py"), module);
}

#[test]
fn comments_keep_their_remarks() {
    becomes(
        "```python\nx = [1, 2]\nlen(x)    # 3 (so many)\ny = sum(x)  # 4\nprint(y)\n```\n",
        "```python\nx = [1, 2]\nlen(x)    # 2 (so many)\ny = sum(x)  # 3\nprint(y)\n```\n",
    );
}

#[test]
fn prompts_show_what_came_out() {
    becomes(
        "> 1. ```pycon\r\n>    >>> 1 + 1\r\n>    3\r\n>    >>> print('a\\n\\nb')\r\n>    a\r\n>    >>> 1 / 0\r\n>    ```\r\n",
        "> 1. ```pycon\r\n>    >>> 1 + 1\r\n>    2\r\n>    >>> print('a\\n\\nb')\r\n>    a\r\n>    <BLANKLINE>\r\n\
         >    b\r\n>    >>> 1 / 0\r\n>    Traceback (most recent call last):\r\n>        ...\r\n\
         >    ZeroDivisionError: division by zero\r\n>    ```\r\n",
    );
    becomes(
        "```python\n>>> [1,\n...  2]\n[]\n>>> None\nx\n```\n",
        "```python\n>>> [1,\n...  2]\n[1, 2]\n>>> None\n```\n",
    );
}

#[test]
fn a_block_is_never_closed_by_what_came_out() {
    let before = "```pycon\n>>> print('`' * 3)\nx\n>>> 1\n2\n```\n";
    let project = Project::new(&[("a.md", before)]);
    let run = project.run(&["update", "--yes", "a.md"]);
    let problem = "error: what came out would end or change the block that shows it\n  --> a.md:3\n  \
                   hint: this was left as it is; a longer fence, or a raw docstring, may help\n";
    assert_eq!((run.code, &*run.stderr), (1, problem), "{}", run.stdout);
    assert_eq!(project.read("a.md"), before.replace("\n2\n", "\n1\n"));
    becomes(&before.replace("```", "````"), "````pycon\n>>> print('`' * 3)\n```\n>>> 1\n1\n````\n");
}

#[test]
fn what_nobody_sees_is_never_written() {
    let shown =
        |code: &str, old: &str| format!("```python\n{code}\n```\n\nOutput:\n\n```text\n{old}\n```\n\n");
    let red = |old: &str| shown("print('\\x1b[31mred')", old);
    let seen = |old: &str| shown("print('seen 👩\\u200d🚀')", old);
    let hidden = [
        shown("print('user\\u202exe\\u2066cod')", "old"),
        shown("print('a\\u2028b', 'c\\x0cd')", "old"),
        "```python\nprint('\\x1b]0;title\\x07')  # title\n```\n\n".to_owned(),
        "```python\n>>> print('\\u200b\\U000e0041')\nx\n```\n\n".to_owned(),
    ];
    let before = format!("{}{}{}", red("old"), hidden.concat(), seen("old"));
    // Colours are not text.
    let after = format!("{}{}{}", red("red"), hidden.concat(), seen("seen 👩\u{200d}🚀"));
    let project = Project::new(&[("a.md", &before)]);
    let run = project.run(&["update", "--yes", "a.md"]);
    assert_eq!((project.read("a.md"), run.code), (after, 1), "{}{}", run.stdout, run.stderr);
    for code in ["202E", "200B"] {
        assert!(run.stderr.contains(&format!("no reader sees: U+{code}")), "{}", run.stderr);
    }
}

#[test]
fn nobody_to_ask_means_nothing_is_written() {
    let project = Project::new(&[("a.md", BEFORE), ("b.md", BEFORE)]);
    let run = project.run(&["update", "."]);
    let remedy = "nothing was written: `snipcheck update --yes` would update 2 documents\n";
    run.assert(1, &(shown("a.md") + &shown("b.md")), remedy);
    assert_eq!((project.read("a.md"), project.read("b.md")), (BEFORE.to_owned(), BEFORE.to_owned()));
}

#[test]
fn every_other_byte_stays() {
    let before = "\u{feff}# A\r\n\r\n> -\t```python\r\n>  \tprint(1)  # 2 (so many)\r\n>  \tprint(3)\t#4\r>  \t```\n \t\rend";
    let after = before.replace("# 2", "# 1").replace("#4", "#3");
    let project = Project::new(&[("a.md", before)]);
    let run = project.run(&["update", "--yes", "a.md"]);
    assert_eq!((project.read("a.md"), run.code, &*run.stderr), (after, 0, ""), "{}", run.stdout);
    assert!(run.stdout.ends_with("updated a.md: 2 lines\n"), "{}", run.stdout);
    project.run(&["update", "a.md"]).assert(0, "nothing to update\n", "");
}

#[test]
fn only_what_is_chosen_is_written() {
    let text = "# A\n\n```python\nprint(1)  # 2\n```\n\n# B\n\n```python\nprint(3)  # 4\n```\n";
    let project = Project::new(&[("a.md", text)]);
    assert_eq!(project.run(&["update", "--yes", "a.md", "-k", "::b"]).code, 0);
    assert_eq!(project.read("a.md"), text.replace("# 4", "# 3"));
    assert_eq!(project.run(&["update", "--yes", "a.md:4"]).code, 0);
    assert_eq!(project.read("a.md"), text.replace("# 4", "# 3").replace("# 2", "# 1"));
}

#[test]
fn other_failures_remain() {
    let text =
        "```python\nprint(1)  # 2\n```\n\n```python\nprint(1)  # 2\n1 / 0\n```\n\n```python\n1 / 0\n```\n";
    let project = Project::new(&[("a.md", text)]);
    let run = project.run(&["update", "--yes", "a.md"]);
    let remain = "failed for other reasons: 2 snippets; `snipcheck run` says more\n";
    assert_eq!((run.code, &*run.stderr), (1, remain), "{}", run.stdout);
    assert_eq!(project.read("a.md"), text.replace("# 2", "# 1"));
    project.run(&["update", "--yes", "a.md"]).assert(1, "nothing to update\n", remain);
}

#[test]
fn permissions_and_links_stay() {
    let project = Project::new(&[("docs/a.md", BEFORE)]);
    fs::set_permissions(project.path("docs/a.md"), Permissions::from_mode(0o640)).unwrap();
    symlink("docs/a.md", project.path("link.md")).unwrap();
    let run = project.run(&["update", "--yes", "link.md"]);
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    assert_eq!(project.read("docs/a.md"), AFTER);
    assert_eq!(fs::metadata(project.path("docs/a.md")).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(fs::read_link(project.path("link.md")).unwrap().to_str(), Some("docs/a.md"));
}

#[track_caller]
fn refused(project: &Project, arguments: &[&str], problem: &str) {
    let (before, files) = (fs::read(project.path("a.md")).unwrap(), project.files());
    let run = project.run(&[&["update", "--yes"], arguments].concat());
    assert_eq!((run.code, &*run.stderr), (1, problem), "{}", run.stdout);
    assert!(!run.stdout.contains("updated"), "{}", run.stdout);
    assert_eq!((fs::read(project.path("a.md")).unwrap(), project.files()), (before, files));
}

#[test]
fn links_out_of_the_project_are_not_followed() {
    let project = Project::new(&[]);
    fs::write(project.home().join("outside.md"), BEFORE).unwrap();
    symlink("../outside.md", project.path("a.md")).unwrap();
    let problem = "error: leads outside of the project\n  --> a.md\n  hint: name the file that it leads to\n";
    refused(&project, &["a.md"], problem);
    let run = project.run(&["update", "--yes", "../outside.md"]);
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    assert_eq!(fs::read_to_string(project.home().join("outside.md")).unwrap(), AFTER);
}

#[test]
fn what_nobody_may_write_stays() {
    let project = Project::new(&[("a.md", BEFORE)]);
    fs::set_permissions(project.path("a.md"), Permissions::from_mode(0o444)).unwrap();
    let problem = "error: cannot write the document: Permission denied (os error 13)\n  --> a.md\n  \
                   hint: nothing was changed\n";
    refused(&project, &["a.md"], problem);
}

#[test]
fn what_is_no_text_stays() {
    let project = Project::new(&[]);
    project.write("a.md", [BEFORE.as_bytes(), b"\ncaf\xe9\n"].concat());
    let problem = "error: byte 0xe9 in column 4 is not UTF-8\n  --> a.md:8\n  \
                   hint: save the document as UTF-8; the rest of it has been read\n";
    refused(&project, &["a.md"], problem);
}

#[test]
fn a_full_disk_leaves_the_old_text() {
    let text = format!("{BEFORE}\n{}\n", "words ".repeat(1000));
    let project = Project::new(&[("a.md", &text)]);
    let files = project.files();
    let script = r#"trap "" XFSZ; ulimit -S -f 1; exec "$0" update --yes a.md"#;
    let run =
        Command::new("bash").args(["-c", script, &*EXECUTABLE]).current_dir(project.root()).output().unwrap();
    let stderr = String::from_utf8(run.stderr).unwrap();
    let expected = "error: cannot write the document: File too large (os error 27)\n  --> a.md\n";
    assert!(stderr.starts_with(expected), "{stderr}");
    assert_eq!((run.status.code(), project.read("a.md"), project.files()), (Some(1), text, files));
}

#[test]
fn an_interrupted_run_writes_nothing() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    // Sleeping would take no time.
    let endless =
        format!("import subprocess\nsubprocess.run(['bash', '-c', 'while :; do :; done', '{marker}'])");
    let text = format!("{BEFORE}\n{}", document(&[&endless]));
    project.write("a.md", &text);
    let running = project.call(&["update", "--yes", "--timeout", "100s", "a.md"]).start();
    eventually("the second snippet runs", || !processes(&marker).is_empty());
    running.signal(Signal::SIGTERM);
    let run = running.finish();
    assert_eq!((run.code, &*run.stdout), (130, ""), "{}", run.stderr);
    assert!(run.stderr.ends_with("interrupted: nothing was written\n"), "{}", run.stderr);
    assert_eq!(project.read("a.md"), text);
}

#[test]
fn what_cannot_be_written_does_not_keep_the_rest_from_it() {
    let text = "- ```python\n  print(1)  # 2\n  if True:\n\tprint(3)  # 4\n  ```\n";
    let project = Project::new(&[("a.md", text)]);
    let run = project.run(&["update", "--yes", "a.md"]);
    assert_eq!(project.read("a.md"), text.replace("# 2", "# 1"), "{}", run.stderr);
    let problem = "error: a line that is not written as it reads cannot be corrected\n  --> a.md:4\n  \
                   hint: this was left as it is; it shares a tab with its list or quote, or more than its text stands there\n";
    assert_eq!((run.code, &*run.stderr), (1, problem), "{}", run.stdout);
}

#[test]
fn without_snippets_there_is_nothing_to_do() {
    let project = Project::new(&[("a.md", "# A\n")]);
    project.run(&["update", "a.md"]).assert(4, "nothing to update\n", "");
}

#[test]
fn what_was_accepted_as_false_stays() {
    let project = Project::new(&[("a.md", BEFORE)]);
    assert_eq!(project.run(&["accept", "--claims", "report", "a.md"]).code, 0);
    project.run(&["update", "--yes", "a.md"]).assert(0, "nothing to update\n", "");
    assert_eq!(project.read("a.md"), BEFORE);
}

/// Gives answers at a terminal. `^C` is the key, and `!` adds a line to `a.md` before it answers yes.
const TERMINAL: &str = r#"
import os, pty, sys
executable, answers = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.execv(executable, [executable, "update", "--color=never", "."])
said = asked = b""
while True:
    try:
        said += os.read(terminal, 1000)
    except OSError:
        break
    if said.endswith(b"? [y/n/a/q] ") and said != asked:
        answer = answers.pop(0)
        if answer == "!":
            with open("a.md", "a") as document:
                document.write("more\n")
            answer = "y"
        os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
        asked = said
assert not answers, answers
questions = [line for line in said.decode().replace("^C", "").splitlines() if line.startswith(("write ", "updated ", "y writes"))]
print("\n".join(questions), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

#[track_caller]
fn asked(answers: &[&str], told: &[&str], written: [bool; 3]) {
    let project = Project::new(&[("a.md", BEFORE), ("b.md", BEFORE), ("c.md", BEFORE)]);
    let run = Command::new(&*PYTHON)
        .args(["-c", TERMINAL, &*EXECUTABLE])
        .args(answers)
        .current_dir(project.root())
        .env("XDG_CACHE_HOME", project.home().join("cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), told.join("\n") + "\n", "{answers:?}");
    assert_eq!(String::from_utf8(run.stderr).unwrap(), "", "{answers:?}");
    let found = ["a.md", "b.md", "c.md"].map(|path| project.read(path) == AFTER);
    assert_eq!(found, written, "{answers:?}");
}

#[test]
fn a_terminal_is_asked_for_each_document() {
    let question = |path: &str, answer: &str| format!("write {path}.md? [y/n/a/q] {answer}");
    let [a, b, c] = ["a", "b", "c"].map(|path| move |answer: &str| question(path, answer));
    asked(
        &["y", "", "n"],
        &[&a("y"), "updated a.md: 1 line", &b(""), &format!("{} 1", c("n"))],
        [true, false, false],
    );
    asked(
        &["N", "a"],
        &[&a("N"), &b("a"), "updated b.md: 1 line", "updated c.md: 1 line 1"],
        [false, true, true],
    );
    asked(
        &["Yes", "q"],
        &[&a("Yes"), "updated a.md: 1 line", &format!("{} 1", b("q"))],
        [true, false, false],
    );
    asked(
        &["all"],
        &[&a("all"), "updated a.md: 1 line", "updated b.md: 1 line", "updated c.md: 1 line 0"],
        [true; 3],
    );
    let help = "y writes it, n leaves it, a writes this one and all others, q stops";
    asked(&["?", "q"], &[&a("?"), help, &format!("{} 1", a("q"))], [false; 3]);
    asked(&["y", "^C"], &[&a("y"), "updated a.md: 1 line", &format!("{} -2", b(""))], [true, false, false]);
}

#[test]
fn a_document_that_changes_while_somebody_is_asked_stays() {
    let question = |path: &str, answer: &str| format!("write {path}.md? [y/n/a/q] {answer}");
    asked(
        &["!", "y", "q"],
        &[&question("a", "y"), &question("b", "y"), "updated b.md: 1 line", &(question("c", "q") + " 1")],
        [false, true, false],
    );
}

#[test]
fn a_slip_of_the_finger_is_no_path() {
    let project = Project::new(&[("udpate/a.md", AFTER)]);
    assert_eq!(project.run(&["udpate"]).code, 0);
    let run = project.run(&["updaet", "--sandbox=off"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    let complaint = "error: no such file, folder or command: `updaet`; did you mean `update`?\n";
    assert!(run.stderr.starts_with(complaint), "{}", run.stderr);
}

#[test]
fn accepting_says_what_it_accepted() {
    let project = Project::new(&[("a.md", "# A\n\n```python\nprint(1)\n```\n")]);
    let run = project.run(&["accept", "a.md"]);
    assert!(run.stdout.starts_with("accepted a.md  a::1\n"), "{}", run.stdout);
    project.write("a.md", "# B\n\n```python\nprint(1)\n```\n");
    let run = project.run(&["accept", "a.md"]);
    assert!(run.stdout.starts_with("moved a.md  b::1\n"), "{}", run.stdout);
    let run = project.run(&["accept", "a.md"]);
    assert!(run.stdout.starts_with("Summary"), "{}", run.stdout);
    project.write("a.md", "# B\n\n```python\nprint(2)\n```\n");
    assert!(!project.run(&["accept", "-q", "a.md"]).stdout.contains("accepted"));
}
