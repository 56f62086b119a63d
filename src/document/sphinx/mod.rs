//! What a `conf.py` of Sphinx says about code, read without running it.

mod evaluate;
mod layout;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use crate::directive::Flags;
use crate::document::above::above;
use crate::document::sphinx::evaluate::{Names, assigned};
use crate::document::sphinx::value::{Value, as_flags};
use crate::model::directives::Prologue;
use crate::safe_fs;
use crate::syntax::Tree;

const FILE: &str = "conf.py";

const PROLOGUE: &str = "doctest_global_setup";
const FLAGS: &str = "doctest_default_flags";
const KEYS: [&str; 3] = [PROLOGUE, FLAGS, "highlight_language"];
/// Settings by which a `conf.py` of Sphinx is known.
const USUAL: [&str; 5] = ["extensions", "project", "html_theme", "master_doc", "source_suffix"];

/// Bytes of it: settings are written by people.
const LONGEST: u64 = 1 << 20;

/// The settings that concern code (Sphinx, "Configuration"; `sphinx.ext.doctest`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SphinxSettings {
    /// `doctest_global_setup`.
    pub(crate) prologue: Option<Prologue>,
    /// `doctest_default_flags`.
    pub(crate) flags: Option<Flags>,
    /// `highlight_language`.
    pub(crate) highlight: Option<String>,
    /// Where a value is that only running the file would tell.
    pub(crate) notes: Vec<String>,
}

/// Remembers the settings of folders.
pub(crate) struct SphinxProjects<'a> {
    root: &'a Path,
    known: BTreeMap<PathBuf, Option<Arc<SphinxSettings>>>,
}

impl<'a> SphinxProjects<'a> {
    pub(crate) fn new(root: &'a Path) -> Self {
        Self { root, known: BTreeMap::new() }
    }

    /// Those of the nearest `conf.py` above a file, up to the root; for a file outside of it, beside the file.
    pub(crate) fn settings(&mut self, file: &Path) -> Option<Arc<SphinxSettings>> {
        let folder = file.parent()?;
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }

        let found = above(folder, self.root).find_map(|folder| self.read(&folder.join(FILE))).map(Arc::new);
        self.known.insert(folder.to_owned(), found.clone());
        found
    }

    /// `None` for a file that is not there, or that is no `conf.py` of Sphinx.
    fn read(&self, file: &Path) -> Option<SphinxSettings> {
        let bytes = safe_fs::contents(&safe_fs::plain(file).ok()?, LONGEST).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let path = file.strip_prefix(self.root).unwrap_or(file).to_string_lossy();
        SphinxSettings::read(&text, &path)
    }
}

impl SphinxSettings {
    fn read(text: &str, path: &str) -> Option<Self> {
        let tree = Tree::parse(text);
        let mut names = Names::default();
        let mut places: Vec<(&str, &Expr)> = Vec::new();
        for statement in &tree.module().body {
            names.take(statement);
            assigned(statement, &mut |name, value| places.push((name, value)));
        }
        if !places.iter().any(|(name, _)| KEYS.contains(name) || USUAL.contains(name)) {
            return None;
        }

        let mut settings = Self::default();
        for key in KEYS {
            // The last assignment counts, as where the file runs.
            let Some((_, place)) = places.iter().rev().find(|(name, _)| *name == key) else { continue };
            let line = tree.line(place.start());
            let value = names.get(key);
            let is_known = match (key, value) {
                (PROLOGUE, Some(Value::Text(code))) => {
                    settings.prologue = prologue(code, path, line);
                    true
                }
                (FLAGS, Some(value)) => {
                    settings.flags = as_flags(value);
                    settings.flags.is_some()
                }
                (_, Some(Value::Text(language))) => {
                    settings.highlight = Some(language.clone());
                    true
                }
                _ => false,
            };
            if !is_known {
                let note =
                    format!("{path}:{line}: `{key}` is not read: what it is shows only where the file runs");
                settings.notes.push(note);
            }
        }
        Some(settings)
    }
}

/// Sphinx dedents nothing, so that each line of a literal is one of the file where its quotes are triple.
fn prologue(code: &str, path: &str, line: u32) -> Option<Prologue> {
    let is_empty = code.trim().is_empty();
    let code = Arc::from(format!("{code}\n"));
    (!is_empty).then(|| Prologue { file: Arc::from(path), line, code })
}

#[cfg(test)]
mod tests {
    use super::SphinxSettings;
    use crate::directive::Flag;

    #[test]
    fn settings_are_read() {
        let text = "import os\n\nextensions = []\nhighlight_language = 'python3'\ndoctest_global_setup = \"\"\"\nx = 1\n\"\"\"\n\
                    doctest_default_flags = doctest.ELLIPSIS | NUMBER\n";
        let settings = SphinxSettings::read(text, "docs/conf.py").expect("it is Sphinx's");
        let prologue = settings.prologue.expect("there is one");
        assert_eq!((&*prologue.file, prologue.line, &*prologue.code), ("docs/conf.py", 5, "\nx = 1\n\n"));
        let flags = settings.flags.expect("they are known");
        assert!(
            flags.has(Flag::Ellipsis) && flags.has(Flag::Number) && !flags.has(Flag::IgnoreExceptionDetail)
        );
        assert_eq!(settings.highlight.as_deref(), Some("python3"));
    }

    #[test]
    fn what_only_running_tells_is_said() {
        for (text, place) in [
            ("project = 'x'\ndoctest_global_setup = setup()\n", Some("2: `doctest_global_setup`")),
            ("project = 'x'\ndoctest_global_setup = f'{x}'\n", Some("2: `doctest_global_setup`")),
            ("project = 'x'\n\ndoctest_default_flags = flags\n", Some("3: `doctest_default_flags`")),
            ("project = 'x'\nif on_site:\n    highlight_language = 'c'\n", Some("3: `highlight_language`")),
            ("extensions = []\n", None),
            ("project = 'x'\ndoctest_global_setup = ''\n", None),
            ("project = 'x'\ndef f():\n    highlight_language = g()\n", None),
        ] {
            let settings = SphinxSettings::read(text, "docs/conf.py").expect("it is Sphinx's");
            let note = |place: &&str| {
                format!("docs/conf.py:{place} is not read: what it is shows only where the file runs")
            };
            assert_eq!(settings.notes, place.iter().map(note).collect::<Vec<_>>(), "{text}");
            assert_eq!(SphinxSettings { notes: Vec::new(), ..settings }, SphinxSettings::default(), "{text}");
        }
        for text in ["", "x = 1\n", "def f(): pass\n", "= =", "def f():\n    project = 'x'\n"] {
            assert_eq!(SphinxSettings::read(text, "conf.py"), None, "{text}");
        }
    }

    #[test]
    fn what_is_computed_from_literals_is_known() {
        let text = "import doctest, textwrap\nlang = 'python3'\nhighlight_language = lang\nflags = doctest.ELLIPSIS\n\
                    doctest_default_flags = flags | doctest.IGNORE_EXCEPTION_DETAIL\n\
                    doctest_global_setup = textwrap.dedent('''\n    import math\n''')\n";
        let settings = SphinxSettings::read(text, "conf.py").expect("it is Sphinx's");
        assert_eq!(settings.notes, Vec::<String>::new());
        assert_eq!(settings.highlight.as_deref(), Some("python3"));
        let flags = settings.flags.expect("they are known");
        assert!(flags.has(Flag::Ellipsis) && flags.has(Flag::IgnoreExceptionDetail));
        let prologue = settings.prologue.expect("there is one");
        assert_eq!((prologue.line, &*prologue.code), (6, "\nimport math\n\n"));
    }
}
