//! The marker `# may vary`: its line may put out something else the next time, and no other line may.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use crate::expect::shown::comparison::ELISION;
use crate::model::snippet::Line;
use crate::syntax::{Tree, bodies};

/// A comment which says that its line may have another result.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)#[^#\n]*\b(?:(?:may|will|can|might) (?:vary|differ)|varies|differs)\b|#\s*(?:random|uninitiali[sz]ed)\s*$",
    )
    .expect("the pattern is tested")
});

/// The lines of the statements that are marked. `code` is the line of the document in which the code starts.
pub(super) fn marked_lines(tree: &Tree<'_>, code: Line) -> Vec<RangeInclusive<Line>> {
    let markers: Vec<u32> = tree
        .comments()
        .filter(|range| MARKER.is_match(tree.source[*range].trim_end()))
        .map(|range| tree.line(range.start()))
        .collect();
    if markers.is_empty() {
        return Vec::new();
    }

    let line = |line: u32| Line(code.0.saturating_add(line.saturating_sub(1)));
    let mut marked = Vec::new();
    let mut open: Vec<&[Stmt]> = vec![&tree.module().body];
    while let Some(body) = open.pop() {
        for statement in body {
            let range = statement.range();
            let lines = tree.line(range.start())..=tree.line(range.end());
            let inner = bodies(statement);
            if inner.is_empty() && markers.iter().any(|marker| lines.contains(marker)) {
                marked.push(line(*lines.start())..=line(*lines.end()));
            }
            open.extend(inner);
        }
    }
    marked
}

/// The shown text with an elision in the place of each marked line; `None` where no line is marked.
pub(super) fn elided(shown: &str) -> Option<String> {
    let is_marked = |line: &str| MARKER.is_match(line.trim_end());
    if !shown.contains('#') || !shown.lines().any(is_marked) {
        return None;
    }
    let lines = shown.lines().flat_map(|line| [if is_marked(line) { ELISION } else { line }, "\n"]);
    Some(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::{elided, marked_lines};
    use crate::model::snippet::Line;
    use crate::syntax::Tree;

    #[test]
    fn statements_with_a_marker() {
        for (code, expected) in [
            ("f()  # may vary\ng()\n", &[(4, 4)][..]),
            ("f(\n    1,\n)  # Random\n", &[(4, 6)]),
            ("for x in y:\n    f(x)  # yours will differ\ng()\n", &[(5, 5)]),
            ("f()  # 0.25 (may vary)\n", &[(4, 4)]),
            ("f()  # random numbers\n# may vary\n'# may vary'\n", &[]),
        ] {
            let lines = marked_lines(&Tree::parse(code), Line(4));
            let found: Vec<_> = lines.iter().map(|lines| (lines.start().0, lines.end().0)).collect();
            assert_eq!(found, expected, "{code}");
        }
    }

    #[test]
    fn shown_lines_with_a_marker() {
        assert_eq!(elided("12:30  # may vary\n5\n").as_deref(), Some("...\n5\n"));
        assert_eq!(elided("12:30\n# 5\n"), None);
    }
}
