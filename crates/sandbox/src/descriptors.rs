//! Descriptors of a session: passed from the supervisor, put where snippets do not meet them.

use std::ffi::c_int;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recvmsg, sendmsg};

use crate::error::{SandboxError, StepContext};

/// The runner's descriptors have numbers from here on, so that the first file a snippet opens gets the number 3 as it
/// would anywhere.
const HIGH: u64 = 1000;
/// How many descriptors the runner has at most.
const OURS: u64 = 8;

#[cfg(sandboxed)]
const RECEIVING: MsgFlags = MsgFlags::MSG_CMSG_CLOEXEC;
/// What arrives stays open on exec, and nothing is executed before [`install`] closes it.
#[cfg(not(sandboxed))]
const RECEIVING: MsgFlags = MsgFlags::empty();

/// The signal upon which the processes of a session report their stacks. Nothing of Python or libc uses it.
pub const STACKS_SIGNAL: c_int = 63;

/// Where a session's output and its status go.
#[derive(Debug)]
pub struct SessionDescriptors {
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
    pub status: OwnedFd,
    /// Where the session's processes report their stacks, if init could make a pipe for them.
    pub stacks: Option<OwnedFd>,
    /// The file of an image, if the session's request has to do with one.
    pub image: Option<OwnedFd>,
}

impl SessionDescriptors {
    /// The numbers of those that lead out of the session.
    #[cfg(sandboxed)]
    pub(super) fn outward(&self) -> [RawFd; 3] {
        [&self.stdout, &self.stderr, &self.status].map(AsRawFd::as_raw_fd)
    }
}

/// Sends a session's descriptors with one byte over a Unix socket (`SCM_RIGHTS`, unix(7)).
pub fn send(socket: RawFd, descriptors: &SessionDescriptors) -> io::Result<()> {
    let mut raw =
        vec![descriptors.stdout.as_raw_fd(), descriptors.stderr.as_raw_fd(), descriptors.status.as_raw_fd()];
    raw.extend(descriptors.image.as_ref().map(AsRawFd::as_raw_fd));
    sendmsg::<UnixAddr>(
        socket,
        &[IoSlice::new(&[0])],
        &[ControlMessage::ScmRights(&raw)],
        // Every program of Rust ignores SIGPIPE.
        MsgFlags::empty(),
        None,
    )?;
    Ok(())
}

/// Receives what [`send`] sent; `None` when the other end has closed.
pub fn receive(socket: RawFd) -> io::Result<Option<SessionDescriptors>> {
    let mut byte = [0];
    let mut parts = [IoSliceMut::new(&mut byte)];
    let mut space = nix::cmsg_space!([RawFd; 4]);

    let message = loop {
        match recvmsg::<UnixAddr>(socket, &mut parts, Some(&mut space), RECEIVING) {
            Ok(message) => break message,
            Err(Errno::EINTR) => {
                parts = [IoSliceMut::new(&mut byte)];
            }
            Err(error) => return Err(error.into()),
        }
    };
    if message.bytes == 0 {
        return Ok(None);
    }

    let mut received = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(raw) = control {
            // SAFETY: the kernel has just made these descriptors in this process, and nothing else owns them.
            received.extend(raw.into_iter().map(|raw| unsafe { OwnedFd::from_raw_fd(raw) }));
        }
    }

    let image = if received.len() > 3 { received.pop() } else { None };
    let [stdout, stderr, status] =
        <[OwnedFd; 3]>::try_from(received).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Some(SessionDescriptors { stdout, stderr, status, stacks: None, image }))
}

/// Moves a descriptor out of the way of snippets; it closes on exec.
pub fn lift(descriptor: impl AsFd) -> io::Result<OwnedFd> {
    let [lifted] = lift_all([descriptor])?;
    Ok(lifted)
}

/// The limit is asked for once: the system call filter takes its time over that.
pub(super) fn lift_all<const COUNT: usize>(descriptors: [impl AsFd; COUNT]) -> io::Result<[OwnedFd; COUNT]> {
    let (limit, _) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let lowest = RawFd::try_from(HIGH.min(limit.saturating_sub(OURS))).unwrap_or_default();
    let lifted: Vec<OwnedFd> =
        descriptors.into_iter().map(|descriptor| copy_from(lowest, descriptor)).collect::<io::Result<_>>()?;
    Ok(lifted.try_into().expect("as many as there were"))
}

fn copy_from(lowest: RawFd, descriptor: impl AsFd) -> io::Result<OwnedFd> {
    let raw = fcntl(descriptor, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: `fcntl` has just made this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Puts `/dev/null` and the streams on 0, 1 and 2 and closes everything else but copies of the three with high numbers.
///
/// Takes numbers: the owners live in the memory of the lane, which has them open too.
pub(super) fn install(numbers: [RawFd; 3], image: Option<RawFd>) -> Result<SessionDescriptors, SandboxError> {
    // SAFETY: the caller's numbers are open in this process's table, and nothing closes them before the end.
    let [stdout, stderr, status] = numbers.map(|raw| unsafe { BorrowedFd::borrow_raw(raw) });

    let null = std::fs::File::open("/dev/null").step("open `/dev/null`")?;
    nix::unistd::dup2_stdin(&null).step("redirect stdin")?;
    nix::unistd::dup2_stdout(stdout).step("redirect stdout")?;
    nix::unistd::dup2_stderr(stderr).step("redirect stderr")?;
    drop(null);

    let [stdout, stderr, status] = lift_all([stdout, stderr, status]).step("move a descriptor")?;
    let image = match image {
        // SAFETY: as above.
        Some(image) => Some(lift(unsafe { BorrowedFd::borrow_raw(image) }).step("move a descriptor")?),
        None => None,
    };
    let kept = SessionDescriptors { stdout, stderr, status, stacks: None, image };

    // Without an image there is one number twice.
    let image = kept.image.as_ref().unwrap_or(&kept.status);
    let ours = [&kept.stdout, &kept.stderr, &kept.status, image].map(AsRawFd::as_raw_fd);
    close_others(ours).step("close descriptors")?;
    Ok(kept)
}

#[cfg(sandboxed)]
fn close_others(kept: [RawFd; 4]) -> io::Result<()> {
    let mut open = kept.map(RawFd::cast_unsigned);
    open.sort_unstable();
    let mut next = 3;
    for descriptor in open {
        if next < descriptor {
            close_range(next, descriptor - 1)?;
        }
        next = descriptor + 1;
    }
    close_range(next, u32::MAX)
}

#[cfg(sandboxed)]
fn close_range(first: u32, last: u32) -> io::Result<()> {
    // SAFETY: the numbers belong to the lane's descriptors, which nothing in this process uses after the call.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(not(sandboxed))]
fn close_others(kept: [RawFd; 4]) -> io::Result<()> {
    let names = std::fs::read_dir("/dev/fd")?.flatten().map(|entry| entry.file_name());
    let open: Vec<RawFd> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
    for descriptor in open {
        if descriptor > 2 && !kept.contains(&descriptor) {
            // The one that the names were read from is closed already.
            let _ = nix::unistd::close(descriptor);
        }
    }
    Ok(())
}
