//! Every row of the table, and what is none of it.

use std::collections::BTreeSet;

use super::lookup::{fits, found};
use super::table::{Place, TABLE};
use super::{Reach, in_code, in_front_matter, in_info, in_option, read};
use crate::directive::{Directive, DirectiveError, Wish};

/// Where it stands, what is written, and what it asks for.
#[rustfmt::skip]
const EXAMPLES: &[(Place, &str, &str)] = &[
    (Place::Comment, "snipcheck: skip=\"later\" timeout=3s",      "skip later, timeout 3s"),
    (Place::Comment, "skip: next",                                "skip"),
    (Place::Comment, "skip:  next  if( sys.version_info < (3, 4), reason=\"too old\" )", "skip if sys.version_info < (3, 4): too old"),
    (Place::Comment, "skip: next \"no GPU: none\"",               "skip no GPU: none"),
    (Place::Comment, "skip:start",                                "start skip"),
    (Place::Comment, "skip: start if(True)",                      "start skip if True: `True` holds"),
    (Place::Comment, "skip: start \"why\"",                       "start skip why"),
    (Place::Comment, "skip: end",                                 "end skip"),
    (Place::Comment, "clear-namespace",                           "clear"),
    (Place::Comment, "pytest.mark.skip",                          "skip"),
    (Place::Comment, "pytest.mark.skip(reason='needs (a) GPU')",  "skip needs (a) GPU"),
    (Place::Comment, "pytest.mark.skipif('os.name == \"nt\"')",   "skip if os.name == \"nt\": `os.name == \"nt\"` holds"),
    (Place::Comment, "pytest.mark.xfail",                         "raises Exception"),
    (Place::Comment, "pytest.mark.xfail(raises=ValueError, reason=\"x\")", "raises ValueError"),
    (Place::Comment, "pytest-codeblocks:skip",                    "skip"),
    (Place::Comment, "pytest-codeblocks:skipif(True)",            "skip if True: `True` holds"),
    (Place::Comment, "pytest-codeblocks:skipfile",                "rest skip"),
    (Place::Comment, "pytest-codeblocks:importorskip(numpy)",     "requires numpy"),
    (Place::Comment, "pytest-codeblocks:expect-error",            "raises Exception"),
    (Place::Comment, "pytest-codeblocks: cont",                   "joined"),
    (Place::Comment, "pytest-codeblocks:expected-output",         ""),
    (Place::Comment, "pytest-codeblocks:expected-output-ignore-whitespace", ""),
    (Place::Comment, "name: test_a; case: one; fixtures: tmp_path, db\nmark: xfail(raises=KeyError); subprocess: true; repl: true",
        "name test_a, group test_a, fixtures tmp_path db, raises KeyError"),
    (Place::Comment, "case: x",                                   ""),
    (Place::Comment, "fixtures: a, b",                            "fixtures a b"),
    (Place::Comment, "mark: skip",                                "skip"),
    (Place::Comment, "mark: skip(reason=\"x\")",                  "skip x"),
    (Place::Comment, "mark: skipif(False)",                       "skip if False: `False` holds"),
    (Place::Comment, "mark: xfail",                               "raises Exception"),
    (Place::Comment, "mark: xfail(raises=(A, B))",                "raises Exception"),
    (Place::Comment, "subprocess: true",                          ""),
    (Place::Comment, "repl: true",                                ""),
    (Place::Comment, "phmdoctest-skip",                           "skip"),
    (Place::Comment, "phmdoctest-mark.skip",                      "skip"),
    (Place::Comment, "phmdoctest-mark.skipif<3.8",                "skip if not ((sys.version_info >= (3, 8,))): it is for Python 3.8"),
    (Place::Comment, "phmdoctest-mark.slow",                      ""),
    (Place::Comment, "phmdoctest-label load-it",                  "name load-it"),
    (Place::Comment, "phmdoctest-setup",                          ""),
    (Place::Comment, "phmdoctest-teardown",                       ""),
    (Place::Comment, "phmdoctest-share-names",                    ""),
    (Place::Comment, "phmdoctest-clear-names",                    "afternext clear"),
    (Place::Comment, "mdoctest: skip",                            "skip"),
    (Place::Comment, "mdoctest: run",                             ""),
    (Place::Comment, "mdoctest: run ext=.py",                     ""),
    (Place::Comment, "mdoctest: setup",                           ""),
    (Place::Comment, "mdoctest: setup once",                      ""),
    (Place::Comment, "skip doccmd[all]: next",                    "skip"),
    (Place::Comment, "skip doccmd[python]: start",                "start skip"),
    (Place::Comment, "skip doccmd[python]: end",                  "end skip"),
    (Place::Comment, "group doccmd[all]: start",                  "start joined"),
    (Place::Comment, "group doccmd[all]: end",                    "end joined"),
    (Place::Comment, "$MDX skip",                                 "skip"),
    (Place::Comment, "$MDX non-deterministic",                    "nondeterministic"),
    (Place::Comment, "$MDX non-deterministic=output",             "nondeterministic"),
    (Place::Comment, "$MDX non-deterministic=command",            "skip"),
    (Place::Comment, "pmd-metadata: notest fixture:capsys",       "skip, fixtures capsys"),
    (Place::Comment, "codeblock-name: test_x",                    "name test_x"),
    (Place::Comment, "CODE:SKIP",                                 "skip"),
    (Place::Option,  "doctest-skip:",                            "skip"),
    (Place::Option,  "doctest-skip: slow",                       "skip slow"),
    (Place::Comment, "doctest-skip-all",                          "rest skip"),
    (Place::Option,  "doctest-requires: asdf<3, numpy.linalg",   "requires asdf numpy.linalg"),
    (Place::Comment, "doctest-requires-all:: scipy",              "rest requires scipy"),
    (Place::Option,  "doctest-remote-data:",                     "skip"),
    (Place::Comment, "doctest-remote-data-all::",                 "rest skip"),

    (Place::Info, "notest",                                       "skip"),
    (Place::Info, "{.python notest}",                             "skip"),
    (Place::Info, "continuation",                                 "joined"),
    (Place::Info, "fixture:db, fixture:tmp_path",                 "fixtures db, fixtures tmp_path"),
    (Place::Info, "runner:asyncio",                               ""),
    (Place::Info, "retry:3",                                      ""),
    (Place::Info, "name=test_x",                                  "name test_x"),
    (Place::Info, "test=\"skip\" lint=\"skip\" upgrade=\"skip\"", "skip"),
    (Place::Info, "test=\"xfail\"",                               "raises Exception"),
    (Place::Info, "requires=\"3.10\"",                            "skip if not ((sys.version_info >= (3, 10,))): it is for Python 3.10"),
    (Place::Info, "requires=numpy",                               "requires numpy"),
    (Place::Info, "{group=\"a\"}",                                "group a"),
    (Place::Info, "skip-run",                                     "skip"),
    (Place::Info, "skip-run=\"true\"",                            "skip"),
    (Place::Info, "skip-reason=\"a network\"",                    "skip a network"),
    (Place::Info, "exec=\"on\" source=\"above\" session=\"s\"",   "group s"),
    (Place::Info, "exec=off",                                     "skip"),
    (Place::Info, "exec=\"False\"",                               "skip"),
    (Place::Info, "exec=no",                                      "skip"),
    (Place::Info, "exec=\"0\"",                                   "skip"),
    (Place::Info, "{echo=TRUE, eval=FALSE}",                      "skip"),
    (Place::Info, "{error=TRUE}",                                 "raises Exception"),
    (Place::Info, ",ignore",                                      "skip"),
    (Place::Info, ",no_run",                                      "compile only"),
    (Place::Info, ",should_panic",                                "raises Exception"),
    (Place::Info, "compile_fail",                                 "raises SyntaxError"),

    (Place::Option, "skipif: True",                               "skip if True: `True` holds"),
    (Place::Option, "pyversion: > 3.3",                           "skip if not ((sys.version_info > (3, 3,))): it is for Python > 3.3"),
    (Place::Option, "hide: ",                                     ""),
    (Place::Option, "name: load",                                 "name load"),
    (Place::Option, "tags: [skip-execution, hide-input, \"raises-exception\"]", "skip, raises Exception"),
    (Place::Option, "eval: false",                                "skip"),
    (Place::Option, "error: true",                                "raises Exception"),
    (Place::Page, "execute.eval: false",                          "skip"),
    (Place::Page, "execute.error: true",                          ""),
    (Place::Page, "mystnb.execution_mode: off",                   "skip"),
    (Place::Tag, "nbval-skip",                                    "skip"),
    (Place::Tag, "nbval-ignore-output",                           "nondeterministic"),
    (Place::Tag, "nbval-raises-exception",                        "raises Exception"),
    (Place::Tag, "nbval-check-output",                            ""),
    (Place::Tag, "skip-execution",                                "skip"),
    (Place::Tag, "raises-exception",                              "raises Exception"),
    (Place::Code, "NBVAL_SKIP",                                   "skip"),
    (Place::Code, "NBVAL_IGNORE_OUTPUT",                          "nondeterministic"),
    (Place::Code, "NBVAL_RAISES_EXCEPTION",                       "raises Exception"),
    (Place::Code, "NBVAL_CHECK_OUTPUT",                           ""),
];

fn word(directive: &Directive) -> String {
    let list = |names: &[String]| names.join(" ");
    match directive {
        Directive::Skip(skip) => {
            format!("skip {}", skip.why.as_deref().unwrap_or_default()).trim().to_owned()
        }
        Directive::SkipIf(condition) => format!("skip if {}: {}", condition.expression, condition.why),
        Directive::Raises(class) => format!("raises {class}"),
        Directive::Timeout(timeout) => format!("timeout {timeout:?}"),
        Directive::CompileOnly => "compile only".to_owned(),
        Directive::Nondeterministic => "nondeterministic".to_owned(),
        Directive::Requires(modules) => format!("requires {}", list(modules)),
        Directive::Fixtures(names) => format!("fixtures {}", list(names)),
        Directive::Group(name) => format!("group {name}"),
        Directive::Joined => "joined".to_owned(),
        Directive::Clear => "clear".to_owned(),
        Directive::Name(name) => format!("name {name}"),
        other => format!("{other:?}"),
    }
}

fn wishes(place: Place, text: &str) -> Vec<Result<(Reach, Wish), DirectiveError>> {
    let next = |wish: Wish| (Reach::Next, wish);
    match place {
        Place::Comment => {
            read(text).into_iter().map(|marker| marker.map(|marker| (marker.reach, marker.wish))).collect()
        }
        Place::Info => in_info(text).into_iter().map(|wish| wish.map(next)).collect(),
        Place::Option => {
            let (key, value) = text.split_once(':').unwrap();
            in_option(key, value.trim()).into_iter().map(|wish| wish.map(next)).collect()
        }
        Place::Page => {
            let (key, value) = text.split_once(": ").unwrap();
            in_front_matter(key, value).into_iter().map(|wish| wish.map(next)).collect()
        }
        Place::Tag => in_option("tags", text).into_iter().map(|wish| wish.map(next)).collect(),
        Place::Code => in_code(text).into_iter().map(|wish| wish.map(next)).collect(),
    }
}

#[track_caller]
fn check(place: Place, text: &str, expected: &str) {
    let found: Vec<String> = wishes(place, text)
        .into_iter()
        .map(|wish| match wish {
            Ok((Reach::Next, wish)) => word(&wish.directive),
            Ok((reach, wish)) => format!("{} {}", format!("{reach:?}").to_lowercase(), word(&wish.directive)),
            Err(error) => error.to_string(),
        })
        .collect();
    assert_eq!(found.join(", "), expected, "{text}");
}

#[test]
fn every_row_means_what_it_says() {
    for (place, text, expected) in EXAMPLES {
        check(*place, text, expected);
    }
}

#[test]
fn every_row_has_an_example() {
    let shown = |place: Place, spelling: &str| {
        EXAMPLES.iter().filter(|(where_, ..)| *where_ == place).any(|(_, text, _)| {
            let words = text.trim_matches(['{', '}', ',', ' ']).replace('"', "");
            let fits = |text: &str| fits(spelling, text).is_some();
            fits(text) || fits(&words) || words.split([' ', ',', ';', '[']).any(fits)
        })
    };
    let missing: BTreeSet<_> = TABLE
        .iter()
        .filter(|row| !shown(row.place, row.spelling))
        .map(|row| (row.tool, row.spelling))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn the_first_row_that_fits_is_the_right_one() {
    for row in TABLE.iter().filter(|row| !row.spelling.contains('…')) {
        let (found, _) = found(row.place, row.spelling).unwrap();
        assert_eq!((found.spelling, found.reach), (row.spelling, row.reach));
    }
}

#[test]
fn slips_name_the_marker_that_was_meant() {
    let slip = |place, text: &str, meant: &str| {
        let tool = TABLE.iter().find(|row| row.spelling == meant).map_or("", |row| row.tool);
        check(place, text, &format!("`{text}`: did you mean `{meant}` of {tool}?"));
    };
    slip(Place::Comment, "pytest.mark.skpi", "pytest.mark.skip");
    slip(Place::Comment, "pytest.mark.skif(True)", "pytest.mark.skip(…)");
    slip(Place::Comment, "skip: nxt", "skip: next");
    slip(Place::Comment, "phmdoctest-skpi", "phmdoctest-skip");
    slip(Place::Comment, "clear-namspace", "clear-namespace");
    slip(Place::Info, "notset", "notest");
    slip(Place::Info, "continuaton", "continuation");
    slip(Place::Code, "NBVAL_SKP", "NBVAL_SKIP");
    check(Place::Comment, "snipcheck: skp", "unknown directive `skp`");
    check(Place::Comment, "snipcheck: notest", "unknown directive `notest`");
}

#[test]
fn prose_is_no_marker() {
    for text in [
        "",
        "TODO: skip this section",
        "skip this",
        "skip: we do not need it",
        "name: Jane",
        "name",
        "pytest",
        "pytest.mark.slow",
        "a comment; name: test_x",
        "prettier-ignore",
        "markdownlint-disable MD013",
        "début: été; ñ…",
    ] {
        check(Place::Comment, text, "");
    }
    for text in ["title=\"notest\"", "hl_lines=\"1\" linenums=\"1\" .cls", "test", "latest", "run"] {
        check(Place::Info, text, "");
    }
}
