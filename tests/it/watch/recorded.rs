//! The page about watching shows what a terminal shows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::keys::{KEYS, watch};
use crate::project::{Project, RELEASE};
use crate::terminal::Session;

const TEA: &str =
    "# Tea\n\n```python\nminutes = {'green': 2, 'black': 4}\nmax(minutes, key=minutes.get)  # 'black'\n```\n";
const CAKE: &str = "# Cake\n\n```python\nprint(f'{3 * 1.5:.2f}')  # 4.50\n```\n";

/// What is on the screen, with times and a Python as they might be.
fn shown(session: &mut Session, texts: &[&str]) -> String {
    let text = session.wait_for(&[texts, &[KEYS]].concat()).replace(&*RELEASE, "3.13.1");
    let lines = text.lines().map(|line| match (line.find("[   "), line.find("s]")) {
        (Some(start), Some(end)) => format!("{}[   0.1s]{}", &line[..start], &line[end + 2..]),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_shows_a_session() {
    let project = Project::new(&[("docs/tea.md", TEA), ("docs/cake.md", CAKE)]);
    let mut session = watch(&project, &[]);
    let mut recorded = String::new();
    let mut record =
        |words: &str, text: &str| write!(recorded, "{words}\n\n```text\n{text}\n```\n\n").unwrap();
    record("`snipcheck watch`, on 100 columns:", &shown(&mut session, &["2 passed"]));

    project.write("docs/tea.md", TEA.replace("'green': 2", "'green': 5"));
    record("Green tea takes 5 minutes from now on:", &shown(&mut session, &["changed: docs/tea.md"]));

    project.write("docs/cake.md", CAKE.replace("1.5", "two"));
    record(
        "A slip in the other document; what fails in the first one is still shown:",
        &shown(&mut session, &["changed: docs/cake.md"]),
    );

    session.press("u");
    record("Then `u`:", &shown(&mut session, &["updated docs/tea.md"]));
    session.press("q");
    assert_eq!(session.finish().code, 1);

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/watch.md");
    let text = fs::read_to_string(&page).unwrap();
    let (head, _) = text.split_once("<!-- recorded -->\n").unwrap();
    let current = format!("{head}<!-- recorded -->\n\n{}\n", recorded.trim_end());
    if std::env::var_os("SNIPCHECK_RECORD").is_some() {
        fs::write(&page, &current).unwrap();
        return;
    }
    assert_eq!(text, current, "`SNIPCHECK_RECORD=1 cargo test --test it recorded` writes it anew");
}
