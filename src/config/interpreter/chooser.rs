//! Who has chosen the Python of a run.

/// Who has chosen an interpreter, and with it the files that it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chooser {
    /// What the interpreter refers to outside of itself can be read.
    Caller,
    /// Nobody: it was found on `PATH` or where installers put Pythons. It opens nothing but itself.
    Nobody,
    /// The project: the packages of its environment are importable, on the base of a Python that others have installed. The
    /// environment opens nothing.
    Project,
}
