//! Documents that are not for every Python: conditions, and corrections that would be false elsewhere.

use serde_json::{Value, json};

use crate::project::Project;
use crate::pythons::Two;

#[test]
fn snippets_run_where_their_condition_fits() {
    let Some(two) = Two::of_machine("snippets_run_where_their_condition_fits") else { return };
    let (older, newer) = (two.older, two.newer);
    let project = Project::new(&[(
        "a.md",
        &format!(
            "# One\n\n```python requires=\"{}\"\nprint('new')\n```\n\n\
             <!-- phmdoctest-mark.skipif<{} -->\n```python\nprint('newer')\n```\n\n\
             <!-- pytest.mark.skipif(sys.version_info >= (3, {}), reason=\"it is gone\") -->\n```python\nprint('old')\n```\n\n\
             ```python requires=\"3.99\"\nprint('never')\n```\n\n\
             ```python\nprint('always')\n```\n",
            newer.version, newer.version, newer.minor
        ),
    )]);
    let words = two.words();
    let run = project.json(&["a.md", "--python", &words]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let snippets = run.snippets();
    let pythons: Vec<&Value> = snippets.iter().map(|snippet| &snippet["python"]).collect();
    let both = json!([older.version, newer.version]);
    let [only_older, only_newer] = [older, newer].map(|python| json!([python.version]));
    assert_eq!(pythons, [&only_newer, &only_newer, &only_older, &both, &both]);
    let left_out = &snippets[2]["elsewhere"][0];
    assert_eq!((&left_out["python"], &left_out["verdict"]), (&only_newer, &json!("skipped")));
    assert_eq!(left_out["reasons"], json!(["`pytest.mark.skipif(…)` in line 12: it is gone"]));
    let summary = run.summary();
    assert_eq!((&summary["passed"], &summary["skipped"]), (&json!(4), &json!(1)));

    let text = project.run(&["run", "-v", "a.md", "--python", &words]).stdout;
    assert!(text.contains(&format!("a.md:4  one::1  on {}\n", newer.version)), "{text}");
    assert!(text.contains(", its own packages, without 2 snippets that are not for it\n"), "{text}");
    assert!(text.contains(", its own packages, without 1 snippet that is not for it\n"), "{text}");
}

#[test]
fn a_claim_may_be_for_some_versions() {
    let Some(two) = Two::of_machine("a_claim_may_be_for_some_versions") else { return };
    let (older, newer) = (two.older, two.newer);
    let minor = "__import__('sys').hexversion >> 16 & 255";
    let example = |condition: &str, sign: &str, result: u8| {
        format!(">>> {minor}  # xdoctest: +REQUIRES({condition}{sign}{})\n{result}\n", newer.version)
    };
    let example_of_newer = example("python", ">=", newer.minor);
    let true_everywhere = format!("```pycon\n{example_of_newer}{}```\n", example("python", "<", older.minor));
    let project = Project::new(&[("a.md", &true_everywhere)]);
    let run = project.json(&["a.md", "--python", &two.words()]);
    assert_eq!(run.code, 0, "{}", run.stdout);

    project.write("a.md", format!("```pycon\n{}```\n", example("python", ">=", older.minor)));
    let run = project.json(&["a.md", "--python", &two.words()]);
    let snippets = run.snippets();
    assert_eq!((run.code, &snippets[0]["python"]), (1, &json!([newer.version])), "{}", run.stdout);
    assert_eq!(snippets[0]["elsewhere"][0]["verdict"], "passed", "{}", run.stdout);
}

#[test]
fn listings_say_where_a_block_runs() {
    let Some(two) = Two::of_machine("listings_say_where_a_block_runs") else { return };
    let project = Project::new(&[(
        "README.md",
        &format!(
            "```python requires=\"{}\"\nx = 1\n```\n\n```python skip\n```\n\n```sh\nls\n```\n",
            two.newer.version
        ),
    )]);
    let pythons = format!("[tool.snipcheck]\npythons = ['{}', '{}']\n", two.older.version, two.newer.version);
    project.write("pyproject.toml", pythons);
    let run = two.call(&project, &["list", "--format", "json"]).run();
    let blocks: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(blocks[0]["disposition"], "run");
    assert_eq!(blocks[0]["reason"], Value::Null);
    assert_eq!(blocks[0]["python"], json!([two.newer.version]));
    assert_eq!((&blocks[1]["python"], &blocks[2]["python"]), (&json!([]), &json!([])));

    let text = two.call(&project, &["list"]).run().stdout;
    let remark = format!(
        "run           not on {}: `requires=…` in the info string: it is for Python {}\n",
        two.older.version, two.newer.version
    );
    assert!(text.contains(&remark), "{text}");
}

#[test]
fn nothing_is_written_that_is_false_elsewhere() {
    let Some(two) = Two::of_machine("nothing_is_written_that_is_false_elsewhere") else { return };
    let newer = two.newer;
    let is_newer = format!("sys.hexversion >> 16 & 255 == {}", newer.minor);
    let text = format!(
        "# One\n\n```python\nprint(1 + 1)  # 3\n```\n\n\
         ```python\nimport sys\nprint(31 if {is_newer} else 30)  # 30\n```\n\n\
         ```python\nprint(31 if {is_newer} else 30)  # 29\n```\n\n\
         ```python\nif {is_newer}:\n    1 / 0\nprint(2)  # 5\n```\n\n\
         ```python requires=\"{}\"\nprint(2)  # 6\n```\n\n\
         ```python\nprint('new' if {is_newer} else 'old')\n```\n\n\
         Output (Python {}):\n\n```\nnew!\n```\n",
        newer.version, newer.version
    );
    let project = Project::new(&[("a.md", &text)]);
    let words = two.words();
    let update = ["update", "--yes", "a.md", "--python", &words];
    let run = project.run(&update);
    let expected = text.replace("# 3\n", "# 2\n").replace("# 6", "# 2").replace("new!", "new");
    assert_eq!(project.read("a.md"), expected, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("failed for other reasons: 3 snippets"), "{}", run.stderr);

    let again = project.run(&update);
    assert_eq!((again.code, &*again.stdout), (1, "nothing to update\n"));
    assert_eq!(project.read("a.md"), expected);
}
