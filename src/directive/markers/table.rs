//! What other tools call it, and what it means here: one row for each spelling.

use crate::directive::markers::table::MarkerKind::{Code, Comment, Info, Option, Page, Tag};
use crate::directive::markers::table::Meaning::{
    Clear, CompileOnly, Condition, Fixtures, Group, Joined, Name, Named, Nondeterministic, Nothing,
    OptionFlags, OwnWords, Raises, Rendered, Requires, Skip, SkipWhy, SyntaxError, Tags, Version, Words,
};
use crate::directive::markers::table::Reach::{AfterNext, End, Next, Rest, Start};

/// `…` in a spelling stands for any text: the argument. A blank after a colon is as good as none.
pub(super) struct Row {
    /// The tool that reads it, as its users call it.
    pub(super) tool: &'static str,
    pub(super) kind: MarkerKind,
    pub(super) spelling: &'static str,
    pub(super) reach: Reach,
    pub(super) meaning: Meaning,
}

/// Which blocks a marker of a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Next,
    /// The block after the next.
    AfterNext,
    /// All blocks up to a marker that says `End`.
    Start,
    End,
    /// All blocks that follow.
    Rest,
}

/// The kinds of markers, by where they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkerKind {
    /// A comment of a document: HTML, MDX, `MyST`, reStructuredText.
    Comment,
    /// A word after a label.
    Info,
    /// A line `:key: value` or `#| key: value` before the code.
    Option,
    /// A key of the front matter, with those above it.
    Page,
    /// A word of `:tags:`.
    Tag,
    /// A comment before the code.
    Code,
}

/// What a marker asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Skip,
    /// The argument says why.
    SkipWhy,
    /// The snippet is skipped where the argument, a Python expression, holds.
    Condition,
    /// The snippet needs the version of Python that the argument names.
    Version,
    /// The snippet must raise what the argument names, or anything.
    Raises,
    /// The snippet must not compile.
    SyntaxError,
    /// The snippet must compile, and does not run.
    CompileOnly,
    /// What the snippet prints is not compared.
    Nondeterministic,
    /// The snippet is skipped without the modules that the argument names.
    Requires,
    Fixtures,
    Group,
    /// The snippet shares a session with the one before it.
    Joined,
    /// Names of what ran before are gone.
    Clear,
    /// The argument names the snippet.
    Name,
    /// The argument names the snippet; snippets of one name share a session.
    Named,
    /// The argument holds words as after a label.
    Words,
    /// The argument holds words of ours, and no others.
    OwnWords,
    Tags,
    /// Option flags with their signs: `+ELLIPSIS, -SKIP`.
    OptionFlags,
    /// The page gets what the prompts show when it is rendered.
    Rendered,
    /// What happens anyway, or concerns no run.
    Nothing,
}

const fn row(
    tool: &'static str,
    kind: MarkerKind,
    spelling: &'static str,
    (reach, meaning): (Reach, Meaning),
) -> Row {
    Row { tool, kind, spelling, reach, meaning }
}

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row("snipcheck",             Comment, "snipcheck: …",                         (Next, OwnWords)),

    row("Sybil",                 Comment, "skip: next",                           (Next, Skip)),
    row("Sybil",                 Comment, "skip: next if(…)",                     (Next, Condition)),
    row("Sybil",                 Comment, "skip: next \"…\"",                     (Next, SkipWhy)),
    row("Sybil",                 Comment, "skip: start",                          (Start, Skip)),
    row("Sybil",                 Comment, "skip: start if(…)",                    (Start, Condition)),
    row("Sybil",                 Comment, "skip: start \"…\"",                    (Start, SkipWhy)),
    row("Sybil",                 Comment, "skip: end",                            (End, Skip)),
    row("Sybil",                 Comment, "clear-namespace",                      (Next, Clear)),

    row("pytest-codeblocks",     Comment, "pytest.mark.skip",                     (Next, Skip)),
    row("pytest-codeblocks",     Comment, "pytest.mark.skip(…)",                  (Next, SkipWhy)),
    row("pytest-codeblocks",     Comment, "pytest.mark.skipif(…)",                (Next, Condition)),
    row("pytest-codeblocks",     Comment, "pytest.mark.xfail",                    (Next, Raises)),
    row("pytest-codeblocks",     Comment, "pytest.mark.xfail(…)",                 (Next, Raises)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:skip",               (Next, Skip)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:skipif(…)",          (Next, Condition)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:skipfile",           (Rest, Skip)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:importorskip(…)",    (Next, Requires)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:expect-error",       (Next, Raises)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:cont",               (Next, Joined)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:expected-output",    (Next, Nothing)),
    row("pytest-codeblocks",     Comment, "pytest-codeblocks:expected-output-ignore-whitespace", (Next, Nothing)),

    row("markdown-pytest",       Comment, "name: test…",                          (Next, Named)),
    row("markdown-pytest",       Comment, "case: …",                              (Next, Nothing)),
    row("markdown-pytest",       Comment, "fixtures: …",                          (Next, Fixtures)),
    row("markdown-pytest",       Comment, "mark: skip",                           (Next, Skip)),
    row("markdown-pytest",       Comment, "mark: skip(…)",                        (Next, SkipWhy)),
    row("markdown-pytest",       Comment, "mark: skipif(…)",                      (Next, Condition)),
    row("markdown-pytest",       Comment, "mark: xfail",                          (Next, Raises)),
    row("markdown-pytest",       Comment, "mark: xfail(…)",                       (Next, Raises)),
    row("markdown-pytest",       Comment, "subprocess: …",                        (Next, Nothing)),
    row("markdown-pytest",       Comment, "repl: …",                              (Next, Nothing)),

    row("phmdoctest",            Comment, "phmdoctest-skip",                      (Next, Skip)),
    row("phmdoctest",            Comment, "phmdoctest-mark.skip",                 (Next, Skip)),
    row("phmdoctest",            Comment, "phmdoctest-mark.skipif<…",             (Next, Version)),
    row("phmdoctest",            Comment, "phmdoctest-mark.…",                    (Next, Nothing)),
    row("phmdoctest",            Comment, "phmdoctest-label …",                   (Next, Name)),
    row("phmdoctest",            Comment, "phmdoctest-setup",                     (Next, Nothing)),
    row("phmdoctest",            Comment, "phmdoctest-teardown",                  (Next, Nothing)),
    row("phmdoctest",            Comment, "phmdoctest-share-names",               (Next, Nothing)),
    row("phmdoctest",            Comment, "phmdoctest-clear-names",               (AfterNext, Clear)),

    row("mdoctest",              Comment, "mdoctest: skip",                       (Next, Skip)),
    row("mdoctest",              Comment, "mdoctest: run",                        (Next, Nothing)),
    row("mdoctest",              Comment, "mdoctest: run …",                      (Next, Nothing)),
    row("mdoctest",              Comment, "mdoctest: setup",                      (Next, Nothing)),
    row("mdoctest",              Comment, "mdoctest: setup …",                    (Next, Nothing)),

    row("doccmd",                Comment, "skip doccmd[…]: next",                 (Next, Skip)),
    row("doccmd",                Comment, "skip doccmd[…]: start",                (Start, Skip)),
    row("doccmd",                Comment, "skip doccmd[…]: end",                  (End, Skip)),
    row("doccmd",                Comment, "group doccmd[…]: start",               (Start, Joined)),
    row("doccmd",                Comment, "group doccmd[…]: end",                 (End, Joined)),

    row("mdx",                   Comment, "$MDX skip",                            (Next, Skip)),
    row("mdx",                   Comment, "$MDX non-deterministic",               (Next, Nondeterministic)),
    row("mdx",                   Comment, "$MDX non-deterministic=output",        (Next, Nondeterministic)),
    row("mdx",                   Comment, "$MDX non-deterministic=command",       (Next, Skip)),

    row("pytest-markdown-docs",  Comment, "pmd-metadata: …",                      (Next, Words)),
    row("pytest-codeblock",      Comment, "codeblock-name: …",                    (Next, Name)),
    row("markdown-code-runner",  Comment, "CODE:SKIP",                            (Next, Skip)),
    row("pytest-doctestplus",    Option,  "doctest-skip:",                        (Next, Skip)),
    // Nothing runs on Windows here.
    row("pytest-doctestplus",    Option,  "doctest-skip: win32",                  (Next, Nothing)),
    row("pytest-doctestplus",    Option,  "doctest-skip: …",                      (Next, SkipWhy)),
    row("pytest-doctestplus",    Comment, "doctest-skip-all",                     (Rest, Skip)),
    row("pytest-doctestplus",    Option,  "doctest-requires: …",                  (Next, Requires)),
    row("pytest-doctestplus",    Comment, "doctest-requires-all:: …",             (Rest, Requires)),
    row("pytest-doctestplus",    Option,  "__doctest_skip__:",                    (Next, Skip)),
    row("pytest-doctestplus",    Option,  "__doctest_requires__: …",              (Next, Requires)),
    row("pytest-doctestplus",    Option,  "doctest-remote-data:",                 (Next, Skip)),
    row("pytest-doctestplus",    Comment, "doctest-remote-data-all::",            (Rest, Skip)),

    row("pytest-markdown-docs",  Info,    "notest",                               (Next, Skip)),
    row("pytest-markdown-docs",  Info,    "continuation",                         (Next, Joined)),
    row("pytest-markdown-docs",  Info,    "fixture:…",                            (Next, Fixtures)),
    row("pytest-markdown-docs",  Info,    "runner:…",                             (Next, Nothing)),
    row("pytest-markdown-docs",  Info,    "retry:…",                              (Next, Nothing)),
    row("pytest-codeblock",      Info,    "name=…",                               (Next, Name)),
    row("pytest-examples",       Info,    "test=skip",                            (Next, Skip)),
    row("pytest-examples",       Info,    "test=xfail",                           (Next, Raises)),
    row("pytest-examples",       Info,    "requires=…",                           (Next, Version)),
    row("pytest-examples",       Info,    "group=…",                              (Next, Group)),
    row("pytest-examples",       Info,    "skip-run",                             (Next, Skip)),
    row("pytest-examples",       Info,    "skip-run=…",                           (Next, Skip)),
    row("pytest-examples",       Info,    "skip-reason=…",                        (Next, SkipWhy)),
    row("markdown-exec",         Info,    "session=…",                            (Next, Group)),
    row("markdown-exec",         Info,    "exec=on",                              (Next, Rendered)),
    row("markdown-exec",         Info,    "exec=true",                            (Next, Rendered)),
    row("markdown-exec",         Info,    "exec=yes",                             (Next, Rendered)),
    row("markdown-exec",         Info,    "exec=1",                               (Next, Rendered)),
    row("markdown-exec",         Info,    "exec=off",                             (Next, Skip)),
    row("markdown-exec",         Info,    "exec=false",                           (Next, Skip)),
    row("markdown-exec",         Info,    "exec=no",                              (Next, Skip)),
    row("markdown-exec",         Info,    "exec=0",                               (Next, Skip)),
    row("knitr",                 Info,    "eval=false",                           (Next, Skip)),
    row("knitr",                 Info,    "error=true",                           (Next, Raises)),
    row("rustdoc",               Info,    "ignore",                               (Next, Skip)),
    row("rustdoc",               Info,    "no_run",                               (Next, CompileOnly)),
    row("rustdoc",               Info,    "should_panic",                         (Next, Raises)),
    row("rustdoc",               Info,    "compile_fail",                         (Next, SyntaxError)),

    row("Sphinx",                Option,  "skipif: …",                            (Next, Condition)),
    row("Sphinx",                Option,  "pyversion: …",                         (Next, Version)),
    row("Sphinx",                Option,  "options: …",                           (Next, OptionFlags)),
    row("Sphinx",                Option,  "hide:",                                (Next, Nothing)),
    row("MyST",                  Option,  "name: …",                              (Next, Name)),
    row("MyST",                  Option,  "tags: …",                              (Next, Tags)),
    row("Quarto",                Option,  "eval: false",                          (Next, Skip)),
    row("Quarto",                Option,  "error: true",                          (Next, Raises)),

    row("Quarto",                Page,    "execute.eval: false",                  (Next, Skip)),
    row("Quarto",                Page,    "execute.error: true",                  (Next, Nothing)),
    row("MyST-NB",               Page,    "mystnb.execution_mode: off",           (Next, Skip)),

    row("MyST-NB",               Tag,     "skip-execution",                       (Next, Skip)),
    row("MyST-NB",               Tag,     "raises-exception",                     (Next, Raises)),
    row("nbval",                 Tag,     "nbval-skip",                           (Next, Skip)),
    row("nbval",                 Tag,     "nbval-ignore-output",                  (Next, Nondeterministic)),
    row("nbval",                 Tag,     "nbval-raises-exception",               (Next, Raises)),
    row("nbval",                 Tag,     "nbval-check-output",                   (Next, Nothing)),

    row("nbval",                 Code,    "NBVAL_SKIP",                           (Next, Skip)),
    row("nbval",                 Code,    "NBVAL_IGNORE_OUTPUT",                  (Next, Nondeterministic)),
    row("nbval",                 Code,    "NBVAL_RAISES_EXCEPTION",               (Next, Raises)),
    row("nbval",                 Code,    "NBVAL_CHECK_OUTPUT",                   (Next, Nothing)),
];
