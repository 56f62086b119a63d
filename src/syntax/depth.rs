//! How deep a tree nests. Whoever walks through one goes as deep, on a stack that has an end.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_pattern, walk_stmt};
use ruff_python_ast::{Expr, Pattern, Stmt};
use ruff_text_size::{Ranged, TextSize};

/// No code that people write nests deeper.
const MOST: usize = 250;

/// Where the statement begins that nests too deep.
pub(super) fn excessive(source: &str, body: &[Stmt]) -> Option<TextSize> {
    if source.len() <= MOST {
        return None;
    }
    let mut depth = Depth { current: 0, is_excessive: false };
    body.iter()
        .find(|stmt| {
            depth.visit_stmt(stmt);
            depth.is_excessive
        })
        .map(Ranged::start)
}

struct Depth {
    current: usize,
    is_excessive: bool,
}

impl Depth {
    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        if self.current >= MOST {
            self.is_excessive = true;
        }
        if self.is_excessive {
            return;
        }
        self.current += 1;
        walk(self);
        self.current -= 1;
    }
}

impl<'a> Visitor<'a> for Depth {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.deeper(|depth| walk_stmt(depth, stmt));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.deeper(|depth| walk_expr(depth, expr));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.deeper(|depth| walk_pattern(depth, pattern));
    }
}
