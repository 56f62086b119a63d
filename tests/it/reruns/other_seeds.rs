//! The second look: a false claim about order, identity or chance is tried again before it is called broken.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::project::{Project, Run, document, eventually, marker, processes};

const ORDER: &str = "print(list({'x', 'y', 'z'}))  # ['x', 'y', 'z']";

/// Claims as `line verdict`, and the verdicts of their snippets.
#[track_caller]
fn verdicts(run: &Run) -> (Vec<String>, Vec<String>) {
    let word = |value: &Value| value["verdict"].as_str().unwrap().to_owned();
    let snippets = run.snippets();
    let claims = snippets.iter().flat_map(|snippet| snippet["claims"].as_array().unwrap());
    let claims = claims.map(|claim| format!("{} {}", claim["line"], word(claim))).collect();
    (claims, snippets.iter().map(word).collect())
}

#[track_caller]
fn check(snippets: &[&str], claims: &[&str], verdict: &[&str]) {
    let run = Project::document(snippets).json(&["a.md"]);
    let (found, verdicts) = verdicts(&run);
    assert_eq!((&found[..], &verdicts[..]), (&strings(claims)[..], &strings(verdict)[..]), "{run:?}");
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn what_moves_is_unstable() {
    check(&["print({'b', 'a'})  # {'a', 'b'}", ORDER], &["2 holds", "6 unstable"], &["passed", "passed"]);
    check(&["import random\nrandom.randint(1, 10**9)  # 5"], &["3 unstable"], &["passed"]);
    check(&["id(object())  # 140234866534752"], &["2 unstable"], &["passed"]);
    check(
        &["for x in {'p', 'q', 'r', 's'}:\n    print(x)\n#> p\n#> q\n#> r\n#> s"],
        &["4 unstable"],
        &["passed"],
    );
}

/// As doctest has it, an example holds in this run or it does not.
#[test]
fn an_example_that_moves_is_broken_and_says_so() {
    let run = Project::document(&[">>> list({'p', 'q', 'r', 's'})\n['p', 'q', 'r', 's']"]).json(&["a.md"]);
    assert_eq!(verdicts(&run), (strings(&["3 broken"]), strings(&["failed"])), "{run:?}");
    let reasons = run.snippets()[0]["reasons"].to_string();
    let advice =
        "line 3 differs from run to run: `# doctest: +ELLIPSIS` or `# doctest: +SKIP` would allow for that";
    assert!(reasons.contains(advice), "{run:?}");
}

#[test]
fn what_stays_false_is_broken() {
    check(&["print({'a': 1})  # {'a': 2}"], &["2 broken"], &["failed"]);
    check(&["sorted({3, 1, 2})  # [3, 2, 1]"], &["2 broken"], &["failed"]);
    check(&[">>> {1: 2}\n{1: 3}", ORDER], &["3 broken", "7 unstable"], &["failed", "passed"]);
    check(&[&format!("{ORDER}\n1 + 1  # 3")], &["2 unstable", "3 broken"], &["failed"]);
}

#[test]
fn the_second_look_begins_where_the_session_begins() {
    check(
        &["seen = list({'x', 'y', 'z'})", "print(len(seen))  # 3", "print(seen)  # ['x', 'y', 'z']"],
        &["6 holds", "10 unstable"],
        &["passed", "passed", "passed"],
    );
}

#[test]
fn every_run_shows_the_same() {
    let project = Project::document(&["print(list('abcdefgh'), set('abcdefgh'), hash('a'))"]);
    let [first, second] = [(); 2].map(|()| project.json(&["a.md"]).snippets()[0]["stdout"].clone());
    assert_eq!(first, second);
}

#[test]
fn snippets_of_a_document_stay_in_order() {
    let project = Project::new(&[("a.md", &document(&[ORDER, "```python isolated\nprint(1)", ORDER]))]);
    let run = project.json(&["a.md"]);
    let lines: Vec<u64> = run.snippets().iter().map(|snippet| snippet["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 6, 10], "{run:?}");
}

#[test]
fn unstable_claims_are_counted_and_named() {
    let run = Project::document(&[ORDER]).run(&["run", "-v", "a.md"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("unstable              a.md:2  ['x', 'y', 'z'], but it is `["), "{run:?}");
    assert!(run.stdout.contains("claims: 1 unstable"), "{run:?}");
}

#[test]
fn unstable_claims_are_not_corrected() {
    let project = Project::document(&[ORDER]);
    let before = project.read("a.md");
    project.run(&["update", "a.md"]);
    assert_eq!(project.read("a.md"), before);
}

#[test]
fn accepted_claims_stay_accepted() {
    let project = Project::document(&["print({'a': 1})  # {'a': 2}"]);
    project.run(&["accept", "--claims", "report", "a.md"]);
    let run = project.json(&["a.md"]);
    let snippets = run.snippets();
    let claim = &snippets[0]["claims"][0];
    assert_eq!((&claim["verdict"], &claim["accepted"]), (&"broken".into(), &true.into()), "{run:?}");
    assert_eq!(snippets[0]["verdict"], "passed", "{run:?}");
}

#[test]
fn without_a_sandbox_nothing_runs_twice() {
    let run = Project::document(&[ORDER]).json(&["--sandbox", "off", "a.md"]);
    assert_eq!(verdicts(&run), (strings(&["2 broken"]), strings(&["failed"])), "{run:?}");
}

/// A snippet with a claim in doubt, and code after it that waits in one of the passes, until the file says `go`.
struct Waiting {
    project: Project,
    marker: String,
}

impl Waiting {
    fn in_look(condition: &str) -> Self {
        let project = Project::new(&[("word.txt", "wait")]);
        let marker = marker(&project);
        let code = format!(
            "
                import os, subprocess
                {ORDER}
                if os.environ['PYTHONHASHSEED'] {condition} '0':
                    loop = 'until grep -q go word.txt; do sleep 0.01; done'
                    subprocess.run(['bash', '-c', loop, '{marker}'])
            "
        );
        project.write("a.md", document(&[&code]));
        Self { project, marker }
    }

    #[track_caller]
    fn interrupted(&self, signals: &[Signal]) -> Run {
        let mut running = self.project.call(&["run", "-v", "--timeout", "100s", "a.md"]).start();
        eventually("the snippet waits", || !processes(&self.marker).is_empty());
        for signal in signals {
            running.signal(*signal);
            running.wait_for("interrupted");
        }
        if signals.len() == 1 {
            self.project.write("word.txt", "go");
        } else {
            running.signal(Signal::SIGTERM);
        }
        let run = running.finish();
        assert_eq!(run.code, 130, "{run:?}");
        run
    }
}

#[test]
fn nothing_is_looked_at_again_after_an_interrupt() {
    let run = Waiting::in_look("==").interrupted(&[Signal::SIGINT]);
    assert!(run.stdout.contains("claims: 1 broken"), "{run:?}");
}

#[test]
fn an_interrupt_lets_the_second_look_finish() {
    let run = Waiting::in_look("!=").interrupted(&[Signal::SIGINT]);
    assert!(run.stdout.contains("claims: 1 unstable"), "{run:?}");
}

#[test]
fn the_second_look_has_what_is_left_of_the_time_of_the_run() {
    let waiting = Waiting::in_look("!=");
    let run = waiting.project.json(&["--run-timeout", "3s", "--timeout", "100s", "a.md"]);
    let snippets = run.snippets();
    assert_eq!(snippets[0]["ending"], "completed", "{run:?}");
    eventually("the child is gone", || processes(&waiting.marker).is_empty());
}
