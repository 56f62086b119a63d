//! The way to an exception as the document's reader knows it: frames of libraries are counted, not shown.

use crate::event::Judged;
use crate::model::outcome::{Exception, Frame};
use crate::report::escape;
use crate::report::words::{counted, place, suggestion};

/// Packages that a count of frames names.
const NAMED: usize = 3;

/// One string a line; empty where it would tell no more than the excerpt does.
pub(crate) fn trimmed(judged: &Judged, exception: &Exception) -> Vec<String> {
    let mut lines = Vec::new();
    for run in exception.frames.chunk_by(|one, next| !one.document && !next.document) {
        match run {
            [frame] if frame.document => document(judged, frame, &mut lines),
            library => lines.push(counted_frames(library)),
        }
    }
    if exception.frames.len() > 1 || exception.message.trim().contains('\n') {
        lines.extend(
            format!("{}: {}{}", exception.kind, exception.message, suggestion(exception))
                .lines()
                .map(str::to_owned),
        );
        return lines;
    }
    match exception.line {
        Some(_) => Vec::new(),
        None => exception.traceback.lines().map(str::to_owned).collect(),
    }
}

fn document(judged: &Judged, frame: &Frame, lines: &mut Vec<String>) {
    let place = place(judged.path.as_str(), frame.line);
    lines.push(format!("{place}, in {}", escape::word(&frame.function)));
    let code = (frame.line as usize).checked_sub(1).and_then(|index| judged.source.lines().nth(index));
    if let Some(code) = code {
        lines.push(format!("    {}", code.trim()));
    }
}

fn counted_frames(frames: &[Frame]) -> String {
    let mut packages: Vec<&str> = Vec::new();
    for frame in frames {
        let package = package(&frame.file);
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    let more = if packages.len() > NAMED { ", …" } else { "" };
    packages.truncate(NAMED);
    format!("… {} of {}{more}", counted(frames.len(), "frame"), packages.join(", "))
}

/// `asyncio` of `/usr/lib/python3.12/asyncio/runners.py`, `numpy` of `…/site-packages/numpy/linalg/x.py`.
fn package(file: &str) -> &str {
    if let Some(frozen) = file.strip_prefix("<frozen ") {
        return frozen.split(['.', '>']).next().unwrap_or(frozen);
    }
    let mut parts = file.rsplit('/').collect::<Vec<_>>();
    parts.reverse();
    let home = parts.iter().rposition(|part| part.ends_with("-packages") || part.starts_with("python3"));
    let name = home.and_then(|home| parts.get(home + 1)).or(parts.last()).copied().unwrap_or(file);
    name.strip_suffix(".py").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn files_belong_to_packages() {
        assert_eq!(package("/usr/lib/python3.12/asyncio/runners.py"), "asyncio");
        assert_eq!(package("/venv/lib/python3.12/site-packages/numpy/linalg/x.py"), "numpy");
        assert_eq!(package("/usr/lib/python3.12/queue.py"), "queue");
        assert_eq!(package("<frozen importlib._bootstrap>"), "importlib");
        assert_eq!(package("<string>"), "<string>");
        assert_eq!(package("/srv/tool.py"), "tool");
    }
}
