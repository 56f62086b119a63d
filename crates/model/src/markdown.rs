//! Which Markdown a project writes.

/// The dialect of a project's Markdown: which containers a document can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Markdown {
    /// `MkDocs` where its settings are in the folder of a document or above, else `CommonMark`.
    #[default]
    Auto,
    #[cfg_attr(feature = "clap", value(name = "commonmark"))]
    CommonMark,
    /// The containers of `CommonMark`, and admonitions and tabs.
    #[cfg_attr(feature = "clap", value(name = "mkdocs"))]
    MkDocs,
}
