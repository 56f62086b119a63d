//! snipcheck: runs the Python snippets of documents and checks what came out.
//!
//! The rooms, in the order in which data passes them:
//!
//! - `cli`, `config`: words and settings, resolved once; which Python runs snippets;
//! - [`document`]: files to code blocks, each with a disposition;
//! - `plan`: which snippets run, and which share a session;
//! - `supervisor`: processes, limits, time; `wire`: what they say to each other;
//! - `lane`: a process that confines itself and starts CPython; `sandbox`: a policy as kernel restrictions;
//! - `worker`: what an interpreter loads to run sessions;
//! - `clock`: the virtual time of a session; `interpose`: functions under libc's names, by which its programs see it;
//! - `cache`: what sessions did before, for those of which nothing has changed;
//! - `expect`: outcomes compared with what was promised;
//! - `report`: events to text;
//! - `watch`: what changes below a project, and what somebody types meanwhile;
//! - `update`: documents that say what happened; `review`: one question after another about what waits;
//! - `run` joins them, `commands` are the verbs.
//!
//! `syntax` reads Python without running it. `unseen` tells which characters a reader misses. `safe_fs` opens
//! files of a checkout, which may be a stranger's.
//!
//! The executable links no libpython. It carries `worker` and `interpose` as libraries (`build.rs`), which are loaded at run
//! time: the first by the interpreter of a lane, the second by every program of a session. These two, and what more than one of
//! the three needs (`model`, `wire`, `safe_fs`, `sandbox`, `clock`), are crates in `crates/`.
//!
//! The nouns that travel are in [`model`]; `event` and `summary`, which tell of a run, are made of them, and of
//! `variation`.
//!
//! `docs/contributing/architecture.md` has the rooms with what each must not know; `processes.md` beside it has who runs where.

mod cache;
mod cli;
mod commands;
mod config;
pub mod directive;
pub mod document;
mod event;
mod expect;
mod failure;
mod lane;
mod plan;
mod report;
mod review;
mod run;
mod summary;
mod supervisor;
mod syntax;
mod unseen;
mod update;
mod variation;
mod watch;

use std::process::ExitCode;

pub use snipcheck_model as model;
use snipcheck_safe_fs as safe_fs;
use snipcheck_sandbox as sandbox;
use snipcheck_wire as wire;

/// The whole program.
pub fn main() -> ExitCode {
    if config::arguments().next().is_some_and(|word| word == lane::LANE) {
        return lane::lane();
    }
    if config::arguments().next().is_some_and(|word| word == supervisor::SWEEPER) {
        return config::arguments()
            .nth(1)
            .map_or(ExitCode::FAILURE, |folder| supervisor::sweep(folder.as_ref()));
    }
    supervisor::restore_child_signals();
    let verb = match cli::parse(config::arguments()) {
        Ok(verb) => verb,
        Err(answer) => return cli::print(&answer),
    };
    match commands::execute(&verb) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
