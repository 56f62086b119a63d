//! Where two texts differ.

/// The first lines that differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contrast {
    /// How many lines of the first text are above.
    pub(super) below: u32,
    pub(super) said: Option<String>,
    pub(super) is: Option<String>,
}

/// Compares line by line, or letter by letter where the texts are laid out in different ways.
pub(super) fn contrast(text: &str, actual: &str) -> Contrast {
    let (mut said, mut is) = (text.lines(), actual.lines());
    let mut below = 0;
    loop {
        match (said.next(), is.next()) {
            (Some(said), Some(is)) if said == is => below += 1,
            (None, None) => {
                let first = |text: &str| text.lines().next().map(str::to_owned);
                return Contrast { below: 0, said: first(text), is: first(actual) };
            }
            (said, is) => {
                let by_lines = Contrast { below, said: said.map(str::to_owned), is: is.map(str::to_owned) };
                let other_layout = said.zip(is).is_some_and(|(said, is)| is_one_begun_by_other(said, is));
                let by_letters = if other_layout { by_letters(text, actual) } else { None };
                return by_letters.unwrap_or(by_lines);
            }
        }
    }
}

/// Whether texts are equal but for blanks.
pub(super) fn differ_in_blanks(one: &str, other: &str) -> bool {
    one != other && one.split_whitespace().eq(other.split_whitespace())
}

/// Whether one line says as much as the beginning of the other, which goes on where the first one is broken.
fn is_one_begun_by_other(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|line| letters(line).into_iter().map(|(_, letter)| letter));
    let (one, other): (Vec<char>, Vec<char>) = (one.collect(), other.collect());
    !one.is_empty() && !other.is_empty() && (one.starts_with(&other) || other.starts_with(&one))
}

/// Letters with their offsets: without blanks, without commas that close a list, and with one kind of quotes.
fn letters(text: &str) -> Vec<(usize, char)> {
    let mut letters: Vec<(usize, char)> = Vec::new();
    for (at, letter) in text.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
        if matches!(letter, ')' | ']' | '}') && letters.last().is_some_and(|(_, last)| *last == ',') {
            letters.pop();
        }
        letters.push((at, if letter == '"' { '\'' } else { letter }));
    }
    letters
}

/// The line of the text that has the first other letter, and the part of the other text that stands for that line.
fn by_letters(text: &str, actual: &str) -> Option<Contrast> {
    let (said, is) = (letters(text), letters(actual));
    let same = said.iter().zip(&is).take_while(|((_, one), (_, other))| one == other).count();
    let &(at, _) = said.get(same)?;

    let below = text[..at].matches('\n').count();
    let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[begin..].lines().next()?;

    // Letters up to here are the same in both texts, so that the line begins at the same letter in the other one.
    let first = said.partition_point(|(offset, _)| *offset < begin);
    let &(start, _) = is.get(first)?;
    let differs = is.get(same).map_or(actual.len(), |(offset, _)| *offset);
    // What differs may itself be one of the letters that end a part.
    let after = actual[differs..].chars().next().map_or(differs, |letter| differs + letter.len_utf8());
    let closing = [',', '}', ']', ')', '\n'];
    let end = actual[after..].find(closing).map_or(actual.len(), |length| after + length);
    let part = actual.get(start..end).map(str::to_owned).filter(|part| !part.is_empty());
    Some(Contrast { below: u32::try_from(below).unwrap_or(u32::MAX), said: Some(line.to_owned()), is: part })
}

#[cfg(test)]
mod tests {
    use super::contrast;

    #[track_caller]
    fn check(text: &str, actual: &str, below: u32, said: Option<&str>, is: Option<&str>) {
        let found = contrast(text, actual);
        assert_eq!((found.below, found.said.as_deref(), found.is.as_deref()), (below, said, is));
    }

    #[test]
    fn lines_and_layouts() {
        check("a\nb", "a\nc", 1, Some("b"), Some("c"));
        check("a\nb", "a", 1, Some("b"), None);
        check("a", "a\nb", 1, None, Some("b"));
        check("[\n 1,\n 2,\n]", "[1, 3]", 2, Some(" 2,"), Some("3"));
        check("[1, 2,\n 3]", "[1,\n 2,\n 4]", 1, Some(" 3]"), Some("4"));
        check("[\n 'a',\n]", "['a', 'b']", 2, Some("]"), Some(", 'b'"));
        check("{\n 'a': é,\n 'b': 漢,\n}", "{'a': é, 'b': 字}", 2, Some(" 'b': 漢,"), Some("'b': 字"));
        check("x y z", "x y q", 0, Some("x y z"), Some("x y q"));
    }
}
