//! Comments about results that differ from run to run or from machine to machine.

use crate::expect::claims::comment::{Says, StatementComment};
use crate::expect::claims::reading::CommentReading;

/// Calls and names whose values cannot be predicted.
const CODE: &[&str] = &[
    "now(",
    "today(",
    "utcnow(",
    "time(",
    "time_ns(",
    "perf_counter(",
    "monotonic(",
    "process_time(",
    "ctime(",
    "uuid1(",
    "uuid4(",
    "getpid(",
    "get_ident(",
    "id(",
    "hash(",
    "random(",
    "random.",
    "randint(",
    "secrets.",
    "urandom(",
    "token_hex(",
    "platform.",
    "getcwd(",
    "cwd(",
    "gethostname(",
    "getuser(",
    "cpu_count(",
    "executable",
    "sys.platform",
    "sys.version",
    "environ",
];
/// Words after a value which say that it is one of many.
const WORDS: &[&str] = &[
    "differs",
    "may differ",
    "will differ",
    "can differ",
    "random",
    "vary",
    "varies",
    "example",
    "e.g",
    "similar",
    "approx",
    "roughly",
    "depend",
    "your ",
    "my machine",
    "something like",
];

pub(super) fn speaks_of_unstable(comment: &StatementComment) -> bool {
    let remark = match &comment.says {
        Says::Line(CommentReading { core, .. }) => {
            comment.lines.first().and_then(|line| line.get(core.end..))
        }
        Says::Block(_) | Says::Lines => None,
    };
    is_unforeseeable(&comment.margin) || remark.is_some_and(is_hedged)
}

fn is_unforeseeable(code: &str) -> bool {
    let stands_alone =
        |at: usize| !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    CODE.iter().any(|word| code.match_indices(word).any(|(at, _)| stands_alone(at)))
}

fn is_hedged(remark: &str) -> bool {
    let remark = remark.to_lowercase();
    WORDS.iter().any(|word| remark.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{is_hedged, is_unforeseeable};

    #[test]
    fn code_and_words() {
        for code in
            ["datetime.now().year", "print(id(a))", "time.time()", "uuid.uuid4()", "x = np.random.rand()"]
        {
            assert!(is_unforeseeable(code), "{code}");
        }
        for code in ["valid(a)", "my_hash(b)", "runtime(1)", "randomize", "print(x)", ""] {
            assert!(!is_unforeseeable(code), "{code}");
        }
        assert!(is_hedged(" (random)") && is_hedged(" - yours may vary") && !is_hedged(" (one more)"));
        assert!(is_hedged(" (may differ)") && !is_hedged(" (different objects)"));
    }
}
