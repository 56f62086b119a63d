//! Comments about results that differ from run to run or from machine to machine.

use crate::expect::claims::comment::{Says, StatementComment};
use crate::expect::claims::determined::is_determined;
use crate::expect::claims::reading::{CommentMeaning, CommentReading};

/// Calls and names whose values differ from run to run.
const DRAWN: &[&str] = &[
    "now(",
    "today(",
    "utcnow(",
    "ctime(",
    "localtime(",
    "gmtime(",
    "strftime(",
    "uuid1(",
    "uuid4(",
    "id(",
    "hash(",
    "random(",
    "random.",
    "randint(",
    "secrets.",
    "urandom(",
    "token_hex(",
];
/// Calls whose numbers depend on the speed of the machine.
const MEASURED: &[&str] =
    &["time(", "time_ns(", "perf_counter(", "perf_counter_ns(", "monotonic(", "process_time("];
/// Calls and names whose numbers are given by the system.
const NUMBERED: &[&str] = &["getpid(", "getppid(", "get_ident(", "native_id", "getuid("];
/// Calls and names that describe the machine.
const DESCRIBED: &[&str] = &[
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
    "expanduser(",
];
/// Calls whose results are the same on every machine, whatever they are given.
const SETTLED: &[&str] = &["type(", "isinstance(", "issubclass(", "callable(", "hasattr("];
/// Digits of an identity.
const LONG: usize = 7;
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

/// What may excuse a comment that is false of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excuse {
    /// Another machine has another result.
    Machine,
    /// Another run may have another result.
    Run,
    /// The comment says that the result may differ.
    Words,
}

/// The excuse of a comment for a result that is not the one it states.
pub(super) fn excuse(comment: &StatementComment, actual: &str) -> Option<Excuse> {
    let (core, remark) = match &comment.says {
        Says::Line(CommentReading { core, meaning }) => {
            let line = comment.lines.first().map_or("", String::as_str);
            let stated = line.get(core.clone()).unwrap_or_default();
            let remark = line.get(core.end..).unwrap_or_default();
            (stated, if *meaning == CommentMeaning::Words { line } else { remark })
        }
        Says::Block(_) | Says::Lines => ("", ""),
    };

    of_code(&comment.margin, core, actual).or_else(|| {
        let may_differ = is_hedged(remark) && !is_determined(&comment.margin);
        may_differ.then_some(Excuse::Words)
    })
}

fn of_code(code: &str, stated: &str, actual: &str) -> Option<Excuse> {
    let has = |words: &[&str]| words.iter().any(|word| stands_in(code, word));
    let texts = [stated.trim(), actual.trim()];
    let are_numbers = texts.iter().all(|text| text.parse::<f64>().is_ok());
    let are_long =
        texts.iter().all(|text| text.len() >= LONG && text.bytes().all(|byte| byte.is_ascii_digit()));
    let has_fraction = are_numbers && texts.iter().any(|text| text.contains('.'));
    let is_settled = has(SETTLED) || texts.iter().any(|text| text.starts_with("<class "));

    let by_machine = has(DESCRIBED)
        || has(NUMBERED) && are_numbers
        || has(MEASURED) && has_fraction
        || stands_in(code, "id(") && are_long;
    if by_machine && !is_settled {
        return Some(Excuse::Machine);
    }
    (has(DRAWN) || has(MEASURED)).then_some(Excuse::Run)
}

fn stands_in(code: &str, word: &str) -> bool {
    let stands_alone =
        |at: usize| !code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    code.match_indices(word).any(|(at, _)| stands_alone(at))
}

fn is_hedged(remark: &str) -> bool {
    let remark = remark.to_lowercase();
    WORDS.iter().any(|word| remark.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{Excuse, is_hedged, of_code};

    #[track_caller]
    fn check(code: &str, stated: &str, actual: &str, expected: Option<Excuse>) {
        assert_eq!(of_code(code, stated, actual), expected, "{code} {stated} {actual}");
    }

    #[test]
    fn results_of_another_run() {
        for code in [
            "datetime.now().year",
            "print(hash(a))",
            "int(time.time())",
            "uuid.uuid4()",
            "x = np.random.rand()",
        ] {
            check(code, "1", "2", Some(Excuse::Run));
        }
        for code in ["valid(a)", "my_hash(b)", "runtime(1)", "randomize", "print(x)", ""] {
            check(code, "1", "2", None);
        }
        check("print(id(a) == id(b))", "True", "False", Some(Excuse::Run));
        check("print(os.getpid() > 0)", "False", "True", None);
    }

    #[test]
    fn results_of_another_machine() {
        check("print(os.getpid())", "4711", "2", Some(Excuse::Machine));
        check("platform.system()", "'Darwin'", "'Linux'", Some(Excuse::Machine));
        check("sys.platform == 'win32'", "True", "False", Some(Excuse::Machine));
        check("print(time.time() - start)", "1.5", "0.0", Some(Excuse::Machine));
        check("print(id(a))", "140234567890123", "139872304918400", Some(Excuse::Machine));
        check("print(type(sys.platform))", "<class 'int'>", "<class 'str'>", None);
        check("isinstance(platform.node(), str)", "False", "True", None);
    }

    #[test]
    fn words_that_hedge() {
        assert!(is_hedged(" (random)") && is_hedged(" - yours may vary") && !is_hedged(" (one more)"));
        assert!(is_hedged(" (may differ)") && !is_hedged(" (different objects)"));
    }
}
