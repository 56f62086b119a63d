//! The system call that a task sleeps in (`proc_pid_syscall(5)`).

/// A system call by its number, and what it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) number: libc::c_long,
    pub(super) arguments: [u64; 6],
}

impl Call {
    /// `None` for a task that runs, or that sleeps in no system call.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let number = words.next()?.parse().ok().filter(|number| *number >= 0)?;

        let mut arguments = [0; 6];
        for (argument, word) in arguments.iter_mut().zip(words) {
            *argument = u64::from_str_radix(word.trim_start_matches("0x"), 16).unwrap_or(0);
        }
        Some(Self { number, arguments })
    }

    /// A descriptor among the arguments. The kernel ignores the upper half of the word.
    pub(super) fn descriptor(&self, index: usize) -> u32 {
        let low = self.arguments[index] & u64::from(u32::MAX);
        u32::try_from(low).unwrap_or(u32::MAX)
    }

    /// Whether it waits for a time: it was given a timeout.
    pub(super) fn waits_for_a_time(&self) -> bool {
        // Of milliseconds, -1 is for ever.
        let milliseconds = |index: usize| i32::try_from(self.arguments[index]).is_ok_and(|time| time > 0);
        let given = |index: usize| self.arguments[index] != 0;

        match self.number {
            libc::SYS_nanosleep | libc::SYS_clock_nanosleep => true,
            libc::SYS_futex => {
                let operation = i32::try_from(self.arguments[1]).unwrap_or(0) & libc::FUTEX_CMD_MASK;
                let waits = [
                    libc::FUTEX_WAIT,
                    libc::FUTEX_WAIT_BITSET,
                    libc::FUTEX_LOCK_PI,
                    libc::FUTEX_LOCK_PI2,
                    libc::FUTEX_WAIT_REQUEUE_PI,
                ];
                waits.contains(&operation) && given(3)
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_poll => milliseconds(2),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_epoll_wait => milliseconds(3),
            libc::SYS_epoll_pwait => milliseconds(3),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_select => given(4),
            libc::SYS_pselect6 => given(4),
            libc::SYS_ppoll => given(2),
            libc::SYS_rt_sigtimedwait => given(2),
            libc::SYS_semtimedop | libc::SYS_futex_waitv | libc::SYS_epoll_pwait2 => given(3),
            libc::SYS_mq_timedsend | libc::SYS_mq_timedreceive => given(4),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn calls_are_read_as_the_kernel_writes_them() {
        let text = "1 0x5 0x7f00 0x10 0x0 0x0 0x0 0x7ffd 0x7f11\n";
        assert_eq!(Call::parse(text), Some(Call { number: 1, arguments: [5, 0x7f00, 16, 0, 0, 0] }));
        for text in ["running\n", "-1 0x7ffd 0x7f11\n", ""] {
            assert_eq!(Call::parse(text), None, "{text}");
        }
    }

    #[test]
    fn waits_for_a_time_are_those_with_a_timeout() {
        let check = |number, arguments, expected| {
            let call = Call { number, arguments };
            assert_eq!(call.waits_for_a_time(), expected, "{call:?}");
        };
        for number in [libc::SYS_epoll_pwait2, libc::SYS_futex_waitv, libc::SYS_semtimedop] {
            check(number, [5, 0x7f00, 8, 0x7ffd, 0, 0], true);
            check(number, [5, 0x7f00, 8, 0, 0, 0], false);
        }
        for operation in [libc::FUTEX_WAIT, libc::FUTEX_LOCK_PI2, libc::FUTEX_WAIT_REQUEUE_PI] {
            let private = u64::from((operation | libc::FUTEX_PRIVATE_FLAG).unsigned_abs());
            check(libc::SYS_futex, [0x7f00, private, 2, 0x7ffd, 0, 0], true);
            check(libc::SYS_futex, [0x7f00, private, 2, 0, 0, 0], false);
        }
        check(libc::SYS_futex, [0x7f00, u64::from(libc::FUTEX_WAKE.unsigned_abs()), 1, 0x7ffd, 0, 0], false);
        check(libc::SYS_epoll_pwait, [5, 0x7f00, 8, u64::from(u32::MAX), 0, 0], false);
        check(libc::SYS_epoll_pwait, [5, 0x7f00, 8, 20, 0, 0], true);
    }
}
