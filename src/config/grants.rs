//! What the project asks for beyond the defaults, and how much of it is granted. A trusted project gets all of it. Any
//! other gets the most that its own words can give, and a located problem says so.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::config::error::At;
use crate::config::interpreter::Chooser;
use crate::config::limits::{Limit, Resource};
use crate::config::paths;
use crate::config::trust::Trust;
use crate::config::variable::Variable;
use crate::model::policy::{Clock, Limits, Network};
use crate::model::problem::Problem;

const INSIDE: &str = "only what is inside the project";

#[derive(Debug)]
pub(crate) struct Grants<'a> {
    trust: Trust,
    pub(crate) root: &'a Path,
    real_root: PathBuf,
    pub(crate) problems: Vec<Problem>,
}

/// Something that widens what snippets can do.
struct Widening<'a> {
    key: &'a str,
    asked: String,
    /// What is given instead.
    most: &'a str,
    /// How the caller gives it.
    remedy: String,
}

impl<'a> Grants<'a> {
    pub(crate) fn new(trust: Trust, root: &'a Path) -> Self {
        let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self { trust, root, real_root, problems: Vec::new() }
    }

    pub(crate) fn timeout(&mut self, asked: Duration, at: &At, most: Duration) -> Duration {
        let widening = Widening {
            key: "timeout",
            asked: format!("{asked:?}"),
            most: &format!("{most:?} at most"),
            remedy: format!("`--timeout {}s` gives it", asked.as_secs_f64()),
        };
        if asked <= most || self.granted(&widening, at) { asked } else { most }
    }

    /// The limits of the file, as far as the caller has not set the same ones. `own` are the caller's.
    pub(crate) fn limits(&mut self, own: &[Limit], asked: &[(Limit, At)]) -> Limits {
        let mut limits = Limits::default();
        for (limit, at) in asked {
            let set = |resource: Resource| own.iter().any(|own| own.resource == resource);
            let most = limit.resource.within(&Limits::default());
            let widening = Widening {
                key: "limits",
                asked: format!("`{limit}`"),
                most: &format!("`{most}` at most"),
                remedy: format!("`--limit {limit}` gives it"),
            };

            if !set(limit.resource) && (limit.amount <= most.amount || self.granted(&widening, at)) {
                limit.apply(&mut limits);
            }
        }

        for limit in own {
            limit.apply(&mut limits);
        }
        limits
    }

    /// How many sessions run side by side: each may take as much memory as the limits allow.
    pub(crate) fn jobs(&mut self, asked: usize, at: &At, most: usize) -> usize {
        let widening = Widening {
            key: "jobs",
            asked: asked.to_string(),
            most: &format!("{most} at most, one more than there are cores"),
            remedy: format!("`--jobs {asked}` gives it"),
        };
        if asked <= most || self.granted(&widening, at) { asked } else { most }
    }

    pub(crate) fn variables(&mut self, asked: Vec<(Variable, At)>) -> Vec<Variable> {
        let mut variables = Vec::new();
        for (variable, at) in asked {
            let widening = Widening {
                key: "env",
                asked: format!("`{}`", variable.name),
                most: "no variables",
                remedy: "`--env` gives it".to_owned(),
            };

            if self.granted(&widening, &at) {
                variables.push(variable);
            }
        }
        variables
    }

    /// Files and folders outside of the project: the sandbox shows everything inside of it anyway.
    pub(crate) fn readable(&mut self, asked: Vec<(String, At)>) -> Vec<PathBuf> {
        let mut readable = Vec::new();
        for (word, at) in asked {
            let path = paths::absolute(Path::new(&word), self.root);
            if self.is_inside(&path) {
                continue;
            }

            let widening = outside("readable", &word, "`--readable` gives it");
            if self.granted(&widening, &at) && path.exists() {
                readable.push(path);
            }
        }
        readable
    }

    pub(crate) fn network(&mut self, asked: Network, at: &At) -> Network {
        let widening = Widening {
            key: "network",
            asked: "`host`".to_owned(),
            most: "`loopback`",
            remedy: "`--network host` gives it".to_owned(),
        };
        match asked {
            Network::Host if self.granted(&widening, at) => Network::Host,
            Network::Host | Network::Loopback => Network::Loopback,
        }
    }

    pub(crate) fn clock(&mut self, asked: Clock, at: &At) -> Clock {
        let widening = Widening {
            key: "clock",
            asked: "`real`".to_owned(),
            most: "`virtual`",
            remedy: "`--clock real` gives it".to_owned(),
        };
        match asked {
            Clock::Real if self.granted(&widening, at) => Clock::Real,
            Clock::Real | Clock::Virtual => Clock::Virtual,
        }
    }

    /// Documents, folders and globs without those that lead out of the project, whose files would be shown.
    pub(crate) fn paths(&mut self, asked: Vec<(String, At)>) -> Vec<String> {
        let mut inside = Vec::new();
        for (word, at) in asked {
            let path = paths::absolute(Path::new(&word), self.root);
            let widening = outside("paths", &word, "the command line can name it");
            if let Ok(below) = path.strip_prefix(self.root) {
                inside.push(without_detours(&word, below));
            } else if self.granted(&widening, &at) {
                inside.push(word);
            }
        }
        inside
    }

    /// Who counts as having chosen the environment that the settings name; `None` if nobody may look at it.
    pub(crate) fn environment(
        &mut self,
        folder: &Path,
        (key, word): (&str, &str),
        at: &At,
    ) -> Option<Chooser> {
        let widening = outside(key, word, "`--python` chooses it");
        let is_inside = self.is_inside(folder) && self.is_inside(&folder.join("pyvenv.cfg"));
        (is_inside || self.granted(&widening, at)).then(|| self.chooser())
    }

    /// Who counts as having chosen an environment in `folder` that nobody has named; `None` if snippets do without it. An
    /// environment becomes readable, so links must not lead out of the folder.
    pub(crate) fn nearby_environment(&mut self, folder: &Path, environment: &Path) -> Option<Chooser> {
        let real_folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let is_inside = |path: &Path| {
            path.canonicalize().is_ok_and(|real| real != real_folder && real.starts_with(&real_folder))
        };
        let is_whole = is_inside(environment) && is_inside(&environment.join("pyvenv.cfg"));
        if is_whole || self.trust == Trust::Trusted {
            return Some(self.chooser());
        }

        let shown = environment.strip_prefix(self.root).unwrap_or(environment).display();
        self.problems.push(Problem {
            path: shown.to_string(),
            line: None,
            message: "the environment leads out of the project, snippets do without".to_owned(),
            hint: Some(format!("`--python {shown}` chooses it; `--trust` lets the project choose it")),
        });
        None
    }

    fn chooser(&self) -> Chooser {
        match self.trust {
            Trust::Untrusted | Trust::Usual => Chooser::Project,
            Trust::Trusted => Chooser::Caller,
        }
    }

    /// Whether a path is inside of the project by its letters and, if it exists, once all links are followed.
    fn is_inside(&self, path: &Path) -> bool {
        path.starts_with(self.root)
            && path.canonicalize().map_or(true, |real| real.starts_with(&self.real_root))
    }

    /// Whether the project may widen this. A problem says so if it may not.
    fn granted(&mut self, widening: &Widening<'_>, at: &At) -> bool {
        if self.trust == Trust::Trusted {
            return true;
        }

        self.problems.push(Problem {
            path: "pyproject.toml".to_owned(),
            line: Some(at.line),
            message: format!(
                "`{}` asks for {}, settings can give {}",
                widening.key, widening.asked, widening.most
            ),
            hint: Some(format!("{}; `--trust` lets the project's own settings widen", widening.remedy)),
        });
        false
    }
}

/// The word, or where it has `..` the path that it means by its letters: `link/../x` would be a neighbour of what the link
/// leads to, wherever that is.
fn without_detours(word: &str, below: &Path) -> String {
    let has_detour = Path::new(word).components().any(|component| component == Component::ParentDir);
    match below.to_str() {
        Some("") if has_detour => ".".to_owned(),
        Some(below) if has_detour => below.to_owned(),
        Some(_) | None => word.to_owned(),
    }
}

/// Something outside of the project that a key names.
fn outside<'a>(key: &'a str, word: &str, remedy: &str) -> Widening<'a> {
    Widening { key, asked: format!("`{word}`"), most: INSIDE, remedy: remedy.to_owned() }
}
