//! `list`: every code block and what becomes of it.

use std::collections::BTreeMap;
use std::io::{stderr, stdout};
use std::process::ExitCode;

use crate::cli::ListArguments;
use crate::config::{Python, Settings};
use crate::document::{self, CodeBlock, CodeBlockKind, Document, FileTitle};
use crate::failure::Failure;
use crate::model::snippet::SnippetId;
use crate::report::{self, BlockKind, Color, Disposition, Listed};
use crate::run::{self, RunError};

pub(super) fn list(words: &ListArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let each = each_python(settings)?;
    let discovery = run::discover(settings);
    let loaded: Vec<(Option<Python>, Vec<Document>)> =
        each.iter().map(|settings| (settings.version(), run::load(settings, &discovery))).collect();
    let dispositions = dispositions(&loaded);

    let documents = loaded.into_iter().next().map(|(_, documents)| documents).unwrap_or_default();
    let blocks: Vec<Listed> = documents
        .iter()
        .flat_map(|document| document.blocks.iter().map(|block| listed(document, block, &dispositions)))
        .collect();
    words.format.list(&blocks, Color::for_stream(&stdout()), &mut stdout())?;

    report::notes(documents.iter().flat_map(|document| &document.notes), &mut stderr())?;
    let complaints = documents.iter().flat_map(|document| &document.problems);
    let problems: Vec<_> = settings.problems.iter().chain(&discovery.problems).chain(complaints).collect();
    report::problems(&problems, Color::for_stream(&stderr()), &mut stderr())?;

    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The settings for each Python. A listing of one Python needs none: then what depends on its version is not known.
fn each_python(settings: &Settings) -> Result<Vec<Settings>, Failure> {
    match settings.each_python() {
        Ok(each) => Ok(each),
        Err(error) if settings.names_several() => Err(RunError::from(error).into()),
        Err(_) => Ok(vec![settings.clone()]),
    }
}

/// What becomes of a block in each Python.
type Dispositions = BTreeMap<SnippetId, Vec<(Option<Python>, document::Disposition)>>;

fn dispositions(loaded: &[(Option<Python>, Vec<Document>)]) -> Dispositions {
    let mut dispositions = Dispositions::new();
    for (python, documents) in loaded {
        for block in documents.iter().flat_map(|document| &document.blocks) {
            let known = dispositions.entry(block.id.clone()).or_default();
            known.push((*python, block.disposition.clone()));
        }
    }
    dispositions
}

/// A block as the report of a listing shows it: it runs where it does in any Python.
fn listed(document: &Document, block: &CodeBlock, dispositions: &Dispositions) -> Listed {
    let each = dispositions.get(&block.id).map(Vec::as_slice).unwrap_or_default();
    let runs = |disposition: &document::Disposition| *disposition == document::Disposition::Run;
    let version = |python: Python| format!("{}.{}", python.major, python.minor);
    let version_of = |(python, _): &(Option<Python>, document::Disposition)| python.map(version);

    let running = each.iter().find(|(_, disposition)| runs(disposition));
    let disposition = running.map_or(&block.disposition, |(_, disposition)| disposition);
    let left_out = each.iter().filter(|(_, disposition)| running.is_some() && !runs(disposition));
    let left_out = left_out.filter_map(|entry| {
        let reason = entry.1.reason().unwrap_or_default();
        Some(format!("not on {}: {reason}", version_of(entry)?))
    });

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
        disposition: match disposition {
            document::Disposition::Run => Disposition::Run,
            document::Disposition::Skip(_) => Disposition::Skip,
            document::Disposition::Other(_) => Disposition::Other,
            document::Disposition::NotRunnable(_) => Disposition::NotRunnable,
            document::Disposition::Suspicious(_) => Disposition::Suspicious,
        },
        reason: disposition.reason().map(str::to_owned),
        file: block.titled().map(|file| file.name),
        label: match &block.file {
            Some(FileTitle::Label(why)) => Some(why.clone()),
            Some(FileTitle::File(_)) | None => None,
        },
        python: each.iter().filter(|(_, disposition)| runs(disposition)).filter_map(version_of).collect(),
        left_out: left_out.collect(),
    }
}
