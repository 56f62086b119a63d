//! Tests that snippets define. The interpreter has no pytest here; `.ci/switch.py` compares with it.

use crate::project::Project;

#[track_caller]
fn check(snippet: &str, verdict: &str, (stdout, reasons): (&str, &[&str])) {
    let run = Project::document(&[snippet]).json(&["a.md"]);
    let found = &run.snippets()[0];
    let said: Vec<&str> =
        found["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap()).collect();
    assert_eq!(
        (found["verdict"].as_str().unwrap(), found["stdout"].as_str().unwrap(), &*said),
        (verdict, stdout, reasons),
        "{run:?}"
    );
}

#[test]
fn classes_of_unittest_run() {
    check(
        "
        import unittest

        class Case(unittest.TestCase):
            def setUp(self):
                print('ready')

            def test_sum(self):
                self.assertEqual(1 + 1, 2)

            @unittest.skip('too slow')
            def test_slow(self):
                self.fail()
        ",
        "passed",
        ("ready\n", &["`test_slow (__main__.Case.test_slow)` did not run: too slow"]),
    );
}

#[test]
fn a_failing_test_fails_its_snippet() {
    let project = Project::document(&["
        import unittest

        class Case(unittest.TestCase):
            def test_sum(self):
                self.assertEqual(1 + 1, 3)

            def test_exit(self):
                raise SystemExit(0)
    "]);
    let found = &project.json(&["a.md"]).snippets()[0];
    assert_eq!((&found["verdict"], &found["ending"]), (&"failed".into(), &"raised".into()));
    assert_eq!(found["exception"]["message"], "`test_exit (__main__.Case.test_exit)` raised SystemExit: 0");
    let told = "`test_sum (__main__.Case.test_sum)` failed: AssertionError";
    assert!(found["reasons"].as_array().unwrap().contains(&told.into()), "{found}");
}

#[test]
fn the_failure_is_told_on_its_line() {
    let project = Project::document(&["
        import unittest

        class Case(unittest.TestCase):
            def test_sum(self):
                self.assertEqual(1 + 1, 3)
    "]);
    let exception = &project.json(&["a.md"]).snippets()[0]["exception"];
    assert_eq!((&exception["type"], &exception["line"]), (&"AssertionError".into(), &6.into()));
    assert!(!exception["traceback"].as_str().unwrap().contains("pytest"), "{exception}");
}

#[test]
fn functions_are_called_without_pytest() {
    check(
        "
        def test_sum():
            print('asked')
            assert 1 + 1 == 3

        def test_next():
            print('next')
        ",
        "failed",
        ("asked\nnext\n", &["raised `AssertionError`", "`test_sum` failed: AssertionError"]),
    );
    check(
        "
        import unittest

        async def test_later(times=2):
            print('later' * times)

        def test_skipped():
            raise unittest.SkipTest('no time')
        ",
        "passed",
        ("laterlater\n", &["`test_skipped` did not run: no time"]),
    );
}

#[test]
fn methods_are_called_in_an_object_of_their_own() {
    check(
        "
        class TestShelf:
            def setup_method(self, method):
                self.things = [method.__name__]

            def teardown_method(self):
                print(self.things)

            def test_one(self):
                self.things.append(1)

            def test_two(self):
                self.things.append(2)
        ",
        "passed",
        ("['test_one', 1]\n['test_two', 2]\n", &[]),
    );
}

#[test]
fn functions_with_fixtures_wait_for_pytest() {
    check(
        "
        def test_sum(tmp_path, rounds=3):
            assert 1 + 1 == 3
        ",
        "passed",
        ("", &["`test_sum` did not run: what gives it `tmp_path` is pytest, which is not installed"]),
    );
}

#[test]
fn what_a_snippet_runs_itself_runs_once() {
    check(
        "
        def test_sum():
            print('once')

        def testing():
            assert False

        try:
            test_sum()
        finally:
            pass
        ",
        "passed",
        ("once\n", &[]),
    );
}

#[test]
fn tests_of_other_snippets_run_there() {
    let case = "
        import unittest

        class Case(unittest.TestCase):
            def test_sum(self):
                print('case')
    ";
    let other = "
        def testing():
            return Case

        print('other')
    ";
    let snippets = Project::document(&[case, other]).json(&["a.md"]).snippets();
    assert_eq!((&snippets[0]["stdout"], &snippets[1]["stdout"]), (&"case\n".into(), &"other\n".into()));
}
