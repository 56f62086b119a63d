//! Paths on which the sandbox and the library in the programs of a session agree.

/// The file of a session's clock, for the programs that the session starts.
pub const CLOCK: &str = "/.session/clock";
/// The file in which a session notes what its programs are to draw.
pub const CHANCE: &str = "/.session/chance";
/// In the folder of a session without mounts: the folder for its shared memory.
pub const SHARED_FOLDER: &str = "shm";
/// In the folder of a session without mounts: a link to the library, which finds the folder by it.
pub const PRELOAD_LINK: &str = ".preload.so";
