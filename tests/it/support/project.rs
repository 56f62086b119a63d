//! A project in a folder of its own, and the executable run in it. A run that hangs is killed and fails its test.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::ops::Deref;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::container;

pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// The program that the tests are about: `SNIPCHECK_TEST_EXECUTABLE`, else the one that was built along with them.
pub(crate) static EXECUTABLE: Known = Known(LazyLock::new(|| {
    std::env::var("SNIPCHECK_TEST_EXECUTABLE").unwrap_or_else(|_| env!("CARGO_BIN_EXE_snipcheck").to_owned())
}));

/// The Python that the tests are about, the first on `PATH` of every run: `SNIPCHECK_TEST_PYTHON`, else the usual one.
pub(crate) static PYTHON: Known = Known(LazyLock::new(|| {
    let python = std::env::var("SNIPCHECK_TEST_PYTHON").unwrap_or_else(|_| usual_python());
    let beside = Path::new(&python).with_file_name("python3");
    let is_found = fs::canonicalize(beside).ok() == Some(fs::canonicalize(&python).unwrap());
    assert!(is_found, "`{python}` is not what `python3` is in its folder");
    python
}));

/// What `python3` starts: on `PATH` there may be a script in its place.
fn usual_python() -> String {
    let ask = "import sys; print(sys.executable, end='')";
    let output = Command::new("python3").args(["-I", "-c", ask]).output().expect("there is a `python3`");
    String::from_utf8(output.stdout).unwrap()
}

/// Its minor version, as in `3.12`.
pub(crate) static VERSION: Known = Known(LazyLock::new(|| {
    let (minor, _) = RELEASE.rsplit_once('.').unwrap();
    minor.to_owned()
}));

/// Its version, as in `3.12.1`.
pub(crate) static RELEASE: Known = Known(LazyLock::new(|| {
    let ask = "import platform; print(platform.python_version(), end='')";
    let output = Command::new(&*PYTHON).args(["-I", "-c", ask]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}));

/// What a run remembers of this machine: names and contents of files in [`Project::memory`]. Each test would find it out anew.
static REMEMBERED: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let project = Project::unknown(&[("a.md", &document(&["pass"]))]);
    project.run(&["run", "a.md"]);
    let memory = project.memory();
    let code = fs::read_dir(memory.join("worker")).into_iter().flatten();
    let mut names: Vec<_> =
        code.map(|file| format!("worker/{}", file.unwrap().file_name().display())).collect();
    names.extend(["self-test.json".to_owned(), "interpreters.json".to_owned()]);
    names.into_iter().filter_map(|name| Some((name.clone(), fs::read(memory.join(name)).ok()?))).collect()
});

/// A text that is found out once.
pub(crate) struct Known(LazyLock<String>);

impl Deref for Known {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self)
    }
}

/// The folders in which programs are looked for, the tests' Python first.
pub(crate) fn search_path() -> String {
    let folder = Path::new(&*PYTHON).parent().unwrap().display();
    format!("{folder}:/usr/local/bin:/usr/bin:/bin")
}

/// A home with a project in it: settings are looked for no higher.
pub(crate) struct Project {
    home: TempDir,
}

impl Project {
    /// The machine is known: its sandbox was tried, and its Python asked.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self::unknown(files);
        fs::create_dir_all(project.memory().join("worker")).unwrap();
        for (name, text) in &*REMEMBERED {
            fs::write(project.memory().join(name), text).unwrap();
        }
        project
    }

    /// On a machine where nothing was ever run.
    pub(crate) fn unknown(files: &[(&str, &str)]) -> Self {
        let project = Self { home: tempfile::tempdir().unwrap() };
        fs::create_dir(project.root()).unwrap();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// One document, `a.md`.
    pub(crate) fn document(snippets: &[&str]) -> Self {
        Self::new(&[("a.md", &document(snippets))])
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.home.path().join("project")
    }

    /// Where runs remember what they found out.
    pub(crate) fn memory(&self) -> PathBuf {
        self.home.path().join("cache/snipcheck")
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every file and link below the project.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        let mut folders = vec![self.root()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    let path = entry.path();
                    files.insert(path.strip_prefix(self.root()).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        files
    }

    pub(crate) fn call(&self, arguments: &[&str]) -> Call<'_> {
        let mut command = Command::new(&*EXECUTABLE);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.home.path())
            .env("XDG_CACHE_HOME", self.home.path().join("cache"))
            .stdin(Stdio::null());
        Call { project: self, command }
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.call(arguments).run()
    }

    /// `run --format json` with these words after it.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Run {
        self.run(&[&["run", "--format", "json"], arguments].concat())
    }
}

/// Python fences under one another. One that brings its own fence is taken as it is.
pub(crate) fn document(snippets: &[&str]) -> String {
    let fenced = |snippet: &&str| {
        let text = dedented(snippet);
        let opening = if text.starts_with("```") { "" } else { "```python\n" };
        format!("{opening}{text}\n```\n\n")
    };
    snippets.iter().map(fenced).collect()
}

/// Without the indentation that a text below its opening quote has for the sake of the test around it.
fn dedented(text: &str) -> String {
    let Some(block) = text.strip_prefix('\n').filter(|block| block.starts_with(' ')) else {
        return text.to_owned();
    };
    let depth = block.len() - block.trim_start_matches(' ').len();
    let lines = block.trim_end().lines().map(|line| line.get(depth..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) struct Call<'a> {
    project: &'a Project,
    command: Command,
}

impl Call<'_> {
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// A folder of the project to start in.
    pub(crate) fn within(mut self, folder: &str) -> Self {
        self.command.current_dir(self.project.path(folder));
        self
    }

    /// Where namespaces are refused, by a user who can start the interpreter there.
    pub(crate) fn contained(self) -> Self {
        self.ordinary().contained_as_caller()
    }

    /// Root changes its user where namespaces are refused, and cannot if only root may read the interpreter.
    pub(crate) fn ordinary(mut self) -> Self {
        if nix::unistd::geteuid().is_root() && !container::python_is_everybodys() {
            container::become_somebody(&mut self.command, 1000);
        }
        self
    }

    /// Root of a user namespace, and nobody outside of it.
    pub(crate) fn root_of_namespace(mut self) -> Self {
        container::become_somebody(&mut self.command, 0);
        self
    }

    /// Where namespaces are refused.
    pub(crate) fn contained_as_caller(mut self) -> Self {
        container::refuse_namespaces(&mut self.command);
        self
    }

    /// To change what is started.
    pub(crate) fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    #[track_caller]
    pub(crate) fn run(self) -> Run {
        self.start().finish()
    }

    pub(crate) fn start(mut self) -> Running {
        let child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running::new(child, &self.project.root())
    }
}

/// The executable while it runs.
pub(crate) struct Running {
    pid: Pid,
    root: String,
    news: Receiver<News>,
    stdout: String,
    stderr: String,
    end: Option<ExitStatus>,
}

enum News {
    Line(String),
    Stderr(String),
    Ended(ExitStatus),
}

impl Running {
    fn new(mut child: Child, root: &Path) -> Self {
        let (sender, news) = channel();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        let stdout = child.stdout.take().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let lines = sender.clone();
        let out = thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).unwrap() > 0 {
                // The test may have heard enough.
                let _ = lines.send(News::Line(String::from_utf8(std::mem::take(&mut line)).unwrap()));
            }
        });
        thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            out.join().unwrap();
            let _ = sender.send(News::Stderr(text));
            let _ = sender.send(News::Ended(child.wait().unwrap()));
        });
        Self {
            pid,
            root: root.to_str().unwrap().to_owned(),
            news,
            stdout: String::new(),
            stderr: String::new(),
            end: None,
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid, signal).unwrap();
    }

    /// Its children, the oldest first.
    pub(crate) fn children(&self) -> Vec<Pid> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).into_iter().flatten().flatten();
        let children = threads.map(|thread| fs::read_to_string(thread.path().join("children")));
        let children: Vec<String> = children.map(Result::unwrap_or_default).collect();
        let pids = children.iter().flat_map(|text| text.split_whitespace());
        pids.map(|pid| Pid::from_raw(pid.parse().unwrap())).collect()
    }

    /// Whether it is gone. What it has said is kept for [`Running::finish`].
    pub(crate) fn has_ended(&mut self) -> bool {
        while self.end.is_none() {
            match self.news.try_recv() {
                Ok(News::Line(line)) => self.stdout.push_str(&line),
                Ok(News::Stderr(text)) => self.stderr = text,
                Ok(News::Ended(status)) => self.end = Some(status),
                Err(_) => return false,
            }
        }
        true
    }

    /// Waits for a line of stdout with this text in it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            match self.next() {
                News::Line(line) => {
                    self.stdout.push_str(&line);
                    if line.contains(text) {
                        return;
                    }
                }
                News::Stderr(_) | News::Ended(_) => panic!("no `{text}` in:\n{}", self.stdout),
            }
        }
    }

    #[track_caller]
    pub(crate) fn finish(mut self) -> Run {
        let status = loop {
            if let Some(status) = self.end {
                break status;
            }
            match self.next() {
                News::Line(line) => self.stdout.push_str(&line),
                News::Stderr(text) => self.stderr = text,
                News::Ended(status) => self.end = Some(status),
            }
        };
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap_or_default());
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|text| self.neutral(text));
        Run { code, stdout, stderr }
    }

    #[track_caller]
    fn next(&self) -> News {
        self.news.recv_timeout(DEADLINE).unwrap_or_else(|_| {
            let _ = kill(self.pid, Signal::SIGKILL);
            panic!("silent for {DEADLINE:?}; until then:\n{}", self.stdout)
        })
    }

    fn neutral(&self, text: &str) -> String {
        text.replace(&self.root, "[project]")
    }
}

/// What a finished run shows to the outside. A signal is a negative code.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Of a report in JSON, every line of it.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Value> {
        let object = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        self.stdout.lines().map(object).collect()
    }

    #[track_caller]
    pub(crate) fn assert(&self, code: i32, stdout: &str, stderr: &str) {
        assert_eq!((self.code, &*self.stdout, &*self.stderr), (code, stdout, stderr));
    }
}

/// Waits until something is so, for as long as a run may take.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// Processes of this machine with the text in their command line.
pub(crate) fn processes(marker: &str) -> Vec<String> {
    let commands = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let command = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&command).replace('\0', " "))
    });
    commands.filter(|command| command.contains(marker)).collect()
}

/// A word that no other test and no other run has in a command line.
pub(crate) fn marker(project: &Project) -> String {
    let name = project.home().file_name().unwrap().to_str().unwrap();
    format!("marker{}", name.replace(|letter: char| !letter.is_ascii_alphanumeric(), ""))
}
