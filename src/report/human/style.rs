//! How pieces of the report look.

use crate::model::installation::Installation;
use crate::report::palette::{Color, Palette};

pub(super) struct Style {
    pub(super) base: String,
    pub(super) repeated: Vec<String>,
    pub(super) installation: Installation,
    pub(super) color: Color,
    pub(super) palette: Palette,
}
