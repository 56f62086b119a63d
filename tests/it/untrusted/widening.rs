//! What widens a sandbox comes from the caller; what the project asks for is capped and reported.

use crate::project::{Project, Run, document};

const HINT: &str = "`--trust` lets the project's own settings widen";

/// A document that prints an expression, and the settings of its project.
fn project(expression: &str, settings: &str) -> Project {
    let project = Project::document(&[&format!("import os, resource\nprint({expression})")]);
    project.write("pyproject.toml", format!("[tool.snipcheck]\n{settings}\n"));
    project
}

#[track_caller]
fn told(run: &Run, value: &str) {
    run.tells(&[&format!("passed completed | stdout {value}⏎")]);
}

const DESCRIPTORS: &str = "resource.getrlimit(resource.RLIMIT_NOFILE)[0]";
const INODES: &str = "os.statvfs('/tmp').f_files";
const DISK: &str = "os.statvfs('/tmp').f_blocks * os.statvfs('/tmp').f_frsize";
const MEMORY: &str = "len(bytearray(900 << 20))";

#[test]
fn the_project_lowers_limits() {
    for (limit, expression, value) in [
        ("descriptors = 99", DESCRIPTORS, "99"),
        ("inodes = 500", INODES, "500"),
        ("disk = '4MiB'", DISK, "4194304"),
    ] {
        told(&project(expression, &format!("limits.{limit}")).json(&["a.md"]), value);
    }
}

#[test]
fn the_project_raises_no_limit() {
    for (name, asked, default, expression, capped, given) in [
        ("descriptors", "1500", "500", DESCRIPTORS, "500", "1500"),
        ("inodes", "20000", "16384", INODES, "16384", "20000"),
        ("disk", "128MiB", "64MiB", DISK, "67108864", "134217728"),
    ] {
        let project = project(expression, &format!("limits.{name} = '{asked}'"));
        let run = project.json(&["a.md"]);
        run.tells(&[
            &format!(
                "problem pyproject.toml:2 `limits` asks for `{name}={asked}`, settings can give \
                 `{name}={default}` at most | hint `--limit {name}={asked}` gives it; {HINT}"
            ),
            &format!("passed completed | stdout {capped}⏎"),
        ]);
        let word = format!("{name}={asked}");
        told(&project.json(&["a.md", "--limit", &word]), given);
        told(&project.json(&["a.md", "--trust"]), given);
        let call = project.call(&["run", "--format", "json", "a.md"]);
        told(&call.env("SNIPCHECK_LIMITS", format!("tasks=99, {word}")).run(), given);
    }
}

#[test]
fn memory_is_the_caller_s_to_give() {
    let project = project(MEMORY, "limits.memory = '1GiB'");
    let run = project.json(&["a.md"]);
    assert_eq!(run.snippets()[0]["exception"]["type"], "MemoryError", "{}", run.stdout);
    for words in [&["--limit", "memory=1GiB"][..], &["--trust"]] {
        told(&project.json(&[&["a.md"], words].concat()), "943718400");
    }
}

#[test]
fn output_is_limited_by_the_nearest_word() {
    let project = project("*iter(lambda: print('x' * 1000), 0)", "limits.output = '512KiB'");
    for (words, limit) in [(&[][..], 0.5), (&["--limit", "output=2MiB"], 2.0)] {
        let cause = project.json(&[&["a.md"], words].concat()).snippets()[0]["cause"].clone();
        assert_eq!((&cause["kind"], &cause["limit"]), (&"output".into(), &limit.into()), "{cause}");
    }
}

#[test]
fn a_wrong_limit_names_the_nearest() {
    let project = Project::document(&["print('never')"]);
    let call = project.call(&["run"]).env("SNIPCHECK_LIMITS", "memory=1GiB,task=3");
    let known = "known limits: memory, tasks, cpu, output, disk, inodes, descriptors";
    call.run().assert(
        2,
        "",
        &format!(
            "error: invalid value `memory=1GiB,task=3` in `SNIPCHECK_LIMITS`\n  \
             because: unknown limit `task`, did you mean `tasks`? {known}\n"
        ),
    );
}

#[test]
fn documents_cannot_lengthen_the_time() {
    let project = Project::new(&[("a.md", "```python timeout=60s\nprint('runs')\n```\n")]);
    let runs = "passed completed | stdout runs⏎";
    project.json(&["a.md"]).tells(&[
        "problem a.md:1 `timeout` asks for 60s, documents can get 10s at most | \
         hint `--timeout 60s` gives it; `--trust` lets the project's own documents widen",
        runs,
    ]);
    for words in [&["--timeout", "60s"][..], &["--trust"]] {
        project.json(&[&["a.md"], words].concat()).tells(&[runs]);
    }
}

#[test]
fn the_caller_passes_variables() {
    let project = project("os.environ.get('API_TOKEN'), os.environ.get('MODE')", "");
    for (words, value) in [
        (&[][..], "None None"),
        (&["--env", "API_TOKEN"], "hunter2 None"),
        (&["--env", "API_TOKEN=x", "--env", "MODE=a=b"], "x a=b"),
        (&["--env", "NOBODY_HAS_THIS"], "None None"),
    ] {
        let words = [&["run", "--format", "json", "a.md"], words].concat();
        told(&project.call(&words).env("API_TOKEN", "hunter2").run(), value);
    }
}

#[test]
fn the_project_gets_no_variables() {
    let project = project(
        "'API_TOKEN' in os.environ, os.environ.get('PYTHONPATH')",
        "env = [\n'API_TOKEN',\n'PYTHONPATH=/x',\n]",
    );
    let refused = |line: u32, name: &str| {
        format!(
            "problem pyproject.toml:{line} `env` asks for `{name}`, settings can give no variables | \
             hint `--env` gives it; {HINT}"
        )
    };
    let call = |words: &[&str]| {
        let words = [&["run", "--format", "json", "a.md"], words].concat();
        project.call(&words).env("API_TOKEN", "hunter2").run()
    };
    let refusals = [refused(3, "API_TOKEN"), refused(4, "PYTHONPATH")];
    let unseen = "passed completed | stdout False None⏎";
    call(&[]).tells(&[&refusals[0], &refusals[1], unseen]);
    call(&["--untrusted"]).tells(&[&refusals[0], &refusals[1], unseen]);
    told(&call(&["--trust"]), "True /x");
}

#[test]
fn some_variables_are_nobody_s_to_set() {
    let project = project("0", "env = ['LD_PRELOAD=x.so']");
    let message = "  because: `LD_PRELOAD` cannot be set, the sandbox decides it\n";
    project.run(&["run", "--trust"]).assert(
        2,
        "",
        &format!("error: [project]/pyproject.toml:2: invalid value in `env`\n{message}"),
    );
}

#[test]
fn the_caller_gives_folders_to_read() {
    let outside = tempfile::tempdir().unwrap();
    let path = outside.path().join("folder");
    std::fs::create_dir(&path).unwrap();
    let word = outside.path().to_str().unwrap();
    let project = project(&format!("os.path.exists({path:?})"), &format!("readable = ['{word}', 'src']"));
    project.json(&["a.md"]).tells(&[
        &format!(
            "problem pyproject.toml:2 `readable` asks for `{word}`, settings can give only what is inside \
             the project | hint `--readable` gives it; {HINT}"
        ),
        "passed completed | stdout False⏎",
    ]);
    told(&project.json(&["a.md", "--trust"]), "True");
    let project = self::project(&format!("os.path.exists({path:?})"), "");
    told(&project.json(&["a.md", "--readable", word]), "True");
    told(&project.json(&["a.md", "--readable", path.to_str().unwrap()]), "True");
}

#[test]
fn what_cannot_be_given_to_read_is_refused() {
    let project = project("0", "");
    let hint = "hint: name the folders in it that they need\n";
    for (word, message) in [
        ("/", format!("error: `/` is never given to snippets as a whole\n{hint}")),
        ("/usr/../etc", format!("error: `/etc` is never given to snippets as a whole\n{hint}")),
        ("nowhere", "error: `--readable` names `[project]/nowhere`, which does not exist\n".to_owned()),
    ] {
        project.run(&["run", "a.md", "--readable", word]).assert(2, "", &message);
    }
}

#[test]
fn the_project_asks_for_the_network_in_vain() {
    let project = project("'runs'", "network = 'host'");
    project.json(&["a.md"]).tells(&[
        &format!(
            "problem pyproject.toml:2 `network` asks for `host`, settings can give `loopback` | \
             hint `--network host` gives it; {HINT}"
        ),
        "passed completed | stdout runs⏎",
    ]);
    told(&project.json(&["a.md", "--network", "loopback"]), "runs");
}

#[test]
fn documents_of_others_are_the_caller_s_to_name() {
    let project = project("'mine'", "paths = ['docs/../a.md', '../other/*.md', '../other/b.md']");
    let other = project.home().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("b.md"), document(&["print('other')"])).unwrap();
    let refused = |word: &str| {
        format!(
            "problem pyproject.toml:2 `paths` asks for `{word}`, settings can give only what is inside the \
             project | hint the command line can name it; {HINT}"
        )
    };
    let refusals = [refused("../other/*.md"), refused("../other/b.md")];
    let mine = "passed completed | stdout mine⏎";
    project.json(&[]).tells(&[&refusals[0], &refusals[1], mine]);
    project.json(&["--trust", "-k", "b.md"]).tells(&["passed completed | stdout other⏎"]);
    project.json(&["../other/b.md"]).tells(&["passed completed | stdout other⏎"]);
}

#[test]
fn jobs_of_the_project_are_bounded() {
    let most = std::thread::available_parallelism().unwrap().get() + 1;
    let project = project("'runs'", "jobs = 5000");
    project.json(&["a.md"]).tells(&[
        &format!(
            "problem pyproject.toml:2 `jobs` asks for 5000, settings can give {most} at most, one more than there are \
             cores | hint `--jobs 5000` gives it; {HINT}"
        ),
        "passed completed | stdout runs⏎",
    ]);
    told(&project.json(&["a.md", "-j", "3"]), "runs");
    told(&project.json(&["a.md", "--trust"]), "runs");
    project.write("pyproject.toml", format!("[tool.snipcheck]\njobs = {most}\n"));
    told(&project.json(&["a.md"]), "runs");
    project.write("pyproject.toml", format!("[tool.snipcheck]\njobs = {}\n", most + 1));
    let run = project.json(&["a.md", "--untrusted"]);
    assert_eq!((run.code, run.events()[0]["event"].as_str()), (1, Some("problem")), "{}", run.stdout);
}

#[test]
fn strangers_join_nothing_that_the_caller_wants_apart() {
    let project = Project::document(&["x = 1", "print('x' in globals())"]);
    let story = |value: &str| ["passed completed".to_owned(), format!("passed completed | stdout {value}⏎")];
    let tells = |run: &Run, value: &str| {
        let story = story(value);
        run.tells(&[&story[0], &story[1]]);
    };
    tells(&project.json(&["a.md"]), "True");
    tells(&project.json(&["a.md", "--untrusted"]), "True");
    let apart = || project.call(&["run", "--format", "json", "a.md", "--share", "none"]);
    tells(&apart().env("SNIPCHECK_UNTRUSTED", "1").run(), "False");
    tells(&apart().env("SNIPCHECK_UNTRUSTED", "0").run(), "False");

    // Each of these joins the second snippet to the first, but not against the word of a caller who trusts nobody.
    let joins = [
        "```python group=g\nx = 1\n```\n\n```python group=g\nprint('x' in globals())\n```\n",
        "```python session=s\nx = 1\n```\n\n```python session=s\nprint('x' in globals())\n```\n",
        "```python\nx = 1\n```\n\n```python continuation\nprint('x' in globals())\n```\n",
        "```python\nx = 1\n```\n\n<!--pytest-codeblocks:cont-->\n\n```python\nprint('x' in globals())\n```\n",
    ];
    for join in joins {
        project.write("a.md", format!("# Page\n\n{join}"));
        tells(&apart().run(), "True");
        tells(&apart().env("SNIPCHECK_UNTRUSTED", "1").run(), "False");
    }
    project.write("pyproject.toml", "[tool.snipcheck]\nshare = 'none'\n");
    project.write("a.md", "```python\nx = 1\n```\n\n```python\nprint('x' in globals())\n```\n");
    tells(&project.json(&["a.md", "--untrusted"]), "False");
    let run = project
        .call(&["run", "--format", "json", "a.md", "--untrusted"])
        .env("SNIPCHECK_SANDBOX", "off")
        .run();
    assert_eq!(run.summary()["sandbox"], "a", "{}", run.stdout);
}

#[test]
fn nothing_takes_back_that_strangers_wrote_it() {
    let project = Project::document(&["print('never')"]);
    for (words, variable, other) in [
        (&["run", "--trust"][..], ("SNIPCHECK_JOBS", "1"), "--trust"),
        (&["run"], ("SNIPCHECK_TRUST", "1"), "SNIPCHECK_TRUST"),
        (&["run", "--sandbox", "off"], ("SNIPCHECK_JOBS", "1"), "--sandbox=off"),
    ] {
        let call = project.call(words).env("SNIPCHECK_UNTRUSTED", "1").env(variable.0, variable.1);
        let message = format!("error: `SNIPCHECK_UNTRUSTED` and `{other}` contradict each other\n");
        call.run().assert(2, "", &message);
    }
    let run = project.call(&["run"]).env("SNIPCHECK_TRUST", "perhaps").run();
    let because = "  because: expected `1` or `0`\n";
    run.assert(2, "", &format!("error: invalid value `perhaps` in `SNIPCHECK_TRUST`\n{because}"));
    let run = project.call(&["run"]).env("SNIPCHECK_SANDBOX", "none").run();
    let because = "  because: expected one of `auto`, `require-a`, `off`\n";
    run.assert(2, "", &format!("error: invalid value `none` in `SNIPCHECK_SANDBOX`\n{because}"));
}
