//! Which Markdown a project writes.

/// The containers that a document can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Markdown {
    /// Those of `MkDocs` where its settings stand in the folder of a document or above.
    #[default]
    Auto,
    #[value(name = "commonmark")]
    CommonMark,
    /// Admonitions and tabs as well.
    #[value(name = "mkdocs")]
    MkDocs,
}
