//! What a document may rightly do works in the sandbox as it does outside of it.

mod children;
mod files;
mod library;
mod multiprocessing;
mod network;
mod packages;
mod system;
