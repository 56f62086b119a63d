//! What to do about a module that is not installed: the distribution that brings it, or the name that was meant.
//!
//! Modules and distributions have different names, and anybody may publish a distribution under the name of a module.
//! A command to install something is given only for names that are known.

use std::sync::LazyLock;

use crate::event::Judged;
use crate::model::installation::{Installation, Installer};
use crate::report::{escape, shell};

/// Letters that may be wrong in a name.
const SLIPS: usize = 1;

/// A shorter name is near too many others.
const SHORTEST: usize = 4;

/// Modules and their distributions.
static KNOWN: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let lines = include_str!("known.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap_or((line, line))).collect()
});

static LIBRARY: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("library.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

/// The name of a missing module: as long as its line of code has it, if its first part is a namespace of many.
pub(crate) fn full_name(judged: &Judged, module: &str) -> String {
    let prefix = format!("{module}.");
    let line = judged.outcome.exception.as_ref().and_then(|exception| exception.line);
    let line = line.and_then(|line| judged.source.lines().nth((line.0 as usize).checked_sub(1)?));
    let line = line.unwrap_or_default().replace(" import ", ".");

    let named = KNOWN.iter().filter(|(known, _)| known.starts_with(&prefix) && line.contains(known));
    let longest = named.max_by_key(|(known, _)| known.len());
    longest.map_or_else(|| module.to_owned(), |(known, _)| (*known).to_owned())
}

/// A command, or a sentence where no command is known to help. Safe to print.
pub(crate) fn advice(module: &str, installation: &Installation) -> String {
    let Installation { own, installer } = installation;
    let top = module.split('.').next().unwrap_or(module);
    if own.iter().any(|own| own == top) {
        return "this project's own package: `pythonpath` in its settings, or an environment that has it"
            .to_owned();
    }
    if let Some(distribution) = distribution(module) {
        let command: &[&str] = match installer {
            Installer::Pip => &["pip", "install"],
            Installer::Uv => &["uv", "pip", "install"],
            Installer::UvProject => &["uv", "add"],
        };
        return shell::command(&[command, &[distribution]].concat());
    }
    match meant(module, own) {
        Some(name) => format!("did you mean `{}`?", escape::phrase(name)),
        None => "no package is known under this name".to_owned(),
    }
}

fn distribution(module: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == module).map(|(_, distribution)| *distribution)
}

/// The module whose name is nearly this one, or whose distribution has this name.
fn meant<'a>(module: &str, own: &'a [String]) -> Option<&'a str> {
    let by_distribution = KNOWN.iter().find(|(_, distribution)| distribution.eq_ignore_ascii_case(module));
    if let Some((known, _)) = by_distribution {
        return Some(known);
    }

    let names = LIBRARY.iter().copied().chain(own.iter().map(String::as_str));
    let names = names.chain(KNOWN.iter().map(|(known, _)| *known));
    let is_near = |name: &&str| {
        let shorter = name.len().min(module.len());
        // A letter is four bytes at most.
        let is_as_long = name.len().abs_diff(module.len()) <= 4 * SLIPS;
        is_as_long
            && shorter >= SHORTEST
            && strsim::osa_distance(&name.to_lowercase(), &module.to_lowercase()) <= SLIPS
    };
    let similarity = |name: &&str| strsim::jaro_winkler(name, module);
    names.filter(is_near).max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, advice};
    use crate::model::installation::{Installation, Installer};

    #[track_caller]
    fn check(module: &str, expected: &str) {
        let own = vec!["shelfie".to_owned()];
        assert_eq!(advice(module, &Installation { own, installer: Installer::Pip }), expected, "{module}");
    }

    #[test]
    fn modules_are_not_distributions() {
        check("numpy", "pip install numpy");
        check("sklearn", "pip install scikit-learn");
        check("PIL", "pip install pillow");
        check("cv2", "pip install opencv-python");
        check("bs4", "pip install beautifulsoup4");
        check("yaml", "pip install PyYAML");
        check("google.cloud.storage", "pip install google-cloud-storage");
    }

    #[test]
    fn unknown_names_are_not_installed() {
        check(
            "shelfie",
            "this project's own package: `pythonpath` in its settings, or an environment that has it",
        );
        check("colections", "did you mean `collections`?");
        check("shelfy", "no package is known under this name");
        check("shelfei", "did you mean `shelfie`?");
        check("nunpy", "did you mean `numpy`?");
        check("Pandas", "did you mean `pandas`?");
        check("beautifulsoup4", "did you mean `bs4`?");
        check("google", "no package is known under this name");
        check("no_such_package_at_all", "no package is known under this name");
        check("\u{1b}[31m", "no package is known under this name");
        check("", "no package is known under this name");
    }

    #[test]
    fn environments_of_uv_are_changed_by_uv() {
        for (installer, expected) in
            [(Installer::Uv, "uv pip install scikit-learn"), (Installer::UvProject, "uv add scikit-learn")]
        {
            assert_eq!(advice("sklearn", &Installation { own: Vec::new(), installer }), expected);
        }
    }

    #[test]
    fn the_table_is_sorted() {
        let modules: Vec<_> = KNOWN.iter().map(|(module, _)| module).collect();
        assert!(modules.is_sorted(), "{modules:?}");
    }
}
