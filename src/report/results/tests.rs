//! Every format over the sample run, and over one that is hostile.

use crate::event::Event;
use crate::model::installation::{Installation, Installer};
use crate::report::{Color, Format, Options, Progress, Remarks, Reporter, Verbosity, sample};
use crate::summary::{Strictness, Summary};

const FORMATS: [(&str, Format); 7] = [
    ("short", Format::Short),
    ("github", Format::Github),
    ("markdown", Format::Markdown),
    ("junit", Format::Junit),
    ("gitlab", Format::Gitlab),
    ("sarif", Format::Sarif),
    ("tap", Format::Tap),
];

fn render(format: Format, events: &[Event]) -> String {
    let options = Options {
        base: String::new(),
        in_repository: String::new(),
        verbosity: Verbosity::Normal,
        remarks: Remarks::Hidden,
        color: Color::Never,
        installation: Installation { own: Vec::new(), installer: Installer::Pip },
        repeated: Vec::new(),
    };
    let (mut text, mut summary) = (Vec::new(), Summary::default());
    let mut reporter = Reporter::new(format, options, Progress::silent(), &mut text);
    for event in events {
        summary.record(event);
        reporter.record(event).unwrap();
    }
    reporter.finish(&summary, summary.exit_code(Strictness::Check)).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn build_servers_are_told_everything() {
    for (name, format) in FORMATS {
        insta::assert_snapshot!(name, render(format, &sample::everything()));
    }
}

#[test]
fn the_order_is_that_of_the_documents() {
    let events = sample::everything();
    let mut turned = events.clone();
    turned.reverse();
    for (name, format) in FORMATS {
        assert!(render(format, &events) == render(format, &turned), "{name}");
    }
}

/// A run of a name that tries to be a command of each format in turn.
fn hostile() -> Vec<Event> {
    let mut events = sample::all_hostile();
    for text in [
        "]]>\u{fffe}\u{ffff}\u{1}<x/>",
        "\n::error::x",
        "# SKIP\nok 1",
        "](javascript:x) {0}",
        "a,line=1::b%0A",
    ] {
        let text = format!("{text}{}", "long ".repeat(100_000));
        let mut judged = sample::raised();
        judged.id.0.push_str(&text);
        judged.path.0.push_str(&text);
        let exception = judged.outcome.exception.as_mut().unwrap();
        exception.message.clone_from(&text);
        judged.outcome.stdout.head = text.into_bytes();
        events.push(sample::event(judged));
    }
    events
}

#[test]
fn hostile_text_stays_where_it_belongs() {
    for (name, format) in FORMATS {
        let text = render(format, &hostile());
        let is_bad = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
        assert_eq!(text.find(is_bad), None, "{name}");
        assert!(!text.contains("##["), "{name}");
        assert!(!text.contains(['\u{202e}', '\u{fffe}', '\u{ffff}']), "{name}");
        for line in text.lines() {
            let is_command = line.trim_start().starts_with("::");
            assert!(!is_command || format == Format::Github, "{name}: {line:.200}");
        }
    }

    for line in render(Format::Github, &hostile()).lines() {
        let properties = line.strip_prefix("::error ").or(line.strip_prefix("::warning ")).unwrap();
        let (properties, _) = properties.split_once("::").unwrap();
        let keys: Vec<&str> = properties.split(',').map(|pair| pair.split_once('=').unwrap().0).collect();
        assert!(keys == ["file", "line", "col", "title"] || keys == ["file", "title"], "{line:.200}");
    }

    let tap = render(Format::Tap, &hostile());
    let points = tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).count();
    assert_eq!(tap.lines().nth(1).unwrap(), format!("1..{points}"));
}
