//! Which blocks of which documents are snippets, what they ask for, and what is written back.

mod directives;
mod docstrings;
mod markers;
mod mkdocs;
mod selection;
mod sources;
mod switch;
mod update;
