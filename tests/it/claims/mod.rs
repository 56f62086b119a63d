//! What documents say of their code: comments, shown output and prompts.

mod comments;
mod doctest;
mod effects;
mod facts;
mod prose;
mod shown;
