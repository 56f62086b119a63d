//! What can be done about a run that failed: the commands that cure what they can, counted.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::model::snippet::DocumentPath;
use crate::report::human::found::Found;
use crate::report::human::style::Style;
use crate::report::palette::paint;
use crate::report::shell;
use crate::summary::Summary;

/// Documents that one command names.
const NAMED: usize = 3;

pub(super) fn write(found: &Found, summary: &Summary, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if summary.interrupted {
        return Ok(());
    }

    let label = paint(style.palette.faint, "next:");
    for (verb, cures, cured) in
        [("update", "corrects", &found.correctable), ("accept", "accepts", &found.acceptable)]
    {
        let (documents, count) = most(cured);
        if count > 0 {
            let command = command(verb, &documents, style);
            writeln!(out, "  {label} `{command}` {cures} {}", share(count, summary.failed))?;
        }
    }

    if !found.correctable.is_empty() || !found.acceptable.is_empty() || !found.unreviewed.is_empty() {
        let words = ["snipcheck", "review"].into_iter();
        let command = shell::command(&words.chain(flags(style, &["--claims"])).collect::<Vec<_>>());
        writeln!(out, "  {label} `{command}` asks about each")?;
    }
    Ok(())
}

/// The documents with most to cure, in their order, and how much that is.
fn most(cured: &BTreeMap<DocumentPath, usize>) -> (Vec<&DocumentPath>, usize) {
    let mut by_count: Vec<(&DocumentPath, usize)> =
        cured.iter().map(|(path, count)| (path, *count)).collect();
    by_count.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    by_count.truncate(NAMED);

    let count = by_count.iter().map(|(_, count)| count).sum();
    let mut documents: Vec<&DocumentPath> = by_count.into_iter().map(|(path, _)| path).collect();
    documents.sort();
    (documents, count)
}

fn command(verb: &str, documents: &[&DocumentPath], style: &Style) -> String {
    let paths: Vec<String> = documents.iter().map(|path| style.path_for_caller(path.as_str())).collect();
    let words = ["snipcheck", verb].into_iter().chain(paths.iter().map(String::as_str));
    shell::command(&words.chain(flags(style, &["--claims", "--snapshots"])).collect::<Vec<_>>())
}

/// The flags of the run, without those that the command does not have.
fn flags<'a>(style: &'a Style, unknown: &[&str]) -> Vec<&'a str> {
    let mut flags = Vec::new();
    let mut words = style.repeated.iter().map(String::as_str);
    while let Some(word) = words.next() {
        if unknown.contains(&word) {
            words.next();
        } else if !unknown
            .iter()
            .any(|flag| word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
        {
            flags.push(word);
        }
    }
    flags
}

/// `3 of these 4`.
fn share(count: usize, failed: usize) -> String {
    match (count, failed) {
        (1, 1) => "it".to_owned(),
        (2, 2) => "both of these".to_owned(),
        (count, failed) if count == failed => format!("all {failed} of these"),
        (count, failed) => format!("{count} of these {failed}"),
    }
}
