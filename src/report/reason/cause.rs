//! Causes in words.

use crate::model::outcome::{Cause, CauseKind};

pub(super) fn sentence(cause: &Cause) -> String {
    let detail = cause.detail.as_deref();
    match cause.kind {
        CauseKind::Wall
        | CauseKind::Cpu
        | CauseKind::Virtual
        | CauseKind::Memory
        | CauseKind::Processes
        | CauseKind::Output
        | CauseKind::Disk
        | CauseKind::Inodes
        | CauseKind::Descriptors => excess(cause).unwrap_or_default(),
        CauseKind::Signal => format!("killed by {}", detail.unwrap_or("a signal")),
        CauseKind::Exit => {
            let code = cause.used.map_or_else(|| "early".to_owned(), |code| format!("with code {code}"));
            detail.map_or_else(|| format!("exited {code}"), |detail| format!("exited {code}: {detail}"))
        }
        CauseKind::Interactive => match detail {
            Some(what) => format!("`{what}` waits for somebody to type, and nobody is there"),
            None => "waits for somebody to type, and nobody is there".to_owned(),
        },
        CauseKind::MissingPackage => match detail {
            Some(package) => format!("package `{package}` is not installed"),
            None => "a package is not installed".to_owned(),
        },
        CauseKind::Network => match detail {
            Some(what) => format!("needs {what}, which its sandbox does not give"),
            None => "needs a network, which its sandbox does not give".to_owned(),
        },
    }
}

/// What a snippet did with a limited resource: `used 530 of 512 MiB of memory`. `None` for causes that are no limits.
pub(crate) fn excess(cause: &Cause) -> Option<String> {
    let (verb, resource, figures) = resource(cause.kind)?;
    let unit = match cause.unit.as_deref() {
        Some(unit @ ("MiB" | "s")) => format!(" {unit} of"),
        // The name of the resource says what is counted.
        Some(_) | None => String::new(),
    };

    let limit = match (cause.limit, cause.kind, cause.used) {
        (Some(limit), _, _) => limit,
        // There is no limit to name: how far virtual time may go depends on what else happened.
        (None, CauseKind::Virtual, Some(used)) => {
            return Some(format!("{verb} {} s of {resource} and came to no end", figure(used)));
        }
        (None, _, _) => return Some(format!("{verb} too much {resource}")),
    };

    let most = format!("{}{unit} {resource}", figure(limit));
    Some(match (figures, cause.used) {
        (Figures::Stated, Some(used)) if used >= limit => format!("{verb} {} of {most}", figure(used)),
        // A request for too much at once is refused as a whole, so less than the limit is used.
        (Figures::Stated, _) => format!("asked for more than {most}"),
        (Figures::Omitted, _) => format!("{verb} more than {most}"),
    })
}

/// Whether a sentence says how much of a limit was used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figures {
    Stated,
    /// The time stands beside the sentence anyway, and output is cut off at its limit.
    Omitted,
}

/// What a snippet did with a resource that is limited.
fn resource(kind: CauseKind) -> Option<(&'static str, &'static str, Figures)> {
    match kind {
        CauseKind::Wall => Some(("took", "wall time", Figures::Omitted)),
        CauseKind::Virtual => Some(("took", "virtual time", Figures::Omitted)),
        CauseKind::Cpu => Some(("used", "CPU time", Figures::Stated)),
        CauseKind::Memory => Some(("used", "memory", Figures::Stated)),
        CauseKind::Processes => Some(("used", "processes and threads", Figures::Stated)),
        CauseKind::Output => Some(("wrote", "output", Figures::Omitted)),
        CauseKind::Disk => Some(("used", "disk space", Figures::Stated)),
        CauseKind::Inodes => Some(("used", "files", Figures::Stated)),
        CauseKind::Descriptors => Some(("used", "open files", Figures::Stated)),
        CauseKind::Signal
        | CauseKind::Exit
        | CauseKind::Interactive
        | CauseKind::MissingPackage
        | CauseKind::Network => None,
    }
}

/// A number with at most two decimals.
fn figure(number: f64) -> String {
    let digits = format!("{number:.2}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::model::outcome::{Cause, CauseKind};

    fn cause(kind: CauseKind, detail: Option<&str>) -> Cause {
        Cause { kind, used: None, limit: None, unit: None, detail: detail.map(str::to_owned) }
    }

    #[test]
    fn causes_come_with_figures() {
        let limited = |kind, used, limit, unit: &str| Cause {
            used,
            limit: Some(limit),
            unit: Some(unit.to_owned()),
            ..cause(kind, None)
        };
        for (cause, expected) in [
            (limited(CauseKind::Wall, Some(10.01), 10.0, "s"), "took more than 10 s of wall time"),
            (limited(CauseKind::Cpu, Some(0.27), 0.25, "s"), "used 0.27 of 0.25 s of CPU time"),
            (limited(CauseKind::Output, Some(65.5), 64.0, "MiB"), "wrote more than 64 MiB of output"),
            (limited(CauseKind::Memory, Some(530.126), 512.0, "MiB"), "used 530.13 of 512 MiB of memory"),
            (limited(CauseKind::Memory, Some(20.0), 512.0, "MiB"), "asked for more than 512 MiB of memory"),
            (
                limited(CauseKind::Processes, Some(257.0), 256.0, "tasks"),
                "used 257 of 256 processes and threads",
            ),
            (limited(CauseKind::Inodes, Some(9.0), 9.0, "files"), "used 9 of 9 files"),
            (cause(CauseKind::Disk, None), "used too much disk space"),
            (Cause { used: Some(3.0), ..cause(CauseKind::Exit, None) }, "exited with code 3"),
            (cause(CauseKind::MissingPackage, Some("numpy")), "package `numpy` is not installed"),
            (cause(CauseKind::Signal, Some("SIGSEGV")), "killed by SIGSEGV"),
        ] {
            assert_eq!(sentence(&cause), expected);
        }
    }
}
