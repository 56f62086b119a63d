//! What snippets cannot do, what they may, and how much of it.

mod attacks;
mod doctor;
mod escapes;
mod legitimate;
mod limits;
mod tier_b;
