//! Outputs that were accepted, in `expected/`.

mod accept;
mod expected;
mod redactions;
