//! Projects by strangers: what they bring along harms nobody.

mod files;
mod hostile_text;
mod owners;
mod trust;
mod widening;
