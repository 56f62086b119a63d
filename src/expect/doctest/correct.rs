//! How a block would have to read for an example to hold.

use crate::directive::Flag;
use crate::expect::doctest::judge::Got;
use crate::expect::doctest::parse::{Prompted, parse};
use crate::expect::doctest::session::Asked;
use crate::expect::doctest::traceback::{self, HEADER, STACK};
use crate::model::claim::Correction;

const BLANKLINE: &str = "<BLANKLINE>";

/// `None` for output that no example can show: a prompt, a tab, a line of blanks where none is accepted.
pub(super) fn correction(asked: &Asked, got: &Got) -> Option<Correction> {
    let prompted = &asked.prompted;
    let lines = match got {
        Got::Printed(printed) => {
            printed.lines().map(|line| shown(line, asked)).collect::<Option<Vec<_>>>()?
        }
        Got::Raised(headline) => raised(prompted, headline),
    };
    let reads = Asked { prompted: as_read(prompted, &lines)?, flags: asked.flags, conditions: Vec::new() };
    if !got.is_wanted(&reads.prompted.wanted(), &reads) {
        return None;
    }
    let lines = lines.iter().map(|line| format!("{}{line}", prompted.margin)).collect();
    Some(Correction { first: prompted.below, count: u32::try_from(prompted.want.len()).ok()?, lines })
}

/// One line of output; `None` where no example can show it.
pub(super) fn shown(line: &str, asked: &Asked) -> Option<String> {
    match (line.trim().is_empty(), asked.flags.has(Flag::DontAcceptBlankline)) {
        (false, _) => Some(line.to_owned()),
        (true, false) => Some(BLANKLINE.to_owned()),
        (true, true) => None,
    }
}

/// With the stack that is there.
fn raised(prompted: &Prompted, headline: &str) -> Vec<String> {
    let want = prompted.wanted();
    let above = match traceback::message(&want) {
        Some(message) => want[..message].lines().map(str::to_owned).collect(),
        None => vec![HEADER.to_owned(), STACK.to_owned()],
    };
    above.into_iter().chain(headline.lines().map(str::to_owned)).collect()
}

/// The example as it would be found with these lines below it; `None` if some of them were taken for something else.
fn as_read(prompted: &Prompted, want: &[String]) -> Option<Prompted> {
    let lines = std::iter::once(">>> x").chain(want.iter().map(String::as_str));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    let (examples, _) = parse(&text, prompted.line);
    let [only] = &examples[..] else { return None };
    (only.want == *want).then(|| Prompted { want: want.to_vec(), ..prompted.clone() })
}
