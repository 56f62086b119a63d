//! Any info string is read, and every wish that can be written is understood.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::directive::{Directive, Skip, Value, in_info, vocabulary};
use crate::model::policy::Clock;

/// A wish, and a way to write it after a label.
fn written() -> impl Strategy<Value = (String, Directive)> {
    prop_oneof![
        Just(("skip".to_owned(), Directive::Skip(Skip { why: None }))),
        Just(("skip=false".to_owned(), Directive::Run)),
        Just(("isolated".to_owned(), Directive::Isolated)),
        Just(("isolated=false".to_owned(), Directive::Shared)),
        "\\PC{1,20}".prop_filter_map("a reason that is one", |why| {
            let why = why.trim().to_owned();
            let taken = why.is_empty() || why == "true" || why == "false";
            (!taken).then(|| (format!("skip={}", quoted(&why)), Directive::Skip(Skip { why: Some(why) })))
        }),
        "[A-Za-z_é][A-Za-z0-9_é]{0,8}(\\.[A-Za-z_][A-Za-z0-9_]{0,8}){0,3}"
            .prop_map(|class| (format!("raises={class}"), Directive::Raises(class))),
        (1..86_400_000_u64).prop_map(|milliseconds| {
            let timeout = Directive::Timeout(Duration::from_millis(milliseconds));
            (format!("timeout={milliseconds}ms"), timeout)
        }),
        (1..86_400_u64).prop_map(|seconds| {
            (format!("timeout = {seconds}"), Directive::Timeout(Duration::from_secs(seconds)))
        }),
        Just(("clock=real".to_owned(), Directive::Clock(Clock::Real))),
        "[A-Za-z0-9_.-]{1,100}".prop_map(|name| (format!("id='{name}'"), Directive::Id(name))),
        names().prop_map(|names| (format!("files={}", names.join(",")), Directive::Files(names))),
        names().prop_map(|names| (format!("setup={}", quoted(&names.join(", "))), Directive::Setup(names))),
    ]
}

/// Names of files, none of which is a directive: that would end a list that stands without quotes.
fn names() -> impl Strategy<Value = Vec<String>> {
    vec("[a-z]{2}[a-z0-9_]{0,6}(/[a-z0-9_]{1,6}){0,2}\\.(csv|txt)", 1..4)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Words of other tools, and what holds words apart.
const BETWEEN: &[&str] = &[
    " ",
    "\t",
    "  ",
    " , ",
    " {",
    "} ",
    " title=\"a b\" ",
    " .class ",
    " hl_lines='1 2' ",
    " {1,3-4} ",
    " linenums=\"1\" ",
];

const FRAGMENTS: &[&str] = &[
    "skp",
    "=",
    "=",
    "\"",
    "'",
    "\\",
    ",",
    "{",
    "}",
    " ",
    "\t",
    "true",
    "false",
    "1.5",
    "ms",
    "-",
    "..",
    "/",
    "a.csv",
    "ValueError",
    "é",
    "🦀",
    "\u{301}",
    "\0",
    ":",
    "99999999999999999999h",
    "1e999",
    "inf",
    "nan",
];

/// A word that is a directive, or a piece of anything.
fn fragment() -> impl Strategy<Value = &'static str> {
    let words: Vec<&str> = vocabulary::spellings().collect();
    prop_oneof![1 => select(words), 3 => select(FRAGMENTS)]
}

proptest! {
    #[test]
    fn what_is_written_is_understood(
        wishes in vec(written(), 0..6),
        between in vec(select(BETWEEN), 6),
    ) {
        let mut info = String::new();
        for ((text, _), gap) in wishes.iter().zip(&between) {
            info.extend([gap, text.as_str()]);
        }

        let found: Vec<_> = in_info(&info).into_iter().map(|wish| wish.map(|wish| wish.directive)).collect();
        let expected: Vec<_> = wishes.into_iter().map(|(_, directive)| Ok(directive)).collect();
        prop_assert_eq!(found, expected, "{}", info);
    }

    #[test]
    fn any_info_string_is_read(
        info in prop_oneof![
            any::<String>(),
            vec(fragment(), 0..20).prop_map(|fragments| fragments.concat()),
        ],
    ) {
        for error in in_info(&info).into_iter().filter_map(Result::err) {
            prop_assert!(!error.to_string().is_empty());
            prop_assert_ne!(error.hint(), Some(String::new()));
        }
    }

    #[test]
    fn any_value_is_read(
        key in fragment(),
        text in any::<String>(),
        list in vec(any::<String>(), 0..3),
    ) {
        for value in [Value::Absent, Value::Text(text), Value::List(list)] {
            if let Err(error) = Directive::parse(key, value) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn a_name_of_a_fixture_stays_below(name in vec(fragment(), 1..6)) {
        if let Ok(Directive::Files(names)) = Directive::parse("files", Value::List(vec![name.concat()])) {
            for name in names {
                prop_assert!(!name.starts_with('/') && !name.contains('\0'), "{}", name);
                prop_assert!(name.split('/').all(|part| part != ".."), "{}", name);
            }
        }
    }
}
