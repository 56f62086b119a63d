use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::flags::Access;
use super::interpreter::PythonChoice;
use super::limits::{Limit, Resource};
use super::*;
use crate::directive::Flag;
use crate::model::policy::{Limits, SandboxMode};
use crate::model::problem::Problem;
use crate::summary::Strictness;

/// A project on disk: `(path, text)`, a path that ends in `/` is a folder.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        if text.is_empty() && path.to_string_lossy().ends_with('/') {
            fs::create_dir_all(&path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn within(folder: &Path) -> Environment {
    Environment {
        folder: folder.to_owned(),
        home: folder.parent().map(Path::to_owned),
        ..Environment::default()
    }
}

/// The chain of messages and the hint, the project's own folder left out.
fn complaint(error: &ConfigError, folder: &Path) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}\n  cause: {error}");
        cause = error.source();
    }
    if let Some(hint) = error.hint() {
        text = format!("{text}\n  hint: {hint}");
    }
    text.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn wrong_settings_are_located() {
    let complaints: Vec<String> = [
        "shar = 'none'",
        "colour = true",
        "pythonPath = ['.']",
        "share = 'chapter'",
        "share = 3",
        "timeout = 'soon'",
        "timeout = true",
        "run-timeout = -1",
        "allow-suspicious = ['unlabeled']",
        "markdown = 'asciidoc'",
        "jobs = 0",
        "jobs = [2]",
        "paths = 'README.md'",
        "paths = [\n  'a.md',\n  3,\n]",
        "exclude = ['[']",
        "pythonpath = ['/usr']",
        "pythonpath = ['nowhere']",
        "redactions = [{ pattern = '[', replacement = '' }]",
        "redactions = [{ pattern = '((a{99}){99}){99}', replacement = '' }]",
        "redactions = [{ pattern = 'x' }]",
        "redactions = [{ patern = 'x' }]",
        "redactions = { pattern = 'x' }",
        "limits = 3",
        "limits.memry = '1GiB'",
        "limits.tasks = 'many'",
        "limits = { cpu = 0.5, memory = 0 }",
        "env = ['A=1', 'HOME']",
        "env = ['A B']",
        "network = 'none'",
        "readable = ['/usr', 3]",
        "trust = true",
        "doctest_optionflags = ['ELIPSIS']",
        "doctest_optionflags = 3",
        "share = ",
    ]
    .map(|line| {
        let folder = project(&[("pyproject.toml", &format!("[tool.snipcheck]\n\n{line}\n"))]);
        let error = resolve(&CommandFlags::default(), &within(folder.path())).unwrap_err();
        format!("{line}\n  {}", complaint(&error, folder.path()))
    })
    .into();
    insta::assert_snapshot!(complaints.join("\n\n"));
}

#[test]
fn the_root_is_where_the_table_is() {
    let table = "[tool.snipcheck]\njobs = 1\n";
    for (files, start, root, jobs) in [
        (vec![("a/pyproject.toml", table), ("a/b/c/", "")], "a/b/c", "a", Some(1)),
        (vec![("a/pyproject.toml", table), ("a/b/pyproject.toml", "[project]\n")], "a/b", "a", Some(1)),
        (vec![("a/pyproject.toml", table), ("a/b/pyproject.toml", "[broken")], "a/b", "a", Some(1)),
        (vec![("a/pyproject.toml", "[project]\n"), ("a/b/", "")], "a/b", "a/b", None),
        (vec![("pyproject.toml", table), ("a/", "")], "a", "a", None),
        (vec![("pyproject.toml", table)], "", "", Some(1)),
    ] {
        let folder = project(&files);
        let at = |path: &str| folder.path().join(path).components().collect::<PathBuf>();
        let environment = Environment { home: Some(at("")), ..within(&at(start)) };
        let settings = resolve(&CommandFlags::default(), &environment).unwrap();

        assert_eq!(settings.root, at(root), "{files:?}");
        assert_eq!(Some(settings.jobs).filter(|_| jobs.is_some()), jobs, "{files:?}");
    }
}

#[test]
fn option_flags_are_ours_or_those_of_pytest() {
    let pytest = "[tool.pytest.ini_options]\ndoctest_optionflags = 'ELLIPSIS OF_A_PLUGIN'\n";
    let ours = "[tool.snipcheck]\ndoctest_optionflags = ['NUMBER']\n";
    for (text, ellipsis, number) in [
        (pytest, true, false),
        (&format!("{pytest}[tool.snipcheck]\n"), true, false),
        (&format!("{pytest}{ours}"), false, true),
        ("[tool.pytest.ini_options]\ndoctest_optionflags = 3\n", false, false),
        ("[broken", false, false),
    ] {
        let folder = project(&[("pyproject.toml", text)]);
        let flags = resolve(&CommandFlags::default(), &within(folder.path())).unwrap().directives.flags;
        assert_eq!((flags.has(Flag::Ellipsis), flags.has(Flag::Number)), (ellipsis, number), "{text}");
    }
}

#[test]
fn the_dialect_is_that_of_the_tool_in_use() {
    for (text, expected) in [
        ("[tool.xdoctest]\noptions = ''\n", true),
        ("[tool.pytest.ini_options]\naddopts = '-q --xdoctest'\n", true),
        ("[tool.pytest.ini_options]\naddopts = ['--xdoctest-modules']\n", true),
        ("[tool.snipcheck]\ndoctest_optionflags = ['NUMBER']\n[tool.xdoctest]\n", true),
        ("[tool.pytest.ini_options]\naddopts = '--doctest-modules'\n", false),
        ("[tool]\nxdoctests = 1\n", false),
        ("[xdoctest]\n", false),
    ] {
        let folder = project(&[("pyproject.toml", text)]);
        let flags = resolve(&CommandFlags::default(), &within(folder.path())).unwrap().directives.flags;
        assert_eq!(flags.has(Flag::Xdoctest), expected, "{text}");
    }
}

#[test]
fn the_nearer_word_wins() {
    let text = "[tool.snipcheck]\ntimeout = '4s'\njobs = 3\nshare = 'none'\nsnapshots = 'required'\nclaims = 'off'\nrun-timeout = 90\n";
    let folder = project(&[("pyproject.toml", text)]);
    let mut environment = within(folder.path());
    let mut flags = CommandFlags::default();
    let words = |flags: &CommandFlags, environment: &Environment| {
        let settings = resolve(flags, environment).unwrap();
        format!(
            "{:?} of {:?}, {} jobs, {:?}, {:?}",
            settings.limits.wall, settings.longest_timeout, settings.jobs, settings.share, settings.sandbox
        )
    };

    assert_eq!(words(&flags, &environment), "4s of 10s, 3 jobs, None, Auto");

    environment.timeout = Some("20".to_owned());
    environment.jobs = Some("5".to_owned());
    environment.sandbox = Some("require-a".to_owned());
    assert_eq!(words(&flags, &environment), "20s of 20s, 5 jobs, None, RequireA");

    flags.execution.timeout = Some(Duration::from_secs(1));
    flags.execution.jobs = Some(1);
    flags.execution.share = Some(Share::Section);
    flags.execution.sandbox = Some(SandboxMode::Off);
    assert_eq!(words(&flags, &environment), "1s of 1s, 1 jobs, Section, Off");

    let settings = resolve(&flags, &environment).unwrap();
    assert_eq!(
        (settings.snapshots, settings.claims, settings.run_timeout),
        (Snapshots::Required, Claims::Off, Some(Duration::from_secs(90)))
    );

    flags.claims = Some(Claims::Report);
    assert_eq!(resolve(&flags, &environment).unwrap().claims, Claims::Report);
}

#[test]
fn settings_cannot_lengthen_a_timeout() {
    let folder = project(&[("pyproject.toml", "[tool.snipcheck]\ntimeout = '60s'\n")]);
    let settings = resolve(&CommandFlags::default(), &within(folder.path())).unwrap();
    assert_eq!(settings.limits.wall, Duration::from_secs(10));
    let problem = Problem {
        path: "pyproject.toml".to_owned(),
        line: Some(crate::model::snippet::Line(2)),
        message: "`timeout` asks for 60s, settings can give 10s at most".to_owned(),
        hint: Some("`--timeout 60s` gives it; `--trust` lets the project's own settings widen".to_owned()),
    };
    assert_eq!(settings.problems, [problem]);
}

#[test]
fn every_limit_is_the_caller_s_to_raise() {
    let defaults = Limits::default();
    for resource in Resource::ALL {
        let default = resource.within(&defaults);
        let more = Limit { resource, amount: default.amount * 2 };
        let less = Limit { resource, amount: default.amount / 2 };
        let even_more = Limit { resource, amount: default.amount * 3 };
        let settings = |asked: Limit, words: &str, flag: Option<Limit>, trust: bool| {
            let text = format!("[tool.snipcheck]\nlimits.{} = '{}'\n", resource.word(), asked.value());
            let folder = project(&[("pyproject.toml", &text)]);
            let environment = Environment {
                limits: Some(words.to_owned()).filter(|words| !words.is_empty()),
                ..within(folder.path())
            };
            let access = Access { limits: flag.into_iter().collect(), trust, ..Access::default() };
            let execution = Execution { access, ..Execution::default() };
            let settings =
                resolve(&CommandFlags { execution, ..CommandFlags::default() }, &environment).unwrap();
            let problems: Vec<String> =
                settings.problems.iter().map(|problem| problem.message.clone()).collect();
            (resource.within(&settings.limits), problems.join("; "))
        };

        let refused = format!("`limits` asks for `{more}`, settings can give `{default}` at most");
        let fine = String::new;

        assert_eq!(settings(less, "", None, false), (less, fine()));
        assert_eq!(settings(more, "", None, false), (default, refused));
        assert_eq!(settings(more, "", None, true), (more, fine()));
        assert_eq!(settings(less, &more.to_string(), None, false), (more, fine()));
        assert_eq!(settings(more, &more.to_string(), Some(even_more), false), (even_more, fine()));
        assert_eq!(settings(more, &less.to_string(), None, true), (less, fine()));
    }
}

/// Who enters the environment at the root, and whether the settings' sandbox and sharing hold.
#[test]
fn trust_is_the_caller_s_to_give() {
    let table = "[tool.snipcheck]\nshare = 'section'\n";
    let folder = project(&[("pyproject.toml", table), (".venv/pyvenv.cfg", "home = /usr/bin\n")]);
    let words = |trust: Option<&str>, untrusted: Option<&str>, access: Access, sandbox| {
        let environment = Environment {
            trust: trust.map(str::to_owned),
            untrusted: untrusted.map(str::to_owned),
            sandbox: Some("auto".to_owned()),
            ..within(folder.path())
        };
        let execution = Execution { sandbox, access, ..Execution::default() };
        match resolve(&CommandFlags { execution, ..CommandFlags::default() }, &environment) {
            Err(error) => error.to_string(),
            Ok(Settings { python: PythonChoice::Project { chooser, .. }, share, sandbox, .. }) => {
                format!("{chooser:?} {share:?} {sandbox:?}")
            }
            Ok(settings) => format!("{:?}", settings.python),
        }
    };

    let none = Access::default;
    let trust = || Access { trust: true, ..Access::default() };
    let untrusted = || Access { untrusted: true, ..Access::default() };
    let contradict = |other: &str| format!("`SNIPCHECK_UNTRUSTED` and `{other}` contradict each other");
    let off = Some(SandboxMode::Off);

    assert_eq!(words(None, None, none(), None), "Project Section Auto");
    assert_eq!(words(Some("1"), None, none(), None), "Caller Section Auto");
    assert_eq!(words(Some("0"), Some("0"), none(), None), "Project Section Auto");
    assert_eq!(words(None, None, trust(), off), "Caller Section Off");
    assert_eq!(words(None, None, untrusted(), None), "Project Section RequireA");
    assert_eq!(words(Some("1"), None, untrusted(), None), "Project Section RequireA");
    assert_eq!(words(None, Some("true"), none(), None), "Project Section RequireA");
    assert_eq!(words(Some("1"), Some("1"), none(), None), contradict("SNIPCHECK_TRUST"));
    assert_eq!(words(None, Some("1"), trust(), None), contradict("--trust"));
    assert_eq!(words(None, Some("1"), none(), off), contradict("--sandbox=off"));
}

#[test]
fn wrong_variables() {
    let folder = project(&[]);
    let mut environment = within(folder.path());
    environment.jobs = Some("many".to_owned());
    let error = resolve(&CommandFlags::default(), &environment).unwrap_err();
    let expected = "invalid value `many` in `SNIPCHECK_JOBS`\n  cause: expected a whole number above 0";
    assert_eq!(complaint(&error, folder.path()), expected);
}

#[test]
fn build_servers_are_strict() {
    let folder = project(&[]);
    for (ci, strictness) in [
        (None, Strictness::Lenient),
        (Some("0"), Strictness::Lenient),
        (Some("false"), Strictness::Lenient),
        (Some("1"), Strictness::Check),
        (Some("true"), Strictness::Check),
    ] {
        let environment = Environment { ci: ci.map(str::to_owned), ..within(folder.path()) };
        assert_eq!(resolve(&CommandFlags::default(), &environment).unwrap().strictness, strictness, "{ci:?}");
    }
}

#[test]
fn words_of_a_subfolder_become_paths_of_the_root() {
    let folder = project(&[
        ("pyproject.toml", "[tool.snipcheck]\n"),
        ("README.md", ""),
        ("docs/a.md", ""),
        ("docs/b:3", ""),
        ("docs/[x]/c.md", ""),
    ]);
    for (start, word, expected) in [
        ("", "README.md", "README.md"),
        ("", ".", "."),
        ("", "./docs/", "docs"),
        ("", "README.md:12", "README.md at 12"),
        ("", "README.md:0", "README.md:0"),
        ("", "README.md:7-9", "README.md at 7 to 9"),
        ("", "README.md:9-7", "README.md at 7 to 9"),
        ("", "README.md:7-", "README.md:7-"),
        ("", "README.md:0-7", "README.md:0-7"),
        ("", "nowhere.md:3", "nowhere.md:3"),
        ("docs", "b:3", "docs/b:3"),
        ("docs", "a.md:7", "docs/a.md at 7"),
        ("docs", "a.md::title::1", "the one called docs/a.md::title::1"),
        ("docs", "nowhere.md::title::1", "docs/nowhere.md::title::1"),
        ("docs", "..", "."),
        ("docs", "../README.md:1", "README.md at 1"),
        ("docs", "**/*.md", "docs/**/*.md"),
        ("docs/[x]", "*.md", "docs/[[]x[]]/*.md"),
        ("docs/[x]", "c.md", "docs/[x]/c.md"),
        ("docs", "/usr/share/x.md", "/usr/share/x.md"),
        ("", "docs:3", "expected a document before line 3, found the folder `docs`"),
        ("", "docs:3-5", "expected a document before line 3, found the folder `docs`"),
    ] {
        let environment = Environment { home: None, ..within(&folder.path().join(start)) };
        let environment = Environment { folder: environment.folder.components().collect(), ..environment };
        let flags = CommandFlags { paths: vec![word.to_owned()], ..CommandFlags::default() };
        let found = match resolve(&flags, &environment) {
            Ok(settings) => match settings.places.as_slice() {
                [] => settings.paths.join(" "),
                [ChosenPlace { path, point: Point::Lines { first, last } }, ..] if first == last => {
                    format!("{path} at {first}")
                }
                [ChosenPlace { path, point: Point::Lines { first, last } }, ..] => {
                    format!("{path} at {first} to {last}")
                }
                [ChosenPlace { point: Point::Id(id), .. }, ..] => format!("the one called {id}"),
            },
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{word} in {start}");
    }
}

#[test]
fn usual_paths_are_those_that_exist() {
    for (files, expected) in [
        (vec![("README.md", "x"), ("docs/a.md", "x")], vec!["README.md", "docs"]),
        (vec![("docs/a.md", "x")], vec!["docs"]),
        (vec![("docs/a.md", "x"), ("README.rst", "x")], vec!["README.rst", "docs"]),
        (vec![], vec![]),
        (
            vec![("README.md", "x"), ("pyproject.toml", "[tool.snipcheck]\npaths = ['guide']\n")],
            vec!["guide"],
        ),
    ] {
        let folder = project(&files);
        assert_eq!(
            resolve(&CommandFlags::default(), &within(folder.path())).unwrap().paths,
            expected,
            "{files:?}"
        );
    }
}
