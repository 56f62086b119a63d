//! Handlers of signals, which are counted: one that runs when a wait has begun for its caller and not yet for the kernel
//! has to end it (`EINTR`, signal(7)).

use std::ffi::{c_int, c_void};
use std::mem;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering::SeqCst};

use libc::siginfo_t;

use crate::declare::interpose;
use snipcheck_clock::{handled, page};

/// The last signal there is.
const LAST: c_int = 64;
const SIGNALS: usize = LAST.unsigned_abs() as usize + 1;

/// Of faults, which nobody waits for, the handler is left alone.
const FAULTS: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT];

type Function = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// What stands behind [`handle`]: the program's own handler and its flags.
struct Handler {
    address: AtomicUsize,
    flags: AtomicI32,
}

static HANDLERS: [Handler; SIGNALS] =
    [const { Handler { address: AtomicUsize::new(0), flags: AtomicI32::new(0) } }; SIGNALS];

/// The signals that had handlers when these were noted, one bit each.
static NOTED: OnceLock<u64> = OnceLock::new();

extern "C" fn handle(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    handled::add_one();
    let handler = usize::try_from(signal).ok().and_then(|signal| HANDLERS.get(signal));
    let address = handler.map_or(0, |handler| handler.address.load(SeqCst));
    if address == libc::SIG_DFL || address == libc::SIG_IGN {
        return;
    }
    // SAFETY: a handler of the program. One that takes the number alone does not look at the others (sigaction(2)).
    let handler = unsafe { mem::transmute::<usize, Function>(address) };
    handler(signal, info, context);
}

interpose!(
    fn sigaction(signal: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int {
        let known = usize::try_from(signal).ok().and_then(|number| HANDLERS.get(number));
        let (Some(_), Some(known), false) = (page(), known, FAULTS.contains(&signal)) else {
            return sigaction::original(signal, new, old);
        };
        let before = (known.address.load(SeqCst), known.flags.load(SeqCst));
        // SAFETY: null, or the caller's to read.
        let wanted = unsafe { new.as_ref() }.map(|wanted| {
            let mut wanted = *wanted;
            if wanted.sa_sigaction != libc::SIG_DFL && wanted.sa_sigaction != libc::SIG_IGN {
                known.flags.store(wanted.sa_flags, SeqCst);
                known.address.store(wanted.sa_sigaction, SeqCst);
                wanted.sa_sigaction = handle as *const () as usize;
                wanted.sa_flags |= libc::SA_SIGINFO;
            }
            wanted
        });
        let wanted = wanted.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let answer = sigaction::original(signal, wanted, old);
        if answer != 0 {
            known.address.store(before.0, SeqCst);
            known.flags.store(before.1, SeqCst);
            return answer;
        }
        // SAFETY: null, or the caller's place, which has just been written.
        if let Some(old) = unsafe { old.as_mut() }
            && old.sa_sigaction == handle as *const () as usize
        {
            (old.sa_sigaction, old.sa_flags) = before;
        }
        0
    }
);

/// Notes the signals that have handlers, for copies of this process: asking for all of them takes sixty system calls.
pub(super) fn note_handlers() {
    NOTED.get_or_init(|| with_handlers(1..=LAST).fold(0, |noted, (signal, _)| noted | bit(signal)));
}

/// Takes over the handlers that there are when the clock begins.
pub(super) fn count_handlers() {
    if page().is_none() {
        return;
    }
    let noted = NOTED.get().copied().unwrap_or(u64::MAX);
    for (signal, action) in with_handlers((1..=LAST).filter(|signal| noted & bit(*signal) != 0)) {
        sigaction(signal, &raw const action, std::ptr::null_mut());
    }
}

fn bit(signal: c_int) -> u64 {
    1 << (signal - 1)
}

/// Those of these signals that have handlers, and their actions.
fn with_handlers(signals: impl Iterator<Item = c_int>) -> impl Iterator<Item = (c_int, libc::sigaction)> {
    signals.filter(|signal| !FAULTS.contains(signal)).filter_map(|signal| {
        let mut action = mem::MaybeUninit::<libc::sigaction>::zeroed();
        if sigaction::original(signal, std::ptr::null(), action.as_mut_ptr()) != 0 {
            return None;
        }
        // SAFETY: libc has filled it in.
        let action = unsafe { action.assume_init() };
        let is_handled = action.sa_sigaction != libc::SIG_DFL && action.sa_sigaction != libc::SIG_IGN;
        is_handled.then_some((signal, action))
    })
}
