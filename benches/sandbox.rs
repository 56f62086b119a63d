//! What a sandbox costs: the same snippets, each in a session of its own, with the sandbox and without, in turn.
//!
//! `cargo bench --bench sandbox` runs the executable that cargo built for it. Ratios of one run mean something; seconds
//! depend on what else the machine does.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

const DOCUMENTS: u32 = 100;
const SNIPPETS: u32 = 10;
const ROUNDS: usize = 9;

/// Of one run, for each session.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

#[expect(clippy::print_stdout, reason = "its result is for people")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder for documents");
    write_documents(folder.path());
    // What the first run of all pays for is not the matter here.
    run(folder.path(), "auto");
    let pairs: Vec<(Cost, Cost)> =
        (0..ROUNDS).map(|_| (run(folder.path(), "auto"), run(folder.path(), "off"))).collect();
    println!("{} sessions a run, {ROUNDS} pairs of runs, medians for a session:", DOCUMENTS * SNIPPETS);
    for (name, part) in [("wall", (|cost| cost.wall) as fn(Cost) -> Duration), ("CPU", |cost| cost.cpu)] {
        let with = median(pairs.iter().map(|(with, _)| milliseconds(part(*with))));
        let without = median(pairs.iter().map(|(_, without)| milliseconds(part(*without))));
        let more = median(
            pairs.iter().map(|(with, without)| milliseconds(part(*with)) - milliseconds(part(*without))),
        );
        println!("  {name:<5} {with:.3} ms with, {without:.3} ms without, {more:+.3} ms for the sandbox");
    }
}

fn write_documents(folder: &Path) {
    for number in 0..DOCUMENTS {
        let snippets: String =
            (0..SNIPPETS).map(|_| "```python\nx = 1 + 2\nassert x == 3\nprint(x)\n```\n\n").collect();
        fs::write(folder.join(format!("{number}.md")), format!("# Page\n\n{snippets}")).expect("a document");
    }
}

fn run(folder: &Path, sandbox: &str) -> Cost {
    let before = cpu();
    let started = Instant::now();
    let done = Command::new(env!("CARGO_BIN_EXE_snipcheck"))
        .args(["run", "--quiet", "--share", "none", "--sandbox", sandbox, "."])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status();
    assert!(done.is_ok_and(|status| status.success()), "a run failed");
    let sessions = DOCUMENTS * SNIPPETS;
    Cost { wall: started.elapsed() / sessions, cpu: cpu().saturating_sub(before) / sessions }
}

/// Of all children that have ended, and of theirs.
fn cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("rusage of children");
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(microseconds.cast_unsigned())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
