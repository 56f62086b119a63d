//! The pipes that lead out of the session, and which of its tasks wait for the supervisor to read them.
//!
//! Whether a pipe has room says too little: a reader frees room first and wakes the writers afterwards, and may lose its
//! processor in between for as long as the machine is busy. So the tasks are asked what they wait for.

use std::fs::{self, File};
use std::mem::{MaybeUninit, size_of};
use std::os::fd::RawFd;
use std::os::unix::fs::{FileExt, MetadataExt};

use crate::linux::keeper::call::Call;

/// As many bytes of a task's lists of descriptors are read. A longer list is taken for one with such a pipe in it.
const LONGEST_LIST: usize = 64 << 10;

/// A file, whatever descriptor leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

/// One of the pipes, as init has it open.
#[derive(Clone, Copy, Debug)]
struct Pipe {
    descriptor: RawFd,
    /// `None` where the kernel does not tell.
    identity: Option<Identity>,
}

#[derive(Debug)]
pub(super) struct Outward {
    pipes: [Pipe; 3],
}

impl Outward {
    pub(super) fn new(descriptors: [RawFd; 3]) -> Self {
        let pipe = |descriptor| Pipe { descriptor, identity: identity(descriptor) };
        Self { pipes: descriptors.map(pipe) }
    }

    /// Whether all of them have room. For tasks that cannot be asked.
    pub(super) fn has_room(&self) -> bool {
        self.pipes.iter().all(Pipe::has_room)
    }

    /// Whether this sleeping task waits until the supervisor has read one of them.
    pub(super) fn is_awaited(&self, process: i32, thread: i32, call: &Call) -> bool {
        let task = Task { folder: format!("/proc/{process}/task/{thread}") };
        let pipe = |index| self.find(&task, call.descriptor(index));

        match call.number {
            // These wait for nothing but room.
            libc::SYS_write | libc::SYS_writev | libc::SYS_pwritev2 | libc::SYS_vmsplice => pipe(0).is_some(),
            // These may wait for their source instead, and do if all has been read that was written.
            libc::SYS_sendfile => pipe(0).is_some_and(Pipe::holds_data),
            libc::SYS_splice => pipe(2).is_some_and(Pipe::holds_data),
            libc::SYS_tee => pipe(1).is_some_and(Pipe::holds_data),

            #[cfg(target_arch = "x86_64")]
            libc::SYS_poll => self.is_polled(&task, call),
            libc::SYS_ppoll => self.is_polled(&task, call),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_select => self.is_selected(&task, call),
            libc::SYS_pselect6 => self.is_selected(&task, call),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_epoll_wait => self.is_watched(&task, call.descriptor(0)),
            libc::SYS_epoll_pwait | libc::SYS_epoll_pwait2 => self.is_watched(&task, call.descriptor(0)),
            _ => false,
        }
    }

    /// The pipe that a descriptor of the task leads to.
    fn find(&self, task: &Task, descriptor: u32) -> Option<&Pipe> {
        let identity = task.identity(descriptor)?;
        self.pipes.iter().find(|pipe| pipe.identity == Some(identity))
    }

    fn is_polled(&self, task: &Task, call: &Call) -> bool {
        let count = usize::try_from(call.arguments[1]).unwrap_or(usize::MAX);
        let length = count.saturating_mul(size_of::<libc::pollfd>());
        let Some(list) = task.memory(call.arguments[0], length) else { return length > LONGEST_LIST };

        // The events follow the descriptor (`struct pollfd`, poll(2)).
        list.chunks_exact(size_of::<libc::pollfd>()).any(|entry| {
            let descriptor = u32::from_ne_bytes([entry[0], entry[1], entry[2], entry[3]]);
            let events = i16::from_ne_bytes([entry[4], entry[5]]);
            events & (libc::POLLOUT | libc::POLLWRNORM) != 0 && self.find(task, descriptor).is_some()
        })
    }

    fn is_selected(&self, task: &Task, call: &Call) -> bool {
        let (count, set) = (call.descriptor(0), call.arguments[2]);
        if set == 0 {
            return false;
        }
        let length = (count as usize).div_ceil(8);
        let Some(set) = task.memory(set, length) else { return length > LONGEST_LIST };

        let mut wanted = (0..count).filter(|descriptor| {
            // Sets are arrays of words, whose lowest bit is the first.
            let byte = *descriptor as usize / 8;
            let byte =
                if cfg!(target_endian = "big") { byte ^ (size_of::<libc::c_long>() - 1) } else { byte };
            set.get(byte).is_some_and(|bits| bits & (1 << (descriptor % 8)) != 0)
        });
        wanted.any(|descriptor| self.find(task, descriptor).is_some())
    }

    fn is_watched(&self, task: &Task, epoll: u32) -> bool {
        task.watched_for_room(epoll).iter().any(|watched| {
            let is_it = |pipe: &&Pipe| pipe.identity.is_some_and(|identity| identity.inode == watched.inode);
            let pipe = self.pipes.iter().find(is_it);
            pipe.is_some_and(|pipe| !watched.tells_changes || pipe.holds_data())
        })
    }
}

impl Pipe {
    fn has_room(&self) -> bool {
        let mut entry = libc::pollfd { fd: self.descriptor, events: libc::POLLOUT, revents: 0 };
        // SAFETY: the kernel reads and writes one entry, which lives on this stack. Without a timeout it is no wait.
        let ready = unsafe { libc::poll(&raw mut entry, 1, 0) };
        ready == 1 && entry.revents & libc::POLLOUT != 0
    }

    /// Whether it holds what the supervisor has not read. A read that has begun is waited for.
    fn holds_data(&self) -> bool {
        let mut bytes: libc::c_int = 0;
        // SAFETY: `FIONREAD` writes one number, which lives on this stack.
        let answer = unsafe { libc::ioctl(self.descriptor, libc::FIONREAD, &raw mut bytes) };
        answer == 0 && bytes > 0
    }
}

/// A file that an epoll instance watches for room.
struct Watched {
    inode: u64,
    /// It tells of room once, not for as long as there is some (`EPOLLET`).
    tells_changes: bool,
}

/// A task by its folder. Its descriptors are its own: not all threads of a process need share them.
struct Task {
    folder: String,
}

impl Task {
    fn identity(&self, descriptor: u32) -> Option<Identity> {
        let file = fs::metadata(format!("{}/fd/{descriptor}", self.folder)).ok()?;
        Some(Identity { device: file.dev(), inode: file.ino() })
    }

    fn memory(&self, address: u64, length: usize) -> Option<Vec<u8>> {
        if length > LONGEST_LIST {
            return None;
        }
        let mut bytes = vec![0; length];
        let memory = File::open(format!("{}/mem", self.folder)).ok()?;
        memory.read_exact_at(&mut bytes, address).ok()?;
        Some(bytes)
    }

    /// The files that an epoll instance watches for room (`proc_pid_fdinfo(5)`):
    /// `tfd: 1 events: 1c data: 1 pos:0 ino:a2 sdev:f`.
    fn watched_for_room(&self, epoll: u32) -> Vec<Watched> {
        let text = fs::read_to_string(format!("{}/fdinfo/{epoll}", self.folder)).unwrap_or_default();

        let watched = |line: &str| {
            let mut words = line.strip_prefix("tfd:")?.split_ascii_whitespace();
            let events = words.find(|word| *word == "events:").and_then(|_| words.next())?;
            let events = u32::from_str_radix(events, 16).ok()?;
            let inode = words.find_map(|word| word.strip_prefix("ino:"))?;
            let inode = u64::from_str_radix(inode, 16).ok()?;
            let has = |flag: libc::c_int| events & flag.cast_unsigned() != 0;
            has(libc::EPOLLOUT).then_some(Watched { inode, tells_changes: has(libc::EPOLLET) })
        };
        text.lines().filter_map(watched).collect()
    }
}

fn identity(descriptor: RawFd) -> Option<Identity> {
    let mut status = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the kernel fills the structure, which lives on this stack.
    let answer = unsafe { libc::fstat(descriptor, status.as_mut_ptr()) };
    if answer != 0 {
        return None;
    }
    // SAFETY: filled, as the answer says.
    let status = unsafe { status.assume_init() };
    Some(Identity { device: status.st_dev, inode: status.st_ino })
}
