//! Which blocks of which documents are snippets, what they ask for, and what is written back.

mod containers;
mod directives;
mod docstrings;
mod markers;
mod mkdocs;
mod outlined;
mod selection;
mod sources;
mod sphinx;
mod switch;
mod titles;
mod unlabelled;
mod update;
