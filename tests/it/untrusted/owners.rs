//! Files above the current folder: those that somebody else could have put there do not count.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use nix::sys::stat::Mode;
use nix::unistd::{geteuid, mkfifo};

use crate::project::{Project, Run, VERSION, document};
use crate::sessions::interpreter::environment;

/// Of nobody, to whom no files of tests belong.
const STRANGER: u32 = 65534;

const LOOK: &str = "
    import builtins, os, sys
    print(getattr(builtins, 'attack', None) in (None, os.getpid()), sys.prefix != sys.base_prefix)
";

/// A document below `docs`, where the caller is, and settings above that name another document.
fn with_settings_above() -> Project {
    Project::new(&[
        ("docs/README.md", &document(&["print('mine')"])),
        ("pyproject.toml", "[tool.snipcheck]\npaths = ['other.md']\n"),
        ("other.md", &document(&["print('other')"])),
    ])
}

fn within_docs(project: &Project, words: &[&str]) -> Run {
    project.call(&[&["run", "--format", "json"], words].concat()).within("docs").run()
}

fn set_mode(project: &Project, path: &str, mode: u32) {
    set_permissions(project.path(path), Permissions::from_mode(mode)).unwrap();
}

fn give_away(project: &Project, path: &str) {
    chown(project.path(path), Some(STRANGER), None).unwrap();
}

#[test]
fn settings_that_everybody_may_write_do_not_count() {
    let project = with_settings_above();
    let ignored = |path: &str, start: &str| {
        format!(
            "problem [project]/pyproject.toml `{path}` can be written by everybody: the settings are ignored | \
             hint `chmod o-w {path}` closes it; start in `{start}` to use them"
        )
    };
    let (mine, other) = ("passed completed | stdout mine⏎", "passed completed | stdout other⏎");
    within_docs(&project, &[]).tells(&[other]);
    for (folder, file, told) in [
        (0o777, 0o644, [Some(ignored("[project]", "[project]")), Some(mine.to_owned())]),
        (0o755, 0o666, [Some(ignored("[project]/pyproject.toml", "[project]")), Some(mine.to_owned())]),
        // As `/tmp` is, where the owner of the file decides.
        (0o1777, 0o644, [Some(other.to_owned()), None]),
        (0o1777, 0o666, [Some(ignored("[project]/pyproject.toml", "[project]")), Some(mine.to_owned())]),
        (0o775, 0o664, [Some(other.to_owned()), None]),
    ] {
        set_mode(&project, ".", folder);
        set_mode(&project, "pyproject.toml", file);
        let told: Vec<&str> = told.iter().flatten().map(String::as_str).collect();
        within_docs(&project, &[]).tells(&told);
        // Who goes to the folder means it.
        project.json(&[]).tells(&[other]);
    }
}

/// Only root can give files away.
#[test]
fn settings_of_another_user_do_not_count() {
    if !geteuid().is_root() {
        return;
    }
    let mine = "passed completed | stdout mine⏎";
    for path in [".", "pyproject.toml"] {
        let project = with_settings_above();
        give_away(&project, path);
        let named = if path == "." { "[project]" } else { "[project]/pyproject.toml" };
        let ignored = format!(
            "problem [project]/pyproject.toml `{named}` belongs to user {STRANGER}, neither to you nor to root: the \
             settings are ignored | hint `chown` makes `{named}` yours; start in `[project]` to use them"
        );
        within_docs(&project, &[]).tells(&[&ignored, mine]);
        project.json(&[]).tells(&["passed completed | stdout other⏎"]);
        let sudo = project.call(&["run", "--format", "json"]).within("docs");
        sudo.env("SUDO_UID", STRANGER.to_string()).run().tells(&["passed completed | stdout other⏎"]);
    }
    // A link counts by what it leads to as well.
    let project = with_settings_above();
    std::fs::rename(project.path("pyproject.toml"), project.path("elsewhere.toml")).unwrap();
    symlink("elsewhere.toml", project.path("pyproject.toml")).unwrap();
    within_docs(&project, &[]).tells(&["passed completed | stdout other⏎"]);
    give_away(&project, "elsewhere.toml");
    let run = within_docs(&project, &[]);
    assert_eq!((run.code, run.events()[0]["event"].as_str()), (1, Some("problem")), "{}", run.stdout);
}

/// Neither a complaint nor a wait, whatever strangers leave in a folder above that is no settings file of ours.
#[test]
fn other_things_of_strangers_are_passed_over() {
    let project = with_settings_above();
    set_mode(&project, ".", 0o777);
    let mine = ["passed completed | stdout mine⏎"];
    for text in ["[tool.other]\n", "# snipcheck\n[tool.other]\n", "[tool.pytest"] {
        project.write("pyproject.toml", text);
        within_docs(&project, &[]).tells(&mine);
    }
    std::fs::remove_file(project.path("pyproject.toml")).unwrap();
    mkfifo(&project.path("pyproject.toml"), Mode::S_IRWXU).unwrap();
    within_docs(&project, &[]).tells(&mine);
    std::fs::remove_file(project.path("pyproject.toml")).unwrap();
    symlink("/dev/zero", project.path("pyproject.toml")).unwrap();
    within_docs(&project, &[]).tells(&mine);
}

/// An environment in a folder above the one with the documents, with no settings file in between.
fn with_environment_above() -> Project {
    let project = Project::new(&[("docs/README.md", &document(&[LOOK]))]);
    environment(&project, ".venv");
    project
}

fn packages(name: &str) -> String {
    format!(".venv/lib/python{VERSION}/site-packages/{name}")
}

/// It may have come with the checkout, with or without a `.git` beside it.
#[test]
fn an_environment_above_has_no_more_power_than_a_snippet() {
    let project = with_environment_above();
    let secret = project.home().join("secret");
    std::fs::create_dir(&secret).unwrap();
    std::fs::write(secret.join("key"), "hunter2").unwrap();
    let around = project.home().join("project/../secret");
    project.write(&packages("x.pth"), format!("{}\n{}\nimport attack\n", secret.display(), around.display()));
    project.write(&packages("attack.py"), "import builtins, os\nbuiltins.attack = os.getpid()\n");
    let look = format!(
        "{}\nimport attack\nprint([os.path.exists(path) for path in [{:?}, {:?}]])",
        "import builtins, os, sys\nprint(builtins.attack == os.getpid(), sys.prefix != sys.base_prefix)",
        secret.join("key"),
        around.join("key"),
    );
    project.write("docs/README.md", document(&[&look]));
    let told = ["passed completed | stdout True True⏎[False, False]⏎"];
    for git in [false, true] {
        if git {
            std::fs::create_dir(project.path(".git")).unwrap();
            // The caller has chosen it, and it is the repository's all the same.
            let call = project.call(&["run", "--format", "json"]).within("docs");
            call.env("VIRTUAL_ENV", project.path(".venv")).run().tells(&told);
            within_docs(&project, &["--python", "../.venv"]).tells(&told);
        }
        within_docs(&project, &[]).tells(&told);
        within_docs(&project, &["--untrusted"]).tells(&told);
    }
}

#[test]
fn an_environment_above_neither_hangs_nor_fills_the_memory() {
    let project = with_environment_above();
    let runs = "passed completed | stdout True True⏎";
    let ignored = |name: &str| {
        format!(
            "{runs} | stderr Ignored [project]/{}: expected a file of at most 1048576 bytes, remove it⏎",
            packages(name)
        )
    };
    std::fs::write(project.path("endless"), "").unwrap();
    std::fs::OpenOptions::new().write(true).open(project.path("endless")).unwrap().set_len(1 << 40).unwrap();
    for target in ["/dev/zero", "/proc/self/pagemap", "../../../../../endless", "/nowhere"] {
        for name in ["README", "x.pth", "__editable__x.py"] {
            let place = project.path(&packages(name));
            symlink(target, &place).unwrap();
            // What is empty, or not there in the sandbox, is nothing to speak of.
            let is_told = name == "x.pth" && target == "/dev/zero";
            let told = if is_told { ignored(name) } else { runs.to_owned() };
            within_docs(&project, &["--untrusted"]).tells(&[&told]);
            within_docs(&project, &["--python", "../.venv"]).tells(&[&told]);
            std::fs::remove_file(place).unwrap();
        }
    }
    std::fs::rename(project.path("endless"), project.path(&packages("x.pth"))).unwrap();
    within_docs(&project, &["--untrusted"]).tells(&[&ignored("x.pth")]);
    std::fs::rename(project.path(&packages("x.pth")), project.path("endless")).unwrap();
    mkfifo(&project.path(&packages("__editable__p.py")), Mode::S_IRWXU).unwrap();
    mkfifo(&project.path(&packages("p.pth")), Mode::S_IRWXU).unwrap();
    for words in [&["--untrusted"][..], &["--python", "../.venv"]] {
        within_docs(&project, words).tells(&[&ignored("p.pth")]);
    }
    // `site` looks beside the executable first.
    std::fs::rename(project.path("endless"), project.path(".venv/bin/pyvenv.cfg")).unwrap();
    let run = within_docs(&project, &[]);
    let [snippet] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((run.code, &snippet["stdout"]), (0, &"True True\n".into()), "{snippet}");
    assert!(snippet["stderr"].as_str().unwrap().contains("bin/pyvenv.cfg"), "{snippet}");
}

#[test]
fn an_environment_of_another_user_does_not_count() {
    let without = "passed completed | stdout True False⏎";
    let chosen = "`--python [project]/.venv` chooses it all the same";
    for (path, mode) in [(".", 0o777), (".venv", 0o777), (".venv/pyvenv.cfg", 0o666)] {
        let project = with_environment_above();
        set_mode(&project, path, mode);
        let named = if path == "." { "[project]".to_owned() } else { format!("[project]/{path}") };
        let ignored = format!(
            "problem [project]/.venv `{named}` can be written by everybody: snippets do without the environment | \
             hint `chmod o-w {named}` closes it; {chosen}"
        );
        within_docs(&project, &[]).tells(&[&ignored, without]);
        within_docs(&project, &["--python", "../.venv"]).tells(&["passed completed | stdout True True⏎"]);
    }
    if !geteuid().is_root() {
        return;
    }
    for path in [".venv", ".venv/pyvenv.cfg"] {
        let project = with_environment_above();
        set_mode(&project, ".", 0o1777);
        give_away(&project, path);
        let ignored = format!(
            "problem [project]/.venv `[project]/{path}` belongs to user {STRANGER}, neither to you nor to root: \
             snippets do without the environment | hint `chown` makes `[project]/{path}` yours; {chosen}"
        );
        within_docs(&project, &[]).tells(&[&ignored, without]);
    }
}

/// It would become readable.
#[test]
fn an_environment_above_that_is_a_link_leads_nowhere() {
    let project = with_environment_above();
    let elsewhere = project.home().join("elsewhere");
    std::fs::rename(project.path(".venv"), &elsewhere).unwrap();
    symlink(&elsewhere, project.path(".venv")).unwrap();
    let hint = "hint `--python [project]/.venv` chooses it; `--trust` lets the project choose it";
    let refused = format!(
        "problem [project]/.venv the environment leads out of the project, snippets do without | {hint}"
    );
    within_docs(&project, &[]).tells(&[&refused, "passed completed | stdout True False⏎"]);
}

/// Packages that are developed beside one another share an environment at the top of their repository.
#[test]
fn an_environment_of_the_repository_opens_packages_beside() {
    let project = with_environment_above();
    project.write(".git/config", "token");
    project.write("other/src/greeting.py", "WORD = 'hello'\n");
    project.write("vendored/.git/config", "token");
    symlink(project.path(".git"), project.path("link")).unwrap();
    let named =
        ["other/src", ".", ".git", "link", "vendored"].map(|path| project.path(path).display().to_string());
    project.write(&packages("x.pth"), named.join("\n"));
    let look = format!(
        "import os\ntry:\n    import greeting\n    print(greeting.WORD)\nexcept ImportError:\n    print(None)\n\
         print([os.path.exists(path) for path in {:?}])",
        [".git/config", "link/config", "vendored/.git/config", "other/src"].map(|path| project.path(path))
    );
    project.write("docs/README.md", document(&[&look]));
    let open = "passed completed | stdout hello⏎[False, False, False, True]⏎";
    within_docs(&project, &["--python", "../.venv"]).tells(&[open]);
    let closed = "passed completed | stdout None⏎[False, False, False, False]⏎";
    within_docs(&project, &[]).tells(&[closed]);
}
