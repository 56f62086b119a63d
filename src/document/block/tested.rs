//! What holds for examples because of whom they are tested by: `doctest`, Sphinx, or readers.

use crate::directive::{Directive, Flag, Flags, Wish};
use crate::document::block::label::{Label, Role};
use crate::document::part::Origin;
use crate::document::sphinx::SphinxSettings;
use crate::model::directives::{Prologue, Turn};

/// Whose rules hold for prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompts {
    /// Those of `doctest`, by the letter.
    Doctest,
    /// Those of readers: what `doctest` only refuses is read as it is meant.
    Readers,
}

/// Who tests the examples of a document.
#[derive(Clone, Copy)]
pub(super) struct Tester<'a> {
    pub(super) sphinx: Option<&'a SphinxSettings>,
    pub(super) prompts: Prompts,
}

impl Tester<'_> {
    /// With the flags that hold for every example in a directive that Sphinx tests.
    pub(super) fn flags(&self, flags: Flags, role: Role) -> Flags {
        match (role, self.sphinx.and_then(|sphinx| sphinx.flags)) {
            (Role::Plain | Role::Directive, _) => flags,
            (Role::Tested(_), Some(theirs)) => flags.and(theirs),
            // The default of `doctest_default_flags`.
            (Role::Tested(_), None) => {
                let usual = [Flag::Ellipsis, Flag::IgnoreExceptionDetail, Flag::DontAcceptTrueFor1];
                usual.into_iter().fold(flags, Flags::with)
            }
        }
    }

    /// The code that Sphinx runs before what it tests: its directives, and in reStructuredText prompts of their own.
    pub(super) fn prologue(&self, label: &Label<'_>, origin: &Origin) -> Option<Prologue> {
        let is_tested = match (label.role, self.prompts) {
            (Role::Tested(_), _) => true,
            (Role::Plain, Prompts::Doctest) => origin.language.as_deref() == Some("pycon"),
            (Role::Plain, Prompts::Readers) | (Role::Directive, _) => false,
        };
        self.sphinx.filter(|_| is_tested).and_then(|sphinx| sphinx.prologue.clone())
    }
}

/// What the argument of a directive that Sphinx tests says: groups, and when the code runs. Blocks of the group `default`
/// share the document's session.
pub(super) fn groups(argument: &str, turn: Turn) -> impl Iterator<Item = Wish> {
    let is_usual =
        |name: &str| name == "default" || name.contains(['=', '{', '}']) || Directive::is_ours(name);
    let words: Vec<&str> = argument.split([',', ' ', '\t']).filter(|name| !name.is_empty()).collect();
    let stays = words.iter().any(|name| matches!(*name, "default" | "*"));
    let names = words.into_iter().filter(|name| !is_usual(name)).map(str::to_owned);
    let mut names: Vec<String> = names.collect();

    let group = if stays || names.is_empty() { None } else { Some(Directive::Group(names.remove(0))) };
    let also = (!names.is_empty()).then_some(Directive::Also(names));
    let turn = (turn != Turn::InPlace).then_some(Directive::Turn(turn));
    [group, also, turn]
        .into_iter()
        .flatten()
        .map(|directive| Wish { spelling: "group".to_owned(), directive })
}
