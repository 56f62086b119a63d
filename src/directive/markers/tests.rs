//! Every row of the table, and what is none of it.

use std::collections::BTreeSet;

use super::lookup::{fits, found};
use super::table::{MarkerKind, TABLE};
use super::{Reach, in_code, in_front_matter, in_info, in_option, read};
use crate::directive::{Directive, DirectiveError, Wish};

/// Where it stands, what is written, and what it asks for.
#[rustfmt::skip]
const EXAMPLES: &[(MarkerKind, &str, &str)] = &[
    (MarkerKind::Comment, "snipcheck: skip=\"later\" timeout=3s",      "skip later, timeout 3s"),
    (MarkerKind::Comment, "skip: next",                                "skip"),
    (MarkerKind::Comment, "skip:  next  if( sys.version_info < (3, 4), reason=\"too old\" )", "skip if sys.version_info < (3, 4): too old"),
    (MarkerKind::Comment, "skip: next \"no GPU: none\"",               "skip no GPU: none"),
    (MarkerKind::Comment, "skip:start",                                "start skip"),
    (MarkerKind::Comment, "skip: start if(True)",                      "start skip if True: `True` holds"),
    (MarkerKind::Comment, "skip: start \"why\"",                       "start skip why"),
    (MarkerKind::Comment, "skip: end",                                 "end skip"),
    (MarkerKind::Comment, "clear-namespace",                           "clear"),
    (MarkerKind::Comment, "pytest.mark.skip",                          "skip"),
    (MarkerKind::Comment, "pytest.mark.skip(reason='needs (a) GPU')",  "skip needs (a) GPU"),
    (MarkerKind::Comment, "pytest.mark.skipif('os.name == \"nt\"')",   "skip if os.name == \"nt\": `os.name == \"nt\"` holds"),
    (MarkerKind::Comment, "pytest.mark.xfail",                         "raises Exception"),
    (MarkerKind::Comment, "pytest.mark.xfail(raises=ValueError, reason=\"x\")", "raises ValueError"),
    (MarkerKind::Comment, "pytest-codeblocks:skip",                    "skip"),
    (MarkerKind::Comment, "pytest-codeblocks:skipif(True)",            "skip if True: `True` holds"),
    (MarkerKind::Comment, "pytest-codeblocks:skipfile",                "rest skip"),
    (MarkerKind::Comment, "pytest-codeblocks:importorskip(numpy)",     "requires numpy"),
    (MarkerKind::Comment, "pytest-codeblocks:expect-error",            "raises Exception"),
    (MarkerKind::Comment, "pytest-codeblocks: cont",                   "joined"),
    (MarkerKind::Comment, "pytest-codeblocks:expected-output",         ""),
    (MarkerKind::Comment, "pytest-codeblocks:expected-output-ignore-whitespace", ""),
    (MarkerKind::Comment, "name: test_a; case: one; fixtures: tmp_path, db\nmark: xfail(raises=KeyError); subprocess: true; repl: true",
        "name test_a, group test_a, fixtures tmp_path db, raises KeyError"),
    (MarkerKind::Comment, "case: x",                                   ""),
    (MarkerKind::Comment, "fixtures: a, b",                            "fixtures a b"),
    (MarkerKind::Comment, "mark: skip",                                "skip"),
    (MarkerKind::Comment, "mark: skip(reason=\"x\")",                  "skip x"),
    (MarkerKind::Comment, "mark: skipif(False)",                       "skip if False: `False` holds"),
    (MarkerKind::Comment, "mark: xfail",                               "raises Exception"),
    (MarkerKind::Comment, "mark: xfail(raises=(A, B))",                "raises Exception"),
    (MarkerKind::Comment, "subprocess: true",                          ""),
    (MarkerKind::Comment, "repl: true",                                ""),
    (MarkerKind::Comment, "phmdoctest-skip",                           "skip"),
    (MarkerKind::Comment, "phmdoctest-mark.skip",                      "skip"),
    (MarkerKind::Comment, "phmdoctest-mark.skipif<3.8",                "skip if not ((sys.version_info >= (3, 8,))): it is for Python 3.8"),
    (MarkerKind::Comment, "phmdoctest-mark.slow",                      ""),
    (MarkerKind::Comment, "phmdoctest-label load-it",                  "name load-it"),
    (MarkerKind::Comment, "phmdoctest-setup",                          ""),
    (MarkerKind::Comment, "phmdoctest-teardown",                       ""),
    (MarkerKind::Comment, "phmdoctest-share-names",                    ""),
    (MarkerKind::Comment, "phmdoctest-clear-names",                    "afternext clear"),
    (MarkerKind::Comment, "mdoctest: skip",                            "skip"),
    (MarkerKind::Comment, "mdoctest: run",                             ""),
    (MarkerKind::Comment, "mdoctest: run ext=.py",                     ""),
    (MarkerKind::Comment, "mdoctest: setup",                           ""),
    (MarkerKind::Comment, "mdoctest: setup once",                      ""),
    (MarkerKind::Comment, "skip doccmd[all]: next",                    "skip"),
    (MarkerKind::Comment, "skip doccmd[python]: start",                "start skip"),
    (MarkerKind::Comment, "skip doccmd[python]: end",                  "end skip"),
    (MarkerKind::Comment, "group doccmd[all]: start",                  "start joined"),
    (MarkerKind::Comment, "group doccmd[all]: end",                    "end joined"),
    (MarkerKind::Comment, "$MDX skip",                                 "skip"),
    (MarkerKind::Comment, "$MDX non-deterministic",                    "nondeterministic"),
    (MarkerKind::Comment, "$MDX non-deterministic=output",             "nondeterministic"),
    (MarkerKind::Comment, "$MDX non-deterministic=command",            "skip"),
    (MarkerKind::Comment, "pmd-metadata: notest fixture:capsys",       "skip, fixtures capsys"),
    (MarkerKind::Comment, "codeblock-name: test_x",                    "name test_x"),
    (MarkerKind::Comment, "CODE:SKIP",                                 "skip"),
    (MarkerKind::Option,  "doctest-skip:",                            "skip"),
    (MarkerKind::Option,  "doctest-skip: slow",                       "skip slow"),
    (MarkerKind::Comment, "doctest-skip-all",                          "rest skip"),
    (MarkerKind::Option,  "doctest-requires: asdf<3, numpy.linalg",   "requires asdf numpy.linalg"),
    (MarkerKind::Comment, "doctest-requires-all:: scipy",              "rest requires scipy"),
    (MarkerKind::Option,  "doctest-remote-data:",                     "skip"),
    (MarkerKind::Comment, "doctest-remote-data-all::",                 "rest skip"),

    (MarkerKind::Info, "notest",                                       "skip"),
    (MarkerKind::Info, "{.python notest}",                             "skip"),
    (MarkerKind::Info, "continuation",                                 "joined"),
    (MarkerKind::Info, "fixture:db, fixture:tmp_path",                 "fixtures db, fixtures tmp_path"),
    (MarkerKind::Info, "runner:asyncio",                               ""),
    (MarkerKind::Info, "retry:3",                                      ""),
    (MarkerKind::Info, "name=test_x",                                  "name test_x"),
    (MarkerKind::Info, "test=\"skip\" lint=\"skip\" upgrade=\"skip\"", "skip"),
    (MarkerKind::Info, "test=\"xfail\"",                               "raises Exception"),
    (MarkerKind::Info, "requires=\"3.10\"",                            "skip if not ((sys.version_info >= (3, 10,))): it is for Python 3.10"),
    (MarkerKind::Info, "requires=numpy",                               "requires numpy"),
    (MarkerKind::Info, "{group=\"a\"}",                                "group a"),
    (MarkerKind::Info, "skip-run",                                     "skip"),
    (MarkerKind::Info, "skip-run=\"true\"",                            "skip"),
    (MarkerKind::Info, "skip-reason=\"a network\"",                    "skip a network"),
    (MarkerKind::Info, "exec=\"on\" source=\"above\" session=\"s\"",   "With(OutputRendered), group s"),
    (MarkerKind::Info, "exec=true",                                    "With(OutputRendered)"),
    (MarkerKind::Info, "exec=\"yes\"",                                 "With(OutputRendered)"),
    (MarkerKind::Info, "exec=1",                                       "With(OutputRendered)"),
    (MarkerKind::Info, "exec=off",                                     "skip"),
    (MarkerKind::Info, "exec=\"False\"",                               "skip"),
    (MarkerKind::Info, "exec=no",                                      "skip"),
    (MarkerKind::Info, "exec=\"0\"",                                   "skip"),
    (MarkerKind::Info, "{echo=TRUE, eval=FALSE}",                      "skip"),
    (MarkerKind::Info, "{error=TRUE}",                                 "raises Exception"),
    (MarkerKind::Info, ",ignore",                                      "skip"),
    (MarkerKind::Info, ",no_run",                                      "compile only"),
    (MarkerKind::Info, ",should_panic",                                "raises Exception"),
    (MarkerKind::Info, "compile_fail",                                 "raises SyntaxError"),

    (MarkerKind::Option, "skipif: True",                               "skip if True: `True` holds"),
    (MarkerKind::Option, "pyversion: > 3.3",                           "skip if not ((sys.version_info > (3, 3,))): it is for Python > 3.3"),
    (MarkerKind::Option, "options: +NORMALIZE_WHITESPACE, -ELLIPSIS UNHEARD_OF", "With(NormalizeWhitespace), Without(Ellipsis)"),
    (MarkerKind::Option, "doctest-skip: win32",                        ""),
    (MarkerKind::Option, "__doctest_skip__: ",                         "skip"),
    (MarkerKind::Option, "__doctest_requires__: numpy>=2, scipy",      "requires numpy scipy"),
    (MarkerKind::Option, "hide: ",                                     ""),
    (MarkerKind::Option, "name: load",                                 "name load"),
    (MarkerKind::Option, "tags: [skip-execution, hide-input, \"raises-exception\"]", "skip, raises Exception"),
    (MarkerKind::Option, "eval: false",                                "skip"),
    (MarkerKind::Option, "error: true",                                "raises Exception"),
    (MarkerKind::Page, "execute.eval: false",                          "skip"),
    (MarkerKind::Page, "execute.error: true",                          ""),
    (MarkerKind::Page, "mystnb.execution_mode: off",                   "skip"),
    (MarkerKind::Tag, "nbval-skip",                                    "skip"),
    (MarkerKind::Tag, "nbval-ignore-output",                           "nondeterministic"),
    (MarkerKind::Tag, "nbval-raises-exception",                        "raises Exception"),
    (MarkerKind::Tag, "nbval-check-output",                            ""),
    (MarkerKind::Tag, "skip-execution",                                "skip"),
    (MarkerKind::Tag, "raises-exception",                              "raises Exception"),
    (MarkerKind::Code, "NBVAL_SKIP",                                   "skip"),
    (MarkerKind::Code, "NBVAL_IGNORE_OUTPUT",                          "nondeterministic"),
    (MarkerKind::Code, "NBVAL_RAISES_EXCEPTION",                       "raises Exception"),
    (MarkerKind::Code, "NBVAL_CHECK_OUTPUT",                           ""),
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

fn wishes(kind: MarkerKind, text: &str) -> Vec<Result<(Reach, Wish), DirectiveError>> {
    let next = |wish: Wish| (Reach::Next, wish);

    match kind {
        MarkerKind::Comment => {
            read(text).into_iter().map(|marker| marker.map(|marker| (marker.reach, marker.wish))).collect()
        }
        MarkerKind::Info => in_info(text).into_iter().map(|wish| wish.map(next)).collect(),
        MarkerKind::Option => {
            let (key, value) = text.split_once(':').unwrap();
            in_option(key, value.trim()).into_iter().map(|wish| wish.map(next)).collect()
        }
        MarkerKind::Page => {
            let (key, value) = text.split_once(": ").unwrap();
            in_front_matter(key, value).into_iter().map(|wish| wish.map(next)).collect()
        }
        MarkerKind::Tag => in_option("tags", text).into_iter().map(|wish| wish.map(next)).collect(),
        MarkerKind::Code => in_code(text).into_iter().map(|wish| wish.map(next)).collect(),
    }
}

#[track_caller]
fn check(kind: MarkerKind, text: &str, expected: &str) {
    let found: Vec<String> = wishes(kind, text)
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
    for (kind, text, expected) in EXAMPLES {
        check(*kind, text, expected);
    }
}

#[test]
fn every_row_has_an_example() {
    let shown = |kind: MarkerKind, spelling: &str| {
        EXAMPLES.iter().filter(|(known, ..)| *known == kind).any(|(_, text, _)| {
            let words = text.trim_matches(['{', '}', ',', ' ']).replace('"', "");
            let fits = |text: &str| fits(spelling, text).is_some();
            fits(text) || fits(&words) || words.split([' ', ',', ';', '[']).any(fits)
        })
    };
    let missing: BTreeSet<_> = TABLE
        .iter()
        .filter(|row| !shown(row.kind, row.spelling))
        .map(|row| (row.tool, row.spelling))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn the_first_row_that_fits_is_the_right_one() {
    for row in TABLE.iter().filter(|row| !row.spelling.contains('…')) {
        let (found, _) = found(row.kind, row.spelling).unwrap();
        assert_eq!((found.spelling, found.reach), (row.spelling, row.reach));
    }
}

#[test]
fn slips_name_the_marker_that_was_meant() {
    let slip = |kind, text: &str, meant: &str| {
        let tool = TABLE.iter().find(|row| row.spelling == meant).map_or("", |row| row.tool);
        check(kind, text, &format!("`{text}`: did you mean `{meant}` of {tool}?"));
    };
    slip(MarkerKind::Comment, "pytest.mark.skpi", "pytest.mark.skip");
    slip(MarkerKind::Comment, "pytest.mark.skif(True)", "pytest.mark.skip(…)");
    slip(MarkerKind::Comment, "skip: nxt", "skip: next");
    slip(MarkerKind::Comment, "phmdoctest-skpi", "phmdoctest-skip");
    slip(MarkerKind::Comment, "clear-namspace", "clear-namespace");
    slip(MarkerKind::Info, "notset", "notest");
    slip(MarkerKind::Info, "continuaton", "continuation");
    slip(MarkerKind::Code, "NBVAL_SKP", "NBVAL_SKIP");
    check(MarkerKind::Comment, "snipcheck: skp", "unknown directive `skp`");
    check(MarkerKind::Comment, "snipcheck: notest", "unknown directive `notest`");
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
        check(MarkerKind::Comment, text, "");
    }

    for text in ["title=\"notest\"", "hl_lines=\"1\" linenums=\"1\" .cls", "test", "latest", "run"] {
        check(MarkerKind::Info, text, "");
    }
}
