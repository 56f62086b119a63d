//! Falsehoods that look like prose, order or chance, each beside its true twin.

use serde_json::Value;

use crate::project::{Project, Run};

const BROKEN: &[&str] = &["broken"];
const HOLDS: &[&str] = &["holds"];
const REMARK: &[&str] = &["remark"];
/// True of this run or of another one.
const TRUE: &[&str] = &["holds", "unstable"];

/// Each row is a line of code with the verdicts that are right for its comment.
#[track_caller]
fn check(setup: &str, rows: &[(&str, &[&str])]) {
    let code: Vec<&str> = std::iter::once(setup).chain(rows.iter().map(|(code, _)| *code)).collect();
    let project = Project::new(&[("a.md", &format!("```python\n{}\n```\n", code.join("\n")))]);
    let run = project.json(&["--show-remarks", "--claims=report", "a.md"]);
    let claims = claims(&run);

    let mut line = 2 + setup.lines().count() as u64 + u64::from(setup.is_empty());
    for (code, expected) in rows {
        let found = claims.iter().find(|claim| claim["line"] == line);
        let verdict = found.map_or("remark", |claim| claim["verdict"].as_str().unwrap());
        assert!(expected.contains(&verdict), "{code}: {verdict}, {found:?}");
        line += code.lines().count() as u64;
    }
}

#[track_caller]
fn claims(run: &Run) -> Vec<Value> {
    let snippets = run.snippets();
    assert!(!snippets.is_empty(), "{run:?}");
    snippets.iter().flat_map(|snippet| snippet["claims"].as_array().unwrap().clone()).collect()
}

/// The verdicts of all claims of a document, by line.
#[track_caller]
fn shown(document: &str, expected: &[(u64, &str)]) {
    let run = Project::new(&[("a.md", document)]).json(&["a.md"]);
    let claims = claims(&run);
    let found: Vec<(u64, &str)> = claims
        .iter()
        .map(|claim| (claim["line"].as_u64().unwrap(), claim["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(found, expected, "{document}\n{run:?}");
}

#[test]
fn no_order_makes_other_members() {
    check(
        "",
        &[
            ("print({1.5, 2.5})  # {1.5, 3.5}", BROKEN),
            ("frozenset('ab')  # frozenset({'a', 'c'})", BROKEN),
            ("frozenset('ab')  # frozenset({'b', 'a'})", TRUE),
            ("print(sorted({'b', 'a'}), {'tea', 'gin'})  # ['a', 'b'] {'gin', 'rum'}", BROKEN),
            ("tuple({'red', 'blue', 'green'})  # ('red', 'blue', 'pink')", BROKEN),
            ("tuple({'red', 'blue', 'green'})  # ('blue', 'green', 'red')", TRUE),
            ("','.join({'x', 'y'})  # 'x,z'", BROKEN),
            ("','.join({'x', 'y'})  # 'y,x'", TRUE),
            ("next(iter({'a', 'b', 'c'}))  # 'd'", BROKEN),
            ("next(iter({'a', 'b', 'c'}))  # 'c'", TRUE),
        ],
    );
}

#[test]
fn chance_excuses_what_it_brings_about() {
    check(
        "import hashlib, os, platform, random, secrets, time, uuid\nfrom datetime import date, datetime",
        &[
            ("random.Random(42).random()  # 0.1", BROKEN),
            ("print(random.random() < 0)  # True", BROKEN),
            ("print(len(secrets.token_hex(4)))  # 9", BROKEN),
            ("print(hash(1) == hash(1.0))  # False", BROKEN),
            ("type(time.time())  # <class 'int'>", BROKEN),
            ("print(date.today() > date(1999, 1, 1))  # False", BROKEN),
            ("random.randint(1, 6)  # 60", BROKEN),
            ("random.randint(1, 6)  # 4", TRUE),
            ("print(random.sample('abc', 3))  # ['c', 'b', 'a']", TRUE),
            ("datetime.now()  # datetime.datetime(2021, 5, 6, 7, 8, 9, 1234)", TRUE),
            ("print(datetime.now())  # 2021-05-06 07:08:09.123456", &["unstable", "remark"]),
            ("os.getpid()  # 4711", TRUE),
            ("print(os.getpid() < 0)  # True", BROKEN),
            ("platform.system()  # 'Windows'", TRUE),
            ("time.time() - time.time()  # 0.001", TRUE),
            ("str(uuid.uuid4())  # '0b1f3c1e-4a53-4f0e-9c56-5a1f6f4a9d11'", TRUE),
            ("print(len(str(uuid.uuid4())))  # 32", BROKEN),
        ],
    );
}

#[test]
fn a_clock_through_a_name_is_a_clock() {
    check(
        "from datetime import datetime\nstamp = datetime.now()",
        &[
            ("print(stamp.year)  # 2019", TRUE),
            ("stamp.isoformat()  # '2019-05-06T07:08:09.123456'", TRUE),
            ("print(stamp.year > 1900)  # False", BROKEN),
        ],
    );
}

#[test]
fn hedges_excuse_what_may_differ() {
    check(
        "import sys\nx = [1]",
        &[
            ("print(2 + 2)  # 5 (may vary)", BROKEN),
            ("len('abc')  # 4 (depends on the machine)", BROKEN),
            ("sys.getsizeof(x)  # 9999 (may vary)", TRUE),
        ],
    );
}

#[test]
fn an_address_excuses_no_name() {
    check(
        "class A: pass",
        &[
            ("object()  # <Foo object at 0x7f00>", BROKEN),
            ("object()  # <object object at 0x7f0012345678>", HOLDS),
            ("print(lambda: 0)  # <function f at 0x7f00>", BROKEN),
            ("(i for i in 'a')  # <generator object <listcomp> at 0x7f00>", BROKEN),
            ("(i for i in 'a')  # <generator object <genexpr> at 0x7f0000000000>", HOLDS),
            ("{'a': A()}  # {'a': <__main__.B object at 0x7f00>}", BROKEN),
            ("print('got', A())  # got <__main__.B object at 0x7f00>", BROKEN),
            ("iter([1])  # <tuple_iterator object at 0x7f00>", BROKEN),
        ],
    );
}

#[test]
fn nearly_the_output() {
    check(
        "name, n = 'Bob', 3",
        &[
            ("print('Hello,', name)  # Hello, Ann", BROKEN),
            ("print('Hello,', name)  # Hello, Bob", HOLDS),
            ("print('Hello,', name)  # says hello to Bob", REMARK),
            ("print(f'{n} files')  # 4 files", BROKEN),
            ("print(f'{n} files')  # files that were found", REMARK),
            ("print('Guten Tag, Welt!')  # Guten Tag, Wald!", BROKEN),
            ("print('안녕하세요 세계')  # 안녕하세요 세상", BROKEN),
            ("print('안녕하세요')  # 인사를 출력한다", REMARK),
            ("'hello'.upper()  # HELO", BROKEN),
            ("'hello'.upper()  # to capitals", REMARK),
            ("print('blue')  # Output: red", BROKEN),
            ("print('blue')  # Output: the colour", REMARK),
            ("print('Closed')  # -> Open", BROKEN),
            ("print('closed')  # -> state", REMARK),
            ("print('[0 1 2]')  # [0 1 3]", BROKEN),
            ("print('a 1', 'b 2', sep='\\n')\n# a 1\n# b 3", &["remark"]),
        ],
    );
}

#[test]
fn a_number_beside_a_printed_sentence() {
    check(
        "",
        &[
            ("print('Speed:', '299792.458 km/s')  # 299792458 - speed of light in m/s", REMARK),
            ("print('Price:', '12.00 EUR')  # 10.08 — net price of it", REMARK),
            ("print('Rows:', 5)  # 5 - one for each city", HOLDS),
            ("print(5)  # 4 - one for each city", BROKEN),
            ("print(50)  # about 60", BROKEN),
            ("print(1030)  # roughly 1,000", HOLDS),
            ("print('mean:', 3.4)  # ~4.4", BROKEN),
        ],
    );
}

#[test]
fn types_by_their_bare_names() {
    check(
        "from decimal import Decimal\nclass Cart: pass",
        &[
            ("print(type([]))  # tuple", BROKEN),
            ("print(type([]))  # list", HOLDS),
            ("type(Decimal(1))  # Fraction", BROKEN),
            ("print(type(Cart()))  # Cart", HOLDS),
            ("type(()).__name__  # list", BROKEN),
            ("print(type(b''))  # string", BROKEN),
            ("print(type(3))  # surprisingly", REMARK),
        ],
    );
}

#[test]
fn tables_below_their_prints() {
    let table = "print('   a  b\\n0  1  x\\n1  2  y')";
    shown(
        &format!(
            "```python\n{table}\n#    a  b\n# 0  1  x\n# 1  2  z\n{table}\n#    a  b\n# 0  1  x\n# 1  2  y\n```\n"
        ),
        &[(3, "broken"), (7, "holds")],
    );
    let frame = "class Frame:\n    def __repr__(self):\n        return '   a\\n0  1\\n1  2'\n";
    shown(
        &format!(
            "```python\n{frame}Frame()\n#    a\n# 0  1\n# 1  3\nFrame()\n# Frames are shown\n# as tables of 2 rows.\n```\n"
        ),
        &[(6, "broken")],
    );
}

#[test]
fn numbers_of_numpy_are_their_values() {
    let number =
        "class float64(float):\n    def __repr__(self):\n        return f'np.float64({float(self)!r})'\n";
    let project = Project::new(&[(
        "a.md",
        &format!("```python\n{number}x = float64(2.5)\n[x, 1]  # [2.5, 2]\n(x,)  # (2.5,)\nx  # 2.6\n```\n"),
    )]);
    let run = project.json(&["a.md"]);
    let verdicts: Vec<Value> = claims(&run).iter().map(|claim| claim["verdict"].clone()).collect();
    assert_eq!(verdicts, ["broken", "holds", "broken"], "{run:?}");
    project.run(&["update", "--yes", "a.md"]);
    assert!(project.read("a.md").contains("x  # 2.5\n"), "{}", project.read("a.md"));
}

#[test]
fn clauses_that_never_come() {
    let tried = "```python\ntry:\n    float('1')\nexcept ValueError as error:\n    print(error)\n";
    shown(&format!("{tried}    #> no float\n```\n"), &[(6, "broken")]);
    shown(&format!("{tried}    '''\n    no float\n    '''\n```\n"), &[(7, "broken")]);
    let none = "```python\ntry:\n    float('1')\nexcept ImportError:\n    print('none')\n    #> none\n```\n";
    shown(none, &[(6, "not-reached")]);
    let words =
        "```python\ntry:\n    float('1')\nexcept ValueError:\n    print('no float')  # no float\n```\n";
    shown(words, &[(5, "broken")]);
}

#[test]
fn sentences_that_announce_output() {
    for sentence in ["produces", "We get", "Let's see the result:", "which yields", "This will print"] {
        shown(&format!("```python\nprint('a')\n```\n\n{sentence}\n\n```text\nb\n```\n"), &[(8, "broken")]);
    }
    shown("```python\nprint('a')\n```\n\nWe get the file\n\n```text\nb\n```\n", &[]);
    shown("```python\nimport this\n```\n\nOutput:\n\n```\nZen\n```\n", &[(8, "broken")]);
    shown("```python\nx = 2\n```\n\nOutput:\n\n```\n2\n```\n", &[(8, "broken")]);
    shown("```python\ndef f():\n    return 2\n```\n\nOutput:\n\n```\n2\n```\n", &[]);
}

#[test]
fn words_beside_what_moves_in_blocks() {
    let moment = "```python\nfrom datetime import datetime\nprint(f'{datetime.now()} saved 3')\n```\n";
    for (count, verdict) in [(3, "unstable"), (4, "broken")] {
        let block = format!("\n```text\n2023-11-05 08:15:00.123456 saved {count}\n```\n");
        shown(&format!("{moment}{block}"), &[(7, verdict)]);
    }
    let names =
        "```python\nclass Cup: pass\nprint(Cup())\n```\n\n```text\n<__main__.Mug object at 0x7f1c>\n```\n";
    shown(names, &[(7, "broken")]);
    let members =
        "```python\nfor name in {'tea', 'rum'}: print(name)\n```\n\nOutput:\n\n```text\ntea\ngin\n```\n";
    shown(members, &[(8, "broken")]);
}

#[test]
fn arrows_below_a_comment_may_speak_of_other_code() {
    // Remarks are not listed.
    shown("```python\nx = 3\n# `print(x)` shows it:\n#> 3\n```\n", &[]);
    shown("```python\nprint(3)\n# and so:\n#> 4\n```\n", &[(4, "broken")]);
}

#[test]
fn dates_days_and_members_of_enumerations() {
    check(
        "import datetime as dt; from enum import Enum; K = Enum('K', 'RED BLUE'); now = dt.datetime.now()",
        &[
            ("print(dt.date(2024, 2, 28) + dt.timedelta(1))  # 2024-02-29", HOLDS),
            ("print(dt.date(2024, 2, 28) + dt.timedelta(1))  # 2024-03-01 (a leap year)", BROKEN),
            ("print(dt.time(9, 5))  # 09:50:00", BROKEN),
            ("print(f'{dt.date(2024, 2, 29):%A}')  # Friday", BROKEN),
            ("print(f'{now:%A}')  # Friday", &["unstable", "holds"]),
            ("print(f'{now:%H:%M}')  # 12:30", &["unstable", "holds"]),
            ("print(dt.time(9, 5))  # opens at 09:50", REMARK),
            ("K(1)  # <K.RED: 1>", HOLDS),
            ("K(1)  # <K.BLUE: 2>", BROKEN),
            ("float('inf')  # nan", BROKEN),
        ],
    );
}

#[test]
fn values_may_be_written_as_calls() {
    check(
        "from dataclasses import make_dataclass; P = make_dataclass('P', ['x', 'y'])",
        &[
            ("P(1, 2)  # P(1, 2)", HOLDS),
            ("print([P(1, 2)])  # [P(1, y=2)]", HOLDS),
            ("P(1, 2)  # P(1, 3)", BROKEN),
            ("P(1, 2)  # P(1)", BROKEN),
            ("P(1, 2)  # P(y=1, x=2)", BROKEN),
        ],
    );
}

#[test]
fn signs_before_a_value() {
    check(
        "",
        &[("print(3)  # >>> 3", HOLDS), ("print(3)  # >>> 4", BROKEN), ("print(3)  # >> out.txt", REMARK)],
    );
    shown("```python\nprint([1, 2])\n# >> [1, 3]\n```\n", &[(3, "broken")]);
    let value = |last: u32| {
        format!(
            "```python\nprint({{'a': 1, 'b': 3}})\n# => {{\n#     'a': 1,\n#     'b': {last},\n#    }}\n```\n"
        )
    };
    shown(&value(3), &[(3, "holds")]);
    shown(&value(4), &[(3, "broken")]);
    let lines = |last: u32| {
        format!("```python\nfor word in ('a', 'bc'):\n    print(len(word))\n# >>> 1\n# {last}\n```\n")
    };
    shown(&lines(2), &[(4, "holds")]);
    shown(&lines(3), &[(4, "broken")]);
}

#[test]
fn messages_of_announced_exceptions() {
    check(
        "",
        &[
            ("{}['a']  # KeyError: 'a'", HOLDS),
            ("{}['a']  # KeyError: 'b'", BROKEN),
            ("{}['a']  # KeyError: there is no such key", HOLDS),
            ("int('a')  # ValueError: invalid literal for int() with base 10: 'a'", HOLDS),
            ("int('a')  # ValueError: invalid literal for int() with base 16: 'a'", BROKEN),
            ("int('a')  # ValueError: not a number", HOLDS),
        ],
    );
}

#[test]
fn what_a_checker_says_is_no_output() {
    check(
        "def f(x: int) -> str: return 'a' + x",
        &[("f(1)  # OK (a runtime error; mypy is silent)", REMARK)],
    );
    check(
        "def f(x: int) -> str: return 'a' + x",
        &[("f('x')  # Error: no int", REMARK), ("f(1)  # OK", REMARK)],
    );
    check("def f(x): return 'a' + x", &[("f(1)  # OK", BROKEN)]);
    shown("```python\nx: int = 'a'  # error\nprint(x)\n```\n\n```text\na.py:1: error: no int\n```\n", &[]);
    shown(
        "```python\nprint('a.py:1: error: no')\n```\n\n```text\na.py:1: error: yes\n```\n",
        &[(6, "broken")],
    );
}

#[test]
fn functions_show_nothing_until_they_are_called() {
    let document = |call: &str| {
        format!("```python\ndef f(): print('a')\n{call}```\n\nThis prints:\n\n```text\nb\n```\n")
    };
    shown(&document(""), &[]);
    shown(&document("f()\n"), &[(9, "broken")]);
    let table = |cell: u32| {
        format!(
            "```python\nprint('| a |')\nprint('|---|')\nprint('| 1 |')\n```\n\n```text\n| a |\n|---|\n| {cell} |\n```\n"
        )
    };
    shown(&table(1), &[(8, "holds")]);
    shown(&table(2), &[(8, "broken")]);
}

#[test]
fn logs_have_times_and_rates() {
    let trace = |said: &str, error: &str| {
        format!(
            "```python\nimport sys, traceback\nprint('2025-01-01 10:00:00 | app:3 - What?', file=sys.stderr)\ntry: 1 / 0\nexcept ZeroDivisionError: traceback.print_exc()\n```\n\n```text\n2018-07-17 01:38:43 | app:10 - {said}\nTraceback (most recent call last):\n> File \"app.py\", line 9, in f\n    1 / 0\nZeroDivisionError: {error}\n```\n"
        )
    };
    shown(&trace("What?", "division by zero"), &[(13, "holds")]);
    shown(&trace("Why?", "division by zero"), &[(13, "broken")]);
    shown(&trace("What?", "division by one"), &[(13, "broken")]);
    let took = |words: &str| {
        format!(
            "```python\nimport time\nfor n in (1, 2):\n    time.sleep(0.01)\n    print('took', n * 5, 'ms')\n# {words} 4 ms\n# {words} 11 ms\n```\n"
        )
    };
    shown(&took("took"), &[(6, "unstable")]);
    shown(&took(">>> took"), &[(6, "unstable")]);
    let rate = |rate: &str| format!("```python\nprint('4/9 [12.5it/s]')\n```\n\n```text\n{rate}\n```\n");
    shown(&rate("4/9 [962.93it/s]"), &[(6, "holds")]);
    shown(&rate("5/9 [962.93it/s]"), &[(6, "broken")]);
}
