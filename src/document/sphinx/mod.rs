//! What a `conf.py` of Sphinx says about code, read without running it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ruff_python_ast::{Expr, Operator, Stmt};
use ruff_text_size::Ranged;

use crate::directive::{Flag, Flags};
use crate::model::directives::Prologue;
use crate::safe_fs;
use crate::syntax::Tree;

const FILE: &str = "conf.py";

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

        let inside = !self.root.as_os_str().is_empty() && folder.starts_with(self.root);
        let mut above = folder
            .ancestors()
            .take_while(|above| if inside { above.starts_with(self.root) } else { *above == folder });
        let found = above.find_map(|folder| self.read(&folder.join(FILE))).map(Arc::new);
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
        let mut settings = Self::default();
        let mut is_sphinx = false;

        for statement in &tree.module().body {
            let Stmt::Assign(assigned) = statement else { continue };
            let [Expr::Name(name)] = assigned.targets.as_slice() else { continue };
            match name.id.as_str() {
                "doctest_global_setup" => settings.prologue = prologue(&tree, &assigned.value, path),
                "doctest_default_flags" => settings.flags = flags(&assigned.value),
                "highlight_language" => settings.highlight = literal(&assigned.value).map(str::to_owned),
                "extensions" | "project" | "html_theme" | "master_doc" | "source_suffix" => {}
                _ => continue,
            }
            is_sphinx = true;
        }
        is_sphinx.then_some(settings)
    }
}

fn literal(value: &Expr) -> Option<&str> {
    value.as_string_literal_expr().map(|literal| literal.value.to_str())
}

/// A text that is written as one literal. Others are known only where the file runs.
fn prologue(tree: &Tree<'_>, value: &Expr, path: &str) -> Option<Prologue> {
    let code = literal(value).filter(|code| !code.trim().is_empty())?;
    // Sphinx dedents nothing, so that each line of the text is one of the file where quotes are triple.
    Some(Prologue {
        file: Arc::from(path),
        line: tree.line(value.start()),
        code: Arc::from(format!("{code}\n")),
    })
}

/// `doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE`.
fn flags(value: &Expr) -> Option<Flags> {
    match value {
        Expr::BinOp(both) if both.op == Operator::BitOr => Some(flags(&both.left)?.and(flags(&both.right)?)),
        Expr::Attribute(flag) => Flag::parse(flag.attr.as_str()).map(|flag| Flags::default().with(flag)),
        Expr::Name(flag) => Flag::parse(flag.id.as_str()).map(|flag| Flags::default().with(flag)),
        Expr::NumberLiteral(_) => Some(Flags::default()),
        _ => None,
    }
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
    fn what_only_running_tells_is_not_known() {
        for text in [
            "extensions = []\n",
            "project = 'x'\ndoctest_global_setup = setup()\n",
            "project = 'x'\ndoctest_global_setup = f'{x}'\n",
            "project = 'x'\ndoctest_global_setup = ''\n",
            "project = 'x'\ndoctest_default_flags = flags\n",
        ] {
            assert_eq!(SphinxSettings::read(text, "conf.py"), Some(SphinxSettings::default()), "{text}");
        }
        for text in ["", "x = 1\n", "def f(): pass\n", "= ="] {
            assert_eq!(SphinxSettings::read(text, "conf.py"), None, "{text}");
        }
    }
}
