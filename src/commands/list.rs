//! `list`: every code block and what becomes of it.

use std::io::{stderr, stdout};
use std::process::ExitCode;

use crate::cli::ListArguments;
use crate::config::Settings;
use crate::document::{self, CodeBlock, CodeBlockKind, Document, FileTitle};
use crate::failure::Failure;
use crate::report::{self, BlockKind, Color, Disposition, Listed};
use crate::run;

pub(super) fn list(words: &ListArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let discovery = run::discover(settings);
    let documents = run::load(settings, &discovery);

    let blocks: Vec<Listed> = documents
        .iter()
        .flat_map(|document| document.blocks.iter().map(|block| listed(document, block)))
        .collect();
    words.format.list(&blocks, Color::for_stream(&stdout()), &mut stdout())?;

    report::notes(documents.iter().flat_map(|document| &document.notes), &mut stderr())?;
    let complaints = documents.iter().flat_map(|document| &document.problems);
    let problems: Vec<_> = settings.problems.iter().chain(&discovery.problems).chain(complaints).collect();
    report::problems(&problems, Color::for_stream(&stderr()), &mut stderr())?;

    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A block as the report of a listing shows it.
fn listed(document: &Document, block: &CodeBlock) -> Listed {
    Listed {
        id: block.id.clone(),
        path: document.path.clone(),
        start_line: block.location.start,
        end_line: block.location.end,
        kind: match block.kind {
            CodeBlockKind::Fenced => BlockKind::Fenced,
            CodeBlockKind::Indented => BlockKind::Indented,
            CodeBlockKind::Hidden => BlockKind::Hidden,
        },
        info: block.info.clone(),
        language: block.language.clone(),
        sha256: block.sha256(),
        disposition: match block.disposition {
            document::Disposition::Run => Disposition::Run,
            document::Disposition::Skip(_) => Disposition::Skip,
            document::Disposition::Other(_) => Disposition::Other,
            document::Disposition::NotRunnable(_) => Disposition::NotRunnable,
            document::Disposition::Suspicious(_) => Disposition::Suspicious,
        },
        reason: block.disposition.reason().map(str::to_owned),
        file: block.titled().map(|file| file.name),
        label: match &block.file {
            Some(FileTitle::Label(why)) => Some(why.clone()),
            Some(FileTitle::File(_)) | None => None,
        },
    }
}
