//! The page about reviews shows what a terminal shows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::project::Project;
use crate::review::questions::{READY, review};

const DOCUMENT: &str = "# Prices\n\n```python\nprices = {'tea': 3.5, 'coffee': 4.0}\nmax(prices, key=prices.get)  # 'tea'\n```\n\n# Menu\n\n```python\nfor name, price in prices.items():\n    print(f'{name:<8}{price:.2f}')\n```\n";

/// Keys, and what the screen shows before each of them.
const KEYS: [(&str, &str); 4] = [("1 of 2", "v"), ("'coffee'", "c"), ("2 of 2", "a"), ("That was all.", "q")];

#[test]
fn the_page_shows_a_session() {
    let project = Project::new(&[("menu.md", &DOCUMENT.replace("4.0}", "4.5}"))]);
    assert_eq!(project.run(&["accept", "menu.md", "--claims", "report"]).code, 0);
    let snapshot = project.read("expected/menu.md/prices-1.snap");
    fs::remove_file(project.path("expected/menu.md/prices-1.snap")).unwrap();
    assert!(snapshot.contains("claim_"));
    project.write("menu.md", DOCUMENT);

    let mut session = review(&project, &["menu.md"], (80, 24));
    let mut recorded = String::new();
    for (text, key) in KEYS {
        let shown = session.wait_for(&[text, READY]);
        write!(recorded, "```text\n{shown}\n```\n\nThen `{key}`:\n\n").unwrap();
        session.press(key);
        // The same question in another view: the key has been taken when it has changed.
        if key == "v" {
            session.wait_for(&[" │ "]);
        }
    }
    let end = session.finish();
    writeln!(recorded, "```text\n{}\n```", end.text.trim()).unwrap();
    assert_eq!(end.code, 0, "{recorded}");

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.md");
    let text = fs::read_to_string(&page).unwrap();
    let (head, _) = text.split_once("<!-- recorded -->\n").unwrap();
    let current = format!("{head}<!-- recorded -->\n\n{recorded}");
    if std::env::var_os("SNIPCHECK_RECORD").is_some() {
        fs::write(&page, &current).unwrap();
        return;
    }
    assert_eq!(text, current, "`SNIPCHECK_RECORD=1 cargo test --test it recorded` writes it anew");
}
