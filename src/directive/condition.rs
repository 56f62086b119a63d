//! Conditions under which a snippet is skipped, as far as they can be decided without running anything.

use std::cmp::Ordering;

use ruff_python_ast::{BoolOp, CmpOp, Expr, Number, Stmt, UnaryOp};
use ruff_text_size::Ranged;

use crate::syntax::Tree;

/// The longest expression that is decided, in bytes. Longer ones are no markers that people write.
const LONGEST: usize = 400;

/// A Python expression that keeps a snippet from running where it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    /// What to say where the expression holds.
    pub(crate) why: String,
}

/// The version that runs, as in `sys.version_info[:2]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Python {
    pub major: u8,
    pub minor: u8,
}

#[derive(Clone, Debug, PartialEq)]
enum Constant {
    Truth(bool),
    Number(i64),
    Text(String),
    /// A tuple of numbers.
    Numbers(Vec<i64>),
    /// `sys.version_info`: what follows the minor version is not known.
    Version,
}

impl Condition {
    pub(crate) fn new(expression: &str, why: Option<String>) -> Self {
        let expression = expression.trim().to_owned();
        let why = why.unwrap_or_else(|| format!("`{expression}` holds"));
        Self { expression, why }
    }

    /// From the words of a version marker, such as `>=3.10`, `3.10` or `>= 3.9, < 3.12`; `None` if they are none.
    pub(crate) fn unless_python(words: &str) -> Option<Self> {
        let mut clauses = Vec::new();
        for clause in words.split(',').map(str::trim) {
            let operator =
                ["<=", ">=", "==", "!=", "~=", "<", ">"].into_iter().find(|sign| clause.starts_with(sign));
            let numbers = clause[operator.map_or(0, str::len)..].trim().trim_end_matches(".*");
            let parts: Vec<u32> = numbers.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
            let tuple = parts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ") + ",";
            let held = match operator.unwrap_or(">=") {
                "~=" => format!("sys.version_info >= ({tuple}) and sys.version_info[:1] == ({},)", parts[0]),
                equal @ ("==" | "!=") => format!("sys.version_info[:{}] {equal} ({tuple})", parts.len()),
                sign => format!("sys.version_info {sign} ({tuple})"),
            };
            clauses.push(format!("({held})"));
        }

        let why = format!("it is for Python {}", words.trim());
        Some(Self { expression: format!("not ({})", clauses.join(" and ")), why })
    }

    /// Whether the expression holds; `None` where only running it would tell.
    pub(crate) fn holds(&self, python: Python) -> Option<bool> {
        if self.expression.len() > LONGEST {
            return None;
        }

        let tree = Tree::parse(&self.expression);
        match (tree.fault(), tree.module().body.as_slice()) {
            (None, [Stmt::Expr(statement)]) => truth(&statement.value, &tree, python),
            _ => None,
        }
    }
}

/// Whether an expression is true; `None` where that is not known.
fn truth(expression: &Expr, tree: &Tree<'_>, python: Python) -> Option<bool> {
    match expression {
        Expr::BoolOp(both) => {
            let decisive = both.op == BoolOp::Or;
            let mut known = Some(!decisive);
            for value in &both.values {
                match truth(value, tree, python) {
                    Some(truth) if truth == decisive => return Some(decisive),
                    Some(_) => {}
                    None => known = None,
                }
            }

            known
        }
        Expr::UnaryOp(not) if not.op == UnaryOp::Not => truth(&not.operand, tree, python).map(|truth| !truth),
        Expr::Compare(compare) => {
            let mut left = value(&compare.left, tree, python)?;
            for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
                let right = value(right, tree, python)?;
                if !compared(&left, *operator, &right, python)? {
                    return Some(false);
                }

                left = right;
            }

            Some(true)
        }
        other => match value(other, tree, python)? {
            Constant::Truth(truth) => Some(truth),
            Constant::Number(number) => Some(number != 0),
            Constant::Text(text) => Some(!text.is_empty()),
            Constant::Numbers(numbers) => Some(!numbers.is_empty()),
            Constant::Version => Some(true),
        },
    }
}

/// The value of an expression; `None` where that is not known.
fn value(expression: &Expr, tree: &Tree<'_>, python: Python) -> Option<Constant> {
    match expression {
        Expr::BooleanLiteral(literal) => Some(Constant::Truth(literal.value)),
        Expr::StringLiteral(literal) => Some(Constant::Text(literal.value.to_str().to_owned())),
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(number) => number.as_i64().map(Constant::Number),
            Number::Float(_) | Number::Complex { .. } => None,
        },
        Expr::Tuple(tuple) => {
            let number = |item: &Expr| match value(item, tree, python)? {
                Constant::Number(number) => Some(number),
                Constant::Truth(_) | Constant::Text(_) | Constant::Numbers(_) | Constant::Version => None,
            };

            tuple.elts.iter().map(number).collect::<Option<_>>().map(Constant::Numbers)
        }
        other => {
            let words: String = tree.source[other.range()].split_whitespace().collect();
            known(&words, python)
        }
    }
}

/// What is known without running anything: it is the same in every sandbox.
fn known(words: &str, python: Python) -> Option<Constant> {
    let version = [python.major, python.minor].map(i64::from);
    let linux = cfg!(target_os = "linux");
    let platform = if linux { "linux" } else { "darwin" };

    Some(match words {
        "sys.version_info" => Constant::Version,
        "sys.version_info[:1]" => Constant::Numbers(vec![version[0]]),
        "sys.version_info[:2]" | "sys.version_info[0:2]" => Constant::Numbers(version.to_vec()),
        "sys.version_info[0]" | "sys.version_info.major" => Constant::Number(version[0]),
        "sys.version_info[1]" | "sys.version_info.minor" => Constant::Number(version[1]),
        "sys.platform" => Constant::Text(platform.to_owned()),
        "os.name" => Constant::Text("posix".to_owned()),
        "platform.system()" => Constant::Text(if linux { "Linux" } else { "Darwin" }.to_owned()),
        "platform.python_implementation()" => Constant::Text("CPython".to_owned()),
        "sys.implementation.name" => Constant::Text("cpython".to_owned()),
        _ => {
            let start = words.strip_prefix("sys.platform.startswith(")?.strip_suffix(')')?;
            let quote = start.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            Constant::Truth(platform.starts_with(start.strip_prefix(quote)?.strip_suffix(quote)?))
        }
    })
}

/// What a comparison of two values gives.
fn compared(left: &Constant, operator: CmpOp, right: &Constant, python: Python) -> Option<bool> {
    let order = match (left, right) {
        (Constant::Number(left), Constant::Number(right)) => left.cmp(right),
        (Constant::Numbers(left), Constant::Numbers(right)) => left.cmp(right),
        (Constant::Version, Constant::Numbers(right)) => version(right, python)?,
        (Constant::Numbers(left), Constant::Version) => version(left, python)?.reverse(),
        (Constant::Text(left), Constant::Text(right)) if operator == CmpOp::In => {
            return Some(right.contains(left));
        }
        (Constant::Text(left), Constant::Text(right)) if operator == CmpOp::NotIn => {
            return Some(!right.contains(left));
        }
        (Constant::Text(left), Constant::Text(right)) => left.cmp(right),
        (Constant::Truth(left), Constant::Truth(right)) => left.cmp(right),
        _ => return None,
    };

    Some(match operator {
        CmpOp::Eq | CmpOp::Is => order.is_eq(),
        CmpOp::NotEq | CmpOp::IsNot => order.is_ne(),
        CmpOp::Lt => order.is_lt(),
        CmpOp::LtE => order.is_le(),
        CmpOp::Gt => order.is_gt(),
        CmpOp::GtE => order.is_ge(),
        CmpOp::In | CmpOp::NotIn => return None,
    })
}

/// How the running version compares with a tuple. It has five parts, so it is
/// greater than one or two parts that it begins with.
fn version(tuple: &[i64], python: Python) -> Option<Ordering> {
    let known = [python.major, python.minor].map(i64::from);
    let order = known.as_slice().cmp(&tuple[..tuple.len().min(known.len())]);
    (order.is_ne() || tuple.len() <= known.len()).then_some(order.then(Ordering::Greater))
}

#[cfg(test)]
mod tests {
    use super::{Condition, Python};

    const PYTHON: Python = Python { major: 3, minor: 11 };

    #[track_caller]
    fn check(expression: &str, expected: Option<bool>) {
        assert_eq!(Condition::new(expression, None).holds(PYTHON), expected, "{expression}");
    }

    #[track_caller]
    fn check_version(words: &str, runs: Option<bool>) {
        let condition = Condition::unless_python(words);
        assert_eq!(condition.map(|condition| condition.holds(PYTHON) == Some(false)), runs, "{words}");
    }

    #[test]
    fn expressions() {
        check("True", Some(true));
        check("sys.version_info < (3, 10)", Some(false));
        check("sys.version_info < (3, 12)", Some(true));
        check("sys.version_info >= (3, 11)", Some(true));
        check("sys.version_info > (3, 11)", Some(true));
        check("sys.version_info == (3, 11)", Some(false));
        check("(3, 8) <= sys.version_info < (4,)", Some(true));
        check("sys.version_info >= (3, 11, 4)", None);

        check("sys.version_info[:2] == (3, 11) and sys.version_info.minor != 3", Some(true));
        check("sys.platform == 'win32' or os.name == \"nt\"", Some(false));
        check("sys.platform.startswith('win')", Some(false));
        check("'win' in sys.platform", Some(false));
        check("platform.python_implementation() == 'PyPy'", Some(false));
        check("not (os.name == 'posix')", Some(false));

        check("torch is None or True", Some(true));
        check("torch is None or False", None);
        check("torch.cuda.is_available()", None);
        check("1 +", None);
        check("", None);
        check(&"not ".repeat(1000), None);
    }

    #[test]
    fn versions() {
        for words in ["3.10", ">=3.10", ">= 3.11", "<3.12", "==3.11.*", "3", "~=3.9", ">=3.9,<3.13", "> 3.3"]
        {
            check_version(words, Some(true));
        }

        for words in ["3.12", ">=3.12", "<3.11", "==3.10", "!=3.11", ">3.3,<3.9"] {
            check_version(words, Some(false));
        }

        for words in ["", "python", "3.x", "numpy>=2", ">="] {
            check_version(words, None);
        }
    }
}
