//! Which system calls are answered (`seccomp(2)`). Filters are compiled once, before Python starts.

use std::collections::BTreeMap;
use std::io;

use libc::{c_int, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch,
};

use crate::model::policy::Tier;
use crate::sandbox::allowed::{DANGEROUS, EVERYWHERE, HERE, METADATA, METADATA_HERE, OF_INIT};
use crate::sandbox::{SandboxError, Step};

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

/// Type into a terminal as if its user did, or have the kernel load a module for it (`ioctl_tty(2)`).
const TYPING: [libc::c_ulong; 3] = [libc::TIOCSTI, libc::TIOCLINUX, libc::TIOCSETD];

/// A network namespace holds back what these do, and nothing else: `AF_VSOCK` reaches the host of a virtual machine.
const FAMILIES: [c_int; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// What is spoken in them. For other protocols the kernel loads modules that hardly anybody uses, or looks after.
const PROTOCOLS: [(c_int, &[c_int]); 3] = [
    (libc::AF_INET, &[0, libc::IPPROTO_ICMP, libc::IPPROTO_TCP, libc::IPPROTO_UDP]),
    (libc::AF_INET6, &[0, libc::IPPROTO_ICMPV6, libc::IPPROTO_TCP, libc::IPPROTO_UDP]),
    (libc::AF_NETLINK, &[libc::NETLINK_ROUTE]),
];

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: TargetArch = TargetArch::x86_64;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: TargetArch = TargetArch::aarch64;

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;
type Result<T> = std::result::Result<T, seccompiler::Error>;

/// The filter that sessions add to those of their lane.
#[derive(Debug)]
pub(super) struct SessionFilter(BpfProgram);

impl SessionFilter {
    pub(super) fn apply(&self) -> std::result::Result<(), SandboxError> {
        seccompiler::apply_filter(&self.0).map_err(io::Error::other).step("filter a session's system calls")
    }
}

/// Restricts this process for good, and prepares what its sessions give up on top.
pub(super) fn restrict(tier: Tier) -> std::result::Result<SessionFilter, SandboxError> {
    filters(tier).map_err(io::Error::other).step("filter system calls")
}

/// Of two refusals the one that was loaded last counts, so `EPERM` comes behind `ENOSYS`.
fn filters(tier: Tier) -> Result<SessionFilter> {
    let known = EVERYWHERE.iter().chain(HERE).map(|call| (*call, Vec::new())).collect();
    seccompiler::apply_filter(&compile(known, refusal(libc::ENOSYS), SeccompAction::Allow)?)?;
    seccompiler::apply_filter(&refusing(families(tier)?, libc::EAFNOSUPPORT)?)?;
    seccompiler::apply_filter(&refusing(dangerous(tier)?, libc::EPERM)?)?;
    Ok(SessionFilter(refusing(of_init()?, libc::EPERM)?))
}

fn refusing(rules: Rules, error: c_int) -> Result<BpfProgram> {
    compile(rules, SeccompAction::Allow, refusal(error))
}

fn compile(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<BpfProgram> {
    Ok(SeccompFilter::new(rules, otherwise, matched, ARCHITECTURE)?.try_into()?)
}

fn refusal(error: c_int) -> SeccompAction {
    SeccompAction::Errno(error.cast_unsigned())
}

/// Sockets of families that namespaces do not separate. Without namespaces there are none at all, only pairs.
fn families(tier: Tier) -> Result<Rules> {
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

fn dangerous(tier: Tier) -> Result<Rules> {
    let mut rules: Rules = DANGEROUS.iter().map(|call| (*call, Vec::new())).collect();
    let typing = TYPING.iter().map(|request| Ok(SeccompRule::new(vec![equals(1, *request)?])?));
    rules.insert(libc::SYS_ioctl, typing.collect::<Result<_>>()?);
    if tier == Tier::B {
        rules.extend(METADATA.iter().chain(METADATA_HERE).map(|call| (*call, Vec::new())));
        // Limits, priority and processors of the user's other processes; 0 is the caller itself.
        for (call, argument) in
            [(libc::SYS_prlimit64, 0), (libc::SYS_setpriority, 1), (libc::SYS_sched_setaffinity, 0)]
        {
            rules.insert(call, vec![SeccompRule::new(vec![differs(argument, 0)?])?]);
        }
        // For a user, 0 is everything that runs as the caller's.
        let of_user = SeccompRule::new(vec![equals(0, u64::from(libc::PRIO_USER))?])?;
        rules.entry(libc::SYS_setpriority).or_default().push(of_user);
    }
    Ok(rules)
}

/// What only init may still do: make mounts and namespaces.
fn of_init() -> Result<Rules> {
    let mut rules: Rules = OF_INIT.iter().map(|call| (*call, Vec::new())).collect();
    let namespaces = NAMESPACES.iter().map(|flag| Ok(SeccompRule::new(vec![has(0, *flag)?])?));
    rules.insert(libc::SYS_clone, namespaces.collect::<Result<_>>()?);
    Ok(rules)
}

/// Compares 32 bits: the kernel ignores the others of these arguments, and a filter must too.
fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition> {
    Ok(SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?)
}

fn differs(argument: u8, value: c_int) -> Result<SeccompCondition> {
    condition(argument, SeccompCmpOp::Ne, u64::from(value.cast_unsigned()))
}

fn equals(argument: u8, value: u64) -> Result<SeccompCondition> {
    condition(argument, SeccompCmpOp::Eq, value)
}

fn has(argument: u8, flag: c_int) -> Result<SeccompCondition> {
    let flag = u64::from(flag.cast_unsigned());
    condition(argument, SeccompCmpOp::MaskedEq(flag), flag)
}
