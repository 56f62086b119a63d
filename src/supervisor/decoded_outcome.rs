//! What becomes of the bytes that a session writes, for tests that need no session.

use std::fs::File;
use std::io::Write;

use crate::model::outcome::{Outcome, Stream};
use crate::model::policy::Limits;
use crate::supervisor::capture::{Capture, Ends};
use crate::supervisor::ending::{self, Death, Traces};
use crate::supervisor::facts::FactLog;
use crate::supervisor::lane::Pipes;
use crate::wire::{Decoder, Reply, StuckKind, Token};

/// The outcome of a step whose session said this on its status descriptor, and wrote this to its streams.
pub(crate) fn decoded_outcome(document: &str, token: &Token, replies: &[u8], streams: [&[u8]; 2]) -> Outcome {
    let mut decoder = Decoder::new(token);
    decoder.feed(replies);
    let [stdout, stderr] = streams.map(|bytes| captured(token, bytes));
    let mut log = FactLog::default();
    let mut stuck = None;

    let limits = Limits::default();
    let death = loop {
        match decoder.next() {
            Ok(Some(Reply::Seen(fact))) => log.add(*fact),
            Ok(Some(Reply::Finished(finished))) => {
                let traces = Traces { stdout, stderr, facts: log.facts, stuck };
                return ending::finished(*finished, traces, &limits);
            }
            Ok(Some(Reply::Stuck(words))) => stuck = Some(words),
            Ok(Some(Reply::Gone { status })) => break Death::Gone { status: Some(status) },
            Ok(Some(Reply::Refused { step, error })) => break Death::Refused { step, error },
            Ok(Some(Reply::Warm)) => {}
            Ok(Some(Reply::Closing { .. })) | Err(_) => break Death::Forged,
            Ok(None) => {
                break match stuck.as_ref().map(|words| words.kind) {
                    Some(StuckKind::Deadlocked) => Death::Deadlocked,
                    Some(StuckKind::Spent) => Death::Spent,
                    Some(StuckKind::Ended) | None => Death::Gone { status: None },
                };
            }
        }
    };
    let wall = limits.wall;
    let traces = Traces { stdout, stderr, facts: log.facts, stuck };
    ending::died((&death, document), wall, traces, &limits)
}

/// No more than a pipe holds.
fn captured(token: &Token, bytes: &[u8]) -> Stream {
    let Pipes { stdout, theirs, .. } = Pipes::new(None).expect("there are pipes");
    File::from(theirs.stdout).write_all(bytes).expect("a pipe holds so much");
    let ends = Ends { steps: 1, examples: 9 };
    Capture::new(stdout, token, Limits::default().kept, ends).step(&mut Vec::new())
}
