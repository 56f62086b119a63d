//! Option flags of `>>>` examples.

/// How an example runs or how its output is compared. What only concerns the look of a report is known and has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    AllowBytes,
    AllowUnicode,
    DontAcceptBlankline,
    DontAcceptTrueFor1,
    Ellipsis,
    FailFast,
    FloatCmp,
    IgnoreExceptionDetail,
    IgnoreOutput,
    /// No effect: warnings go to stderr, which is not compared with what an example shows.
    IgnoreWarnings,
    NormalizeWhitespace,
    Number,
    /// What an example shows is added when the page is rendered: one that shows nothing claims nothing.
    OutputRendered,
    /// `>>>` may stand before each line of a statement, as xdoctest has it.
    PromptedLines,
    /// The example needs a network.
    RemoteData,
    Report,
    ShowWarnings,
    Skip,
    /// Skips this example and those below it, up to a line of prose.
    SkipBlock,
    /// Text below an example may be the output of several examples, and is compared less strictly.
    Xdoctest,
}

/// The flags that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    pub fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    #[must_use]
    pub fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag.bit())
    }

    /// All that are on in either.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    #[must_use]
    pub fn without(self, flag: Flag) -> Self {
        Self(self.0 & !flag.bit())
    }
}

impl Flag {
    fn bit(self) -> u32 {
        1 << self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{Flag, Flags};

    #[test]
    fn flags_are_independent() {
        let flags = Flags::default().with(Flag::Skip).with(Flag::Ellipsis).without(Flag::Skip);
        assert!(flags.has(Flag::Ellipsis) && !flags.has(Flag::Skip) && !flags.has(Flag::Number));
    }
}
