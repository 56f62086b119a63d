//! Values of a module's top-level names, as far as they are known without running it.

use std::collections::HashMap;

use ruff_python_ast::{
    BoolOp, Expr, ExprCall, ExprFString, FStringPart, InterpolatedStringElement, Number, Operator, Stmt,
    UnaryOp,
};

use crate::directive;
use crate::directive::Flags;
use crate::document::sphinx::layout::{cleaned, dedented, method, percent};
use crate::document::sphinx::value::{LONGEST, Value, as_flags, shown};
use crate::syntax::bodies;

/// Expressions within one another.
const DEEPEST: usize = 64;

/// The names that have been assigned so far: `None` where the value is not known.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    known: HashMap<&'a str, Option<Value>>,
}

impl<'a> Names<'a> {
    /// What a statement does to names. Of statements that may not run only the names are known that they change.
    pub(super) fn take(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assigned) => {
                let value = self.value(&assigned.value);
                for target in &assigned.targets {
                    self.assign(target, value.clone());
                }
            }
            Stmt::AnnAssign(assigned) => {
                if let Some(value) = &assigned.value {
                    let value = self.value(value);
                    self.assign(&assigned.target, value);
                }
            }
            Stmt::AugAssign(assigned) => {
                let value = binary(self.value(&assigned.target), assigned.op, self.value(&assigned.value));
                self.assign(&assigned.target, value);
            }
            Stmt::If(choice) => {
                let Some(truth) = self.truth(&choice.test) else {
                    return bodies(statement).into_iter().for_each(|body| self.forget(body));
                };
                let taken = if truth {
                    Some(choice.body.as_slice())
                } else {
                    // `elif` is rare where the first condition is known.
                    match choice.elif_else_clauses.as_slice() {
                        [only] if only.test.is_none() => Some(only.body.as_slice()),
                        clauses => return clauses.iter().for_each(|clause| self.forget(&clause.body)),
                    }
                };
                taken.into_iter().flatten().for_each(|statement| self.take(statement));
            }
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            other => bodies(other).into_iter().for_each(|body| self.forget(body)),
        }
    }

    fn assign(&mut self, target: &'a Expr, value: Option<Value>) {
        match target {
            Expr::Name(name) => drop(self.known.insert(name.id.as_str(), value)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| self.assign(item, None)),
            _ => {}
        }
    }

    /// Statements that may run or not: what they assign is not known.
    fn forget(&mut self, body: &'a [Stmt]) {
        for statement in body {
            assigned(statement, &mut |name, _| drop(self.known.insert(name, None)));
        }
    }

    /// `None` for a name that is not assigned, and where its value is not known.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.known.get(name)?.as_ref()
    }

    fn truth(&self, condition: &Expr) -> Option<bool> {
        match condition {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => self.truth(&not.operand).map(|truth| !truth),
            Expr::BoolOp(both) => {
                let decisive = both.op == BoolOp::Or;
                let truths: Vec<Option<bool>> = both.values.iter().map(|value| self.truth(value)).collect();
                if truths.contains(&Some(decisive)) {
                    return Some(decisive);
                }
                truths.iter().all(Option::is_some).then_some(!decisive)
            }
            other => match self.value(other)? {
                Value::Text(text) => Some(!text.is_empty()),
                Value::Number(number) => Some(number != 0),
                Value::Truth(truth) => Some(truth),
                Value::Nothing => Some(false),
                Value::Flags(flags) => Some(flags != Flags::default()),
                Value::List(items) => Some(!items.is_empty()),
            },
        }
    }

    fn value(&self, expression: &Expr) -> Option<Value> {
        self.within(expression, DEEPEST)
    }

    fn within(&self, expression: &Expr, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let value = match expression {
            Expr::StringLiteral(literal) => Value::Text(literal.value.to_str().to_owned()),
            Expr::BooleanLiteral(literal) => Value::Truth(literal.value),
            Expr::NoneLiteral(_) => Value::Nothing,
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => Value::Number(number.as_i64()?),
                Number::Float(_) | Number::Complex { .. } => return None,
            },
            Expr::FString(text) => Value::Text(self.interpolated(text, depth)?),
            Expr::Name(name) => match self.known.get(name.id.as_str()) {
                Some(value) => value.clone()?,
                // Imported from `doctest`, or unknown.
                None => Value::Flags(flag(&name.id)?),
            },
            Expr::Attribute(attribute) => Value::Flags(flag(&attribute.attr)?),
            Expr::BinOp(both) => {
                binary(self.within(&both.left, depth), both.op, self.within(&both.right, depth))?
            }
            Expr::If(choice) => {
                let taken = if self.truth(&choice.test)? { &choice.body } else { &choice.orelse };
                self.within(taken, depth)?
            }
            Expr::List(list) => Value::List(self.all(&list.elts, depth)?),
            Expr::Tuple(tuple) => Value::List(self.all(&tuple.elts, depth)?),
            Expr::Call(call) => self.called(call, depth)?,
            _ => return None,
        };
        match &value {
            Value::Text(text) if text.len() > LONGEST => None,
            _ => Some(value),
        }
    }

    fn all(&self, items: &[Expr], depth: usize) -> Option<Vec<Value>> {
        items.iter().map(|item| self.within(item, depth)).collect()
    }

    fn interpolated(&self, expression: &ExprFString, depth: usize) -> Option<String> {
        let mut text = String::new();
        for part in &expression.value {
            let inner = match part {
                FStringPart::Literal(literal) => {
                    text.push_str(literal.as_str());
                    continue;
                }
                FStringPart::FString(inner) => inner,
            };
            for element in &inner.elements {
                match element {
                    InterpolatedStringElement::Literal(literal) => text.push_str(&literal.value),
                    InterpolatedStringElement::Interpolation(interpolation) => {
                        let is_plain = interpolation.format_spec.is_none()
                            && interpolation.debug_text.is_none()
                            && interpolation.conversion.is_none();
                        let value = is_plain.then(|| self.within(&interpolation.expression, depth))??;
                        text.push_str(&shown(&value)?);
                    }
                }
            }
        }
        Some(text)
    }

    /// Functions and methods that only change how a text is laid out.
    fn called(&self, call: &ExprCall, depth: usize) -> Option<Value> {
        if !call.arguments.keywords.is_empty() {
            return None;
        }
        let arguments = self.all(&call.arguments.args, depth)?;
        let (object, name) = match &*call.func {
            Expr::Name(name) => (None, name.id.as_str()),
            Expr::Attribute(attribute) => (Some(&*attribute.value), attribute.attr.as_str()),
            _ => return None,
        };

        let text = match (name, arguments.as_slice()) {
            ("dedent", [Value::Text(text)]) => dedented(text),
            ("cleandoc", [Value::Text(text)]) => cleaned(text),
            ("str", [value]) => shown(value)?,
            (_, arguments) => {
                let Value::Text(text) = self.within(object?, depth)? else { return None };
                method(&text, name, arguments)?
            }
        };
        Some(Value::Text(text))
    }
}

/// Tells of each name that a statement of the module assigns, within blocks too, and of the value.
pub(super) fn assigned<'a>(statement: &'a Stmt, tell: &mut impl FnMut(&'a str, &'a Expr)) {
    let mut told = |target: &'a Expr, value: &'a Expr| {
        if let Some(name) = target.as_name_expr() {
            tell(name.id.as_str(), value);
        }
    };
    match statement {
        Stmt::Assign(assigned) => {
            assigned.targets.iter().for_each(|target| told(target, &assigned.value));
        }
        Stmt::AnnAssign(assigned) => {
            assigned.value.iter().for_each(|value| told(&assigned.target, value));
        }
        Stmt::AugAssign(assigned) => told(&assigned.target, &assigned.value),
        // What a function assigns is its own.
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
        other => bodies(other).into_iter().flatten().for_each(|inner| assigned(inner, tell)),
    }
}

fn binary(left: Option<Value>, operator: Operator, right: Option<Value>) -> Option<Value> {
    Some(match (left?, operator, right?) {
        (Value::Text(left), Operator::Add, Value::Text(right)) => {
            (left.len() + right.len() <= LONGEST).then(|| Value::Text(left + &right))?
        }
        (Value::Text(text), Operator::Mult, Value::Number(times))
        | (Value::Number(times), Operator::Mult, Value::Text(text)) => {
            let times = usize::try_from(times).unwrap_or(0);
            (text.len().checked_mul(times)? <= LONGEST).then(|| Value::Text(text.repeat(times)))?
        }
        (Value::Text(text), Operator::Mod, Value::List(values)) => Value::Text(percent(&text, &values)?),
        (Value::Text(text), Operator::Mod, value) => Value::Text(percent(&text, &[value])?),
        (left, Operator::BitOr | Operator::Add, right) => {
            Value::Flags(as_flags(&left)?.and(as_flags(&right)?))
        }
        _ => return None,
    })
}

fn flag(name: &str) -> Option<Flags> {
    directive::parse_flag(name).map(|flag| Flags::default().with(flag))
}

#[cfg(test)]
mod tests {
    use super::Names;
    use crate::directive::{Flag, Flags};
    use crate::document::sphinx::value::{Value, as_flags};
    use crate::syntax::Tree;

    /// The value of `x`, if it is known.
    fn value(text: &str) -> Option<Value> {
        let tree = Tree::parse(text);
        assert_eq!(tree.fault(), None, "{text}");
        let mut names = Names::default();
        tree.module().body.iter().for_each(|statement| names.take(statement));
        names.get("x").cloned()
    }

    #[test]
    fn texts() {
        for (code, expected) in [
            ("x = 'a' 'b'\n", "ab"),
            ("y = 'a'\nx = y + 'b'\n", "ab"),
            ("x = 'a'\nx += 'b'\n", "ab"),
            ("x: str = 'a'\n", "a"),
            ("y = x = 'a'\n", "a"),
            ("n = 3\nx = f'a{n}{\"b\"}' 'c'\n", "a3bc"),
            ("x = 'ab' * 2\n", "abab"),
            ("x = '%s-%d%%' % ('a', 3)\n", "a-3%"),
            ("x = 'import %s' % 'os'\n", "import os"),
            ("x = '{}{{{1}'.format('a', 2)\n", "a{2"),
            ("x = '\\n'.join(['a', 'b'])\n", "a\nb"),
            ("x = textwrap.dedent(\"\"\"\\\n    a\n      b\n\n    \"\"\")\n", "a\n  b\n\n"),
            ("x = dedent('''\n  a\n  b\n''').strip()\n", "a\nb"),
            ("x = inspect.cleandoc('''  a\n    b\n      c\n    ''')\n", "a\nb\n  c"),
            ("x = 'a-b'.replace('-', '_').lstrip('a')\n", "_b"),
            ("x = 'a' if True else 'b'\n", "a"),
            ("y = ''\nif not y:\n    x = 'a'\nelse:\n    x = 'b'\n", "a"),
            ("if False:\n    x = 'a'\nelse:\n    x = 'b'\n", "b"),
            ("x = 'a'\ndef f():\n    x = 'b'\n", "a"),
        ] {
            assert_eq!(value(code), Some(Value::Text(expected.to_owned())), "{code}");
        }
    }

    #[test]
    fn flags() {
        let both = Flags::default().with(Flag::Ellipsis).with(Flag::NormalizeWhitespace);
        for code in [
            "x = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE\n",
            "x = ELLIPSIS | NORMALIZE_WHITESPACE\n",
            "y = doctest.ELLIPSIS\nx = y | doctest.NORMALIZE_WHITESPACE\n",
            "x = doctest.ELLIPSIS\nx |= doctest.NORMALIZE_WHITESPACE\n",
            "x = 0 | doctest.ELLIPSIS + doctest.NORMALIZE_WHITESPACE\n",
            "x = 12\n",
        ] {
            assert_eq!(value(code).and_then(|value| as_flags(&value)), Some(both), "{code}");
        }
        assert_eq!(as_flags(&Value::Text("ELLIPSIS".to_owned())), None);
    }

    #[test]
    fn what_only_running_tells() {
        for code in [
            "x = f()\n",
            "x = os.environ['x']\n",
            "x = y\n",
            "x = f'{y}'\n",
            "y = 1\nx = f'{y:>3}'\n",
            "x = '%r' % 'a'\n",
            "x = '{a}'.format(a='b')\n",
            "x = 'a'\nif y:\n    x = 'b'\n",
            "try:\n    x = 'a'\nexcept OSError:\n    x = 'b'\n",
            "x = 'a'\nfor y in z:\n    x = 'b'\n",
            "x, y = 'a', 'b'\n",
            "x = 'a' * 10 ** 9\n",
            "x = 'a' * 9000000\n",
            "x = ('a' * 9000).replace('a', 'b' * 9000)\n",
            "x = open('a').read().strip()\n",
        ] {
            assert_eq!(value(code), None, "{code}");
        }
    }
}
