//! `main.py`: the session's code on its document lines, for child processes that import `__main__` again.
//!
//! `multiprocessing`'s spawn and forkserver run the file that `__main__.__file__` names. It is written only for
//! sessions that may need it: a file for every snippet would cost more than most snippets do.

use std::fs;
use std::io;
use std::path::PathBuf;

use pyo3::prelude::*;

use crate::harness::Harness;
use snipcheck_wire::Step;

/// Words in the code of a snippet that may start a process which imports `__main__`.
const SIGNS: [&str; 5] = ["multiprocessing", "concurrent", "__file__", "spawn", "Process"];

#[derive(Debug)]
pub(super) struct MainFile {
    pub(super) path: PathBuf,
    needed: bool,
    /// In a trial process, which changes no files.
    frozen: bool,
    /// The code so far, in the order of the document.
    parts: Vec<Part>,
    /// What was written last. A file that holds anything else is the snippet's own.
    written: Option<String>,
}

#[derive(Debug)]
struct Part {
    /// Of its first line, from 1.
    line: u32,
    code: String,
    /// The package that its relative imports start from.
    package: Option<String>,
    /// First lines of statements that have raised, as lines of the document.
    failed: Vec<u32>,
    /// A line of the statement that ended the snippet.
    ended: Option<u32>,
    /// What children run of it, and the future features that it asks for; absent until it is needed.
    importable: Option<(String, Vec<String>)>,
}

impl MainFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, needed: false, frozen: false, parts: Vec::new(), written: None }
    }

    /// Adds the code of a script.
    pub(super) fn append(&mut self, py: Python<'_>, harness: &Harness, step: &Step) -> PyResult<()> {
        self.needed = self.needed || SIGNS.iter().any(|sign| step.code.contains(sign));
        self.parts.push(Part {
            line: step.line.0,
            code: step.code.clone(),
            package: step.package.clone(),
            failed: Vec::new(),
            ended: None,
            importable: None,
        });
        self.write(py, harness)
    }

    /// Leaves out the statement that begins at this line of the document: it has raised, and the session goes on.
    pub(super) fn leave_out(&mut self, py: Python<'_>, harness: &Harness, line: u32) -> PyResult<()> {
        let Some(part) = self.parts.last_mut() else { return Ok(()) };
        part.failed.push(line);
        part.importable = None;
        self.write(py, harness)
    }

    /// Leaves out the statement with this line of the document and all after it: they have not run.
    pub(super) fn end_at(&mut self, py: Python<'_>, harness: &Harness, line: u32) -> PyResult<()> {
        let Some(part) = self.parts.last_mut() else { return Ok(()) };
        part.ended = Some(line);
        part.importable = None;
        self.write(py, harness)
    }

    /// From here on the file stays as it is.
    pub(super) fn freeze(&mut self) {
        self.frozen = true;
    }

    fn write(&mut self, py: Python<'_>, harness: &Harness) -> PyResult<()> {
        if !self.needed || self.frozen || !self.is_ours() {
            return Ok(());
        }

        let (mut lines, mut features) = (vec![String::new()], Vec::new());
        for part in &mut self.parts {
            let (text, more) = part.importable(py, harness)?;
            let first = part.line.saturating_sub(1) as usize;
            lines.resize(first.max(lines.len()), String::new());
            // The lines above and below are those of the fence.
            if let (Some(package), Some(above)) =
                (&part.package, lines.last_mut().filter(|line| line.is_empty()))
            {
                *above = format!("__package__ = '{package}'");
            }
            lines.extend(text.lines().map(str::to_owned));
            lines.extend(part.package.is_some().then(|| "__package__ = None".to_owned()));
            features.extend(more);
        }

        if !features.is_empty() {
            lines[0] = format!("from __future__ import {}; {}", features.join(", "), lines[0]);
        }
        let text = lines.join("\n") + "\n";
        // Where the disk is full, the snippet that needs the file will say so.
        self.written = fs::write(&self.path, &text).is_ok().then_some(text);
        Ok(())
    }

    /// Whether the file is absent, or as it was written.
    fn is_ours(&self) -> bool {
        match fs::read(&self.path) {
            Ok(found) => self.written.as_ref().is_some_and(|text| text.as_bytes() == found),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }
}

impl Part {
    fn importable(&mut self, py: Python<'_>, harness: &Harness) -> PyResult<(String, Vec<String>)> {
        if let Some(known) = &self.importable {
            return Ok(known.clone());
        }
        let in_code = |line: &u32| (line + 1).saturating_sub(self.line);
        let failed: Vec<u32> = self.failed.iter().map(in_code).collect();
        let ended = self.ended.as_ref().map(in_code);
        let made: (String, Vec<String>) =
            harness.call(py, "for_children", (&self.code, failed, ended))?.extract()?;
        Ok(self.importable.insert(made).clone())
    }
}
