//! What can make a block suspicious.

/// Why a block is suspicious. Settings can allow each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Suspicion {
    /// The label is nearly one of Python.
    Label,
    /// Something is stuck to the label.
    Glued,
    /// No fence closes the block.
    Unclosed,
    /// The block reads like Python and has no label.
    Unlabelled,
    /// The code stands where its format takes it for something else.
    Misplaced,
    /// Prompts in the middle of a script.
    Prompts,
    /// Lines have lost their indentation.
    Indentation,
    /// Output stands among the code.
    Output,
    /// A marker is nearly one that means something.
    Marker,
    /// Only running the block would tell whether it should run.
    Condition,
    /// The block was to compile and does not.
    Compile,
}
