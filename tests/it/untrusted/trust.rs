//! Projects by strangers: whatever they bring along to be run is as powerful as a snippet, and no more than that.

use std::os::unix::fs::symlink;

use crate::project::{Project, Run, VERSION, document};
use crate::sessions::interpreter::environment;

/// What the code of an attack notes down for the snippets: where it ran, and what it got hold of.
const LOOK: &str = "
    import builtins, os
    pid, canary, secret = getattr(builtins, 'attack', (None, None, None))
    print(pid == os.getpid(), canary, secret)
";
/// It ran in the process of the session that shows it, and got nothing.
const HARMLESS: &str = "passed completed | stdout True FileNotFoundError False⏎";
const UNSEEN: &str = "passed completed | stdout False None None⏎";
/// Documents for whose sessions a run rehearses.
const REHEARSED: [&str; 5] = ["a.md", "b.md", "c.md", "d.md", "e.md"];

/// A project with an environment, two documents that look, and a canary beside the project.
fn project() -> Project {
    let project = Project::new(&[("a.md", &document(&[LOOK])), ("b.md", &document(&[LOOK]))]);
    environment(&project, ".venv");
    std::fs::create_dir(project.home().join("outside")).unwrap();
    std::fs::write(project.home().join("outside/canary"), "hunter1").unwrap();
    project
}

fn packages(name: &str) -> String {
    format!(".venv/lib/python{VERSION}/site-packages/{name}")
}

fn canary(project: &Project) -> String {
    project.home().join("outside/canary").to_str().unwrap().to_owned()
}

fn attack(project: &Project) -> String {
    let canary = canary(project);
    format!(
        "import builtins, os\n\
         def read(path):\n    \
             try:\n        return open(path, errors='replace').read()\n    \
             except OSError as error:\n        return type(error).__name__\n\
         builtins.attack = (os.getpid(), read({canary:?}), 'hunter2' in str(os.environ) + read('/proc/self/environ'))\n"
    )
}

/// One lane for both documents, and a caller with a secret.
#[track_caller]
fn run(project: &Project, words: &[&str]) -> Run {
    let run = project
        .call(&[&["run", "--format", "json", "-j", "1", "."], words].concat())
        .env("API_TOKEN", "hunter2")
        .run();
    assert!(!run.stdout.contains("hunter"), "{}", run.stdout);
    run
}

#[test]
fn code_that_an_environment_starts_is_the_session_s() {
    let with_system = |project: &Project| {
        let settings = project.read(".venv/pyvenv.cfg").replace("packages = false", "packages = true");
        project.write(".venv/pyvenv.cfg", settings);
    };
    for (files, system) in [
        (&["attack.pth", "attack.py"][..], false),
        (&["sitecustomize.py"], false),
        (&["usercustomize.py"], true),
        (&["sitecustomize.py", "conftest.py"], true),
    ] {
        let project = project();
        for file in files {
            let is_list = file.ends_with("pth");
            let code = if is_list { "import attack\n".to_owned() } else { attack(&project) };
            project.write(&packages(file), code);
        }
        if system {
            with_system(&project);
        }
        run(&project, &[]).tells(&[HARMLESS, HARMLESS]);
        run(&project, &["--untrusted"]).tells(&[HARMLESS, HARMLESS]);
    }
}

/// Trusted, it runs there as well: one package must not have a say in the sessions of all documents.
#[test]
fn code_of_a_trusted_environment_is_the_session_s_too() {
    let project = project();
    project.write(&packages("sitecustomize.py"), attack(&project));
    let story = [HARMLESS, HARMLESS];
    run(&project, &["--trust"]).tells(&story);
    run(&project, &["--python", ".venv"]).tells(&story);
    let variable = project.call(&["run", "--format", "json", "."]).env("SNIPCHECK_TRUST", "1").run();
    variable.tells(&story);
}

#[test]
fn a_standard_library_of_the_project_is_not_loaded() {
    for words in [&[][..], &["--python", ".venv"], &["--trust"]] {
        let project = project();
        let settings = project.read(".venv/pyvenv.cfg");
        let home = settings.lines().find(|line| line.starts_with("home = ")).unwrap();
        let fake = format!("home = {}", project.path("fake/bin").display());
        project.write(".venv/pyvenv.cfg", settings.replace(home, &fake));
        project.write("fake/bin/python3", "");
        for module in ["os.py", "site.py", "encodings/__init__.py", "traceback.py"] {
            project.write(&format!("fake/lib/python{VERSION}/{module}"), attack(&project));
        }
        let message = "error: the environment `[project]/.venv` names the Python `[project]/fake/bin/python3`: it lies in \
                       the project itself\nhint: make the environment again with a Python outside of the project\n";
        run(&project, words).assert(2, "", message);
    }
}

#[test]
fn folders_of_the_settings_are_searched_by_sessions_only() {
    let project = project();
    project.write("pyproject.toml", "[tool.snipcheck]\npythonpath = ['src']\n");
    let modules = ["sitecustomize", "json", "gc", "os", "site", "io", "traceback", "linecache", "_ast"];
    for module in modules {
        project.write(&format!("src/{module}.py"), format!("{}GREETING = 'hello'\n", attack(&project)));
    }
    project.write(
        "b.md",
        document(&["import builtins\nprint(hasattr(builtins, 'attack'))\nimport json\nprint(json.GREETING)"]),
    );
    run(&project, &[]).tells(&[UNSEEN, "passed completed | stdout False⏎hello⏎"]);
}

/// Where there is no sandbox it would start there, and `-c` has it look for modules there.
#[test]
fn a_lane_imports_nothing_of_the_caller_s_folder() {
    let project = project();
    for module in ["os.py", "site.py", "atexit.py", "_ast.py", "io.py"] {
        project.write(module, attack(&project));
    }
    for words in [&["--sandbox", "off"][..], &["--sandbox", "off", "--trust"]] {
        run(&project, &[words, &["-k", "a.md"]].concat()).tells(&[UNSEEN]);
    }
}

#[test]
fn what_an_environment_names_outside_stays_out_of_sight() {
    let look = |project: &Project| {
        let look = format!("import os\nprint(os.path.exists({:?}))", canary(project));
        project.write("a.md", document(&[&look]));
    };
    // The folder above `home` was the base's, standard library and all.
    let project = project();
    look(&project);
    let outside = project.home().join("outside");
    std::fs::create_dir(outside.join("bin")).unwrap();
    std::fs::write(outside.join("bin/python3"), "").unwrap();
    let settings = project.read(".venv/pyvenv.cfg");
    let home = settings.lines().find(|line| line.starts_with("home = ")).unwrap();
    let named = settings.replace(home, &format!("home = {}", outside.join("bin").display()));
    project.write(".venv/pyvenv.cfg", &named);
    std::fs::remove_file(project.path(".venv/bin/python")).unwrap();
    symlink(outside.join("bin/python3"), project.path(".venv/bin/python")).unwrap();
    let pth = packages("outside.pth");
    project.write(&pth, outside.to_str().unwrap());
    let unseen = ["passed completed | stdout False⏎"];
    let message = format!(
        "error: the environment `[project]/.venv` names the Python `{}`: it is neither on `PATH` nor where Pythons are \
         installed\nhint: `--python [project]/.venv` chooses the environment all the same\n",
        outside.join("bin/python3").display()
    );
    project.json(&["a.md"]).assert(2, "", &message);
    // The whole environment is elsewhere.
    std::fs::rename(project.path(".venv"), outside.join("env")).unwrap();
    symlink(outside.join("env"), project.path(".venv")).unwrap();
    let hint = "hint `--python .venv` chooses it; `--trust` lets the project choose it";
    let refused =
        format!("problem .venv the environment leads out of the project, snippets do without | {hint}");
    project.json(&["a.md"]).tells(&[&refused, unseen[0]]);
    // Its settings are.
    std::fs::remove_file(project.path(".venv")).unwrap();
    std::fs::rename(outside.join("env"), project.path(".venv")).unwrap();
    std::fs::rename(project.path(".venv/pyvenv.cfg"), outside.join("pyvenv.cfg")).unwrap();
    symlink(outside.join("pyvenv.cfg"), project.path(".venv/pyvenv.cfg")).unwrap();
    project.json(&["a.md"]).tells(&[&refused, unseen[0]]);
}

#[test]
fn an_environment_outside_is_asked_for_in_vain() {
    let project = project();
    std::fs::rename(project.path(".venv"), project.home().join("outside/env")).unwrap();
    project.write("a.md", document(&["import sys\nprint(sys.prefix == sys.base_prefix)"]));
    for word in ["../outside/env", project.home().join("outside/env").to_str().unwrap()] {
        project.write("pyproject.toml", format!("[tool.snipcheck]\npython = '{word}'\n"));
        let message =
            format!("`python` asks for `{word}`, settings can give only what is inside the project");
        let hint = "`--python` chooses it; `--trust` lets the project's own settings widen";
        let message = message.replace(project.root().to_str().unwrap(), "[project]");
        let refused = format!("problem pyproject.toml:2 {message} | hint {hint}");
        project.json(&["a.md"]).tells(&[&refused, "passed completed | stdout True⏎"]);
        project.json(&["a.md", "--trust"]).tells(&["passed completed | stdout False⏎"]);
    }
}

/// Nothing less than with an environment that somebody vouches for.
#[test]
fn an_environment_of_the_project_works_for_snippets() {
    let project = project();
    project.write(&packages("greeting.py"), "WORD = 'hello'\n");
    project.write(&packages("more.pth"), "../more\n");
    project.write(&format!(".venv/lib/python{VERSION}/more/deep.py"), "WORD = 'deep'\n");
    let look = "
        import deep, greeting, multiprocessing, subprocess, sys, site

        def word(_):
            import deep
            return deep.WORD

        if __name__ == '__main__':
            show = 'import deep, sys; print(deep.WORD, sys.prefix != sys.base_prefix)'
            print(subprocess.check_output([sys.executable, '-c', show], text=True), end='')
            print(subprocess.check_output(['python', '-c', show], text=True), end='')
            with multiprocessing.get_context('spawn').Pool(1) as pool:
                print(pool.map(word, [0]))
            print(sys.flags.no_site, sys.path[0] == '', exit, site.ENABLE_USER_SITE)
            print(all('dist-packages' not in path for path in sys.path))
    ";
    project.write("a.md", document(&[look]));
    let expected = "deep True⏎deep True⏎['deep']⏎0 True Use exit() or Ctrl-D (i.e. EOF) to exit False⏎True⏎";
    let run = project.json(&["a.md"]);
    // Only the interactive help of later versions differs.
    let stdout = run.snippets()[0]["stdout"].as_str().unwrap().replace("Ctrl-D (i.e. EOF)", "Ctrl-D");
    assert_eq!(stdout.replace('\n', "⏎"), expected.replace("Ctrl-D (i.e. EOF)", "Ctrl-D"), "{}", run.stdout);
}

#[test]
fn an_environment_is_the_same_whoever_vouches_for_it() {
    let project = project();
    project.write(&packages("more.pth"), "../more\n");
    std::fs::create_dir(project.path(&format!(".venv/lib/python{VERSION}/more"))).unwrap();
    let look = "import sys\nprint(sys.path, sys.flags, sys.prefix, sys.base_prefix, sorted(sys.modules))";
    project.write("a.md", document(&[look]));
    let stdout = |words: &[&str]| project.json(words).snippets()[0]["stdout"].clone();
    assert_eq!(stdout(&["a.md"]), stdout(&["a.md", "--python", ".venv"]));
}

#[test]
fn an_environment_that_breaks_says_so() {
    for (code, expected) in [("raise SystemExit(3)", "SystemExit: 3"), ("1 / 0", "ZeroDivisionError")] {
        let project = project();
        project.write("a.md", document(&["print('runs')"]));
        project.write(&packages("sitecustomize.py"), code);
        let run = project.json(&["a.md"]);
        let snippet = &run.snippets()[0];
        assert_eq!((run.code, &snippet["stdout"]), (0, &"runs\n".into()), "{snippet}");
        assert!(snippet["stderr"].as_str().unwrap().contains(expected), "{snippet}");
    }
    let project = project();
    project.write("a.md", document(&["print('never')"]));
    project.write(&packages("sitecustomize.py"), "import os\nos._exit(0)\n");
    let run = project.json(&["a.md"]);
    assert_eq!((run.code, &run.snippets()[0]["verdict"]), (1, &"failed".into()), "{}", run.stdout);
}

/// What sessions load at their start is found out in a session of its own, and whoever runs there may say anything.
#[test]
fn a_start_teaches_the_lane_nothing_but_the_standard_library() {
    let project = project();
    let names =
        ["this", "antigravity", "evil", "idlelib", "os.evil", "xml.dom.minidom", "json.__main__", "graphlib"];
    let telling = names.map(|name| format!("print({name:?})\n")).concat();
    project.write(
        &packages("sitecustomize.py"),
        format!("{telling}import sys, builtins\nbuiltins.known = [*sys.modules]\n"),
    );
    project.write(&packages("evil.py"), attack(&project));
    let look = format!(
        "import builtins\nprint(hasattr(builtins, 'attack'), [name for name in {names:?} if name in builtins.known])"
    );
    let told = |known| format!("passed completed | stdout {}⏎False {known}⏎", names.join("⏎"));
    let rehearsed = told("['xml.dom.minidom', 'graphlib']");
    for file in REHEARSED {
        project.write(file, document(&[&look]));
    }
    run(&project, &[]).tells(&[&*rehearsed; REHEARSED.len()]);

    // The few are not worth a rehearsal.
    for file in &REHEARSED[1..] {
        std::fs::remove_file(project.path(file)).unwrap();
    }
    run(&project, &[]).tells(&[&told("[]")]);
}

#[test]
fn a_start_that_never_ends_is_the_session_s() {
    let blocked = "import threading\nthreading.Event().wait()\n";
    for (code, ending) in [("while True: pass\n", "timed-out"), (blocked, "deadlocked")] {
        let project = project();
        project.write(&packages("sitecustomize.py"), code);
        for file in REHEARSED {
            project.write(file, document(&[LOOK]));
        }
        let run = run(&project, &["--timeout", "400ms"]);
        let endings: Vec<_> = run.snippets().iter().map(|snippet| snippet["ending"].clone()).collect();
        assert_eq!((run.code, endings), (1, vec![ending.into(); REHEARSED.len()]), "{}", run.stdout);
    }
}

/// As after a usual start: order of `sys.path`, the frame that lines look at, the rest of a file with a mistake.
#[test]
fn lines_of_packages_run_as_they_do_at_a_usual_start() {
    let project = project();
    for folder in ["one", "two", "three", "four"] {
        std::fs::create_dir(project.path(&packages(folder))).unwrap();
    }
    project.write(
        &packages("a.pth"),
        "one\nimport sys; sys.path.append('/added'); sys.frame = sorted(sys._getframe(1).f_locals)\ntwo\n",
    );
    project.write(&packages("b.pth"), "three\nimport nothing_of_this_name\nfour\n");
    project.write(&packages("c.pth"), "import sys; sys.sitedir = sys._getframe(1).f_locals['sitedir']\n");
    project.write(&packages("sitecustomize.py"), "import sys\nsys.customized = sys.path[:]\n");
    let look = "
        import subprocess, sys
        show = 'import sys; print(sys.path[1:], sys.customized, sys.sitedir, sys.flags, sys.prefix, len(sys.orig_argv))'
        usual = subprocess.run([sys.executable, '-c', show], capture_output=True, text=True)
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as ours:
            exec(show)
        print(usual.stdout == ours.getvalue() or (usual.stdout, ours.getvalue()), {'sitedir', 'name', 'line'} <= set(sys.frame))
        print(usual.stderr, file=sys.stderr)
    ";
    project.write("a.md", document(&[look]));
    for words in [&["a.md"][..], &["a.md", "--python", ".venv"]] {
        let run = project.json(words);
        let [snippet] = &run.snippets()[..] else { panic!("{run:?}") };
        assert_eq!(snippet["stdout"], "True True\n", "{snippet}");
        // The start of the session and that of its child complain of the same line.
        let stderr = snippet["stderr"].as_str().unwrap();
        let complaint = "Error processing line 2 of";
        assert_eq!(stderr.matches(complaint).count() % 2, 0, "{stderr}");
        assert!(stderr.contains(complaint) && stderr.contains("Remainder of file ignored"), "{stderr}");
    }
}

/// What packages print there would be names of attacks that got through, and what they end was never tried.
#[test]
fn packages_take_no_part_in_the_self_test() {
    let project = project();
    for (code, told) in [
        ("print('read canary')\n", "passed completed | stdout read canary⏎runs⏎"),
        (
            "import os\nos._exit(0) if not os.path.exists('a.md') else None\n",
            "passed completed | stdout runs⏎",
        ),
    ] {
        project.write("a.md", document(&["print('runs')"]));
        project.write(&packages("sitecustomize.py"), code);
        // A cache of its own: what was tried before is remembered.
        let cache = project.home().join(code.len().to_string());
        let call = project.call(&["run", "--format", "json", "a.md", "--python", ".venv"]);
        call.env("XDG_CACHE_HOME", cache).run().tells(&[told]);
    }
}
