//! Any text is read in any format: its blocks are lines of the text, one after the other.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::document::test_data::{document, text};
use crate::document::text::settled;

/// What documents are made of that are no Markdown.
const FRAGMENTS: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    "  ",
    "   ",
    "\t",
    "    ",
    ".. ",
    "..\n",
    "..",
    "::",
    "::\n\n",
    ".. code-block:: python\n\n",
    ".. code:: py\n   :name: x\n\n",
    ".. testcode::",
    ".. testoutput::\n",
    ".. doctest::",
    ".. note::\n\n",
    ".. doctest-skip::\n",
    ".. skip: next\n",
    ".. skip: start\n",
    ".. skip: end\n",
    ".. raw:: html\n",
    ".. highlight:: python\n",
    ".. plot::\n\n",
    ".. code: python\n\n",
    "..code:: py\n\n",
    "import a\n",
    "In [1]: ",
    "f.__doc__ = ",
    "__doctest_skip__ = ",
    ".. invisible-code-block: python\n",
    ".. _x:\n",
    ".. [1]",
    ".. |x|",
    ":name: y\n",
    ":skipif: True\n",
    ":a",
    ":",
    "- ",
    "* ",
    "#. ",
    "(a) ",
    "1. ",
    ">>> ",
    ">>> 1\n",
    ">>>",
    "... 2\n",
    ">>> x\n  1\n",
    "====",
    "====\n",
    "----\n",
    "~~~\n",
    "Title\n",
    "words",
    "x = 1\n",
    "\"\"\"",
    "'''",
    "'",
    "\"",
    "r'''",
    "b'''",
    "f'''",
    "\\n",
    "\\",
    "\\x41",
    "def f():\n",
    "    def g(self):\n",
    "class A:\n",
    "async def h(): ",
    "@property\n",
    "@f.setter\n",
    "if x:\n",
    "else:\n",
    "try:\n",
    "except:\n",
    "__test__ = {",
    "```py\n",
    "    ~~~\n",
    "\n```\n",
    "py id=f\n",
    "'a': ",
    "}",
    "(",
    ")",
    "#",
];

/// Docstrings and their decoded lines are checked for what they can promise.
fn check(ending: &str, source: &str) -> Result<(), TestCaseError> {
    let document = document(&format!("a.{ending}"), source);
    let text = settled(source);
    let lines: Vec<&str> = text.lines().collect();
    let mut ids = HashSet::new();
    let mut free = 1;
    for fence in &document.blocks {
        let place = fence.location;
        prop_assert!(ids.insert(&fence.id), "{:?}", fence.id);
        prop_assert!(place.start <= place.code && place.code <= place.end, "{:?}", fence);
        prop_assert!(place.start.0 >= 1 && place.end.0 as usize <= lines.len(), "{:?}", fence);
        // Docstrings may share a line, and fences stand within one that has examples as well.
        prop_assert!(free <= place.start.0, "{:?} before line {}", fence, free);
        free = if ending == "py" { place.start.0 } else { place.end.0 + 1 };
        if ending != "py" {
            for (code, line) in fence.content.lines().zip(&lines[place.code.0 as usize - 1..]) {
                // A tab of which indentation takes a part leaves blanks behind (CommonMark 2.2).
                let code = if line.contains('\t') { code.trim_start_matches(' ') } else { code };
                prop_assert!(line.ends_with(code), "{:?} in {:?}", code, line);
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn blocks_stand_in_the_document_one_behind_the_other(
        ending in select(&["rst", "txt", "py"][..]),
        source in text(FRAGMENTS),
    ) {
        check(ending, &source)?;
    }

    #[test]
    fn any_text_is_read(ending in select(&["rst", "txt", "py"][..]), source in any::<String>()) {
        check(ending, &source)?;
        check(ending, &format!("'''\n>>> 1\n{source}\n'''"))?;
        check(ending, &format!(".. code:: python\n\n {source}"))?;
    }

    #[test]
    fn plain_docstrings_are_tails_of_their_lines(
        indentation in select(&["", " ", "    ", "\t"][..]),
        body in vec("[ -!#-&(-~é\t]{0,12}", 0..8),
        quotes in select(&["'''", "\"\"\"", "r'''"][..]),
    ) {
        let body: String = body.iter().flat_map(|line| [indentation, line, "\n"]).collect();
        let source = format!("def f():\n {quotes}\n{indentation}>>> 1\n{}\n {}", body.replace('\\', ""), &quotes[quotes.len() - 3..]);
        let document = document("a.py", &source);
        let [fence] = document.blocks.as_slice() else { panic!("one docstring, not {document:?}") };
        prop_assert_eq!(fence.location.code.0, 3);
        for (code, line) in fence.content.lines().zip(source.lines().skip(2)) {
            prop_assert!(line.ends_with(code), "{:?} in {:?}", code, line);
        }
    }
}
