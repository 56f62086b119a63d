//! What the project asks for beyond the defaults. It gets it if it is trusted; else it gets the most that its own
//! words can give, and a located problem says so.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::config::error::At;
use crate::config::interpreter::Entrance;
use crate::config::limits::{Limit, Resource};
use crate::config::paths;
use crate::config::trust::Trust;
use crate::config::variable::Variable;
use crate::model::policy::{Clock, Limits, Network};
use crate::model::problem::Problem;

/// Sandboxes side by side that a settings file can ask for: as many as the largest machines have cores.
const MOST_JOBS: usize = 64;
const INSIDE: &str = "only what is inside the project";

#[derive(Debug)]
pub(crate) struct Wishes<'a> {
    trust: Trust,
    pub(crate) root: &'a Path,
    real_root: PathBuf,
    pub(crate) problems: Vec<Problem>,
}

/// Something that widens what snippets can do.
struct Wish<'a> {
    key: &'a str,
    asked: String,
    /// What is given instead.
    most: &'a str,
    /// How the caller gives it.
    remedy: String,
}

impl<'a> Wishes<'a> {
    pub(crate) fn new(trust: Trust, root: &'a Path) -> Self {
        let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self { trust, root, real_root, problems: Vec::new() }
    }

    pub(crate) fn timeout(&mut self, asked: Duration, at: &At, most: Duration) -> Duration {
        let wish = Wish {
            key: "timeout",
            asked: format!("{asked:?}"),
            most: &format!("{most:?} at most"),
            remedy: format!("`--timeout {}s` gives it", asked.as_secs_f64()),
        };
        if asked <= most || self.granted(&wish, at) { asked } else { most }
    }

    /// Limits of the file, as far as the caller has not set the same ones.
    pub(crate) fn limits(&mut self, own: &[Limit], asked: &[(Limit, At)]) -> Limits {
        let mut limits = Limits::default();
        for (limit, at) in asked {
            let set = |resource: Resource| own.iter().any(|own| own.resource == resource);
            let most = limit.resource.within(&Limits::default());
            let wish = Wish {
                key: "limits",
                asked: format!("`{limit}`"),
                most: &format!("`{most}` at most"),
                remedy: format!("`--limit {limit}` gives it"),
            };
            if !set(limit.resource) && (limit.amount <= most.amount || self.granted(&wish, at)) {
                limit.apply(&mut limits);
            }
        }
        for limit in own {
            limit.apply(&mut limits);
        }
        limits
    }

    pub(crate) fn jobs(&mut self, asked: usize, at: &At) -> usize {
        let wish = Wish {
            key: "jobs",
            asked: asked.to_string(),
            most: &format!("{MOST_JOBS} at most"),
            remedy: format!("`--jobs {asked}` gives it"),
        };
        if asked <= MOST_JOBS || self.granted(&wish, at) { asked } else { MOST_JOBS }
    }

    pub(crate) fn variables(&mut self, asked: Vec<(Variable, At)>) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (variable, at) in asked {
            let wish = Wish {
                key: "env",
                asked: format!("`{}`", variable.name),
                most: "no variables",
                remedy: "`--env` gives it".to_owned(),
            };
            if self.granted(&wish, &at) {
                variables.push(variable);
            }
        }
        variables
    }

    /// What the sandbox does not show anyway, as it does everything of the project.
    pub(crate) fn readable(&mut self, asked: Vec<(String, At)>) -> Vec<PathBuf> {
        let mut readable = Vec::new();
        for (word, at) in asked {
            let path = paths::absolute(Path::new(&word), self.root);
            if self.is_inside(&path) {
                continue;
            }
            let wish = outside("readable", &word, "`--readable` gives it");
            if self.granted(&wish, &at) && path.exists() {
                readable.push(path);
            }
        }
        readable
    }

    pub(crate) fn network(&mut self, asked: Network, at: &At) -> Network {
        let wish = Wish {
            key: "network",
            asked: "`host`".to_owned(),
            most: "`loopback`",
            remedy: "`--network host` gives it".to_owned(),
        };
        match asked {
            Network::Host if self.granted(&wish, at) => Network::Host,
            Network::Host | Network::Loopback => Network::Loopback,
        }
    }

    pub(crate) fn clock(&mut self, asked: Clock, at: &At) -> Clock {
        let wish = Wish {
            key: "clock",
            asked: "`real`".to_owned(),
            most: "`virtual`",
            remedy: "`--clock real` gives it".to_owned(),
        };
        match asked {
            Clock::Real if self.granted(&wish, at) => Clock::Real,
            Clock::Real | Clock::Virtual => Clock::Virtual,
        }
    }

    /// Documents, folders and globs without those that lead out of the project, whose files would be shown.
    pub(crate) fn paths(&mut self, asked: Vec<(String, At)>) -> Vec<String> {
        let mut inside = Vec::new();
        for (word, at) in asked {
            let path = paths::absolute(Path::new(&word), self.root);
            let wish = outside("paths", &word, "the command line can name it");
            if let Ok(below) = path.strip_prefix(self.root) {
                inside.push(without_detours(&word, below));
            } else if self.granted(&wish, &at) {
                inside.push(word);
            }
        }
        inside
    }

    /// Who enters the environment that the settings name; `None` if nobody may look at it.
    pub(crate) fn environment(&mut self, folder: &Path, word: &str, at: &At) -> Option<Entrance> {
        let wish = outside("python", word, "`--python` chooses it");
        (self.holds_environment(folder) || self.granted(&wish, at)).then(|| self.entrance())
    }

    /// The same of a `.venv` that nobody has named.
    pub(crate) fn nearby_environment(&mut self, folder: &Path) -> Option<Entrance> {
        if self.holds_environment(folder) || self.trust == Trust::Trusted {
            return Some(self.entrance());
        }
        self.problems.push(Problem {
            path: ".venv".to_owned(),
            line: None,
            message: "the environment leads out of the project, snippets do without".to_owned(),
            hint: Some("`--python .venv` chooses it; `--trust` lets the project choose it".to_owned()),
        });
        None
    }

    fn entrance(&self) -> Entrance {
        match self.trust {
            Trust::Untrusted | Trust::Usual => Entrance::OfSessions,
            Trust::Trusted => Entrance::OfLanes,
        }
    }

    /// Its settings are read, so they must be the project's too.
    fn holds_environment(&self, folder: &Path) -> bool {
        self.is_inside(folder) && self.is_inside(&folder.join("pyvenv.cfg"))
    }

    /// By its letters and, if it is there, behind all links.
    fn is_inside(&self, path: &Path) -> bool {
        path.starts_with(self.root)
            && path.canonicalize().map_or(true, |real| real.starts_with(&self.real_root))
    }

    fn granted(&mut self, wish: &Wish<'_>, at: &At) -> bool {
        if self.trust == Trust::Trusted {
            return true;
        }
        self.problems.push(Problem {
            path: "pyproject.toml".to_owned(),
            line: Some(at.line),
            message: format!("`{}` asks for {}, settings can give {}", wish.key, wish.asked, wish.most),
            hint: Some(format!("{}; `--trust` lets the project's own settings widen", wish.remedy)),
        });
        false
    }
}

/// `link/../x` is beside what the link leads to, wherever that is.
fn without_detours(word: &str, below: &Path) -> String {
    let has_detour = Path::new(word).components().any(|component| component == Component::ParentDir);
    match below.to_str() {
        Some("") if has_detour => ".".to_owned(),
        Some(below) if has_detour => below.to_owned(),
        Some(_) | None => word.to_owned(),
    }
}

fn outside<'a>(key: &'a str, word: &str, remedy: &str) -> Wish<'a> {
    Wish { key, asked: format!("`{word}`"), most: INSIDE, remedy: remedy.to_owned() }
}
