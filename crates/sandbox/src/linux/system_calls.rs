//! Which system calls are answered (`seccomp(2)`). Filters are compiled once, before Python starts.

use std::collections::BTreeMap;
use std::io;

use libc::{c_int, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};
use serde::{Deserialize, Serialize};

use crate::error::{SandboxError, StepContext};
use crate::linux::copies::{CopyFilter, RESULT};
use crate::linux::filter::Filter;
use crate::linux::syscall_lists::{
    AT_ONCE, DANGEROUS, EVERYWHERE, HARMLESS, HARMLESS_HERE, HERE, METADATA, METADATA_HERE, OF_INIT,
};
use snipcheck_model::policy::Tier;

/// Namespaces that `clone(2)` makes, one bit each.
const NAMESPACES: [c_int; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Open files and the working directory: every library for threads has them shared.
const SHARED_BY_THREADS: [c_int; 2] = [libc::CLONE_FILES, libc::CLONE_FS];
/// Of `linux/close_range.h`.
const CLOSE_RANGE_UNSHARE: c_int = 1 << 1;

/// Requests that type into a terminal as if its user did, or have the kernel load a module for it (`ioctl_tty(2)`).
const TYPING: [libc::c_ulong; 3] = [libc::TIOCSTI, libc::TIOCLINUX, libc::TIOCSETD];

/// Commands that make other processes wait for a file, report what they do with it, or change how it is kept
/// (`fcntl(2)`): a lease or a delegation (`F_SETLEASE`, `F_SETDELEG`), a note of changes (`F_NOTIFY`), a hint of its
/// lifetime (`F_SET_RW_HINT`, `F_SET_FILE_RW_HINT`).
const HOLDING: [c_int; 5] = [libc::F_SETLEASE, 1040, libc::F_NOTIFY, 1036, 1038];

/// Calls that change a process or reach it, and which of their arguments is its number.
const OF_PROCESSES: [(c_long, u8); 12] = [
    (libc::SYS_kill, 0),
    (libc::SYS_pidfd_open, 0),
    (libc::SYS_prlimit64, 0),
    (libc::SYS_rt_sigqueueinfo, 0),
    (libc::SYS_rt_tgsigqueueinfo, 0),
    (libc::SYS_sched_setaffinity, 0),
    (libc::SYS_sched_setattr, 0),
    (libc::SYS_sched_setparam, 0),
    (libc::SYS_sched_setscheduler, 0),
    (libc::SYS_setpriority, 1),
    (libc::SYS_tgkill, 0),
    (libc::SYS_tkill, 0),
];

/// `PRIO_USER` of setpriority(2), whose type differs between libraries.
const PRIO_USER: c_int = 2;

/// The number of a session's init where it has a namespace of processes.
const INIT: u64 = 1;
/// Commands of `fcntl(2)` that neither lock, lease nor change what others have open.
const DESCRIBING: [c_int; 5] =
    [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_DUPFD, libc::F_DUPFD_CLOEXEC];

/// Requests of `ioctl(2)` that Python makes of a file which it opens.
const ASKING: [libc::c_ulong; 5] =
    [libc::TCGETS, libc::TIOCGWINSZ, libc::FIONREAD, libc::FIOCLEX, libc::FIONCLEX];

/// Families of sockets that a network namespace holds back. It holds back no others: `AF_VSOCK` reaches the host of a
/// virtual machine.
const FAMILIES: [c_int; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// The protocols of these families that are allowed. For other protocols the kernel loads modules that are hardly used
/// or looked after.
const PROTOCOLS: [(c_int, &[c_int]); 3] = [
    (libc::AF_INET, &[0, libc::IPPROTO_ICMP, libc::IPPROTO_TCP, libc::IPPROTO_UDP]),
    (libc::AF_INET6, &[0, libc::IPPROTO_ICMPV6, libc::IPPROTO_TCP, libc::IPPROTO_UDP]),
    (libc::AF_NETLINK, &[libc::NETLINK_ROUTE]),
];

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: TargetArch = TargetArch::x86_64;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: TargetArch = TargetArch::aarch64;

type CallRules = BTreeMap<c_long, Vec<SeccompRule>>;
type Result<T> = std::result::Result<T, seccompiler::Error>;

/// How many filters [`filters`] applies where there are no namespaces.
pub(super) const FILTERS_OF_LANE: usize = 5;

/// The filter that sessions add to those of their lane.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SessionFilter(Filter);

impl SessionFilter {
    pub(super) fn apply(&self) -> std::result::Result<(), SandboxError> {
        self.0.apply().map_err(io::Error::other).step("filter a session's system calls")
    }
}

/// Filters that are compiled for processes which a lane starts.
pub(super) struct LaterFilters {
    pub(super) sessions: SessionFilter,
    pub(super) copies: CopyFilter,
}

/// Restricts this process for good, and prepares what its sessions give up on top, and copies of these.
pub(super) fn restrict(tier: Tier) -> std::result::Result<LaterFilters, SandboxError> {
    filters(tier).map_err(io::Error::other).step("filter system calls")
}

/// Of two refusals the one that was loaded last counts, so `EPERM` is loaded after `ENOSYS`.
fn filters(tier: Tier) -> Result<LaterFilters> {
    let known = EVERYWHERE.iter().chain(HERE).map(|call| (*call, Vec::new())).collect();
    let mut filters = vec![
        compile(known, refusal(libc::ENOSYS), SeccompAction::Allow)?,
        refusing(families(tier)?, libc::EAFNOSUPPORT)?,
        refusing(datagrams()?, libc::EPROTONOSUPPORT)?,
        refusing(dangerous(tier)?, libc::EPERM)?,
    ];
    if tier == Tier::B {
        let rules = AT_ONCE.iter().map(|call| (*call, Vec::new())).collect();
        filters.insert(1, refusing(rules, libc::EOPNOTSUPP)?);
        debug_assert_eq!(
            filters.len(),
            FILTERS_OF_LANE,
            "lanes with more filters would be taken for sessions"
        );
    }
    for filter in &filters {
        seccompiler::apply_filter(filter)?;
    }

    // A trap counts more than any refusal. It covers only calls that lanes may make, so all others stay refused.
    let copies = compile(beyond_copies()?, SeccompAction::Allow, SeccompAction::Trap)?;
    let sessions = refusing(of_init(tier)?, libc::EPERM)?;
    Ok(LaterFilters { sessions: SessionFilter(sessions.into()), copies: CopyFilter(copies.into()) })
}

fn refusing(rules: CallRules, error: c_int) -> Result<BpfProgram> {
    compile(rules, SeccompAction::Allow, refusal(error))
}

fn compile(rules: CallRules, otherwise: SeccompAction, matched: SeccompAction) -> Result<BpfProgram> {
    Ok(SeccompFilter::new(rules, otherwise, matched, ARCHITECTURE)?.try_into()?)
}

fn refusal(error: c_int) -> SeccompAction {
    SeccompAction::Errno(error.cast_unsigned())
}

/// Sockets of families that namespaces do not separate. Without namespaces there are none at all, only pairs.
fn families(tier: Tier) -> Result<CallRules> {
    let sockets = match tier {
        Tier::A => {
            let others = FAMILIES.iter().map(|family| differs(0, *family)).collect::<Result<_>>()?;
            let mut sockets = vec![SeccompRule::new(others)?];

            for (family, protocols) in PROTOCOLS {
                let mut others = vec![condition(0, SeccompCmpOp::Eq, u64::from(family.cast_unsigned()))?];
                for protocol in protocols {
                    others.push(differs(2, *protocol)?);
                }
                sockets.push(SeccompRule::new(others)?);
            }
            sockets
        }
        Tier::B | Tier::Off => Vec::new(),
    };
    let pairs = vec![SeccompRule::new(vec![differs(0, libc::AF_UNIX)?])?];
    Ok([(libc::SYS_socket, sockets), (libc::SYS_socketpair, pairs)].into())
}

/// Local datagrams. Who sends one to a full socket waits after the kernel has looked how many descriptors of the user
/// are under way (`unix_dgram_sendmsg`), so that threads without end put them there, and no program of the user can
/// pass one.
fn datagrams() -> Result<CallRules> {
    /// What is left of a type without `SOCK_NONBLOCK` and `SOCK_CLOEXEC` (`SOCK_TYPE_MASK` in the kernel).
    const KIND: u64 = 0xf;
    let local = |kind: c_int| {
        let kind = u64::from(kind.cast_unsigned());
        let kind = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(KIND), kind)?;
        let family = condition(0, SeccompCmpOp::Eq, u64::from(libc::AF_UNIX.cast_unsigned()))?;
        Ok(SeccompRule::new(vec![family, kind])?)
    };
    // The kernel takes a raw socket of this family for one of datagrams (`unix_create`).
    let rules = || [libc::SOCK_DGRAM, libc::SOCK_RAW].into_iter().map(local).collect::<Result<_>>();
    Ok([(libc::SYS_socket, rules()?), (libc::SYS_socketpair, rules()?)].into())
}

/// What neither lanes nor their sessions may do.
fn dangerous(tier: Tier) -> Result<CallRules> {
    let mut rules: CallRules = DANGEROUS.iter().map(|call| (*call, Vec::new())).collect();

    let typing = TYPING.iter().map(|request| Ok(SeccompRule::new(vec![equals(1, *request)?])?));
    rules.insert(libc::SYS_ioctl, typing.collect::<Result<_>>()?);
    let holding = HOLDING.iter().map(|command| Ok(SeccompRule::new(vec![is(1, *command)?])?));
    rules.insert(libc::SYS_fcntl, holding.collect::<Result<_>>()?);

    // `/proc` shows what one thread of a process holds; it stands for all of them.
    let unshared = SHARED_BY_THREADS
        .iter()
        .map(|flag| Ok(SeccompRule::new(vec![lacks(0, libc::CLONE_THREAD, *flag)?])?));
    rules.insert(libc::SYS_clone, unshared.collect::<Result<_>>()?);
    rules.insert(libc::SYS_close_range, vec![SeccompRule::new(vec![has(2, CLOSE_RANGE_UNSHARE)?])?]);

    match tier {
        Tier::A => {
            for (call, argument) in OF_PROCESSES {
                rules.insert(call, vec![SeccompRule::new(vec![equals(argument, INIT)?])?]);
            }
        }
        Tier::B => {
            rules.extend(METADATA.iter().chain(METADATA_HERE).map(|call| (*call, Vec::new())));
            // Limits, priority and processors of the user's other processes; 0 is the caller itself.
            for (call, argument) in
                [(libc::SYS_prlimit64, 0), (libc::SYS_setpriority, 1), (libc::SYS_sched_setaffinity, 0)]
            {
                rules.insert(call, vec![SeccompRule::new(vec![differs(argument, 0)?])?]);
            }
        }
        Tier::Off => {}
    }

    // For a user, 0 is everything that runs as the caller's, init among them.
    let of_user = SeccompRule::new(vec![is(0, PRIO_USER)?])?;
    rules.entry(libc::SYS_setpriority).or_default().push(of_user);
    Ok(rules)
}

/// What only init may still do: make mounts and namespaces.
fn of_init(tier: Tier) -> Result<CallRules> {
    let mut rules: CallRules = OF_INIT.iter().map(|call| (*call, Vec::new())).collect();
    let namespaces = NAMESPACES.iter().map(|flag| Ok(SeccompRule::new(vec![has(0, *flag)?])?));
    rules.insert(libc::SYS_clone, namespaces.collect::<Result<_>>()?);

    if tier == Tier::B {
        // A supervisor that is not root cannot see which files a process holds that is not dumpable.
        let hide = vec![equals(0, u64::from(libc::PR_SET_DUMPABLE.cast_unsigned()))?, equals(1, 0)?];
        rules.insert(libc::SYS_prctl, vec![SeccompRule::new(hide)?]);
    }
    Ok(rules)
}

/// What copies of sessions must not do, of all that is known: upon SIGSYS they end (seccomp(2)).
fn beyond_copies() -> Result<CallRules> {
    let harmless = |call: &c_long| HARMLESS.contains(call) || HARMLESS_HERE.contains(call);
    let known = EVERYWHERE.iter().chain(HERE).filter(|call| !harmless(call));
    let mut rules: CallRules = known.map(|call| (*call, Vec::new())).collect();

    for call in [libc::SYS_write, libc::SYS_writev] {
        let other = [condition(0, SeccompCmpOp::Gt, 2)?, differs(0, RESULT)?];
        rules.insert(call, vec![SeccompRule::new(other.to_vec())?]);
    }

    let writes = |argument| {
        let flags = [libc::O_WRONLY, libc::O_RDWR, libc::O_CREAT, libc::O_TRUNC];
        flags.iter().map(|flag| Ok(SeccompRule::new(vec![has(argument, *flag)?])?)).collect::<Result<_>>()
    };
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, writes(1)?);
    rules.insert(libc::SYS_openat, writes(2)?);

    let describing = DESCRIBING.iter().map(|command| differs(1, *command)).collect::<Result<_>>()?;
    rules.insert(libc::SYS_fcntl, vec![SeccompRule::new(describing)?]);
    let asking = ASKING.iter().map(|request| condition(1, SeccompCmpOp::Ne, *request));
    rules.insert(libc::SYS_ioctl, vec![SeccompRule::new(asking.collect::<Result<_>>()?)?]);

    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![differs(0, 0)?])?]);
    let thread = libc::CLONE_THREAD;
    let process = condition(0, SeccompCmpOp::MaskedEq(u64::from(thread.cast_unsigned())), 0)?;
    rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![process])?]);
    Ok(rules)
}

/// Compares 32 bits: the kernel ignores the others of these arguments, and a filter must too.
fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?)
}

fn differs(argument: u8, value: c_int) -> Result<SeccompCondition> {
    condition(argument, SeccompCmpOp::Ne, u64::from(value.cast_unsigned()))
}

fn is(argument: u8, value: c_int) -> Result<SeccompCondition> {
    equals(argument, u64::from(value.cast_unsigned()))
}

fn equals(argument: u8, value: u64) -> Result<SeccompCondition> {
    condition(argument, SeccompCmpOp::Eq, value)
}

fn has(argument: u8, flag: c_int) -> Result<SeccompCondition> {
    let flag = u64::from(flag.cast_unsigned());
    condition(argument, SeccompCmpOp::MaskedEq(flag), flag)
}

/// Whether an argument has one flag and lacks the other.
fn lacks(argument: u8, flag: c_int, missing: c_int) -> Result<SeccompCondition> {
    let both = SeccompCmpOp::MaskedEq(u64::from((flag | missing).cast_unsigned()));
    condition(argument, both, u64::from(flag.cast_unsigned()))
}
