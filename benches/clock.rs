//! What virtual time costs: one jump, by who waits, and programs that ask for no time.
//!
//! `cargo bench --bench clock` runs the executable that cargo built for it. A jump ends a wait that is due next: what is
//! measured is the real time of a snippet, less that of the same snippet without its waits.

use std::fs;
use std::path::Path;
use std::process::Command;

const ROUNDS: usize = 9;
const PAIRS: usize = 30;

/// Waits of a kind, in a function `run` of how many there are.
struct Waits {
    name: &'static str,
    code: &'static str,
    number: u32,
}

const WAITS: [Waits; 4] = [
    Waits {
        name: "one task sleeps",
        code: "\
import time
def run(number):
    for _ in range(number):
        time.sleep(0.1)
",
        number: 10_000,
    },
    Waits {
        name: "one task, asyncio",
        code: "\
import asyncio
def run(number):
    async def sleeps():
        for _ in range(number):
            await asyncio.sleep(0.1)
    asyncio.run(sleeps())
",
        number: 10_000,
    },
    // No two are due at once.
    Waits {
        name: "ten threads sleep",
        code: "\
import threading, time
def run(number):
    def sleeps(seconds):
        for _ in range(number // 10):
            time.sleep(seconds)
    threads = [threading.Thread(target=sleeps, args=(1 + part / 7,)) for part in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
",
        number: 2_000,
    },
    Waits {
        name: "two processes sleep",
        code: "\
import multiprocessing, time
def sleeps(number, seconds):
    for _ in range(number // 2):
        time.sleep(seconds)
def run(number):
    process = multiprocessing.Process(target=sleeps, args=(number, 1.1))
    process.start()
    sleeps(number, 1)
    process.join()
",
        number: 2_000,
    },
];

/// Takes a second or so of a processor, and no look at any clock.
const BUSY: &str = "\
import json, re
for _ in range(300):
    data = [{'number': number, 'square': number * number} for number in range(1000)]
    text = json.dumps(data)
    assert json.loads(text) == data
    assert len(re.findall(r'\\d+', text)) == 2000
";

#[expect(clippy::print_stdout, reason = "its result is for people")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder for documents");
    println!("real time of a jump, median of {ROUNDS} rounds; the machine's load is {}:", load());
    for Waits { name, code, number } in &WAITS {
        let time = |number: u32| snippet("virtual", folder.path(), &format!("{code}run({number})\n"));
        let micros = median(ROUNDS, || (time(*number) - time(0)) * 1e6 / f64::from(*number));
        println!("  {name:<20} {micros:7.1} µs");
    }
    let ratio =
        median(PAIRS, || snippet("virtual", folder.path(), BUSY) / snippet("real", folder.path(), BUSY));
    println!("a program that asks for no time, {PAIRS} pairs, median ratio:");
    println!("  virtual time / real time  {ratio:.3}");
    println!("the machine's load is {} at the end", load());
}

/// Seconds of the one snippet of a document, without the start of its interpreter.
fn snippet(clock: &str, folder: &Path, code: &str) -> f64 {
    fs::write(folder.join("page.md"), format!("```python\n{code}```\n")).expect("a document");
    let done = Command::new(env!("CARGO_BIN_EXE_snipcheck"))
        .args(["run", "--format", "json", "--timeout", "100s", "--clock", clock, "page.md"])
        .current_dir(folder)
        .output()
        .expect("the executable runs");
    let objects = String::from_utf8(done.stdout).expect("JSON is text");
    let first: serde_json::Value =
        serde_json::from_str(objects.lines().next().expect("a snippet")).expect("JSON");
    assert_eq!(first["verdict"], "passed", "{first}");
    first["wall_ms"].as_f64().expect("milliseconds") / 1000.0
}

fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

fn median(rounds: usize, mut round: impl FnMut() -> f64) -> f64 {
    let mut values: Vec<f64> = (0..rounds).map(|_| round()).collect();
    values.sort_by(f64::total_cmp);
    values[rounds / 2]
}
