//! What snippets write reaches the report: all of it, once, in order, and with the snippet that wrote it.

use crate::project::Project;
use crate::story::check;

#[test]
fn every_way_of_writing_arrives_in_order() {
    check(
        &["
                import os, subprocess, sys
                print('print')
                sys.stdout.write('write\\n')
                os.write(1, b'os\\n')
                subprocess.run(['echo', 'child'])
                sys.stdout.buffer.write(b'buffer\\n')
                os.system('echo shell')
                print('end')
            "],
        &["passed completed | stdout print⏎write⏎os⏎child⏎buffer⏎shell⏎end⏎"],
    );
}

#[test]
fn the_error_stream_is_apart_and_in_order() {
    check(
        &["
                import os, subprocess, sys, warnings
                print('out')
                print('err', file=sys.stderr)
                os.write(2, b'os\\n')
                subprocess.run(['sh', '-c', 'echo child >&2; echo child'])
                sys.stderr.write('end\\n')
                None
            "],
        &["passed completed | stdout out⏎child⏎ | stderr err⏎os⏎child⏎end⏎"],
    );
}

#[test]
fn half_lines_belong_to_their_snippet() {
    check(
        &[
            "print('half', end='')",
            "print('other')",
            "import sys\nsys.stdout.write('x')\nNone",
            "print('', end='')",
        ],
        &[
            "passed completed | stdout half",
            "passed completed | stdout other⏎",
            "passed completed | stdout x",
            "passed completed",
        ],
    );
}

#[test]
fn half_lines_stay_in_order_with_children() {
    check(
        &["import os, sys\nprint('half', end='', flush=True)\nos.write(1, b'-os-')\nprint('rest')"],
        &["passed completed | stdout half-os-rest⏎"],
    );
}

#[test]
fn the_streams_are_as_those_of_a_script() {
    check(
        &[
            "
                import io, sys
                out = sys.stdout
                print(out.encoding, out.errors, out.isatty(), out.name, out.fileno(), out.mode, out.writable(), out.readable(), out.closed)
            ",
            "err = sys.stderr\nprint(err.encoding, err.errors, err.isatty(), err.name, err.fileno())",
            "print(isinstance(out, io.TextIOBase), out is sys.__stdout__, out.buffer.fileno(), type(out).__name__)",
            "out.writelines(['a\\n', 'b\\n'])\nprint(out.write('c\\n'), out.buffer.write(b'd\\n'), out.flush())",
        ],
        &[
            "passed completed | stdout utf-8 strict False <stdout> 1 w True False False⏎",
            "passed completed | stdout utf-8 backslashreplace False <stderr> 2⏎",
            "passed completed | stdout True True 1 TextIOWrapper⏎",
            "passed completed | stdout a⏎b⏎c⏎d⏎2 2 None⏎",
        ],
    );
}

#[test]
fn output_can_be_redirected() {
    check(
        &[
            "
                import contextlib, io, os, sys
                buffer = io.StringIO()
                with contextlib.redirect_stdout(buffer):
                    print('captured')
                print(repr(buffer.getvalue()))
            ",
            "
                saved = os.dup(1)
                file = os.open('file', os.O_RDWR | os.O_CREAT)
                os.dup2(file, 1)
                print('to the file')
                os.system('echo child')
                os.dup2(saved, 1)
                print(open('file', 'rb').read())
            ",
            "sys.stdout = open('other', 'w')\nprint('elsewhere')",
            "sys.stdout.close()\nsys.stdout = sys.__stdout__\nprint(open('other').read(), end='')",
        ],
        &[
            "passed completed | stdout 'captured\\n'⏎",
            "passed completed | stdout b'to the file\\nchild\\n'⏎",
            "passed completed",
            "passed completed | stdout elsewhere⏎",
        ],
    );
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    let project = Project::document(&["import os\nos.write(1, b'caf\\xe9 \\xff\\n')\nprint('é漢🦀')"]);
    let run = project.json(&["a.md"]);
    run.tells(&["passed completed | stdout caf\u{fffd} \u{fffd}⏎é漢🦀⏎"]);
    assert_eq!(run.snippets()[0]["stdout_bytes"], 17);
    assert!(run.stdout.is_ascii());
}

#[test]
fn what_cannot_be_encoded_raises_as_in_a_script() {
    let project = Project::document(&["print('\\udc80')"]);
    let run = project.json(&["a.md"]);
    let exception = &run.snippets()[0]["exception"];
    assert_eq!((&exception["type"], &exception["line"]), (&"UnicodeEncodeError".into(), &2.into()));
}

#[test]
fn empty_output_is_no_output() {
    let project = Project::document(&["x = 1"]);
    let snippet = &project.json(&["a.md"]).snippets()[0];
    let written = (&snippet["stdout"], &snippet["stdout_bytes"], &snippet["stderr_bytes"], &snippet["value"]);
    assert_eq!(written, (&"".into(), &0.into(), &0.into(), &serde_json::Value::Null));
}

/// A string alone is no value: it stands where a docstring or a comment could.
#[test]
fn a_last_expression_is_the_value() {
    check(
        &[
            "x = 1; x + 1",
            "x = 1; x;",
            "print('p'), 2",
            "print('p') or 3",
            "[\n    1,\n    2,\n]",
            "(x := 4)",
            "5  # with a comment\n\n# and one more\n",
            "if True:\n    6",
            "'''a\nb''' + ''",
            "_ = 7",
            "x\\\n  + 8",
            "
                class Loud:
                    def __repr__(self):
                        print('asked')
                        return '<loud>'

                Loud()
            ",
            "lambda: 0 if x else 1\n9",
            "x if x else 1",
            "not x",
            "await_ = 10\nawait_",
            "'print(1)' ''",
            "print",
        ],
        &[
            "passed completed | value 2",
            "passed completed | value 1",
            "passed completed | value (None, 2) | stdout p⏎",
            "passed completed | value 3 | stdout p⏎",
            "passed completed | value [1, 2]",
            "passed completed | value 4",
            "passed completed | value 5",
            "passed completed",
            "passed completed | value 'a\\nb'",
            "passed completed",
            "passed completed | value 12",
            "passed completed | value <loud> | stdout asked⏎",
            "passed completed | value 9",
            "passed completed | value 4",
            "passed completed | value False",
            "passed completed | value 10",
            "passed completed",
            "passed completed | value <built-in function print>",
        ],
    );
}

#[test]
fn a_repr_that_raises_is_an_exception_of_the_snippet() {
    check(
        &[
            "class Broken:\n    def __repr__(self):\n        raise RuntimeError('no repr')\n\nBroken()",
            "print('next')",
        ],
        &["failed raised | RuntimeError: no repr @4", "passed completed | stdout next⏎"],
    );
}

#[test]
fn standard_input_is_empty() {
    check(
        &[
            "import os, sys\nprint(repr(sys.stdin.read()), os.read(0, 10), sys.stdin.isatty(), list(sys.stdin))",
        ],
        &["passed completed | stdout '' b'' False []⏎"],
    );
}

#[test]
fn the_first_descriptor_is_three() {
    check(
        &[
            "import os\nfile = open('file', 'w')\nprint(file.fileno(), os.pipe())\nfile.close()",
            "import subprocess\nprint(subprocess.check_output(['ls', '/proc/self/fd'], close_fds=False, text=True).split())",
        ],
        &["passed completed | stdout 3 (4, 5)⏎", "passed completed | stdout ['0', '1', '2', '3']⏎"],
    );
}

#[test]
fn much_output_of_many_snippets_is_told_apart() {
    let snippets: Vec<String> = (0..60).map(|number| format!("print('{number} ' * 2000)")).collect();
    let snippets: Vec<&str> = snippets.iter().map(String::as_str).collect();
    let run = Project::document(&snippets).json(&["a.md"]);
    for (number, snippet) in run.snippets().iter().enumerate() {
        let line = format!("{}\n", format!("{number} ").repeat(2000));
        assert!(snippet["stdout"] == line, "snippet {number} has {} bytes", snippet["stdout_bytes"]);
    }
    assert_eq!((run.code, &*run.stderr), (0, ""));
}
