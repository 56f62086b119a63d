//! snipcheck: runs the Python snippets of documents and checks what came out.

use std::process::ExitCode;

mod cli;
mod config;
pub mod directive;
pub mod document;
mod event;
mod expect;
mod outcome;
mod plan;
mod policy;
pub mod problem;
mod report;
mod sandbox;
pub mod snippet;
mod summary;
mod supervisor;
mod verdict;
mod wire;
mod worker;

pub fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == "__lane") {
        return worker::lane();
    }
    debug();
    ExitCode::SUCCESS
}

fn debug() {
    use crate::supervisor::*;
    let tier = if std::env::var("OFF").is_ok() { policy::Tier::Off } else { policy::Tier::A };
    let repeat: usize = std::env::var("REPEAT").map_or(1, |v| v.parse().unwrap());
    let lanes: usize = std::env::var("LANES").map_or(2, |v| v.parse().unwrap());
    let limits = policy::Limits { wall: std::time::Duration::from_secs(3), ..policy::Limits::default() };
    let cwd = std::env::current_dir().unwrap();
    let base = std::path::PathBuf::from(env!("SNIPCHECK_PYTHON")); let python = std::env::var_os("PY").map_or(base.clone(), Into::into);
    let prefix = base.parent().unwrap().parent().unwrap().to_path_buf();
    let setup = wire::LaneSetup {
        python: python.clone(),
        pythonpath: vec![],
        tier,
        limits,
        readable: vec![prefix, cwd.clone(), python.parent().unwrap().parent().unwrap().to_path_buf()],
        hidden: vec![],
        user: 2_000_000_000,
    };
    let (jobs, receiver) = tokio::sync::mpsc::unbounded_channel();
    let (tx, rx) = std::sync::mpsc::channel();
    let started = std::time::Instant::now();
    std::thread::spawn(move || execute(Options { lanes, setup, limits, run_timeout: None }, receiver, tx));
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    for number in 0..repeat {
        let mut line = 1;
        let mut works = vec![];
        for part in text.split("#---\n") {
            works.push(Work {
                setup: vec![],
                wall: limits.wall,
                step: wire::Step {
                    file: "doc.md".into(),
                    code: part.to_owned(),
                    line: snippet::Line(line),
                    files: vec![],
                },
            });
            line += part.matches('\n').count() as u32 + 1;
        }
        jobs.send(Job { number, document: "doc.md".into(), neighbours: Some(cwd.clone()), works }).unwrap();
    }
    drop(jobs);
    let mut n = 0;
    for p in rx {
        if repeat == 1 {
            if let Progress::Done { outcome: o, .. } = &p {
                println!(
                    "{:?} {:?} {:?}\n  out {:?}\n  err {:?}\n  val {:?} {:?} {:?}",
                    o.ending,
                    o.cause,
                    o.exception.as_ref().map(|e| (&e.kind, &e.message, e.line, e.frames.len(), &e.traceback)),
                    o.stdout.text(),
                    o.stderr.text(),
                    o.value,
                    o.usage,
                    o.notes
                );
            }
        }
        if let Progress::Done { outcome, .. } = &p {
            n += 1;
            if repeat > 1 && outcome.ending != outcome::Ending::Completed {
                println!("{outcome:?}");
            }
        }
        if let Progress::Finished { result, .. } = &p {
            println!("{result:?} {n} {:?}", started.elapsed());
            break;
        }
    }
}
