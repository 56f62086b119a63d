//! From the words after a label, and from the rows of the table, to directives.
//!
//! Markers of some tools hold words as after a label, and words after a label may be markers.

use crate::directive::attributes::{Attribute, attributes};
use crate::directive::condition::Condition;
use crate::directive::error::DirectiveError;
use crate::directive::flags::parse_flag;
use crate::directive::foreign::is_foreign;
use crate::directive::markers::argument;
use crate::directive::markers::lookup::{found, near};
use crate::directive::markers::table::{MarkerKind, Meaning, Row};
use crate::directive::value::Value;
use crate::directive::vocabulary::{Values, Word, nearest, unknown};
use crate::directive::wish::{Directive, Wish};
use crate::model::directives::Skip;
use crate::model::option_flags::Flag;

pub(super) type Wishes = Vec<Result<Wish, DirectiveError>>;

const ANY_EXCEPTION: &str = "Exception";

/// Whose words a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    /// Each is a directive, or a slip.
    Ours,
    /// Also those of other tools, markers or not.
    Anybodys,
}

/// The directives of an info string, its label taken off. Words of other tools that are no markers are passed over.
pub(crate) fn in_info(text: &str) -> Wishes {
    in_words(text, Words::Anybodys)
}

/// The value of the first of these words in an info string, whosever word it is.
pub(crate) fn attribute_value(info: &str, key: &str) -> Option<String> {
    let attribute = attributes(info).into_iter().find(|attribute| attribute.key == key)?;
    attribute.value.filter(|_| !attribute.unclosed)
}

fn in_words(text: &str, words: Words) -> Wishes {
    let mut attributes = attributes(text).into_iter().peekable();
    let mut found = Vec::new();
    while let Some(attribute) = attributes.next() {
        let Some(word) = Word::find(attribute.key) else {
            match words {
                Words::Ours => found.push(Err(unknown(attribute.key))),
                Words::Anybodys => found.extend(foreign(&attribute)),
            }
            continue;
        };

        let mut value = attribute.value;
        while let Some(list) = value.as_mut().filter(|_| word.values == Values::Several) {
            let Some(more) = attributes.next_if(continues_list) else { break };
            list.push(',');
            list.push_str(more.key);
        }

        if attribute.unclosed {
            found.push(Err(DirectiveError::Unclosed { key: word.spelling }));
        } else {
            let directive = word.read(value.map_or(Value::Absent, Value::Text));
            found.push(directive.map(|directive| Wish { spelling: attribute.key.to_owned(), directive }));
        }
    }
    found
}

/// A word that is not ours: a marker, a slip, or nothing that concerns a run.
fn foreign(attribute: &Attribute<'_>) -> Wishes {
    let word = match &attribute.value {
        Some(value) => format!("{}={value}", attribute.key),
        None => attribute.key.to_owned(),
    };
    if let Some((row, argument)) = found(MarkerKind::Info, &word) {
        return wishes(row, argument);
    }

    let slip = match is_word(attribute.key) && !is_foreign(attribute.key) {
        true if nearest(attribute.key).is_some() => Some(unknown(attribute.key)),
        true => near(MarkerKind::Info, &word),
        false => None,
    };
    slip.map(Err).into_iter().collect()
}

/// What a marker asks for.
pub(super) fn wishes(row: &Row, argument: &str) -> Wishes {
    let why = || argument::reason(argument);
    let directives = match row.meaning {
        Meaning::Skip => vec![Directive::Skip(Skip { why: None })],
        Meaning::SkipWhy => vec![Directive::Skip(Skip { why: why() })],
        Meaning::Condition => {
            let (expression, why) = argument::condition(argument);
            vec![Directive::SkipIf(Condition::new(expression, why))]
        }
        Meaning::Version => match Condition::unless_python(argument) {
            Some(condition) => vec![Directive::SkipIf(condition)],
            None => vec![Directive::Requires(argument::names(argument))],
        },
        Meaning::Raises => {
            let class = argument::exception(argument).unwrap_or(ANY_EXCEPTION);
            vec![Directive::Raises(class.to_owned())]
        }
        Meaning::MayRaise => vec![Directive::MayRaise],
        Meaning::SyntaxError => vec![Directive::Raises("SyntaxError".to_owned())],
        Meaning::CompileOnly => vec![Directive::CompileOnly],
        Meaning::Nondeterministic => vec![Directive::Nondeterministic],
        Meaning::Requires => vec![Directive::Requires(argument::names(argument))],
        Meaning::Fixtures => vec![Directive::Fixtures(argument::names(argument))],
        Meaning::Group => vec![Directive::Group(argument.to_owned())],
        Meaning::Joined => vec![Directive::Joined],
        Meaning::Clear => vec![Directive::Clear],
        Meaning::Name => vec![Directive::Name(argument.to_owned())],
        Meaning::Named => {
            // The spelling holds the first letters of the name.
            let name = format!("test{argument}");
            vec![Directive::Name(name.clone()), Directive::Group(name)]
        }
        Meaning::Words => return in_words(argument, Words::Anybodys),
        Meaning::OwnWords => return in_words(argument, Words::Ours),
        Meaning::Tags => {
            let tags = argument::words(argument).filter_map(|tag| found(MarkerKind::Tag, tag));
            return tags.flat_map(|(row, argument)| wishes(row, argument)).collect();
        }
        Meaning::OptionFlags => argument::words(argument).filter_map(signed_flag).collect(),
        Meaning::Rendered => vec![Directive::With(Flag::OutputRendered)],
        Meaning::Nothing => Vec::new(),
    };

    let spelling = format!("`{}`", row.spelling);
    directives.into_iter().map(|directive| Ok(Wish { spelling: spelling.clone(), directive })).collect()
}

/// `+ELLIPSIS`, `-SKIP`; a flag without sign is switched on.
fn signed_flag(word: &str) -> Option<Directive> {
    match word.strip_prefix('-') {
        Some(name) => parse_flag(name).map(Directive::Without),
        None => parse_flag(word.trim_start_matches('+')).map(Directive::With),
    }
}

fn continues_list(attribute: &Attribute<'_>) -> bool {
    attribute.joined && attribute.value.is_none() && Word::find(attribute.key).is_none()
}

/// Paths, classes and punctuation are no slips.
fn is_word(key: &str) -> bool {
    key.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::in_info;
    use crate::directive::wish::Directive;
    use crate::model::directives::Skip;
    use crate::model::option_flags::Flag;

    #[track_caller]
    fn check(info: &str, expected: &[Result<Directive, &str>]) {
        let found: Vec<_> = in_info(info)
            .into_iter()
            .map(|found| found.map(|wish| wish.directive).map_err(|error| error.to_string()))
            .collect();
        let expected: Vec<_> = expected.iter().cloned().map(|item| item.map_err(str::to_owned)).collect();
        assert_eq!(found, expected, "{info}");
    }

    fn skip(why: Option<&str>) -> Directive {
        Directive::Skip(Skip { why: why.map(str::to_owned) })
    }

    #[test]
    fn both_spellings() {
        check("skip", &[Ok(skip(None))]);
        check(" skip=\"no GPU, here\"", &[Ok(skip(Some("no GPU, here")))]);
        check("{skip='it\\'s slow' .cls}", &[Ok(skip(Some("it's slow")))]);
        check("{.cls skip=why #anchor}", &[Ok(skip(Some("why")))]);
        check(",skip,timeout=3s", &[Ok(skip(None)), Ok(Directive::Timeout(Duration::from_secs(3)))]);
        check("isolated id = load", &[Ok(Directive::Isolated), Ok(Directive::Id("load".into()))]);
    }

    #[test]
    fn lists_take_commas() {
        let files =
            |names: &[&str]| Ok(Directive::Files(names.iter().map(|&name| name.to_owned()).collect()));
        check("files=a.csv,b.txt isolated", &[files(&["a.csv", "b.txt"]), Ok(Directive::Isolated)]);
        check("files=a.csv,skip", &[files(&["a.csv"]), Ok(skip(None))]);
        check("files=\"a.csv, b c.txt\"", &[files(&["a.csv", "b c.txt"])]);
    }

    #[test]
    fn words_of_others_are_passed_over() {
        check("title=\"skip me\" hl_lines='1 2' {1,3-4} linenums=\"1\" .skip /skip", &[]);
        check("exec=\"on\" source=\"above\" title=\"it's", &[Ok(Directive::With(Flag::OutputRendered))]);
    }

    #[test]
    fn slips_and_holes() {
        check("timout=3", &[Err("unknown directive `timout`")]);
        check("timeout", &[Err("`timeout` needs a value")]);
        check("skip=\"open", &[Err("the value of `skip` has no closing quote")]);
    }
}
