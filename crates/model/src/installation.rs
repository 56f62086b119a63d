//! How packages come into the environment that snippets import from.

/// What is known of it without asking an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installation {
    /// Modules of the project itself.
    pub own: Vec<String>,
    pub installer: Installer,
}

/// The program that installs packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Installer {
    #[default]
    Pip,
    /// uv made the environment.
    Uv,
    /// uv manages the project.
    UvProject,
}
