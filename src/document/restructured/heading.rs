//! Titles and the lines that adorn them.

use pulldown_cmark::HeadingLevel;

use crate::document::text::examples::is_blank;

/// An adornment may be shorter than its title from this length on.
const SURE: usize = 4;

/// How the titles of a document are adorned. The order in which the styles appear is that of their levels.
#[derive(Debug, Default)]
pub(super) struct Headings {
    /// Letter, and whether it stands above the title as well.
    styles: Vec<(char, bool)>,
}

pub(super) struct Heading<'a> {
    pub(super) level: HeadingLevel,
    pub(super) title: &'a str,
    /// Lines of it, adornments included.
    pub(super) height: usize,
}

impl Headings {
    /// The heading whose first line is the first of `lines`, which follows a blank line.
    pub(super) fn at<'a>(&mut self, lines: &[&'a str]) -> Option<Heading<'a>> {
        let (title, style, height) = match lines {
            [above, title, below, ..] if fits(title, above) && above.trim_end() == below.trim_end() => {
                (*title, (letter(above)?, true), 3)
            }
            [title, below, ..] if !title.starts_with([' ', '\t']) && letter(title).is_none() => {
                if !fits(title, below) {
                    return None;
                }
                (*title, (letter(below)?, false), 2)
            }
            _ => return None,
        };

        let depth = self.styles.iter().position(|known| *known == style).unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        });
        let level = HeadingLevel::try_from(depth + 1).unwrap_or(HeadingLevel::H6);
        Some(Heading { level, title: title.trim(), height })
    }
}

/// What an adornment is made of.
fn letter(line: &str) -> Option<char> {
    let line = line.trim_end();
    let letter = line.chars().next().filter(char::is_ascii_punctuation)?;
    (line.len() > 1 && line.chars().all(|other| other == letter)).then_some(letter)
}

fn fits(title: &str, adornment: &str) -> bool {
    let length = adornment.trim_end().len();
    letter(adornment).is_some()
        && !is_blank(title)
        && (length >= SURE || length >= title.trim().chars().count())
}

#[cfg(test)]
mod tests {
    use super::Headings;

    #[track_caller]
    fn check(headings: &mut Headings, text: &str, expected: Option<(u8, &str, usize)>) {
        let lines: Vec<&str> = text.lines().collect();
        let found = headings.at(&lines).map(|heading| (heading.level as u8, heading.title, heading.height));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn styles_are_levels() {
        let mut headings = Headings::default();
        check(&mut headings, "====\n Big\n====\n", Some((1, "Big", 3)));
        check(&mut headings, "Small\n=====\n", Some((2, "Small", 2)));
        check(&mut headings, "Smaller\n----\n", Some((3, "Smaller", 2)));
        check(&mut headings, "========\nBig again\n========\n", Some((1, "Big again", 3)));
        check(&mut headings, "ab\n==\n", Some((2, "ab", 2)));
    }

    #[test]
    fn what_is_no_heading() {
        let mut headings = Headings::default();
        for text in [
            "words\n\n====",
            "abc\n==",
            "  words\n=====",
            "====\n\n====",
            "=====  ===\na  b",
            "----\n",
            "words",
        ] {
            check(&mut headings, text, None);
        }
    }
}
