//! Why a snippet did not complete, where a limit, a signal or the environment is to blame.

use serde::{Deserialize, Serialize};

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
    /// The detail of an exit that no `SystemExit` announced.
    pub(crate) const NO_UNWINDING: &str = "it left without unwinding, as `os._exit` does";

    /// Of a limit: `used 530 of 512 MiB of memory`.
    pub(crate) fn excess(&self) -> Option<String> {
        let (verb, resource, figures) = self.kind.resource()?;
        let unit = match self.unit.as_deref() {
            Some(unit @ ("MiB" | "s")) => format!(" {unit} of"),
            // The resource says what is counted.
            Some(_) | None => String::new(),
        };
        let limit = match (self.limit, self.kind, self.used) {
            (Some(limit), _, _) => limit,
            // How much there is of it depends on what else happened.
            (None, CauseKind::Virtual, Some(used)) => {
                return Some(format!("{verb} {} s of {resource} and came to no end", figure(used)));
            }
            (None, _, _) => return Some(format!("{verb} too much {resource}")),
        };
        let most = format!("{}{unit} {resource}", figure(limit));
        Some(match (figures, self.used) {
            (Figures::Told, Some(used)) if used >= limit => format!("{verb} {} of {most}", figure(used)),
            // What is too much at once is refused as a whole.
            (Figures::Told, _) => format!("asked for more than {most}"),
            (Figures::Untold, _) => format!("{verb} more than {most}"),
        })
    }
}

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
    Told,
    /// How long a snippet ran stands beside the sentence, and a flood is cut off.
    Untold,
}

impl CauseKind {
    /// What a snippet did with a resource that is limited.
    fn resource(self) -> Option<(&'static str, &'static str, Figures)> {
        match self {
            Self::Wall => Some(("took", "wall time", Figures::Untold)),
            Self::Virtual => Some(("took", "virtual time", Figures::Untold)),
            Self::Cpu => Some(("used", "CPU time", Figures::Told)),
            Self::Memory => Some(("used", "memory", Figures::Told)),
            Self::Processes => Some(("used", "processes and threads", Figures::Told)),
            Self::Output => Some(("wrote", "output", Figures::Untold)),
            Self::Disk => Some(("used", "disk space", Figures::Told)),
            Self::Inodes => Some(("used", "files", Figures::Told)),
            Self::Descriptors => Some(("used", "open files", Figures::Told)),
            Self::Signal | Self::Exit | Self::Interactive | Self::MissingPackage | Self::Network => None,
        }
    }
}

fn figure(number: f64) -> String {
    let digits = format!("{number:.2}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}
