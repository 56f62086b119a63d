//! What other tools' markers make of a document that nobody rewrote.

use crate::project::{Project, Run, VERSION};

/// One document, run; the story of its snippets.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    Project::new(&[("a.md", text)]).json(&["a.md"]).tells(expected);
}

/// Start line, disposition and reason of each Python block, and of others that are suspicious.
#[track_caller]
fn check_list(project: &Project, expected: &[&str]) {
    let run = project.run(&["list", "a.md", "--format", "json"]);
    assert_eq!((run.stderr.as_str(), run.code), ("", 0));
    let blocks: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let found: Vec<String> = blocks
        .as_array()
        .unwrap()
        .iter()
        .filter(|block| block["language"] == "python" || block["disposition"] == "suspicious")
        .map(|block| {
            let word = |key: &str| block[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", block["start_line"], word("disposition"), word("reason"))
                .trim_end()
                .to_owned()
        })
        .collect();
    assert_eq!(found, expected);
}

fn verdicts(run: &Run) -> Vec<String> {
    let word = |snippet: &serde_json::Value| snippet["verdict"].as_str().unwrap().to_owned();
    run.snippets().iter().map(word).collect()
}

#[test]
fn comments_skip_what_follows() {
    check(
        "<!-- skip: next -->\n```python\n1 / 0\n```\n\n```python\nprint(1)\n```\n\n<!-- skip: start -->\n\n\
         ```python\n1 / 0\n```\n\n## Next\n\n```python\n1 / 0\n```\n\n<!-- skip: end -->\n```python\nprint(2)\n```\n\n\
         <!--pytest.mark.skip(reason=\"needs a GPU\")-->\n```bash\nls\n```\n\n```python\nprint(3)\n```\n\n\
         % skip: next\n\n```python\n1 / 0\n```\n\n{/* pmd-metadata: notest */}\n\n```python\n1 / 0\n```\n",
        &[
            "skipped not-run | - `skip: next` in line 1",
            "passed completed | stdout 1⏎",
            "skipped not-run | - `skip: start` in line 10",
            "skipped not-run | - `skip: start` in line 10",
            "passed completed | stdout 2⏎",
            "passed completed | stdout 3⏎",
            "skipped not-run | - `skip: next` in line 36",
            "skipped not-run | - `notest` in line 42",
        ],
    );
}

#[test]
fn words_behind_the_label_skip() {
    check(
        "```python notest\n1 / 0\n```\n```{.python notest}\n1 / 0\n```\n```py test=\"skip\" lint=\"skip\"\n1 / 0\n```\n\
         ```python,ignore\n1 / 0\n```\n```python exec=\"off\"\n1 / 0\n```\n```{code-cell}\n:tags: [skip-execution]\n1 / 0\n```\n\
         ```{python}\n#| eval: false\n1 / 0\n```\n```python\n# NBVAL_SKIP\n1 / 0\n```\n",
        &[
            "skipped not-run | - `notest` in the info string",
            "skipped not-run | - `notest` in the info string",
            "skipped not-run | - `test=skip` in the info string",
            "skipped not-run | - `ignore` in the info string",
            "skipped not-run | - `exec=off` in the info string",
            "skipped not-run | - `skip-execution` in the block itself",
            "skipped not-run | - `eval: false` in the block itself",
            "skipped not-run | - `NBVAL_SKIP` in the block itself",
        ],
    );
}

#[test]
fn conditions_are_decided_for_the_python_that_runs() {
    let minor: u32 = VERSION.split('.').nth(1).unwrap().parse().unwrap();
    let project = Project::new(&[(
        "a.md",
        &format!(
            "```py requires=\"3.{minor}\"\nprint(1)\n```\n```py requires=\"3.{next}\"\nprint(2)\n```\n\
             <!--pytest.mark.skipif(sys.version_info < (3, {next}), reason=\"too old\")-->\n```python\nprint(3)\n```\n\
             <!-- skip: next if(sys.platform == 'win32') -->\n```python\nprint(4)\n```\n\
             <!-- skip: next if(not torch.cuda.is_available()) -->\n```python\nprint(5)\n```\n",
            next = minor + 1
        ),
    )]);
    check_list(
        &project,
        &[
            "1 run",
            &format!("4 skip `requires=…` in the info string: it is for Python 3.{}", minor + 1),
            "8 skip `pytest.mark.skipif(…)` in line 7: too old",
            "12 run",
            "16 suspicious `skip: next if(…)` in line 15: `not torch.cuda.is_available()` cannot be decided without \
             running it",
        ],
    );
    assert_eq!(project.run(&["run", "a.md", "--check"]).code, 1);
    project.write("pyproject.toml", "[tool.snipcheck]\nallow-suspicious = ['condition']\n");
    assert_eq!(project.run(&["run", "a.md", "--check"]).code, 0);
}

#[test]
fn announced_exceptions() {
    check(
        "<!--pytest.mark.xfail(raises=ZeroDivisionError)-->\n```python\n1 / 0\n```\n\
         ```python,should_panic\nint('x')\n```\n```python compile_fail\nx = = 1\n```\n\
         ```{code-cell} python\n---\ntags:\n  - raises-exception\n---\n[][0]\n```\n\
         <!--pytest-codeblocks:expect-error-->\n```python\nprint(1)\n```\n",
        &[
            "passed raised | ZeroDivisionError: division by zero @3",
            "passed raised | ValueError: invalid literal for int() with base 10: 'x' @6",
            "passed raised | SyntaxError: invalid syntax (a.md, line 9) @9",
            "passed raised | IndexError: list index out of range @16",
            "failed completed | stdout 1⏎ | - expected `Exception`, but it completed",
        ],
    );
}

#[test]
fn what_must_compile_only_does_not_run() {
    let project = Project::new(&[("a.md", "```python,no_run\n1 / 0\n```\n```python no_run\nx = = 1\n```\n")]);
    check_list(
        &project,
        &[
            "1 skip `no_run` in the info string: it compiles, and does not run",
            "4 suspicious `no_run` in the info string says that it compiles: line 5 does not compile: \
             expected an expression",
        ],
    );
}

#[test]
fn hidden_code_runs_in_its_place() {
    check(
        "<!-- invisible-code-block: python\nx = 1\n\nprint(x)\n-->\n\n```python\nprint(x + 1)\n```\n\n\
         % invisible-code-block: python\n% x = 5\n\n<!-- name: test_y\n```python\ny = 3\n```\n-->\n\
         ```python\nprint(y, 'x' in globals())\n```\n\n<!--\n```python\n1 / 0\n```\n-->\n\
         <!-- mdoctest: setup\n```python\nprint('hidden')\n```\n-->\n```{testsetup}\nz = 1\n```\n",
        &[
            "passed completed | stdout 1⏎",
            "passed completed | stdout 2⏎",
            "passed completed",
            "passed completed",
            "passed completed | stdout 3 False⏎",
            "passed completed | stdout hidden⏎",
            "passed completed",
        ],
    );
}

#[test]
fn fences_in_comments_run_for_those_who_expect_it() {
    check(
        "<!--\n```python\nx = 1\n```\n-->\n\n<!--pytest-codeblocks:cont-->\n```python\nprint(x)\n```\n",
        &["passed completed", "passed completed | stdout 1⏎"],
    );
}

#[test]
fn groups_do_not_see_one_another() {
    check(
        "```py group=\"a\"\nx = 1\n```\n```py group=\"b\"\nprint('x' in globals())\n```\n\
         ```py group=\"a\"\nprint(x)\n```\n```{testcode} a\nprint(x)\n```\n```{testcode}\nprint('x' in globals())\n```\n",
        &[
            "passed completed",
            "passed completed | stdout False⏎",
            "passed completed | stdout 1⏎",
            "passed completed | stdout 1⏎",
            "passed completed | stdout False⏎",
        ],
    );
}

#[test]
fn a_continuation_sees_the_block_in_front_of_it() {
    let text = "```python\nx = 1\n```\n```python continuation\nprint(x)\n```\n```python\nprint('x' in globals())\n```\n";
    let project = Project::new(&[("a.md", text)]);
    project.json(&["a.md", "--share", "none"]).tells(&[
        "passed completed",
        "passed completed | stdout 1⏎",
        "passed completed | stdout False⏎",
    ]);
}

#[test]
fn a_cleared_namespace_is_empty() {
    check(
        "```python\nx = 1\n```\n\n<!-- clear-namespace -->\n\n```python\nprint('x' in globals())\n```\n",
        &["passed completed", "passed completed | stdout False⏎"],
    );
}

#[test]
fn a_module_that_is_not_there_skips_those_who_need_it() {
    check(
        "<!--pytest-codeblocks:importorskip(no_such_module)-->\n```python\nimport no_such_module.deep\n```\n\
         <!--pytest-codeblocks:importorskip(no_such_module)-->\n```python\n1 / 0\n```\n",
        &[
            "skipped raised | cause missing-package (no_such_module) | ModuleNotFoundError: No module named 'no_such_module' @3 | \
             - `no_such_module` is not installed, and the document says that it needs it",
            "failed raised | ZeroDivisionError: division by zero @7",
        ],
    );
}

#[test]
fn fixtures_are_files_of_ours() {
    let text = "```python fixture:db fixture:tmp_path\nprint(db, list(tmp_path.iterdir()))\n```\n\
                ```python fixture:capsys\nprint(1)\n```\n";
    let project = Project::new(&[("a.md", text), ("fixtures/db.py", "db = 'db'\n")]);
    project.json(&["a.md"]).tells(&[
        "problem a.md:4 cannot read the fixture `fixtures/capsys.py` | hint fixtures of pytest are not known here, \
         apart from `tmp_path`: that file can stand for one",
        "passed completed | stdout db []⏎",
        "passed completed | stdout 1⏎",
    ]);
}

#[test]
fn what_is_not_compared_cannot_be_wrong() {
    let text = "<!-- $MDX non-deterministic -->\n```python\nprint(1)  # 2\n```\n";
    let project = Project::new(&[("a.md", text)]);
    assert_eq!(verdicts(&project.json(&["a.md", "--snapshots", "required"])), ["passed"]);
}

#[test]
fn slips_make_a_block_suspicious() {
    let project = Project::new(&[(
        "a.md",
        "<!-- pytest.mark.skpi -->\n```python\n1 / 0\n```\n```python notset\n1 / 0\n```\n<!-- a remark -->\n\
         ```python title=x\nprint(1)\n```\n",
    )]);
    check_list(
        &project,
        &[
            "2 suspicious `pytest.mark.skpi`: did you mean `pytest.mark.skip` of pytest-codeblocks? (line 1)",
            "5 suspicious `notset`: did you mean `notest` of pytest-markdown-docs? (the info string)",
            "9 run",
        ],
    );
    assert_eq!(project.run(&["run", "a.md"]).code, 0);
    assert_eq!(project.run(&["run", "a.md", "--check"]).code, 1);
}

#[test]
fn what_reads_wrong_says_so() {
    let project = Project::new(&[(
        "a.md",
        "```python\nx = 1\n>>> x\n1\n```\n```python\nif x:\nprint(x)\n```\n```python\n1 / 0\n\
         Traceback (most recent call last):\n  ...\n```\n```\nfrom os import sep\nprint(sep)\n```\n```\nls -l\n```\n\
         ```python\n<int> = f(<str>)\n```\n```python\n{* ../a.py hl[1,2] *}\n```\n```python\nx = = 1\n```\n",
    )]);
    check_list(
        &project,
        &[
            "1 suspicious line 3 has a prompt among lines without: write all of them with prompts, or none",
            "6 suspicious line 8 has lost its indentation: `print(x)`",
            "10 suspicious line 12 is output, not code: `Traceback (most recent call last):`; write it as a comment or \
             in a block of its own",
            "15 suspicious reads like Python and has no label: write `python` after the fence, or `text`",
            "22 not-runnable syntax: line 23 is a sketch, not Python: `<int> = f(<str>)`",
            "25 not-runnable include: the code is elsewhere, see line 26: `{* ../a.py hl[1,2] *}`",
            "28 run",
        ],
    );
    project.write(
        "pyproject.toml",
        "[tool.snipcheck]\nallow-suspicious = ['prompts', 'indentation', 'output', 'unlabelled']\n",
    );
    let run = project.json(&["a.md"]);
    assert_eq!(run.summary()["suspicious"], 0);
    assert_eq!(verdicts(&run), ["failed", "failed", "failed", "skipped", "skipped", "failed"]);
}

#[test]
fn our_own_comments_are_strict() {
    check(
        "<!-- snipcheck: skip=\"later\" -->\n```python\n1 / 0\n```\n<!-- snipcheck: skipp -->\n```python\nprint(1)\n```\n",
        &[
            "problem a.md:5 unknown directive `skipp` | hint did you mean `skip`?",
            "skipped not-run | - skip in line 1: later",
            "passed completed | stdout 1⏎",
        ],
    );
}

#[test]
fn many_markers_are_read_in_time() {
    let slips = "<!--pytest.mark.skiq-->\n".repeat(5000);
    let open = "<!-- skip: start if(False) -->\n".repeat(5000);
    let hidden = "<!-- name: test_x\n```python\n```\n-->\n".repeat(2000);
    let project =
        Project::new(&[("a.md", &format!("{slips}{open}{hidden}{}", "```python\n```\n".repeat(2000)))]);
    assert_eq!(project.run(&["list", "a.md"]).code, 0);
}
