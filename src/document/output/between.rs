//! The lines between a snippet and the next block: do they announce its output?

use std::sync::LazyLock;

use regex::Regex;

use crate::directive::Python;
use crate::model::output_words::is_output_word;

/// Words that announce output by themselves.
const ANNOUNCEMENTS: &[&str] = &[
    "out",
    "output",
    "outputs",
    "the output",
    "expected output",
    "example output",
    "console output",
    "printed output",
    "result",
    "results",
    "the result",
    "prints",
    "it prints",
    "this prints",
    "which prints",
    "which gives",
    "this gives",
    "stdout",
];
/// Words that may stand beside one that announces output, without saying anything else.
const BESIDE: &[&str] = &[
    "it",
    "this",
    "that",
    "which",
    "we",
    "you",
    "i",
    "will",
    "would",
    "should",
    "the",
    "a",
    "let",
    "lets",
    "s",
    "us",
    "see",
    "get",
    "gets",
    "have",
    "and",
    "then",
    "so",
    "now",
    "here",
    "is",
    "are",
    "as",
    "follows",
    "following",
    "to",
    "on",
    "in",
    "your",
    "our",
    "terminal",
    "console",
    "screen",
    "when",
    "run",
    "running",
    "code",
    "program",
    "script",
    "snippet",
    "example",
    "above",
    "ll",
    "be",
    "what",
    "of",
    "for",
    "expected",
    "by",
    "below",
];
/// Verbs and nouns that announce output in a few words, with or without a colon.
const ANNOUNCING: &[&str] = &[
    "output",
    "outputs",
    "print",
    "prints",
    "printed",
    "result",
    "results",
    "gives",
    "give",
    "yields",
    "yield",
    "produces",
    "produce",
    "displays",
    "display",
    "displayed",
    "shows",
    "show",
    "returns",
    "get",
];
/// More words say more than that something is put out.
const FEW: usize = 8;
/// In a sentence that ends in a colon they announce what is below it.
const SHOWING: &[&str] = &[
    "output", "outputs", "print", "printed", "prints", "result", "results", "gives", "yields", "produces",
    "displays", "shows",
];
/// With one of these the output is an example of what may come, or something else.
const VAGUE: &[&str] = &[
    "file",
    "files",
    "similar",
    "like",
    "vary",
    "varies",
    "approximately",
    "might",
    "may",
    "could",
    "sample",
    "something",
    "roughly",
    "request",
    "response",
    "not",
    "never",
    "instead",
    "without",
    "equivalent",
    "among",
    "amongst",
    "mypy",
    "pyright",
    "checker",
    "schema",
    "html",
    "stderr",
    "command",
];
/// A longer sentence says more than that.
const LONGEST: usize = 100;

static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\(?\b(?:on |with |in |under )?c?python ?[0-9.x]+\+?\)?").expect("the pattern is tested")
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Between {
    pub(crate) lead: Lead,
    pub(crate) hidden: Option<Hidden>,
    /// Index of the line that begins a section which a tool fills with output.
    pub(crate) section: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    Nothing,
    /// `Output:`, and hardly more.
    Output,
    /// A sentence that leads to what is printed.
    Showing,
    /// What is below only resembles it.
    Vague,
    Heading,
    Other,
}

/// A comment that asks for a comparison with the block below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    Exact,
    IgnoringBlanks,
}

impl Between {
    /// `python` is the version that snippets run on, where it is known.
    pub(crate) fn read(lines: &[&str], python: Option<Python>) -> Self {
        let mut between = Self { lead: Lead::Nothing, hidden: None, section: None };

        let mut paragraphs = vec![String::new()];
        let mut in_comment = false;
        for (index, line) in lines.iter().enumerate() {
            let line = line.trim_start_matches([' ', '\t', '>']).trim_end();
            if in_comment || line.starts_with("<!--") {
                in_comment = !line.contains("-->");
                between.comment(line, index);
                continue;
            }

            let is_apart = line.is_empty() || line.starts_with(['#', '=', '!', '?', '<', '%']);
            if is_apart {
                paragraphs.push(String::new());
            }
            if let Some(paragraph) = paragraphs.last_mut().filter(|text| text.len() <= LONGEST) {
                paragraph.extend([" ", line]);
            }
            if line.starts_with('#') {
                paragraphs.push(String::new());
            }
        }

        let mut leads =
            paragraphs.iter().map(|text| lead(text, python)).filter(|lead| *lead != Lead::Nothing);
        between.lead = leads.next().unwrap_or(Lead::Nothing);

        // `### Output` may be followed by `Running it prints:`.
        if let Some(second) = leads.next() {
            between.lead = match (between.lead, second) {
                (Lead::Output, Lead::Output | Lead::Showing) => second,
                (Lead::Output | Lead::Showing, Lead::Vague) => Lead::Vague,
                (Lead::Heading, _) | (_, Lead::Heading) => Lead::Heading,
                _ => Lead::Other,
            };
        }

        if leads.next().is_some() {
            between.lead = Lead::Other;
        }
        between
    }

    fn comment(&mut self, line: &str, index: usize) {
        let text = line.trim_start_matches("<!--").trim_end_matches("-->").trim();
        let asked = text.trim_start_matches("pytest-codeblocks").strip_prefix(':');
        match asked.map(str::trim) {
            Some("expected-output") => self.hidden = Some(Hidden::Exact),
            Some("expected-output-ignore-whitespace") => self.hidden = Some(Hidden::IgnoringBlanks),
            Some(_) | None if text == "OUTPUT:START" => self.section = self.section.or(Some(index)),
            Some(_) | None => {}
        }
    }
}

fn lead(text: &str, python: Option<Python>) -> Lead {
    let text = text.trim();
    let is_heading = text.starts_with('#');
    let ends_in_colon = text.trim_end_matches(['*', '_', '`']).ends_with([':', '：']);

    // The title of an admonition or a tab.
    let title = text.starts_with(['!', '?', '=']).then(|| text.split('"').nth(1)).flatten();
    let text = without_tags(title.unwrap_or(text)).to_lowercase();

    let found: Vec<&str> = words(&text).collect();
    let says = |list: &[&str]| found.iter().any(|word| list.contains(word));

    if found.is_empty() {
        return if is_heading { Lead::Heading } else { Lead::Nothing };
    }
    let names_python = text.contains("py");
    // What another version prints says nothing of this one.
    if names_python && python.is_some_and(|python| python.is_left_out_by(&text)) {
        return if is_heading { Lead::Heading } else { Lead::Vague };
    }
    let is_announcement =
        |text: &str| ANNOUNCEMENTS.contains(&words(text).collect::<Vec<_>>().join(" ").as_str());
    if is_announcement(&text)
        || names_python && is_announcement(&VERSION.replace_all(&text, ""))
        || text.len() <= LONGEST && is_output_word(&text)
    {
        return Lead::Output;
    }

    if is_heading {
        return Lead::Heading;
    }
    if found.len() <= FEW
        && says(ANNOUNCING)
        && found.iter().all(|word| BESIDE.contains(word) || ANNOUNCING.contains(word))
    {
        return Lead::Showing;
    }

    if !ends_in_colon || text.len() > LONGEST || !says(SHOWING) {
        return Lead::Other;
    }
    if says(VAGUE) {
        return Lead::Vague;
    }
    Lead::Showing
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut is_inside = false;
    for letter in text.chars() {
        match letter {
            '<' => is_inside = true,
            '>' if is_inside => is_inside = false,
            _ if !is_inside => plain.push(letter),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{Between, Hidden, Lead};
    use crate::directive::Python;

    const PYTHON: Option<Python> = Some(Python { major: 3, minor: 11 });

    #[track_caller]
    fn check(text: &str, expected: Lead) {
        assert_eq!(Between::read(&text.lines().collect::<Vec<_>>(), PYTHON).lead, expected, "{text:?}");
    }

    #[test]
    fn announcements() {
        for text in ["Output", "Output:", "**Output**", "> _Expected output:_", "### Output", "This prints:"]
        {
            check(text, Lead::Output);
        }
        for text in ["=== \"Output\"", "??? note \"Output\"", "<summary>Output</summary>", "*Result*:"] {
            check(text, Lead::Output);
        }
        check("\n\n", Lead::Nothing);
        check("<details>\n<summary>Output</summary>\n", Lead::Output);
        for text in [
            "produces",
            "We get",
            "Let's see the result:",
            "which yields",
            "This will print",
            "you will get:",
        ] {
            check(text, Lead::Showing);
        }
        check("Running it prints the following:", Lead::Showing);
        check("### Output\n\nRunning it prints:", Lead::Showing);
        check("the program above\ngives:", Lead::Showing);
    }

    #[test]
    fn other_languages() {
        for text in
            ["Salida:", "**Ausgabe:**", "Sortie :", "出力：", "### Resultado", "Saída esperada:", "输出:"]
        {
            check(text, Lead::Output);
        }
        check("Salida de emergencia:", Lead::Other);
    }

    #[test]
    fn other_versions_of_python() {
        for text in ["Output (Python 2.7):", "On Python 3.6 it prints:", "**Output** (py27):"] {
            check(text, Lead::Vague);
        }
        check("Output (Python 3.11):", Lead::Output);
        check("Output (Python 3):", Lead::Output);
        check("On Python 3.9+ it prints:", Lead::Output);
        check("On Python 3.9+ the program above gives:", Lead::Showing);
    }

    #[test]
    fn prose_is_none() {
        check("The output is written to a file:", Lead::Vague);
        check("It prints something like:", Lead::Vague);
        check("This prints, among other lines:", Lead::Vague);
        check("This produces the following output from mypy:", Lead::Vague);
        check("The output goes on", Lead::Other);
        check("We get the file", Lead::Other);
        check("and then we have", Lead::Other);
        check("Now the tree looks so:", Lead::Other);
        check("Output:\n\nmore\n\nand more", Lead::Other);
        check("## Next steps", Lead::Heading);
        check("## Output\n\n## Next", Lead::Heading);
        check(&format!("{}prints:", "so ".repeat(40)), Lead::Other);
    }

    #[test]
    fn comments() {
        let hidden = |text: &str| Between::read(&[text], PYTHON).hidden;
        assert_eq!(hidden("<!--pytest-codeblocks:expected-output-->"), Some(Hidden::Exact));
        assert_eq!(hidden("<!-- :expected-output -->"), Some(Hidden::Exact));
        assert_eq!(hidden("> <!--:expected-output-ignore-whitespace-->"), Some(Hidden::IgnoringBlanks));
        assert_eq!(hidden("<!-- expected-output -->"), None);
        check("<!-- a\n\nOutput:\n-->", Lead::Nothing);
        assert_eq!(Between::read(&["", "<!-- OUTPUT:START -->", "x"], PYTHON).section, Some(1));
    }
}
