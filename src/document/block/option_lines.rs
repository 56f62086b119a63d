//! Lines between the fence of a directive and its code, and comments before code that other tools read.

use crate::directive::markers;
use crate::directive::{DirectiveError, Wish};

/// A key, and the words after it.
type Entry = (String, String);

/// How many lines before the code are none of it, and what they say.
pub(crate) fn of_directive(content: &str) -> (u32, Vec<Entry>) {
    let mut lines = content.split_inclusive('\n');
    let yaml = content.starts_with("---\n");
    if yaml {
        lines.next();
    }

    let (mut count, mut entries) = (u32::from(yaml), Vec::<Entry>::new());
    for line in lines {
        let text = line.trim();

        let entry = if yaml { Some(text) } else { text.strip_prefix(':') };
        match entry.and_then(|entry| entry.split_once(':')) {
            _ if yaml && text == "---" => return (count + 1, entries),
            Some((key, value)) => entries.push((key.trim().to_owned(), value.trim().to_owned())),
            // An item of a list belongs to the key above.
            None if yaml => {
                if let (Some((_, value)), Some(item)) = (entries.last_mut(), text.strip_prefix("- ")) {
                    value.push(' ');
                    value.push_str(item);
                }
            }
            // One blank line is a separator.
            None => return (count + u32::from(text.is_empty() && count > 0), entries),
        }

        count += 1;
    }

    // A block without end is no block.
    if yaml { (0, Vec::new()) } else { (count, entries) }
}

/// What the options ask for.
pub(crate) fn wishes(entries: &[Entry]) -> impl Iterator<Item = Result<Wish, DirectiveError>> {
    entries.iter().flat_map(|(key, value)| markers::in_option(key, value))
}

/// What comments before the code ask for.
pub(crate) fn in_comments(code: &str) -> Vec<Result<Wish, DirectiveError>> {
    let comments = code.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with('#'));
    comments
        .filter_map(|line| line.strip_prefix('#'))
        .flat_map(|comment| match comment.strip_prefix('|') {
            Some(option) => option
                .split_once(':')
                .map_or(Vec::new(), |(key, value)| markers::in_option(key.trim(), value.trim())),
            None => markers::in_code(comment.trim()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::of_directive;

    #[track_caller]
    fn check(content: &str, count: u32, entries: &[(&str, &str)]) {
        let (lines, found) = of_directive(content);
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!((lines, found.as_slice()), (count, entries), "{content:?}");
    }

    #[test]
    fn options() {
        check(":tags: [a, b]\n:hide:\n\nx\n", 3, &[("tags", "[a, b]"), ("hide", "")]);
        check(":name: y\nx = 1\n", 1, &[("name", "y")]);
        check("---\ntags:\n  - a\n  - b\nname: z\n---\nx\n", 6, &[("tags", " a b"), ("name", "z")]);
        check("x = 1\n:y: z\n", 0, &[]);
        check("\nx\n", 0, &[]);
        check("---\nx\n", 0, &[]);
        check("", 0, &[]);
    }
}
