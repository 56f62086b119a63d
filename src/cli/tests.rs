use clap::CommandFactory;

use super::*;
use crate::report::Verbosity;

fn words(line: &str) -> Result<Verb, clap::Error> {
    parse(line.split_whitespace().map(OsString::from))
}

fn help(verb: &str) -> String {
    let mut command = CommandLine::command().term_width(100);
    command.build();

    if verb.is_empty() {
        return command.render_long_help().to_string();
    }
    command.find_subcommand(verb).unwrap().clone().term_width(100).render_long_help().to_string()
}

#[test]
fn the_words_form_a_valid_command() {
    CommandLine::command().debug_assert();
}

#[test]
fn help_of_every_verb() {
    for verb in ["", "run", "list", "accept", "update", "review", "watch", "reject", "pending"] {
        let name = if verb.is_empty() { "help" } else { &format!("help_{verb}") };
        insta::assert_snapshot!(name, help(verb));
    }
}

#[test]
fn no_verb_means_run() {
    for line in [
        "README.md -k one -k two --check",
        "run README.md -k one -k two --check",
        "test README.md -k one -k two --check",
    ] {
        let Ok(Verb::Run(run)) = words(line) else { panic!("{line}") };

        assert_eq!(run.choice.patterns, ["one", "two"], "{line}");
        assert_eq!(run.flags().paths, ["README.md"], "{line}");
        assert_eq!(run.flags().strictness, Some(Strictness::Check), "{line}");
    }
}

#[test]
fn words_that_may_be_paths_are() {
    for line in ["src", "lis*", "list.md", "./lst", "docs", "an"] {
        let Ok(Verb::Run(run)) = words(line) else { panic!("{line}") };
        assert_eq!(run.flags().paths, [line]);
    }
}

#[test]
fn verbosity_and_format() {
    for (line, verbosity, format) in [
        ("", Verbosity::Normal, Format::Human),
        ("-q --format json", Verbosity::Quiet, Format::Json),
        ("run -v", Verbosity::Verbose, Format::Human),
    ] {
        let Ok(Verb::Run(run)) = words(line) else { panic!("{line}") };
        assert_eq!(
            (run.voice.verbosity(), run.formats()),
            (verbosity, vec![Wanted { format, file: None }]),
            "{line}"
        );
    }
}

#[test]
fn wrong_words() {
    let errors: Vec<String> = [
        "--timeout soon",
        "-j 0",
        "run --share chapter",
        "-q -v",
        "list --timout 3s",
        "accept --check",
        "--format xml",
        "--format junit=",
        "--format human --format json",
        "--format junit=a --format tap=a",
        "--limit memry=1GiB",
        "--limit memory=1GB",
        "--env LD_PRELOAD=evil.so",
        "--network none",
        "--trust --untrusted",
        "--untrusted --sandbox off",
        "accept --sandbox=off --untrusted",
        "list --trust",
        "udpate",
        "acept docs -q",
    ]
    .map(|line| {
        let error = words(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        format!("$ snipcheck {line}\n{error}")
    })
    .into();

    insta::assert_snapshot!(errors.join("\n"));
}

fn split(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

#[test]
fn verbs_are_found_after_flags() {
    for (line, expected) in [
        ("--timeout 5s run a.md", "run --timeout 5s a.md"),
        ("--timeout=5s run a.md", "run --timeout=5s a.md"),
        ("-q -j 2 run a.md", "run -q -j 2 a.md"),
        ("-j2 --format json list", "list -j2 --format json"),
        ("a.md run", "a.md run"),
        ("-k run a.md", "-k run a.md"),
        ("--share none", "--share none"),
        ("-- run", "-- run"),
        ("run -q", "run -q"),
        ("", ""),
    ] {
        assert_eq!(words::verb_first(split(line), &CommandLine::command()), split(expected), "{line}");
    }
}

#[test]
fn what_repeats_a_failure() {
    for (line, expected) in [
        ("run a.md --share none -j 2 --format json", "--share none"),
        ("--limit=memory=1GiB -k x --trust", "--limit=memory=1GiB --trust"),
        ("--env TOKEN=secret --env=TOKEN=secret --env NAME", "--env TOKEN=… --env=TOKEN=… --env NAME"),
        ("a.md -q --last-failed --check", ""),
    ] {
        assert_eq!(words::repeated(&split(line), &CommandLine::command()).join(" "), expected, "{line}");
    }
}
