//! How pieces of the report look.

use crate::model::installation::Installation;
use crate::report::options::Options;
use crate::report::palette::{Color, Palette};

pub(crate) struct Style {
    pub(super) base: String,
    pub(super) repeated: Vec<String>,
    pub(super) installation: Installation,
    pub(super) color: Color,
    pub(super) palette: Palette,
}

impl Style {
    pub(crate) fn new(options: Options) -> Self {
        let Options { base, color, installation, repeated, in_repository: _, verbosity: _, remarks: _ } =
            options;
        Self { base, color, palette: Palette::new(color), repeated, installation }
    }

    /// The words of the command line that name Pythons.
    pub(super) fn pythons(&self) -> Vec<&str> {
        let mut words = Vec::new();
        let mut repeated = self.repeated.iter().map(String::as_str);
        while let Some(word) = repeated.next() {
            if word == "--python" {
                words.push(word);
                words.extend(repeated.next());
            } else if word.starts_with("--python=") {
                words.push(word);
            }
        }
        words
    }

    /// A document as the caller has to name it.
    pub(super) fn path_for_caller(&self, path: &str) -> String {
        match (self.base.as_str(), path) {
            // A dash in front would be taken for a flag.
            ("", path) if path.starts_with('-') => format!("./{path}"),
            (base, path) if base.is_empty() || path.starts_with('/') => path.to_owned(),
            (base, path) => format!("{base}/{path}"),
        }
    }
}
