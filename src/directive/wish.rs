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
    MayRaise,
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

impl Directive {
    /// Replaces what a farther place said about the same key.
    ///
    /// `SkipIf` depends on the interpreter, `CompileOnly` on the code and `Clear` on other snippets: the caller decides them.
    pub(crate) fn apply_to(self, directives: &mut Directives) {
        match self {
            Self::Skip(skip) => directives.skip = Some(skip),
            Self::Run => directives.skip = None,
            Self::Raises(class) => directives.raises = Some(class),
            Self::MayRaise => directives.may_raise = true,
            Self::Timeout(timeout) => directives.timeout = Some(timeout),
            Self::Clock(clock) => directives.clock = Some(clock),
            Self::Isolated => directives.isolated = true,
            Self::Shared => directives.isolated = false,
            Self::Id(name) => directives.id = Some(name),
            Self::Files(names) => directives.files = names,
            Self::Setup(names) => directives.setup = names,
            Self::Nondeterministic => directives.nondeterministic = true,
            Self::Requires(modules) => directives.requires.extend(modules),
            Self::Fixtures(names) => directives.fixtures.extend(names),
            Self::Group(name) => directives.group = Some(name),
            Self::Joined => directives.joined = true,
            Self::Name(name) => directives.name = Some(name),
            Self::With(flag) => directives.flags = directives.flags.with(flag),
            Self::Without(flag) => directives.flags = directives.flags.without(flag),
            Self::Turn(turn) => directives.turn = turn,
            Self::Also(groups) => directives.also = groups,
            Self::SkipIf(_) | Self::CompileOnly | Self::Clear => {}
        }
    }
}
