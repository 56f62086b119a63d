//! What documents, snippets and the tree around them say is foreign text: in no report does it steer a terminal, hide
//! from a reader, command a build server or leave the line it was put on.

mod snippets;
mod tree;

use crate::project::{Project, Run};

/// As Python writes it: sequences for terminals, what hides or reorders text, what ends a line for somebody, commands
/// of build servers at the start of a line, after blanks and in the middle.
const HOSTILE: &str = concat!(
    r"'\x1b[2J\x1b[31m\x1b]0;title\x07\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\\x1bP1$r\x1b\\\x9b31m\x9d0;x\x9c\x90q",
    r"\n::error file=a.md,line=1::boo\n  ::set-output name=x::y\n\t::add-mask::secret\r::warning::after a return",
    r"\x0b::notice::a\x0c::notice::b\x85::notice::c\u2028::notice::d\u2029::notice::e\x1e::notice::f",
    r"\nin a line ::save-state name=a::b and ::debug::x and ##[error]boo ##vso[task.complete]x ##[command]ls",
    r"\n##teamcity[testFailed]\n::stop-commands::token\n%0A::error::percent\n::group::\x1b[1A\x1b[K",
    r"\n\u202egnirts\u202c \u2066isolated\u2069 \u200bzero\u200d \ufeff\xad\u061c\U000e0041 \x00\x08\x08\x7f over\rwritten\n'",
);

/// What a build server would obey: GitHub what begins a line with two colons, the others brackets anywhere.
fn is_command(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let brackets = ["##[", "##vso[", "##teamcity["].iter().any(|command| lower.contains(command));
    brackets || line.trim_start().starts_with("::")
}

/// What a terminal, an editor or a log viewer takes for more than text.
fn is_dangerous(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn assert_harmless(text: &str) {
    if let Some(at) = text.find(is_dangerous) {
        let line = text[..at].matches('\n').count();
        panic!("{:?} in line {:?}", text[at..].chars().next(), text.lines().nth(line));
    }
    for line in text.split('\n') {
        assert!(!is_command(line), "{line:?}");
        assert!(line.chars().count() < 2000, "{} characters in a line", line.chars().count());
    }
}

/// Every report of the project: for people on a terminal and on build servers, for programs, and as a list.
#[track_caller]
fn check(project: &Project) -> Vec<Run> {
    let call = |words: &[&str]| project.call(words);
    let mut reports = vec![
        call(&["run", "."]).run(),
        call(&["run", "-v", "."]).env("CI", "true").run(),
        call(&["run", "-q", "."]).env("CI", "true").env("GITHUB_ACTIONS", "true").run(),
        call(&["run", "-v", "."]).env("CI", "true").env("GITHUB_ACTIONS", "true").run(),
        call(&["list", "."]).run(),
    ];
    for run in &reports {
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
    }
    let colored = call(&["run", "-v", "--color", "always", "."]).run();
    for sequence in colored.stdout.split('\x1b').skip(1) {
        let inside =
            sequence.strip_prefix('[').and_then(|rest| rest.split_once('m')).map(|(inside, _)| inside);
        let ours =
            inside.is_some_and(|inside| inside.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'));
        assert!(ours, "{sequence:?}");
    }
    let plain = colored.stdout.split('\x1b').enumerate();
    let plain = plain
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').map_or(part, |(_, text)| text) });
    assert_harmless(&plain.collect::<String>());
    for words in [&["run", "--format", "json", "."][..], &["list", "--format", "json", "."]] {
        let run = call(words).env("CI", "true").env("GITHUB_ACTIONS", "true").run();
        assert!(
            run.stdout.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("##"), "{}", run.stdout);
        for line in run.stdout.lines() {
            assert!(matches!(line.trim_start().bytes().next(), Some(b'{' | b'[' | b']')), "{line}");
        }
        assert_harmless(&run.stderr);
        reports.push(run);
    }
    reports
}

/// A document of one snippet that finds the text as `T`.
fn snippet(code: &str) -> Project {
    let lines = code.trim_start_matches('\n');
    let depth = lines.len() - lines.trim_start_matches(' ').len();
    let lines: Vec<&str> =
        lines.trim_end().lines().map(|line| line.get(depth..).unwrap_or_default()).collect();
    Project::document(&[&format!("T = {HOSTILE}\n{}", lines.join("\n"))])
}

/// The text itself, as a document or a file can hold it.
fn hostile() -> String {
    let output = std::process::Command::new(&*crate::project::PYTHON)
        .args(["-c", &format!("import sys; sys.stdout.buffer.write(({HOSTILE}).encode())")])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// All of it on one line.
fn hostile_line() -> String {
    hostile().replace(['\n', '\r'], " ").replace('\0', "")
}
