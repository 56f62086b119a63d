//! Explicit markup: what a line that begins with `..` says.

use crate::document::text::indentation::width;
use crate::document::text::python::names_python;

/// A line that begins with `..`, perhaps after the marks of list items.
pub(super) struct Explicit<'a> {
    /// The column of the `..`. What belongs to it is indented further.
    pub(super) column: usize,
    /// The text after the `..`, trimmed.
    pub(super) text: &'a str,
    /// Whether a directive of code follows the dots without a blank.
    is_glued: bool,
}

/// What explicit markup is.
pub(super) enum Markup<'a> {
    /// A directive that holds code.
    Code,
    /// A directive that holds text of this language.
    Text(&'static str),
    /// A directive of an extension: whether its name says that it holds code.
    Unknown { name: &'a str, says_code: bool },
    /// A directive around examples that says something about them: its name and argument.
    Scope(&'a str, &'a str),
    /// The language of the literal blocks below.
    Highlight(&'a str),
    /// A directive of code that is written wrongly, and how.
    Slip(&'static str),
    /// A directive whose text means nothing here.
    Opaque,
    /// A directive around other text, a target, a note: what is below it counts.
    Container,
    /// Words that no reader sees, and whatever is below them.
    Comment,
}

/// Directives that hold code.
const CODE: &[&str] =
    &["code-block", "code", "sourcecode", "code-tab", "testcode", "testsetup", "testcleanup", "doctest"];

/// Words in the names of directives that hold code.
const SAYS_CODE: &[&str] = &[
    "cell", "code", "exec", "execute", "ipython", "jupyter", "notebook", "plot", "pyplot", "python",
    "python3", "repl", "run", "script", "snippet",
];

impl<'a> Explicit<'a> {
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let mut rest = line.trim_start_matches([' ', '\t']);
        loop {
            if let Some(text) = rest.strip_prefix("..")
                && (text.trim().is_empty() || text.starts_with([' ', '\t']) || is_glued(text))
            {
                let column = width(&line[..line.len() - rest.len()]);
                return Some(Self { column, text: text.trim(), is_glued: is_glued(text) });
            }
            rest = item(rest)?;
        }
    }

    /// Name and argument of a directive. A blank may stand before the colons (docutils, `Body.patterns`).
    fn directive(&self) -> Option<(&'a str, &'a str)> {
        let (name, argument) = self.text.split_once("::")?;
        let name = name.strip_suffix(' ').unwrap_or(name);
        let is_name =
            |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+' | ':');
        let fits = !name.is_empty() && name.chars().all(is_name);
        (fits && (argument.is_empty() || argument.starts_with([' ', '\t']))).then(|| (name, argument.trim()))
    }

    pub(super) fn markup(&self) -> Markup<'a> {
        if self.is_glued {
            return Markup::Slip("no blank stands between the dots and its name");
        }
        let Some((name, argument)) = self.directive() else {
            return match self.slip() {
                Some(slip) => Markup::Slip(slip),
                None if self.is_target() => Markup::Container,
                None => Markup::Comment,
            };
        };
        match name.to_ascii_lowercase().as_str() {
            name if CODE.contains(&name) => Markup::Code,
            "testoutput" => Markup::Text("testoutput"),
            "ipython" | "jupyter-execute" => Markup::Text("ipython"),
            "prompt" => Markup::Text("prompt"),
            "parsed-literal" => Markup::Text("parsed-literal"),
            "raw" | "math" | "graphviz" | "digraph" | "graph" | "mermaid" | "uml" | "productionlist" => {
                Markup::Opaque
            }
            "doctest-skip-all" | "doctest-requires-all" | "doctest-remote-data-all" => Markup::Comment,
            "doctest-skip" | "doctest-requires" | "doctest-remote-data" => Markup::Scope(name, argument),
            "highlight" => Markup::Highlight(argument),
            name_in_lower_case => {
                let mut words = name_in_lower_case.split(|letter: char| !letter.is_ascii_alphanumeric());
                // A name with a colon is one of a domain, whose directives describe things.
                let says_code = !name.contains(':') && words.any(|word| SAYS_CODE.contains(&word));
                Markup::Unknown { name, says_code }
            }
        }
    }

    /// How a directive of code is written that docutils takes for a comment.
    fn slip(&self) -> Option<&'static str> {
        let end = self.text.find([':', ' ', '\t']).unwrap_or(self.text.len());
        let (name, rest) = self.text.split_at(end);
        if !CODE.contains(&name.to_ascii_lowercase().as_str()) {
            return None;
        }

        let argument = rest.trim_start_matches([' ', '\t', ':']).trim();
        let colons = rest.bytes().filter(|byte| *byte == b':').count();
        match colons {
            0 => names_python(argument).then_some("no colons follow its name"),
            1 => (argument.is_empty() || names_python(argument))
                .then_some("one colon follows its name, not two"),
            _ => (argument.is_empty() || names_python(argument))
                .then_some("its name and its argument are not apart"),
        }
    }

    /// Hyperlink targets, footnotes, citations and substitutions.
    fn is_target(&self) -> bool {
        self.text.starts_with(['_', '[', '|'])
    }
}

/// Whether the name of a directive of code is glued to the dots before it.
fn is_glued(text: &str) -> bool {
    text.split_once("::").is_some_and(|(name, _)| CODE.contains(&name.to_ascii_lowercase().as_str()))
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
                Markup::Unknown { name, says_code } => format!("unknown {name} {says_code}"),
                Markup::Highlight(language) => format!("highlight {language}"),
                Markup::Slip(slip) => format!("slip: {slip}"),
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
        check(".. code-tab:: python", Some((0, "code code-tab:: python")));
        check(".. code-block :: python", Some((0, "code code-block :: python")));
        check(".. highlight:: none", Some((0, "highlight none")));
        check(".. note:: words", Some((0, "unknown note false")));
        check(".. plot::", Some((0, "unknown plot true")));
        check(".. exec_code::", Some((0, "unknown exec_code true")));
        check(".. altair-plot::", Some((0, "unknown altair-plot true")));
        check(".. py:function:: f", Some((0, "unknown py:function false")));
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
    fn directives_that_are_written_wrongly() {
        let one = Some((0, "slip: one colon follows its name, not two"));
        for line in
            [".. code-block: python", ".. code: py", ".. Code-Block: Python3", ".. testcode:", ".. doctest:"]
        {
            check(line, one);
        }
        check(".. code-block:python", one);
        check(".. code-block python", Some((0, "slip: no colons follow its name")));
        check("..code-block:: python", Some((0, "slip: no blank stands between the dots and its name")));
        check("  ..code:: python", Some((2, "slip: no blank stands between the dots and its name")));
        check(".. code-block::python", Some((0, "slip: its name and its argument are not apart")));
        for line in [
            ".. code: remember this",
            ".. code",
            ".. doctest",
            ".. code words",
            ".. note: words",
            ".. codes: python",
        ] {
            check(line, Some((0, "comment")));
        }
        check("..note:: words", None);
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
