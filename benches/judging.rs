//! What it costs to judge what documents say: the same documents with their claims judged and unread, in turn; and
//! what it costs to know who printed what: 100,000 lines in a snippet and in a plain interpreter, in turn.
//!
//! `cargo bench --bench judging` runs the executable that cargo built for it. Ratios of one run mean something; seconds
//! depend on what else the machine does.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const DOCUMENTS: u32 = 100;
const SNIPPETS: u32 = 10;
const PAIRS: usize = 15;

/// Six claims of four kinds in eight lines.
const CLAIMING: &str = "```python
from collections import Counter
letters = Counter('abracadabra')
print(letters.most_common(2))  # [('a', 5), ('b', 2)]
for letter in sorted(letters):
    print(letter)  # a, b, c, d, r
total = letters.total()  # 11
letters['z']  # 0
int('x')  # ValueError
print(total)
#> 11
```

";
/// At the top level, and in a function of a function.
const PRINTING: [(&str, &str); 2] = [
    ("at the top level", "for number in range(100_000):\n    print('line', number)\n"),
    (
        "in functions",
        "def show(number):\n    print('line', number)\ndef main():\n    for number in range(100_000):\n        \
         show(number)\nmain()\n",
    ),
];

#[expect(clippy::print_stdout, reason = "its result is for people")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder for documents");
    for number in 0..DOCUMENTS {
        let snippets = CLAIMING.repeat(SNIPPETS as usize);
        fs::write(folder.path().join(format!("{number}.md")), format!("# Page\n\n{snippets}"))
            .expect("a document");
    }
    // What the first run of all pays for is not the matter here.
    judged(folder.path(), "check");
    let ratio = median(|| judged(folder.path(), "check") / judged(folder.path(), "off"));
    println!("{} snippets with 6 claims each, {PAIRS} pairs of runs, median ratio:", DOCUMENTS * SNIPPETS);
    println!("  judged / unread      {ratio:.3}");
    println!("100,000 printed lines, {PAIRS} pairs of runs, median ratio:");
    for (place, code) in PRINTING {
        let script = folder.path().join("script.py");
        fs::write(&script, code).expect("a script");
        fs::write(folder.path().join("printing.md"), format!("```python\n{code}```\n")).expect("a document");
        let ratio = median(|| snippet(folder.path()) / plain(&script));
        println!("  tied to its lines / `python -u`, {place}: {ratio:.2}");
    }
}

/// Seconds of a whole run.
fn judged(folder: &Path, claims: &str) -> f64 {
    let started = Instant::now();
    let done = Command::new(env!("CARGO_BIN_EXE_snipcheck"))
        .args(["run", "--quiet", "--claims", claims, "."])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status();
    assert!(done.is_ok_and(|status| status.success()), "a run failed");
    started.elapsed().as_secs_f64()
}

/// Seconds of the one snippet of a document, without the start of its interpreter.
fn snippet(folder: &Path) -> f64 {
    let done = Command::new(env!("CARGO_BIN_EXE_snipcheck"))
        .args(["run", "--format", "json", "printing.md"])
        .current_dir(folder)
        .output()
        .expect("the executable runs");
    let objects = String::from_utf8(done.stdout).expect("JSON is text");
    let first: serde_json::Value =
        serde_json::from_str(objects.lines().next().expect("a snippet")).expect("JSON");
    assert_eq!(first["verdict"], "passed");
    first["wall_ms"].as_f64().expect("milliseconds") / 1000.0
}

/// Seconds of the same code as a script, its unbuffered output read to the end, without the start of its interpreter.
fn plain(script: &Path) -> f64 {
    let timed = |arguments: &[&str]| {
        let started = Instant::now();
        let done = Command::new("python3").args(arguments).output().expect("Python runs");
        assert!(done.status.success(), "the script failed");
        started.elapsed().as_secs_f64()
    };
    timed(&["-u", script.to_str().expect("a plain path")]) - timed(&["-u", "-c", ""])
}

fn median(mut pair: impl FnMut() -> f64) -> f64 {
    let mut ratios: Vec<f64> = (0..PAIRS).map(|_| pair()).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[PAIRS / 2]
}
