//! Explicit markup: what a line that begins with `..` says.

use crate::document::text::indentation::width;

/// A line that begins with `..`, perhaps after the marks of list items.
pub(super) struct Explicit<'a> {
    /// The column of the `..`. What belongs to it is indented further.
    pub(super) column: usize,
    /// The text after the `..`, trimmed.
    pub(super) text: &'a str,
}

/// What explicit markup is.
pub(super) enum Markup<'a> {
    /// A directive that holds code.
    Code,
    /// A directive that holds text of this language.
    Text(&'static str),
    /// A directive around examples that says something about them: its name and argument.
    Scope(&'a str, &'a str),
    /// A directive whose text means nothing here.
    Opaque,
    /// A directive around other text, a target, a note: what is below it counts.
    Container,
    /// Words that no reader sees, and whatever is below them.
    Comment,
}

impl<'a> Explicit<'a> {
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let mut rest = line.trim_start_matches([' ', '\t']);
        loop {
            if let Some(text) = rest.strip_prefix("..")
                && (text.trim().is_empty() || text.starts_with([' ', '\t']))
            {
                return Some(Self { column: width(&line[..line.len() - rest.len()]), text: text.trim() });
            }
            rest = item(rest)?;
        }
    }

    /// Name and argument of a directive.
    fn directive(&self) -> Option<(&'a str, &'a str)> {
        let (name, argument) = self.text.split_once("::")?;
        let is_name =
            |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+' | ':');
        let fits = !name.is_empty() && name.chars().all(is_name);
        (fits && (argument.is_empty() || argument.starts_with([' ', '\t']))).then(|| (name, argument.trim()))
    }

    pub(super) fn markup(&self) -> Markup<'a> {
        let Some((name, argument)) = self.directive() else {
            return if self.is_target() { Markup::Container } else { Markup::Comment };
        };
        match name.to_ascii_lowercase().as_str() {
            "code-block" | "code" | "sourcecode" | "testcode" | "testsetup" | "testcleanup" | "doctest" => {
                Markup::Code
            }
            "testoutput" => Markup::Text("testoutput"),
            "ipython" | "jupyter-execute" => Markup::Text("ipython"),
            "prompt" => Markup::Text("prompt"),
            "parsed-literal" => Markup::Text("parsed-literal"),
            "raw" | "math" | "graphviz" | "digraph" | "graph" | "mermaid" | "uml" | "productionlist" => {
                Markup::Opaque
            }
            "doctest-skip-all" | "doctest-requires-all" | "doctest-remote-data-all" => Markup::Comment,
            "doctest-skip" | "doctest-requires" | "doctest-remote-data" => Markup::Scope(name, argument),
            _ => Markup::Container,
        }
    }

    /// Hyperlink targets, footnotes, citations and substitutions.
    fn is_target(&self) -> bool {
        self.text.starts_with(['_', '[', '|'])
    }
}

/// The text after the mark of a list item.
fn item(line: &str) -> Option<&str> {
    let mark = line.split([' ', '\t']).next()?;
    let is_bullet = matches!(mark, "-" | "*" | "+" | "•");
    let is_number = mark.strip_suffix(['.', ')']).is_some_and(|number| {
        let number = number.strip_prefix('(').unwrap_or(number);
        let digits = (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        digits || number == "#" || number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    let rest = line[mark.len()..].trim_start_matches([' ', '\t']);
    (!rest.is_empty() && (is_bullet || is_number)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::{Explicit, Markup};

    #[track_caller]
    fn check(line: &str, expected: Option<(usize, &str)>) {
        let found = Explicit::read(line).map(|explicit| {
            let kind = match explicit.markup() {
                Markup::Code => format!("code {}", explicit.text),
                Markup::Text(language) => format!("text {language}"),
                Markup::Scope(name, argument) => format!("{name} {argument}"),
                Markup::Opaque => "opaque".to_owned(),
                Markup::Container => "container".to_owned(),
                Markup::Comment => "comment".to_owned(),
            };
            (explicit.column, kind)
        });
        assert_eq!(found.as_ref().map(|(column, kind)| (*column, kind.as_str())), expected, "{line:?}");
    }

    #[test]
    fn markup() {
        check(".. code-block:: python", Some((0, "code code-block:: python")));
        check("   .. Code:: PY", Some((3, "code Code:: PY")));
        check("\t..  sourcecode::\tpycon", Some((8, "code sourcecode::\tpycon")));
        check(".. testcode:: group", Some((0, "code testcode:: group")));
        check(".. doctest::", Some((0, "code doctest::")));
        check(".. testoutput::", Some((0, "text testoutput")));
        check(".. ipython:: python", Some((0, "text ipython")));
        check(".. raw:: html", Some((0, "opaque")));
        check(".. note:: words", Some((0, "container")));
        check(".. py:function:: f", Some((0, "container")));
        check(".. _target:", Some((0, "container")));
        check(".. [1] words", Some((0, "container")));
        check(".. |x| image:: y", Some((0, "container")));
        check("..", Some((0, "comment")));
        check(".. words, and std::vector", Some((0, "comment")));
        check(".. skip: next", Some((0, "comment")));
        check(".. invisible-code-block: python", Some((0, "comment")));
        check(".. doctest-requires-all:: numpy", Some((0, "comment")));
        check(".. doctest-requires:: numpy", Some((0, "doctest-requires numpy")));
    }

    #[test]
    fn marks_of_lists() {
        for line in
            ["- .. code:: python", "* .. code:: python", "#. .. code:: python", "(a) .. code:: python"]
        {
            check(line, Some((line.find("..").unwrap(), "code code:: python")));
        }
        check("* - 12) .. code:: python", Some((8, "code code:: python")));
        for line in
            ["...", "..x", "words .. code:: python", "ab. .. code:: python", "-.. code:: python", "-", ""]
        {
            check(line, None);
        }
    }
}
