//! The system calls of a lane and its sessions: what CPython, its standard library and common packages use.
//!
//! Everything else answers `ENOSYS`, upon which libc falls back to an older call; what is known to be dangerous answers
//! `EPERM`, which people recognise (both in `seccomp(2)`).

use libc::{
    SYS_accept, SYS_accept4, SYS_bind, SYS_brk, SYS_capget, SYS_capset, SYS_chdir, SYS_clock_getres,
    SYS_clock_gettime, SYS_clock_nanosleep, SYS_clone, SYS_close, SYS_close_range, SYS_connect,
    SYS_copy_file_range, SYS_dup, SYS_dup3, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
    SYS_epoll_pwait2, SYS_eventfd2, SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_faccessat,
    SYS_faccessat2, SYS_fadvise64, SYS_fallocate, SYS_fchdir, SYS_fchmod, SYS_fchmodat, SYS_fchown,
    SYS_fchownat, SYS_fcntl, SYS_fdatasync, SYS_fgetxattr, SYS_flistxattr, SYS_flock, SYS_fremovexattr,
    SYS_fsetxattr, SYS_fstat, SYS_fstatfs, SYS_fsync, SYS_ftruncate, SYS_futex, SYS_futex_waitv,
    SYS_get_robust_list, SYS_getcpu, SYS_getcwd, SYS_getdents64, SYS_getegid, SYS_geteuid, SYS_getgid,
    SYS_getgroups, SYS_getitimer, SYS_getpeername, SYS_getpgid, SYS_getpid, SYS_getppid, SYS_getpriority,
    SYS_getrandom, SYS_getresgid, SYS_getresuid, SYS_getrlimit, SYS_getrusage, SYS_getsid, SYS_getsockname,
    SYS_getsockopt, SYS_gettid, SYS_gettimeofday, SYS_getuid, SYS_getxattr, SYS_inotify_add_watch,
    SYS_inotify_init1, SYS_inotify_rm_watch, SYS_ioctl, SYS_kill, SYS_landlock_add_rule,
    SYS_landlock_create_ruleset, SYS_landlock_restrict_self, SYS_lgetxattr, SYS_linkat, SYS_listen,
    SYS_listxattr, SYS_llistxattr, SYS_lremovexattr, SYS_lseek, SYS_lsetxattr, SYS_madvise, SYS_membarrier,
    SYS_mincore, SYS_mkdirat, SYS_mknodat, SYS_mlock, SYS_mlock2, SYS_mlockall, SYS_mmap, SYS_mount,
    SYS_mprotect, SYS_mremap, SYS_msync, SYS_munlock, SYS_munlockall, SYS_munmap, SYS_nanosleep,
    SYS_newfstatat, SYS_openat, SYS_openat2, SYS_personality, SYS_pidfd_open, SYS_pidfd_send_signal,
    SYS_pipe2, SYS_ppoll, SYS_prctl, SYS_pread64, SYS_preadv, SYS_preadv2, SYS_prlimit64, SYS_pselect6,
    SYS_pwrite64, SYS_pwritev, SYS_pwritev2, SYS_read, SYS_readahead, SYS_readlinkat, SYS_readv,
    SYS_recvfrom, SYS_recvmmsg, SYS_recvmsg, SYS_removexattr, SYS_renameat, SYS_renameat2,
    SYS_restart_syscall, SYS_rseq, SYS_rt_sigaction, SYS_rt_sigpending, SYS_rt_sigprocmask,
    SYS_rt_sigqueueinfo, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_rt_tgsigqueueinfo,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_sched_getaffinity, SYS_sched_getattr,
    SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_rr_get_interval, SYS_sched_setaffinity,
    SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_yield, SYS_seccomp,
    SYS_sendfile, SYS_sendmmsg, SYS_sendmsg, SYS_sendto, SYS_set_robust_list, SYS_set_tid_address,
    SYS_setfsgid, SYS_setfsuid, SYS_setgid, SYS_setgroups, SYS_setitimer, SYS_setpgid, SYS_setpriority,
    SYS_setregid, SYS_setresgid, SYS_setresuid, SYS_setreuid, SYS_setrlimit, SYS_setsid, SYS_setsockopt,
    SYS_setuid, SYS_setxattr, SYS_shutdown, SYS_sigaltstack, SYS_signalfd4, SYS_socket, SYS_socketpair,
    SYS_splice, SYS_statfs, SYS_statx, SYS_symlinkat, SYS_sync, SYS_sync_file_range, SYS_syncfs, SYS_sysinfo,
    SYS_tee, SYS_tgkill, SYS_timer_create, SYS_timer_delete, SYS_timer_getoverrun, SYS_timer_gettime,
    SYS_timer_settime, SYS_timerfd_create, SYS_timerfd_gettime, SYS_timerfd_settime, SYS_times, SYS_tkill,
    SYS_truncate, SYS_umask, SYS_umount2, SYS_uname, SYS_unlinkat, SYS_utimensat, SYS_wait4, SYS_waitid,
    SYS_write, SYS_writev, c_long,
};

/// `fchmodat2(2)`, Linux 6.6, has one number on all architectures and none in the bindings.
pub(super) const SYS_FCHMODAT2: c_long = 452;

#[rustfmt::skip]
pub(super) const EVERYWHERE: &[c_long] = &[
    // Memory.
    SYS_brk, SYS_madvise, SYS_membarrier, SYS_mincore, SYS_mlock, SYS_mlock2, SYS_mlockall, SYS_mmap, SYS_mprotect,
    SYS_mremap, SYS_msync, SYS_munlock, SYS_munlockall, SYS_munmap,
    // Files.
    SYS_chdir, SYS_close, SYS_close_range, SYS_copy_file_range, SYS_dup, SYS_dup3, SYS_faccessat, SYS_faccessat2,
    SYS_fadvise64, SYS_fallocate, SYS_fchdir, SYS_fchmod, SYS_fchmodat, SYS_FCHMODAT2, SYS_fchown, SYS_fchownat,
    SYS_fcntl, SYS_fdatasync, SYS_fgetxattr, SYS_flistxattr, SYS_flock, SYS_fremovexattr, SYS_fsetxattr, SYS_fstat,
    SYS_fstatfs, SYS_fsync, SYS_ftruncate, SYS_getcwd, SYS_getdents64, SYS_getxattr, SYS_inotify_add_watch,
    SYS_inotify_init1, SYS_inotify_rm_watch, SYS_ioctl, SYS_lgetxattr, SYS_linkat, SYS_listxattr, SYS_llistxattr,
    SYS_lremovexattr, SYS_lseek, SYS_lsetxattr, SYS_mkdirat, SYS_mknodat, SYS_newfstatat, SYS_openat, SYS_openat2,
    SYS_pread64, SYS_preadv, SYS_preadv2, SYS_pwrite64, SYS_pwritev, SYS_pwritev2, SYS_read, SYS_readahead,
    SYS_readlinkat, SYS_readv, SYS_removexattr, SYS_renameat, SYS_renameat2, SYS_sendfile, SYS_setxattr, SYS_splice,
    SYS_statfs, SYS_statx, SYS_symlinkat, SYS_sync, SYS_sync_file_range, SYS_syncfs, SYS_tee, SYS_truncate,
    SYS_umask, SYS_unlinkat, SYS_utimensat, SYS_write, SYS_writev,
    // Waiting and time.
    SYS_clock_getres, SYS_clock_gettime, SYS_clock_nanosleep, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
    SYS_epoll_pwait2, SYS_eventfd2, SYS_futex, SYS_futex_waitv, SYS_getitimer, SYS_gettimeofday, SYS_nanosleep,
    SYS_pipe2, SYS_ppoll, SYS_pselect6, SYS_setitimer, SYS_signalfd4, SYS_timer_create, SYS_timer_delete,
    SYS_timer_getoverrun, SYS_timer_gettime, SYS_timer_settime, SYS_timerfd_create, SYS_timerfd_gettime,
    SYS_timerfd_settime, SYS_times,
    // Processes, threads, signals.
    SYS_clone, SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_get_robust_list, SYS_getcpu, SYS_getpgid,
    SYS_getpid, SYS_getppid, SYS_getpriority, SYS_getrandom, SYS_getrlimit, SYS_getrusage, SYS_getsid, SYS_gettid,
    SYS_kill, SYS_personality, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_prctl, SYS_prlimit64, SYS_restart_syscall,
    SYS_rseq, SYS_rt_sigaction, SYS_rt_sigpending, SYS_rt_sigprocmask, SYS_rt_sigqueueinfo, SYS_rt_sigreturn,
    SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_rt_tgsigqueueinfo, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_sched_getaffinity, SYS_sched_getattr, SYS_sched_getparam, SYS_sched_getscheduler,
    SYS_sched_rr_get_interval, SYS_sched_setaffinity, SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setscheduler,
    SYS_sched_yield, SYS_set_robust_list, SYS_set_tid_address, SYS_setpgid, SYS_setpriority, SYS_setrlimit,
    SYS_setsid, SYS_sigaltstack, SYS_sysinfo, SYS_tgkill, SYS_tkill, SYS_uname, SYS_wait4, SYS_waitid,
    // Users: there is one, and changing to it succeeds.
    SYS_capget, SYS_capset, SYS_getegid, SYS_geteuid, SYS_getgid, SYS_getgroups, SYS_getresgid, SYS_getresuid,
    SYS_getuid, SYS_setfsgid, SYS_setfsuid, SYS_setgid, SYS_setgroups, SYS_setregid, SYS_setresgid, SYS_setresuid,
    SYS_setreuid, SYS_setuid,
    // Sockets, whose families have a filter of their own.
    SYS_accept, SYS_accept4, SYS_bind, SYS_connect, SYS_getpeername, SYS_getsockname, SYS_getsockopt, SYS_listen,
    SYS_recvfrom, SYS_recvmmsg, SYS_recvmsg, SYS_sendmmsg, SYS_sendmsg, SYS_sendto, SYS_setsockopt, SYS_shutdown,
    SYS_socket, SYS_socketpair,
    // To give up more of the same.
    SYS_seccomp,
    // For init, which prepares a session; refused to sessions.
    SYS_landlock_add_rule, SYS_landlock_create_ruleset, SYS_landlock_restrict_self, SYS_mount, SYS_umount2,
];

/// Calls that newer architectures were born without.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub(super) const HERE: &[c_long] = &[
    libc::SYS_access, libc::SYS_alarm, libc::SYS_arch_prctl, libc::SYS_chmod, libc::SYS_chown, libc::SYS_creat,
    libc::SYS_dup2, libc::SYS_epoll_create, libc::SYS_epoll_wait, libc::SYS_eventfd, libc::SYS_fork,
    libc::SYS_futimesat, libc::SYS_getdents, libc::SYS_getpgrp, libc::SYS_inotify_init, libc::SYS_lchown,
    libc::SYS_link, libc::SYS_lstat, libc::SYS_mkdir, libc::SYS_mknod, libc::SYS_open, libc::SYS_pause,
    libc::SYS_pipe, libc::SYS_poll, libc::SYS_readlink, libc::SYS_rename, libc::SYS_rmdir, libc::SYS_select,
    libc::SYS_signalfd, libc::SYS_stat, libc::SYS_symlink, libc::SYS_time, libc::SYS_unlink, libc::SYS_utime,
    libc::SYS_utimes, libc::SYS_vfork,
];
#[cfg(not(target_arch = "x86_64"))]
pub(super) const HERE: &[c_long] = &[];

/// What neither lanes nor sessions ever need, and attacks do.
#[rustfmt::skip]
pub(super) const DANGEROUS: &[c_long] = &[
    // Other people's memory, files and secrets.
    libc::SYS_add_key, libc::SYS_keyctl, libc::SYS_kcmp, libc::SYS_name_to_handle_at, libc::SYS_open_by_handle_at,
    libc::SYS_pidfd_getfd, libc::SYS_process_madvise, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev,
    libc::SYS_ptrace, libc::SYS_request_key,
    // One call that reaches much of the kernel.
    libc::SYS_bpf, libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_io_uring_setup,
    libc::SYS_perf_event_open, libc::SYS_userfaultfd,
    // The machine itself.
    libc::SYS_acct, libc::SYS_adjtimex, libc::SYS_clock_adjtime, libc::SYS_clock_settime, libc::SYS_delete_module,
    libc::SYS_finit_module, libc::SYS_init_module, libc::SYS_kexec_load, libc::SYS_quotactl, libc::SYS_reboot,
    libc::SYS_setdomainname, libc::SYS_sethostname, libc::SYS_settimeofday, libc::SYS_swapoff, libc::SYS_swapon,
    libc::SYS_syslog, libc::SYS_vhangup,
    // Other roots and namespaces.
    libc::SYS_chroot, libc::SYS_fsconfig, libc::SYS_fsmount, libc::SYS_fsopen, libc::SYS_fspick,
    libc::SYS_mount_setattr, libc::SYS_move_mount, libc::SYS_open_tree, libc::SYS_pivot_root, libc::SYS_setns,
    libc::SYS_unshare,
    // Memory that no process shows: it could not be counted.
    libc::SYS_memfd_create, libc::SYS_memfd_secret, libc::SYS_mq_open, libc::SYS_msgget, libc::SYS_semget,
    libc::SYS_shmat, libc::SYS_shmget,
];

/// What init needs for a session, and the session must not have.
#[rustfmt::skip]
pub(super) const OF_INIT: &[c_long] = &[
    SYS_mount, SYS_umount2,
    // A rule for a file keeps it on the disk when its name is gone, and takes memory of the kernel; no process shows
    // it.
    SYS_landlock_add_rule, SYS_landlock_create_ruleset, SYS_landlock_restrict_self,
];

/// Without namespaces: first changes of files that Landlock does not see, which need no right to write them.
#[rustfmt::skip]
pub(super) const METADATA: &[c_long] = &[
    SYS_fchmod, SYS_fchmodat, SYS_FCHMODAT2, SYS_fchown, SYS_fchownat, SYS_fremovexattr, SYS_fsetxattr,
    SYS_lremovexattr, SYS_lsetxattr, SYS_removexattr, SYS_setxattr, SYS_utimensat,
    // A file that travels from one process to another is held by no process, and could not be counted.
    SYS_sendmmsg, SYS_sendmsg,
    // These could watch or slow down the user's other files and processes.
    SYS_inotify_add_watch, SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setscheduler,
];
/// Without namespaces: what takes any amount of disk at once, beyond the limit for one file too
/// (`FALLOC_FL_KEEP_SIZE`). libc writes instead, if the answer is that the file system cannot do it.
pub(super) const AT_ONCE: &[c_long] = &[SYS_fallocate];

#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub(super) const METADATA_HERE: &[c_long] = &[
    libc::SYS_chmod, libc::SYS_chown, libc::SYS_futimesat, libc::SYS_lchown, libc::SYS_utime, libc::SYS_utimes,
];
#[cfg(not(target_arch = "x86_64"))]
pub(super) const METADATA_HERE: &[c_long] = &[];

/// What copies may do beside what has a rule of its own: nothing of it is felt outside of the process. All of it is
/// allowed to sessions.
#[rustfmt::skip]
pub(super) const HARMLESS: &[c_long] = &[
    // Its own memory.
    SYS_brk, SYS_madvise, SYS_membarrier, SYS_mincore, SYS_mmap, SYS_mprotect, SYS_mremap, SYS_munmap,
    // To read, at places of its own.
    SYS_chdir, SYS_close, SYS_close_range, SYS_dup, SYS_dup3, SYS_faccessat, SYS_faccessat2, SYS_fadvise64, SYS_fchdir,
    SYS_fgetxattr, SYS_flistxattr, SYS_fstat, SYS_fstatfs, SYS_getcwd, SYS_getdents64, SYS_getxattr, SYS_lgetxattr,
    SYS_listxattr, SYS_llistxattr, SYS_lseek, SYS_newfstatat, SYS_pread64, SYS_preadv, SYS_preadv2, SYS_read,
    SYS_readahead, SYS_readlinkat, SYS_readv, SYS_statfs, SYS_statx, SYS_umask,
    // To wait, within its time, for nothing but itself.
    SYS_clock_getres, SYS_clock_gettime, SYS_clock_nanosleep, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
    SYS_epoll_pwait2, SYS_eventfd2, SYS_futex, SYS_futex_waitv, SYS_getitimer, SYS_gettimeofday, SYS_nanosleep,
    SYS_pipe2, SYS_ppoll, SYS_pselect6, SYS_socketpair, SYS_timer_getoverrun, SYS_timer_gettime, SYS_times,
    // Itself.
    SYS_capget, SYS_exit, SYS_exit_group, SYS_get_robust_list, SYS_getcpu, SYS_getegid, SYS_geteuid, SYS_getgid,
    SYS_getgroups, SYS_getpeername, SYS_getpgid, SYS_getpid, SYS_getppid, SYS_getpriority, SYS_getrandom,
    SYS_getresgid, SYS_getresuid, SYS_getrlimit, SYS_getrusage, SYS_getsid, SYS_getsockname, SYS_getsockopt,
    SYS_gettid, SYS_getuid, SYS_prctl, SYS_restart_syscall, SYS_rseq, SYS_rt_sigaction, SYS_rt_sigpending,
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_sched_getaffinity, SYS_sched_getattr, SYS_sched_getparam, SYS_sched_getscheduler,
    SYS_sched_rr_get_interval, SYS_sched_yield, SYS_set_robust_list, SYS_set_tid_address, SYS_sigaltstack,
    SYS_sysinfo, SYS_uname, SYS_wait4, SYS_waitid,
];
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub(super) const HARMLESS_HERE: &[c_long] = &[
    libc::SYS_access, libc::SYS_arch_prctl, libc::SYS_dup2, libc::SYS_epoll_create, libc::SYS_epoll_wait,
    libc::SYS_eventfd, libc::SYS_getdents, libc::SYS_getpgrp, libc::SYS_lstat, libc::SYS_pause, libc::SYS_pipe,
    libc::SYS_poll, libc::SYS_readlink, libc::SYS_select, libc::SYS_stat, libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
pub(super) const HARMLESS_HERE: &[c_long] = &[];
