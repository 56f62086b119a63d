//! What documents say of their code: comments, shown output and prompts.

mod aftermath;
mod comments;
mod doctest;
mod facts;
mod manner;
mod shown;
