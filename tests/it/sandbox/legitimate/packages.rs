//! Packages of one's own: of an environment, of the project, made by the document.

use std::process::Command;

use crate::project::{PYTHON, Project, VERSION, document};
use crate::story::check;

#[test]
fn an_editable_package_of_a_chosen_environment() {
    let project = Project::new(&[
        (
            "docs/a.md",
            &document(&["
            import importlib.metadata, importlib.resources, inspect
            import mine

            print(mine.answer(), importlib.resources.files(mine).joinpath('data.txt').read_text())
            print(inspect.getsource(mine.answer), end='')
            print(importlib.metadata.version('mine'))
        "]),
        ),
        ("elsewhere/src/mine/__init__.py", "def answer():\n    return 42\n"),
        ("elsewhere/src/mine/data.txt", "data"),
    ]);
    let made = Command::new(&*PYTHON)
        .args(["-m", "venv", "--without-pip"])
        .arg(project.path("env"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let packages = format!("env/lib/python{VERSION}/site-packages");
    let source = format!("{}\n", project.path("elsewhere/src").display());
    project.write(&format!("{packages}/__editable__.mine-1.2.pth"), &source);
    project.write(
        &format!("{packages}/mine-1.2.dist-info/METADATA"),
        "Metadata-Version: 2.1\nName: mine\nVersion: 1.2\n",
    );
    let run = project.json(&["docs", "--python", "env"]);
    run.tells(&["passed completed | stdout 42 data⏎def answer():⏎    return 42⏎1.2⏎"]);
}

#[test]
fn a_package_of_the_project() {
    let project = Project::new(&[
        ("pyproject.toml", "[tool.snipcheck]\npythonpath = ['src']\n"),
        (
            "docs/a.md",
            &document(&[
                "import mine.deep\nfrom multiprocessing import get_context\nmine.deep.WORD",
                "
                    if __name__ == '__main__':
                        with get_context('spawn').Pool(1) as pool:
                            print(pool.apply(mine.deep.shout, ('hi',)))
                ",
            ]),
        ),
        ("src/mine/__init__.py", ""),
        ("src/mine/deep.py", "WORD = 'deep'\n\ndef shout(word):\n    return word.upper()\n"),
    ]);
    let files = project.files();
    project.json(&["docs"]).tells(&["passed completed | value 'deep'", "passed completed | stdout HI⏎"]);
    assert_eq!(project.files(), files, "no bytecode is left");
}

#[test]
fn modules_that_a_document_makes() {
    check(
        &["
            import compileall, importlib, pathlib, py_compile, runpy, subprocess, sys, zipapp

            pathlib.Path('made.py').write_text('WORD = \"made\"\\nif __name__ == \"__main__\": print(WORD, \"as a script\")\\n')
            sys.path.insert(0, '.')
            importlib.invalidate_caches()
            print(importlib.import_module('made').WORD)
            subprocess.run([sys.executable, 'made.py'])
            subprocess.run([sys.executable, '-m', 'made'])
            print(runpy.run_path('made.py')['WORD'], py_compile.compile('made.py') is not None)
            pathlib.Path('application').mkdir()
            pathlib.Path('application/__main__.py').write_text('print(\"zipped\")')
            zipapp.create_archive('application', 'application.pyz')
            child = subprocess.run([sys.executable, 'application.pyz'])
        "],
        &["passed completed | stdout made⏎made as a script⏎made as a script⏎made True⏎zipped⏎"],
    );
}

#[test]
fn an_environment_that_a_document_makes() {
    check(
        &["
            import subprocess, venv

            venv.create('made', with_pip=False, symlinks=True)
            print(subprocess.check_output(['made/bin/python', '-c', 'import sys; print(sys.prefix != sys.base_prefix)']))
        "],
        &["passed completed | stdout b'True\\n'⏎"],
    );
}
