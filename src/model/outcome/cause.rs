//! Why a snippet did not complete, where a limit, a signal or the environment is to blame.

use serde::{Deserialize, Serialize};

/// A limit, a signal or a property of the environment, with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cause {
    pub(crate) kind: CauseKind,
    pub(crate) used: Option<f64>,
    pub(crate) limit: Option<f64>,
    /// `s`, `MiB`, `tasks`; absent where nothing is counted.
    pub(crate) unit: Option<String>,
    /// The package, the signal's name, the exit code.
    pub(crate) detail: Option<String>,
}

impl Cause {
    /// The detail of an exit without a `SystemExit`.
    pub(crate) const NO_UNWINDING: &str = "it left without unwinding, as `os._exit` does";

    /// What a snippet did with a limited resource: `used 530 of 512 MiB of memory`. `None` for causes that are no limits.
    pub(crate) fn excess(&self) -> Option<String> {
        let (verb, resource, figures) = self.kind.resource()?;
        let unit = match self.unit.as_deref() {
            Some(unit @ ("MiB" | "s")) => format!(" {unit} of"),
            // The name of the resource says what is counted.
            Some(_) | None => String::new(),
        };

        let limit = match (self.limit, self.kind, self.used) {
            (Some(limit), _, _) => limit,
            // There is no limit to name: how far virtual time may go depends on what else happened.
            (None, CauseKind::Virtual, Some(used)) => {
                return Some(format!("{verb} {} s of {resource} and came to no end", figure(used)));
            }
            (None, _, _) => return Some(format!("{verb} too much {resource}")),
        };

        let most = format!("{}{unit} {resource}", figure(limit));
        Some(match (figures, self.used) {
            (Figures::Stated, Some(used)) if used >= limit => format!("{verb} {} of {most}", figure(used)),
            // A request for too much at once is refused as a whole, so less than the limit is used.
            (Figures::Stated, _) => format!("asked for more than {most}"),
            (Figures::Omitted, _) => format!("{verb} more than {most}"),
        })
    }
}

/// What is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CauseKind {
    Wall,
    Cpu,
    Virtual,
    Memory,
    Processes,
    Output,
    Disk,
    Inodes,
    Descriptors,
    Signal,
    Exit,
    Interactive,
    MissingPackage,
    Network,
}

/// Whether a sentence says how much of a limit was used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figures {
    Stated,
    /// The time stands beside the sentence anyway, and output is cut off at its limit.
    Omitted,
}

impl CauseKind {
    /// What a snippet did with a resource that is limited.
    fn resource(self) -> Option<(&'static str, &'static str, Figures)> {
        match self {
            Self::Wall => Some(("took", "wall time", Figures::Omitted)),
            Self::Virtual => Some(("took", "virtual time", Figures::Omitted)),
            Self::Cpu => Some(("used", "CPU time", Figures::Stated)),
            Self::Memory => Some(("used", "memory", Figures::Stated)),
            Self::Processes => Some(("used", "processes and threads", Figures::Stated)),
            Self::Output => Some(("wrote", "output", Figures::Omitted)),
            Self::Disk => Some(("used", "disk space", Figures::Stated)),
            Self::Inodes => Some(("used", "files", Figures::Stated)),
            Self::Descriptors => Some(("used", "open files", Figures::Stated)),
            Self::Signal | Self::Exit | Self::Interactive | Self::MissingPackage | Self::Network => None,
        }
    }
}

/// A number with at most two decimals.
fn figure(number: f64) -> String {
    let digits = format!("{number:.2}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}
