//! Reads and writes what is expected, and compares it with what happened. Knows no processes.
