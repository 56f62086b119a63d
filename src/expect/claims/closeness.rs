//! Whether a comment is nearly what was printed: its author meant the output, and one word or number of it is wrong.
//!
//! Prose shares words with the output it speaks of, but neither their number nor the signs between them.

use crate::expect::claims::calendar;

/// Letters of a comment that may be an output with a slip in it.
const LONGEST: usize = 300;
/// Letters of a word from which one wrong letter is a slip. Shorter words are often one letter apart.
const LONG_WORD: usize = 5;
/// Letters of a text in a script without blanks, and the share of them that has to be the same.
const UNSPACED: (usize, f64) = (4, 0.75);
/// The same for other texts.
const SPACED: (usize, f64) = (14, 0.88);

/// Words that stand in sentences, and hardly alone in an output.
const FUNCTION_WORDS: &[&str] = &[
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "from", "with", "without", "as", "is",
    "are", "was", "be", "and", "or", "not", "no", "this", "that", "these", "it", "its", "if", "when", "then",
    "so", "we", "you", "will", "same", "also", "each", "every", "all", "any", "only", "because", "but",
    "than", "like", "still", "now", "per", "via", "into", "see", "calls", "uses", "returns", "prints",
];
/// Words that say what an output is like.
const DESCRIPTIONS: &[&str] = &[
    "varies",
    "depends",
    "nothing",
    "none",
    "empty",
    "error",
    "errors",
    "random",
    "unchanged",
    "ok",
    "okay",
    "works",
    "fails",
    "failed",
    "fine",
    "yes",
    "no",
    "number",
    "string",
    "integer",
    "text",
    "list",
    "dict",
    "dictionary",
    "tuple",
    "set",
    "object",
    "value",
    "values",
    "result",
    "name",
    "names",
    "iterator",
    "generator",
    "function",
    "bool",
    "boolean",
    "float",
    "int",
    "str",
    "bytes",
    "file",
    "path",
    "url",
    "date",
    "time",
    "message",
    "success",
    "failure",
    "exception",
    "output",
    "json",
    "html",
    "unstable",
    "unknown",
    "slow",
    "fast",
    "good",
    "bad",
    "correct",
    "wrong",
];

/// Whether one line of a comment is the printed line with a slip in it.
pub(super) fn is_nearly(said: &str, real: &str) -> bool {
    let (said, real) = (said.trim(), real.trim());
    if said == real
        || said.is_empty()
        || said.len() > LONGEST
        || real.len() > 2 * LONGEST
        || real.contains('\n')
    {
        return false;
    }

    let words = [words(said), words(real)];
    let [of_said, of_real] = &words;
    if of_said == of_real {
        return has_other_signs(said, real, of_said) || is_slip(said, real);
    }

    has_other_numbers(said, real)
        || calendar::is_other(said, real)
        || has_other_words(said, real, of_said, of_real)
        || is_slip(said, real)
        || is_unspaced(said) && has_share(said, real, UNSPACED)
        || !is_part(of_said, of_real) && !is_part(of_real, of_said) && has_share(said, real, SPACED)
}

/// Whether consecutive lines of a comment are the printed ones but for a few words.
pub(super) fn are_nearly(said: &[&str], real: &[&str]) -> bool {
    if said.len() != real.len() || said.len() < 2 {
        return false;
    }

    let (mut alike, mut all, mut same_lines) = (0, 0, 0);
    for (said, real) in said.iter().zip(real) {
        let parts = [said, real].map(|line| line.split_whitespace().collect::<Vec<_>>());
        let [of_said, of_real] = &parts;
        alike += of_said.iter().zip(of_real).filter(|(said, real)| said == real).count();
        all += of_said.len().max(of_real.len());
        same_lines += usize::from(of_said.len() == of_real.len());
    }
    alike >= 2 && alike * 5 >= all * 3 && same_lines * 3 >= said.len() * 2
}

/// Whether words after `Output:` are an output, and not a description of one.
pub(super) fn is_output(said: &str) -> bool {
    let words = words(said);
    !words.is_empty()
        && words.len() <= 4
        && !is_description(&words)
        && !said.contains("...")
        && !said.contains('…')
        && !said.starts_with(['(', '[', '<', '`'])
}

/// Whether a word after an arrow is the beginning of an output like the printed one, and not a description.
pub(super) fn is_output_like(said: &str, real: &str) -> bool {
    let first = |text: &str| text.trim_start_matches(['\'', '"']).chars().next();
    let are_capital = [said, real].iter().all(|text| first(text).is_some_and(char::is_uppercase));
    are_capital && words(said).len() <= 3 && is_output(said)
}

/// Whether a short comment may be an output: it has no word that only sentences have.
pub(super) fn may_be_output(said: &str) -> bool {
    let words = words(said);
    let is_sentence = words.iter().any(|word| FUNCTION_WORDS.contains(&word.to_lowercase().as_str()));
    !words.is_empty() && words.len() <= 6 && !is_sentence
}

fn is_description(words: &[&str]) -> bool {
    words.iter().any(|word| {
        let word = word.to_lowercase();
        FUNCTION_WORDS.contains(&word.as_str()) || DESCRIPTIONS.contains(&word.as_str())
    })
}

fn words(text: &str) -> Vec<&str> {
    let apart = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    text.split(apart).filter(|word| !word.is_empty()).collect()
}

/// What stands between the words, without blanks.
fn signs(text: &str) -> String {
    text.chars()
        .filter(|letter| !(letter.is_alphanumeric() || *letter == '_' || letter.is_whitespace()))
        .collect()
}

/// `Hello Bob` for `Hello, Bob!`
fn has_other_signs(said: &str, real: &str, words: &[&str]) -> bool {
    let (of_said, of_real) = (signs(said), signs(real));
    let mut rest = of_real.chars();
    let is_left_out = of_said.chars().all(|sign| rest.any(|real| real == sign));
    let are_letters = words.iter().all(|word| word.chars().all(char::is_alphabetic));
    words.len() > 1 && are_letters && is_left_out && of_said != of_real
}

/// `total: 4` for `total: 3`, `[0 1 3]` for `[0 1 2]`
fn has_other_numbers(said: &str, real: &str) -> bool {
    let without_numbers = |text: &str| {
        let mut plain = String::new();
        for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
            let is_digit = letter.is_ascii_digit();
            if !(is_digit && plain.ends_with('0')) {
                plain.push(if is_digit { '0' } else { letter });
            }
        }
        plain.replace("0.0", "0")
    };
    let plain = without_numbers(said);
    plain.contains('0')
        && plain
            .contains(|letter: char| letter.is_alphabetic() || matches!(letter, '[' | '(' | '{' | ':' | '='))
        && plain == without_numbers(real)
}

/// `Hello, Ann!` for `Hello, Bob!`, `the cat sat` for `the dog sat`
fn has_other_words(said: &str, real: &str, of_said: &[&str], of_real: &[&str]) -> bool {
    if of_said.len() != of_real.len() || of_said.len() < 2 {
        return false;
    }
    let other = of_said.iter().zip(of_real).filter(|(said, real)| said != real).count();
    let only_case =
        of_said.iter().zip(of_real).all(|(said, real)| said.to_lowercase() == real.to_lowercase());
    let has_same_signs = signs(said) == signs(real);
    // `Hello world` for `Hello World`: who changes the case on purpose writes small letters.
    if only_case && said.chars().next() == real.chars().next() && said.starts_with(char::is_uppercase) {
        return has_same_signs;
    }
    if only_case || other * 2 == of_said.len() {
        return has_same_signs && !signs(said).is_empty();
    }
    other * 3 <= of_said.len() && (has_same_signs || of_said.len() > 3)
}

/// `hullo` for `hello`: a wrong letter, and no ending of the same word.
fn is_slip(said: &str, real: &str) -> bool {
    if said.contains(char::is_whitespace) || real.contains(char::is_whitespace) {
        return false;
    }
    let count = said.chars().count();
    let is_capital = |text: &str| text.chars().all(|letter| !letter.is_lowercase());
    let is_long = count >= LONG_WORD || count > 2 && is_capital(said) && is_capital(real);
    let is_ending = said.starts_with(real) || real.starts_with(said);
    is_long
        && !is_ending
        && said.to_lowercase() != real.to_lowercase()
        && strsim::osa_distance(said, real) == 1
}

/// Whether most letters are of a script that has no blanks between words.
fn is_unspaced(text: &str) -> bool {
    let of_script = |letter: &char| matches!(u32::from(*letter), 0x0E00..=0x0EFF | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF | 0x20000..=0x3FFFF);
    text.chars().filter(of_script).count() * 2 > text.chars().count()
}

fn has_share(said: &str, real: &str, (shortest, share): (usize, f64)) -> bool {
    said.chars().count() >= shortest && strsim::normalized_levenshtein(said, real) >= share
}

/// Whether the first words are among the second ones, in their order: a quotation, or an explanation.
fn is_part(few: &[&str], many: &[&str]) -> bool {
    let mut rest = many.iter();
    few.iter().all(|word| rest.any(|other| other == word))
}

#[cfg(test)]
mod tests {
    use super::{are_nearly, is_nearly, is_output, is_output_like, may_be_output};

    #[test]
    fn outputs_with_a_slip() {
        for (said, real) in [
            ("hullo", "hello"),
            ("RAD", "RED"),
            ("total: 4", "total: 3"),
            ("a 4", "a 3"),
            ("[0 1 3]", "[0 1 2]"),
            ("3 rows", "4 rows"),
            ("1.25 s left", "12.5 s left"),
            ("Hello Bob", "Hello, Bob!"),
            ("Hello, Ann!", "Hello, Bob!"),
            ("name: Ann", "name: Bob"),
            ("the cat sat here", "the dog sat here"),
            ("Temperatur: kalt", "Temperatur: warm"),
            ("Hola, Mundo!", "Hola, mundo!"),
            ("Hello world", "Hello World"),
            ("Disk Full", "Disk full"),
            ("こんにちは、世間!", "こんにちは、世界!"),
            ("你好,世间", "你好,世界"),
            ("Привет, Анна!", "Привет, Иван!"),
            ("Order shipped sucessfully today", "Order shipped successfully today"),
            ("/a/b/txt", "/a/b.txt"),
            ("2024-03-01", "2024-02-29"),
            ("Friday", "Thursday"),
        ] {
            assert!(is_nearly(said, real), "{said} | {real}");
        }
    }

    #[test]
    fn prose() {
        for (said, real) in [
            ("hello", "hello"),
            ("total of the basket", "total: 3"),
            ("greets Bob", "Hello, Bob!"),
            ("greet the user", "Hello Ann"),
            ("opens the door", "open"),
            ("opens", "open"),
            ("loaded files are kept in memory", "Loaded 3 files"),
            ("3 files loaded from disk", "3 files loaded"),
            ("shouting", "RED"),
            ("upper case", "ANN"),
            ("fine", "file"),
            ("same", "name"),
            ("Done", "Done!"),
            ("Hello", "Hello, World!"),
            ("Hello, World! (again)", "Hello, World!"),
            ("4", "3"),
            ("1.26.4", "2.0.1"),
            ("a.b.c", "a-b-c"),
            ("or any other colour", "red"),
            ("total = 3", "total: 3"),
            ("名前を表示する", "世界"),
            ("the first", "the last one"),
            ("a number", "a letter"),
            ("hello world", "Hello World"),
            ("disk full", "Disk full"),
            ("a, b", "a\nb"),
        ] {
            assert!(!is_nearly(said, real), "{said} | {real}");
        }
    }

    #[test]
    fn tables() {
        let check = |said: &[&str], real: &[&str], expected| {
            assert_eq!(are_nearly(said, real), expected, "{said:?} {real:?}");
        };
        check(&["[[0 1 2]", " [3 4 6]]"], &["[[0 1 2]", " [3 4 5]]"], true);
        check(&["   a  b", "0  1  x", "1  2  z"], &["   a  b", "0  1  x", "1  2  y"], true);
        check(&["the a of b", "is what counts here"], &["   a  b", "0  1  x"], false);
        check(&["a b"], &["a c"], false);
        check(&["a", "b"], &["a", "b", "c"], false);
    }

    #[test]
    fn announced_outputs() {
        for said in ["blue", "Goodbye", "two words", "rouge"] {
            assert!(is_output(said), "{said}");
        }
        for said in
            ["varies", "a list of words", "the colour", "(nothing)", "one, two, ...", "int", "nothing"]
        {
            assert!(!is_output(said), "{said}");
        }
        assert!(is_output_like("Goodbye", "Hello, Bob!") && !is_output_like("name", "Hello"));
        assert!(!is_output_like("Goodbye", "hello") && !is_output_like("The name", "Hello"));
        assert!(may_be_output("RAD") && !may_be_output("greets the user") && !may_be_output(""));
    }
}
