//! The executable at a terminal of its own: what its screen shows, and keys.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use nix::unistd::Pid;

use crate::project::DEADLINE;

/// A program, and the terminal that it runs at.
pub(crate) struct Session {
    child: Child,
    keyboard: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

fn size(width: u16, height: u16) -> Winsize {
    Winsize { ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 }
}

fn nonzero(size: u16) -> NonZero<u16> {
    NonZero::new(size).unwrap()
}

impl Session {
    pub(crate) fn start(command: &mut Command, (width, height): (u16, u16)) -> Self {
        let pair = openpty(&size(width, height), None).unwrap();
        let side = || Stdio::from(pair.slave.try_clone().unwrap());
        command.stdin(side()).stdout(side()).stderr(side()).env("TERM", "xterm-256color");
        // SAFETY: both calls may be made between fork and exec.
        unsafe {
            command.pre_exec(|| {
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().unwrap();
        drop(pair.slave);

        let keyboard = File::from(pair.master);
        let mut reader = keyboard.try_clone().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux ends a terminal that nobody holds any more with an error.
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            keyboard,
            output,
            screen: vt100::Parser::new(nonzero(height), nonzero(width), 0),
            raw: Vec::new(),
        }
    }

    /// What the screen shows, without blanks at the ends of lines.
    pub(crate) fn text(&self) -> String {
        let (_, width) = self.screen.screen().size();
        let rows: Vec<String> =
            self.screen.screen().rows(0, width.into()).map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Waits until the screen shows all of these texts.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, texts: &[&str]) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let shown = self.text();
            if texts.iter().all(|text| shown.contains(text)) {
                return shown;
            }
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let _ = self.child.kill();
                    panic!("no {texts:?} on the screen:\n{shown}")
                }
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        self.raw.extend_from_slice(bytes);
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        let size = size(width, height);
        // SAFETY: the structure lives until the call has returned.
        let done = unsafe { libc::ioctl(self.keyboard.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) };
        assert_eq!(done, 0);
        self.screen.screen_mut().set_size(nonzero(height), nonzero(width));
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    pub(crate) fn kill(mut self) {
        kill(self.pid(), Signal::SIGKILL).unwrap();
        self.child.wait().unwrap();
    }

    /// Whether keys are echoed and sent line by line, as before the program has started.
    pub(crate) fn is_cooked(&self) -> bool {
        let flags = tcgetattr(&self.keyboard).unwrap().local_flags;
        flags.contains(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG)
    }

    /// Has keys echoed and sent line by line, as a shell has them that was in the foreground meanwhile.
    pub(crate) fn cook(&self) {
        let mut modes = tcgetattr(&self.keyboard).unwrap();
        modes.local_flags.insert(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG);
        tcsetattr(&self.keyboard, SetArg::TCSANOW, &modes).unwrap();
    }

    /// Waits for the end. Returns the exit code and what the screen shows then.
    #[track_caller]
    pub(crate) fn finish(mut self) -> End {
        let deadline = Instant::now() + DEADLINE;
        // All that was written comes before the end of the output.
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("it goes on:\n{}", self.text())
                }
            }
        }
        let code = self.child.wait().unwrap().code().unwrap();
        let screen = self.screen.screen();
        let is_restored = !screen.alternate_screen() && !screen.hide_cursor() && self.is_cooked();
        End { code, text: self.text(), is_restored }
    }
}

/// What is left at the end.
pub(crate) struct End {
    pub(crate) code: i32,
    pub(crate) text: String,
    /// The usual screen and the cursor are back, and keys are echoed and sent line by line.
    pub(crate) is_restored: bool,
}
