//! How a block would have to read for an example to hold.

use crate::expect::doctest::example_result::{ExampleResult, shown_line};
use crate::expect::doctest::parse::{PromptedExample, parse};
use crate::expect::doctest::session::RunnableExample;
use crate::expect::doctest::traceback::{self, STACK};
use crate::expect::exception::TRACEBACK_HEADER;
use crate::model::claim::Correction;

/// `None` for output that no example can show: a prompt, a tab, a line of blanks where none is accepted. One line of a
/// chain of exceptions is not replaced: the chain may be what Python shows, though doctest compares its first part only.
pub(super) fn correction(asked: &RunnableExample, got: &ExampleResult) -> Option<Correction> {
    let prompted = &asked.prompted;
    // What shows a result there is a prompt as well.
    if prompted.is_of_ipython() || prompted.is_chained {
        return None;
    }

    let lines = match got {
        ExampleResult::Printed(printed) => {
            printed.lines().map(|line| shown_line(line, asked)).collect::<Option<Vec<_>>>()?
        }
        ExampleResult::Raised(headline) => raised(prompted, headline),
    };

    let reads = RunnableExample {
        prompted: as_read(prompted, &lines)?,
        flags: asked.flags,
        requirements: Vec::new(),
    };
    if !got.is_wanted(&reads.prompted.wanted(), &reads) {
        return None;
    }

    let lines = lines.iter().map(|line| format!("{}{line}", prompted.margin)).collect();
    Some(Correction { first: prompted.below, count: u32::try_from(prompted.want.len()).ok()?, lines })
}

/// A traceback that ends with the headline, with the stack that the document shows already.
fn raised(prompted: &PromptedExample, headline: &str) -> Vec<String> {
    let want = prompted.wanted();
    let above = match traceback::message(&want) {
        Some(message) => want[..message].lines().map(str::to_owned).collect(),
        None => vec![TRACEBACK_HEADER.to_owned(), STACK.to_owned()],
    };
    above.into_iter().chain(headline.lines().map(str::to_owned)).collect()
}

/// The example as it would be read with these lines below it; `None` if some of them would be read as something else.
fn as_read(prompted: &PromptedExample, want: &[String]) -> Option<PromptedExample> {
    let lines = std::iter::once(">>> x").chain(want.iter().map(String::as_str));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();

    let (examples, _) = parse(&text, prompted.line);
    let [only] = &examples[..] else { return None };
    (only.want == *want).then(|| PromptedExample { want: want.to_vec(), ..prompted.clone() })
}
