//! What documents say of their code: comments, shown output and prompts.

mod announced;
mod comments;
mod doctest;
mod effects;
mod facts;
mod falsehoods;
mod prose;
mod shown;
mod terminal;
mod tracebacks;
