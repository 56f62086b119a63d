//! A document that is corrected step by step: what was decided so far is written, and can be taken back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::{Options, text_of};
use crate::model::claim::Correction;
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line};
use crate::update::draft::{DraftOrder, Edited, edit};
use crate::update::error::UpdateError;
use crate::update::hunk::Hunk;
use crate::update::target::Target;

/// The file of a document, and the corrections that it holds now.
#[derive(Debug)]
pub(crate) struct Revision {
    root: PathBuf,
    path: DocumentPath,
    /// The document's text when its snippets ran.
    source: Arc<str>,
    options: Options,
    target: Target,
    /// The file as it was before the first correction.
    text: String,
    /// The file as it was last written or read.
    written: Vec<u8>,
    chosen: Vec<Correction>,
}

impl Revision {
    /// Reads the file of a document whose text was `source` when its snippets ran.
    pub(crate) fn open(
        root: &Path,
        path: &DocumentPath,
        source: &Arc<str>,
        options: &Options,
    ) -> Result<Self, Problem> {
        let complaint = |error: UpdateError| error.problem(path);
        let target = Target::find(root, path).map_err(complaint)?;
        let written = target.bytes().map_err(complaint)?;
        let text = text_of(written.clone(), path)?;
        Ok(Self {
            root: root.to_owned(),
            path: path.clone(),
            source: Arc::clone(source),
            options: options.clone(),
            target,
            text,
            written,
            chosen: Vec::new(),
        })
    }

    /// What one correction alone changes in the document as it was read.
    pub(crate) fn preview(&self, correction: &Correction) -> Result<Vec<Hunk>, Problem> {
        Ok(self.edited(std::slice::from_ref(correction))?.hunks)
    }

    /// Writes one more correction.
    pub(crate) fn add(&mut self, correction: &Correction) -> Result<(), Problem> {
        let mut chosen = self.chosen.clone();
        chosen.push(correction.clone());
        self.write(chosen)
    }

    /// Takes a correction back.
    pub(crate) fn remove(&mut self, correction: &Correction) -> Result<(), Problem> {
        let mut chosen = self.chosen.clone();
        chosen.retain(|other| other != correction);
        self.write(chosen)
    }

    /// Where a line of the document as it was read stands now.
    pub(crate) fn line_now(&self, line: Line) -> Line {
        let above = self.chosen.iter().filter(|correction| correction.first < line);
        let shift: i64 = above
            .map(|correction| {
                i64::try_from(correction.lines.len()).unwrap_or(i64::MAX) - i64::from(correction.count)
            })
            .sum();
        Line(u32::try_from(i64::from(line.0) + shift).unwrap_or(line.0).max(1))
    }

    fn edited(&self, corrections: &[Correction]) -> Result<Edited, Problem> {
        let Self { root, path, source, options, .. } = self;
        let order = DraftOrder { root, path, source, options, corrections };
        edit(order, &self.text).map_err(|error| error.problem(path))
    }

    /// All corrections are made in the text as it was read, so that their lines stay right.
    fn write(&mut self, chosen: Vec<Correction>) -> Result<(), Problem> {
        let new = if chosen.is_empty() { self.text.clone() } else { self.edited(&chosen)?.text };
        let new = new.into_bytes();
        self.target.exchange(&self.written, &new).map_err(|error| error.problem(&self.path))?;
        (self.written, self.chosen) = (new, chosen);
        Ok(())
    }
}
