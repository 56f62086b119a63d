//! Sessions that begin with packages loaded.

use serde_json::Value;

use crate::project::{Project, Run, document};

/// Takes enough CPU time to be worth an image.
const HEAVY: &str = "import itertools\nsum(map(pow, range(350_000), itertools.repeat(2)))\nseen = []\n";
const SETTINGS: (&str, &str) = ("pyproject.toml", "[tool.snipcheck]\npythonpath = ['src']\n");
const DOCUMENTS: [&str; 5] = ["a.md", "b.md", "c.md", "d.md", "e.md"];

/// A package `heavy` that begins with this, and documents with these snippets.
fn project(package: &str, snippets: &[&str]) -> Project {
    let (text, package) = (document(snippets), format!("{package}\n{HEAVY}"));
    let mut files = vec![SETTINGS, ("src/heavy.py", package.as_str())];
    files.extend(DOCUMENTS.map(|name| (name, text.as_str())));
    Project::new(&files)
}

/// In one lane, whose first document makes the image.
fn run(project: &Project, warm: &str) -> Run {
    project.json(&["--warm", warm, "--jobs", "1", "."])
}

/// Verdict, what was printed, and whether it began with packages loaded, of each snippet.
fn told(run: &Run) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let snippets = run.events().into_iter().filter(|event| event["event"] == "snippet");
    let told = snippets.map(|snippet| {
        (text(&snippet["verdict"]), text(&snippet["stdout"]), snippet["warm"].as_bool().unwrap())
    });
    told.collect()
}

#[track_caller]
fn check_all(project: &Project, verdict: &str, printed: &str, is_warm: bool) {
    let (verdict, printed) = (verdict.to_owned(), printed.to_owned());
    let cold = told(&run(project, "off"));
    assert_eq!(cold, vec![(verdict.clone(), printed.clone(), false); DOCUMENTS.len()]);
    let warm = told(&run(project, "auto"));
    assert_eq!(warm, vec![(verdict, printed, is_warm); DOCUMENTS.len()]);
}

#[test]
fn packages_are_loaded_once_and_nothing_passes_from_one_document_to_another() {
    let project = project("", &["import heavy\nheavy.seen.append(1)\nprint(heavy.seen)"]);
    check_all(&project, "passed", "[1]\n", true);
}

#[test]
fn chance_and_time_are_those_of_sessions_that_load_packages_themselves() {
    let package = "import random, time, uuid\nloaded = time.time()\nnumber = random.random()";
    let code = "import heavy, os, time, uuid\n\
                print(heavy.loaded, heavy.number, uuid.uuid4(), os.urandom(4), os.getpid(), time.monotonic_ns())";
    let project = project(package, &[code]);
    let (cold, warm) = (told(&run(&project, "off")), told(&run(&project, "auto")));
    let text =
        |told: &[(String, String, bool)]| told.iter().map(|(_, text, _)| text.clone()).collect::<Vec<_>>();
    assert_eq!(text(&cold), text(&warm));
    assert!(warm.iter().all(|(_, _, is_warm)| *is_warm));
}

#[test]
fn a_package_that_does_more_than_change_memory_is_loaded_by_each_session() {
    let code = "import heavy\nprint(len(heavy.seen))";
    for (package, printed) in [
        ("print('loads')", "loads\n0\n"),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
            "0\n",
        ),
        ("file = open('/dev/null')", "0\n"),
        ("open('/tmp/left', 'w').close()", "0\n"),
        ("import os\nos.chdir('/')", "0\n"),
        ("import time\ntime.sleep(2)", "0\n"),
        ("import signal\nsignal.alarm(9)", "0\n"),
        ("import os\nos.fork() or os._exit(0)", "0\n"),
    ] {
        check_all(&project(package, &[code]), "passed", printed, false);
    }
}

#[test]
fn handlers_of_signals_and_of_the_end_are_there() {
    let package = "import atexit, signal\nsignal.signal(signal.SIGUSR1, lambda *_: print('signal'))\n\
                   atexit.register(print, 'end')";
    let code = "import heavy, os, signal\nos.kill(os.getpid(), signal.SIGUSR1)";
    check_all(&project(package, &[code]), "passed", "signal\nend\n", true);
}

#[test]
fn a_document_that_changes_how_modules_load_loads_them_itself() {
    for first in
        ["import sys\nsys.path.insert(0, '/')", "import os\nos.environ['HEAVY'] = '1'", "__builtins__.x = 1"]
    {
        let project = project("", &[first, "import heavy\nprint(heavy.seen)"]);
        assert!(
            told(&run(&project, "auto")).iter().all(|(verdict, _, is_warm)| verdict == "passed" && !is_warm)
        );
    }
}

#[test]
fn a_neighbour_of_that_name_is_what_a_document_imports() {
    let project = project("", &["import heavy\nprint(heavy.seen)"]);
    project.write("heavy.py", "seen = 'beside'\n");
    check_all(&project, "passed", "beside\n", false);
}

#[test]
fn what_fails_counts_once_it_has_failed_without_an_image() {
    // Only the second snippet can tell, by the mappings of its process.
    let is_cold =
        "with open('/proc/self/maps') as lines:\n    assert lines.read().count('memfd:') < 16\nprint('cold')";
    let project = project("", &["import heavy\nprint('first')", is_cold]);
    let expected = DOCUMENTS.map(|_| [("first", true), ("cold", false)]).concat();
    let mut told = told(&run(&project, "auto"));
    told.sort();
    let mut expected: Vec<_> =
        expected.iter().map(|(text, warm)| ("passed".to_owned(), format!("{text}\n"), *warm)).collect();
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn a_failure_is_told_once() {
    let project = project("", &["import heavy\nraise ValueError(heavy.seen)", "print(len(heavy.seen))"]);
    let told = told(&run(&project, "auto"));
    let failed = told.iter().filter(|(verdict, _, is_warm)| verdict == "failed" && !is_warm).count();
    assert_eq!((failed, told.len()), (DOCUMENTS.len(), 2 * DOCUMENTS.len()));
}

#[test]
fn the_report_says_how_many_were_warm() {
    let project = project("", &["import heavy"]);
    let run = project.run(&["run", "-v", "--warm", "auto", "--jobs", "1", "."]);
    assert!(run.stdout.contains("warm: 5 of 5 began with packages loaded"), "{}", run.stdout);
}

/// Code of a package can reach the file that its session is to write. Whatever it writes there, its readers are sessions.
#[test]
fn a_package_that_forges_the_image_is_loaded_by_each_session() {
    for forged in ["bytes(8)", "b'snipimg1' + bytes([255]) * 4000", "b'snipimg1' + bytes(4000)"] {
        let package = format!(
            "import os\n\
             for number in os.listdir('/proc/self/fd'):\n    \
                 path = '/proc/self/fd/' + number\n    \
                 if os.path.lexists(path) and 'memfd' in os.readlink(path):\n        \
                     os.pwrite(int(number), {forged}, 0)\n        \
                     os._exit(0)"
        );
        check_all(&project(&package, &["import heavy\nprint(heavy.seen)"]), "passed", "[]\n", false);
    }
}

#[test]
fn a_process_that_stays_behind_makes_no_image() {
    let package = "import os\nchild = os.fork()\nif child == 0:\n    \
                   if os.fork() == 0:\n        while True: pass\n    os._exit(0)\nos.waitpid(child, 0)";
    let project = project(package, &["import heavy\nprint(heavy.seen)"]);
    let told = told(&run(&project, "auto"));
    assert!(told.iter().all(|(_, _, is_warm)| !is_warm), "{told:?}");
}
