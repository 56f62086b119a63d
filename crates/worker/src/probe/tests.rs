//! What is reported of watched statements, and that snippets do not notice it.

use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::texts::TEXT_LIMIT;
use super::{Ledger, Probes, VALUES};
use crate::own_code::OwnCode;
use crate::statement::{Compiler, PythonSource, evaluate};
use crate::status_pipe::StatusPipe;
use snipcheck_model::snippet::{Line, Look, Place, Watch};
use snipcheck_wire::{Decoder, Fact, Reply, Token};

const TOKEN: Token = *b"0123456789abcdef";

/// Runs the code and gives what was reported, as `line: repr` or `line: repr | str`. Watched are the statements that
/// follow a `$`, which is taken out.
fn told(marked: &str) -> Vec<String> {
    let mut watched = Vec::new();
    let mut code = String::new();
    for (line, text) in marked.lines().enumerate() {
        for (part, text) in text.split('$').enumerate() {
            if part > 0 {
                let column = code.len() - code.rfind('\n').map_or(0, |end| end + 1);
                let line = Line(u32::try_from(line + 1).unwrap());
                let at = Place { line, column: u32::try_from(column).unwrap() };
                watched.push(Watch { at, look: Look::Value });
            }
            code.push_str(text);
        }
        code.push('\n');
    }

    // What the code leaves behind may hold a descriptor open, so that a pipe would have no end.
    let mut file = tempfile::tempfile().unwrap();
    let ours = file.try_clone().unwrap();
    Python::initialize();
    Python::attach(|py| run(py, &code, &watched, ours)).unwrap();

    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.read_to_end(&mut bytes).unwrap();

    let mut decoder = Decoder::new(&TOKEN);
    decoder.feed(&bytes);
    let mut told = Vec::new();
    while let Some(Reply::Seen(fact)) = decoder.next().unwrap() {
        let Fact::Value(value) = *fact else { panic!("{fact:?}") };
        let text = value.text.map(|text| format!(" | {text}")).unwrap_or_default();
        told.push(format!("{}: {}{text}", value.at.line, value.repr.unwrap_or_else(|| "untold".to_owned())));
    }
    told
}

fn run(py: Python<'_>, code: &str, watched: &[Watch], status: File) -> PyResult<()> {
    let ledger = Ledger::new(Arc::new(StatusPipe::new(status.into(), TOKEN, None)));
    let probes = Probes::new(py, watched, &ledger)?;
    let file = PyString::new(py, "a.md");
    let source = PythonSource { file: &file, line: 1, code, probes: Some(&probes) };
    let (own_code, _) = OwnCode::load(py, &[])?;
    let no_operands = py.eval(c"lambda body: {}", None, None)?;
    let statement = Compiler::load(py, &own_code, &no_operands)?.compile_whole(source, 0)?;
    let namespace = PyDict::new(py);
    namespace.set_item("__name__", "__main__")?;
    evaluate(&statement.code, &namespace)?;
    let hidden = CString::new("assert 'robe' not in str(globals()) + str(dir(__builtins__))").unwrap();
    py.run(&hidden, Some(&namespace), None)
}

#[track_caller]
fn check(marked: &str, expected: &[&str]) {
    assert_eq!(told(marked), expected, "{marked}");
}

#[test]
fn every_form_of_statement() {
    check("$1 + 1", &["1: 2"]);
    check("$'text'", &["1: 'text' | text"]);
    check("$None", &["1: None"]);
    check("$x = y = 3\nassert x == y == 3", &["1: 3"]);
    check("$a, *b = 'xyz'\nassert b == ['y', 'z']", &["1: 'xyz' | xyz"]);
    check("$x: int = 3\nassert x == 3 and __annotations__ == {'x': int}", &["1: 3"]);
    check("x = [1]\n$x += [2]\nassert x == [1, 2]", &["2: [1, 2]"]);
    check("$x = NotImplemented", &["1: NotImplemented"]);
    check("$(x := 4)\nassert x == 4", &["1: 4"]);
    check("$x = 1; $y = 2", &["1: 1", "1: 2"]);
    check("'ä'; $x = 1", &["1: 1"]);
    check("x = {}\n$x['a'] = x", &["2: {}"]);
}

#[test]
fn statements_inside_of_others() {
    check(
        "def f(x):\n    $y = x * 2\n    $y\nf(1)\nf('a')",
        &["2: 2", "3: 2", "2: 'aa' | aa", "3: 'aa' | aa"],
    );
    check("class A:\n    $__x = 1\n    $__x += 1\nassert A._A__x == 2", &["2: 1", "3: 2"]);
    check(
        "try:\n    1 / 0\nexcept ArithmeticError:\n    $1\nelse:\n    $2\nfinally:\n    $3",
        &["4: 1", "8: 3"],
    );
    check("match 1:\n    case 1:\n        $x = 5", &["3: 5"]);
    check("def g():\n    $x = yield 1\n    yield x\ni = g()\nnext(i)\nassert i.send(7) == 7", &["2: 7"]);
    let coroutine = "async def f():\n    async def g():\n        return 1\n    $x = await g()\n\
                     try:\n    f().send(None)\nexcept StopIteration:\n    pass";
    check(coroutine, &["4: 1"]);
}

#[test]
fn nobody_notices() {
    check("def f():\n    $'doc'\nassert f.__doc__ == 'doc'", &[]);
    check("$'doc'\nassert __doc__ == 'doc'", &["1: 'doc' | doc"]);
    check(
        "def f():\n    $x = 1\nassert f.__code__.co_names == ()\nassert list(f.__code__.co_varnames) == ['x']",
        &[],
    );
    let place = "def f():\n    $x = (\n        1 / 0)\n\
                 try:\n    f()\nexcept ArithmeticError as error:\n    assert error.__traceback__.tb_next.tb_lineno == 3";
    check(place, &[]);
}

#[test]
fn what_a_repr_does_is_its_own_business() {
    let class = "class A:\n    def __init__(self, way): self.way = way\n    def __repr__(self):\n";
    check(&format!("{class}        1 / 0\n$A(1)"), &["5: untold"]);
    check(&format!("{class}        raise SystemExit\n$A(1)"), &["5: untold"]);
    check(&format!("{class}        $x = self\n        return 'A'\n$A(1)"), &["6: A"]);
    check(&format!("{class}        return 'A'\n    def __str__(self): return 'a'\n$A(1)"), &["6: A | a"]);
}

#[test]
fn what_is_long_is_not_told() {
    check(&format!("$'x' * {}", TEXT_LIMIT + 1), &["1: untold"]);
    check("$[0] * 10_000_000", &["1: untold"]);
    check(&format!("$['x' * {TEXT_LIMIT}]"), &["1: untold"]);
    check("$'\u{e4}' * 10_000", &["1: untold"]);
}

#[test]
fn a_loop_is_told_as_far_as_anybody_wants_to_know() {
    assert_eq!(told("for x in range(100_000):\n    $x").len(), VALUES as usize);
    let long = told("for x in range(200):\n    $'x' * 16_000");
    assert_eq!(long.len(), 200);
    assert!(long.iter().take(32).all(|line| line.contains("xxx")));
    assert!(long.iter().skip(65).all(|line| line.ends_with("untold")));
}

#[test]
fn a_statement_that_ran_is_told_however_much_others_have_told() {
    let mut code: String = (0..20).map(|_| "for x in range(1000):\n    $x\n").collect();
    code.push_str("$'last'");
    let told = told(&code);
    assert_eq!(told.last().unwrap(), "41: 'last' | last");
    assert!(told.len() < 10_050, "{}", told.len());
}
