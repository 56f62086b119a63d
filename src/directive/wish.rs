//! What a document asks of the runner, one word at a time.

use std::time::Duration;

use crate::directive::condition::Condition;
use crate::model::directives::{Directives, Skip, Turn};
use crate::model::option_flags::Flag;
use crate::model::policy::Clock;

/// One directive. `Run` and `Shared` take back what a farther place said (`skip=false`, `isolated=false`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    Skip(Skip),
    Run,
    Raises(String),
    Timeout(Duration),
    Clock(Clock),
    Isolated,
    Shared,
    Id(String),
    Files(Vec<String>),
    Setup(Vec<String>),
    SkipIf(Condition),
    /// The snippet must compile, and does not run.
    CompileOnly,
    Nondeterministic,
    Requires(Vec<String>),
    Fixtures(Vec<String>),
    Group(String),
    Joined,
    /// The names that earlier snippets left behind are gone.
    Clear,
    Name(String),
    /// An option flag of every `>>>` example.
    With(Flag),
    Without(Flag),
    /// When the snippet runs within its session.
    Turn(Turn),
    /// The snippet runs in the sessions of these groups as well.
    Also(Vec<String>),
}

/// A directive, and how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The marker, as messages show it.
    pub(crate) spelling: String,
    pub(crate) directive: Directive,
}

impl Directives {
    /// Replaces what a farther place said about the same key.
    ///
    /// `SkipIf` depends on the interpreter, `CompileOnly` on the code and `Clear` on other snippets: the caller decides them.
    pub(crate) fn apply(&mut self, directive: Directive) {
        match directive {
            Directive::Skip(skip) => self.skip = Some(skip),
            Directive::Run => self.skip = None,
            Directive::Raises(class) => self.raises = Some(class),
            Directive::Timeout(timeout) => self.timeout = Some(timeout),
            Directive::Clock(clock) => self.clock = Some(clock),
            Directive::Isolated => self.isolated = true,
            Directive::Shared => self.isolated = false,
            Directive::Id(name) => self.id = Some(name),
            Directive::Files(names) => self.files = names,
            Directive::Setup(names) => self.setup = names,
            Directive::Nondeterministic => self.nondeterministic = true,
            Directive::Requires(modules) => self.requires.extend(modules),
            Directive::Fixtures(names) => self.fixtures.extend(names),
            Directive::Group(name) => self.group = Some(name),
            Directive::Joined => self.joined = true,
            Directive::Name(name) => self.name = Some(name),
            Directive::With(flag) => self.flags = self.flags.with(flag),
            Directive::Without(flag) => self.flags = self.flags.without(flag),
            Directive::Turn(turn) => self.turn = turn,
            Directive::Also(groups) => self.also = groups,
            Directive::SkipIf(_) | Directive::CompileOnly | Directive::Clear => {}
        }
    }
}
