//! From raw outcomes to verdicts: at once, or after further passes over the same session.

pub(super) mod cold;
pub(super) mod document_judge;
mod doubted;
pub(super) mod held;
pub(super) mod other_seeds;
pub(super) mod pipeline;
pub(super) mod real_clock;
pub(super) mod repeats;
