//! Fences that CommonMark takes for text: in directives of `MyST`, which hold Markdown, and right below HTML tags.
//!
//! All offsets stay: what hides a fence from the parser becomes blanks, and a thematic break where it begins: a block of its
//! own, as before, which ends the blocks above. A blank line would go on with a fence of the list item above.

use std::ops::Range;

use memchr::{memchr_iter, memmem, memrchr};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use crate::document::markdown::loose_fence::{Opening, opens};
use crate::document::markdown::mkdocs::holds_code;

/// Letters of a directive's name that are read.
const LONGEST_NAME: usize = 64;

/// Signs of a thematic break (CommonMark 4.1). A shorter line becomes a word.
const SHORTEST_BREAK: usize = 3;

/// Directives within one another, or tags that follow one another, that are looked into.
const MOST_PASSES: usize = 8;

/// Directives whose text is code, output or a picture, whatever stands in it (MyST-Parser, "Directives"; Sphinx).
const NO_MARKDOWN: &[&str] = &[
    "altair-plot",
    "bibliography",
    "csv-table",
    "exec-code",
    "graphviz",
    "highlight",
    "include",
    "ipython",
    "jupyter-execute",
    "literalinclude",
    "markdown",
    "math",
    "md",
    "mermaid",
    "myst",
    "output",
    "parsed-literal",
    "plot",
    "prompt",
    "py",
    "pycon",
    "python",
    "raw",
    "toctree",
];

/// Elements whose content is never Markdown (CommonMark 4.6, the first kind of HTML blocks).
const VERBATIM: &[&str] = &["pre", "script", "style", "textarea"];

/// What becomes of Markdown right below a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BelowTags {
    /// Readers see it as it is written (CommonMark 4.6: an HTML block ends at a blank line).
    Text,
    /// It is Markdown where the tag says `markdown` (Python-Markdown, `md_in_html`).
    MarkdownIfAsked,
    /// It is Markdown (MDX).
    Markdown,
}

/// A text whose fences the parser finds.
pub(crate) struct Opened {
    pub(crate) text: String,
    /// Where the fences are that readers see as text, ascending.
    pub(crate) hidden: Vec<usize>,
}

/// Opens what stands after `start`; `None` where nothing is hidden.
pub(crate) fn opened(text: &str, start: usize, below_tags: BelowTags) -> Option<Opened> {
    if !has_directive(&text[start..]) && !has_fence_below_tag(&text[start..]) {
        return None;
    }

    let mut opened = Opened { text: text.to_owned(), hidden: Vec::new() };
    let mut changed = false;
    for _ in 0..MOST_PASSES {
        let edits = Edits::of(&opened.text, start, below_tags);
        if edits.blanks.is_empty() {
            break;
        }
        changed = true;
        for Blank { range, is_first } in edits.blanks {
            let sign = match range.len() {
                _ if !is_first => " ",
                0..SHORTEST_BREAK => "x",
                _ => "_",
            };
            let blanks = sign.repeat(range.len());
            opened.text.replace_range(range, &blanks);
        }
        opened.hidden.extend(edits.hidden);
    }

    opened.hidden.sort_unstable();
    changed.then_some(opened)
}

/// Whether a fence may open a directive that holds Markdown.
fn has_directive(text: &str) -> bool {
    ["```{", "``` {", "~~~{", "~~~ {"].iter().any(|mark| {
        memmem::find_iter(text.as_bytes(), mark).any(|at| holds_markdown(&name_of(&text[at + mark.len()..])))
    })
}

/// The name in braces, or its beginning: a longer one names nothing.
fn name_of(inner: &str) -> String {
    inner.chars().take_while(|letter| !matches!(letter, '}' | '\n')).take(LONGEST_NAME).collect()
}

/// Whether a fence stands below a line that begins with a tag, without a blank line between them.
fn has_fence_below_tag(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut seen, mut line, mut looked) = (0, 0, None);
    for at in memchr_iter(b'<', bytes) {
        let start = memrchr(b'\n', &bytes[line..at]).map_or(line, |end| line + end + 1);
        // Only the first sign of a line can begin it.
        let is_first = looked != Some(start);
        (line, looked) = (start, Some(start));

        // A comment ends by itself, not at a blank line.
        if !is_first || at < seen || bytes.get(at + 1) == Some(&b'!') || !is_prefix(&bytes[line..at]) {
            continue;
        }
        for below in text[at..].split_inclusive('\n') {
            seen = seen.max(at) + below.len();
            let below = without_end(below.trim_start_matches([' ', '\t', '>']));
            if below.is_empty() {
                break;
            }
            if opens(below) {
                return true;
            }
        }
    }
    false
}

/// Whether these are only marks of quotes and lists.
fn is_prefix(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'-' | b'*' | b'+' | b'.' | b'0'..=b'9'))
}

/// How many quotes hold what begins at `start`.
fn quotes(text: &str, start: usize) -> usize {
    let before = text[..start].rsplit('\n').next().unwrap_or_default();
    before.matches('>').count()
}

/// A line behind the marks of the quotes that hold it, and its indentation.
fn without_quotes(line: &str, quotes: usize) -> &str {
    let mut rest = line.trim_start_matches([' ', '\t']);
    for _ in 0..quotes {
        let Some(inner) = rest.strip_prefix('>') else { break };
        rest = inner.trim_start_matches([' ', '\t']);
    }
    rest
}

/// Other letters that Unicode calls blank are text (CommonMark 2.1).
fn without_end(line: &str) -> &str {
    line.trim_end_matches([' ', '\t', '\u{b}', '\u{c}', '\r', '\n'])
}

struct Blank {
    range: Range<usize>,
    /// Whether the block of the parser begins with it.
    is_first: bool,
}

#[derive(Default)]
struct Edits {
    blanks: Vec<Blank>,
    hidden: Vec<usize>,
    /// Where the fences end that were found last.
    end: usize,
    /// The shortest fence of backticks and of tildes that nothing closes.
    unclosed: [Option<usize>; 2],
}

impl Edits {
    fn of(text: &str, start: usize, below_tags: BelowTags) -> Self {
        let mut edits = Self::default();
        for (event, range) in Parser::new_ext(&text[start..], Options::empty()).into_offset_iter() {
            let range = range.start + start..range.end + start;
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if info.starts_with('{') => {
                    edits.directive(text, range, &info);
                }
                Event::Start(Tag::HtmlBlock) if range.start >= edits.end => {
                    edits.html(text, range, below_tags);
                }
                _ => {}
            }
        }
        edits
    }

    /// Blanks for the fences and the options of a directive that holds Markdown with fences of its own.
    fn directive(&mut self, text: &str, range: Range<usize>, info: &str) {
        let source = &text[range.clone()];
        let name = info[1..].split('}').next().unwrap_or_default();
        let Some((opening, inner)) = source.split_once('\n').filter(|_| holds_markdown(name)) else { return };

        let is_closed = !source.ends_with('\n');
        let closing = if is_closed { inner.rfind('\n').map_or(0, |end| end + 1) } else { inner.len() };
        let holds_fence = |line: &str| {
            let line = line.trim_start_matches([' ', '\t', '>', '-', '*', '+']);
            opens(line) || line.starts_with(":::")
        };
        if !inner[..closing].lines().any(holds_fence) {
            return;
        }

        let end = range.start + without_end(opening).len();
        self.blanks.push(Blank { range: range.start..end, is_first: true });

        let quotes = quotes(text, range.start);
        let mut at = range.start + opening.len() + 1;
        let mut in_yaml = false;
        for (number, line) in inner[..closing].split_inclusive('\n').enumerate() {
            let option = without_end(without_quotes(line, quotes));
            let is_fence = option == "---" && (number == 0 || in_yaml);
            if !in_yaml && !is_fence && !option.starts_with(':') || option.starts_with(":::") {
                break;
            }
            let first = at + line.find(option).unwrap_or_default();
            self.blanks.push(Blank { range: first..first + option.len(), is_first: false });
            at += line.len();
            in_yaml = is_fence != in_yaml;
            if is_fence && !in_yaml {
                break;
            }
        }

        if is_closed {
            let last = without_end(&inner[closing..]);
            let fence = last.len() - last.trim_end_matches(['`', '~']).len();
            let end = range.start + opening.len() + 1 + closing + last.len();
            self.blanks.push(Blank { range: end - fence..end, is_first: false });
        }
    }

    /// Blanks for the tags above fences in a block of HTML. The code below a tag may have blank
    /// lines, at which the block of HTML ends.
    fn html(&mut self, text: &str, block: Range<usize>, below_tags: BelowTags) {
        let Range { start, mut end } = block;
        if is_verbatim(&text[start..]) {
            return;
        }

        let quotes = quotes(text, start);
        let mut tags: Vec<Blank> = Vec::new();
        let (mut at, mut in_comment, mut is_kept, mut is_asked) = (start, false, false, false);
        let mut lines = text[start..].split_inclusive('\n');
        while let Some(line) = lines.next() {
            let is_first = at == start;
            let body = without_quotes(line, quotes);
            let first = at + line.len() - body.len();
            let body = without_end(body);
            if body.is_empty() || at >= end {
                break;
            }

            at += line.len();
            let Some(fence) = Opening::read(body).filter(|_| !in_comment) else {
                // One that begins a line stays: it is HTML without the tag, too.
                is_kept = if in_comment { is_kept } else { body.starts_with("<!--") };
                in_comment = match (body.rfind("<!--"), body.rfind("-->")) {
                    (Some(open), Some(close)) => open > close,
                    (None, None) => in_comment,
                    (open, _) => open.is_some(),
                };
                is_asked |= says_markdown(body);
                if !is_kept {
                    tags.push(Blank { range: first..first + body.len(), is_first });
                }
                continue;
            };

            let Some(length) = self.length(&text[at..], quotes, &fence) else { break };
            self.blanks.append(&mut tags);
            let is_markdown = match below_tags {
                BelowTags::Text => false,
                BelowTags::MarkdownIfAsked => is_asked,
                BelowTags::Markdown => true,
            };
            if !is_markdown {
                self.hidden.push(first);
            }

            at += length;
            end = text.len();
            self.end = at;
            lines = text[at..].split_inclusive('\n');
        }
    }

    /// How long the content of a fence is, with the line that closes it.
    fn length(&mut self, below: &str, quotes: usize, fence: &Opening<'_>) -> Option<usize> {
        let unclosed = &mut self.unclosed[usize::from(fence.sign == b'~')];
        if unclosed.is_some_and(|length| length <= fence.length) {
            return None;
        }

        let mut length = 0;
        for line in below.split_inclusive('\n') {
            length += line.len();
            let body = without_end(without_quotes(line, quotes));
            if fence.is_closed_by(body) {
                return Some(length);
            }
            // What opens another one shows that the first was never closed.
            if Opening::read(body).is_some_and(|other| other.sign == fence.sign && !other.info.is_empty()) {
                return None;
            }
        }
        *unclosed = Some(fence.length);
        None
    }
}

fn holds_markdown(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':' | '.' | '+'))
        && !holds_code(name)
        && !NO_MARKDOWN.contains(&name)
}

fn is_verbatim(html: &str) -> bool {
    let Some(tag) = html.trim_start().strip_prefix('<') else { return true };
    let name = tag.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    tag.starts_with(['!', '?']) || VERBATIM.iter().any(|verbatim| name.eq_ignore_ascii_case(verbatim))
}

/// Whether a tag asks for Markdown in its element.
fn says_markdown(line: &str) -> bool {
    let mut words = line.trim_start_matches('<').split([' ', '\t', '>']).skip(1);
    words.any(|word| word == "markdown" || word.starts_with("markdown="))
}

#[cfg(test)]
mod tests {
    use super::{BelowTags, opened};

    #[track_caller]
    fn check(text: &str, expected: &str, hidden: &[usize]) {
        let opened = opened(text, 0, BelowTags::MarkdownIfAsked);
        let found = opened.as_ref().map_or((text, &[][..]), |opened| (&opened.text, &opened.hidden));
        assert_eq!(
            found
                .0
                .lines()
                .map(|line| line.trim_end_matches([' ', '_']))
                .collect::<Vec<_>>()
                .join("\n")
                .trim_end(),
            expected.trim_end()
        );
        assert_eq!((found.1, found.0.len()), (hidden, text.len()), "{text}");
    }

    #[test]
    fn directives_that_hold_fences_are_opened() {
        check("````{note}\n```py\na\n```\n````\n", "\n```py\na\n```\n", &[]);
        check("````{tip} Title\n:class: x\n\n~~~py\n~~~\n````\n", "\n\n\n~~~py\n~~~\n", &[]);
        check("````{card}\n---\na: b\n---\n```py\n```\n````\n", "\n\n\n\n```py\n```\n", &[]);
        check("~~~{dropdown} x\n```py\n```\n~~~\n", "\n```py\n```\n", &[]);
        check("`````{tab-set}\n````{tab-item} a\n```py\n```\n````\n`````\n", "\n\n```py\n```\n\n", &[]);
        check("> ````{note}\n> ```py\n> ```\n> ````\n", ">\n> ```py\n> ```\n>", &[]);
        check("- ````{note}\n  ```py\n  ```\n  ````\n", "-\n  ```py\n  ```\n", &[]);
        check("````{note}\n:::{code} py\n:::\n````\n", "\n:::{code} py\n:::\n", &[]);
        check("````{note}\n```py\n```\n", "\n```py\n```\n", &[]);
    }

    #[test]
    fn other_fences_stay() {
        for text in [
            "```{note}\nwords\n```\n",
            "````{code-block} md\n```py\n```\n````\n",
            "````{raw} html\n```py\n```\n````\n",
            "````{.note}\n```py\n```\n````\n",
            "````markdown\n```{note}\n```\n````\n",
            "````{r, echo=FALSE}\n```py\n```\n````\n",
        ] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn fences_below_tags_are_found() {
        check(
            "<details>\n<summary>x</summary>\n```py\na\n\nb\n```\n</details>\n",
            "\n\n```py\na\n\nb\n```\n</details>\n",
            &[31],
        );
        check("<div markdown>\n```py\n```\n</div>\n", "\n```py\n```\n</div>\n", &[]);
        check("<div class=\"a\" markdown=\"1\">\n```py\n```\n</div>\n", "\n```py\n```\n</div>\n", &[]);
        check(
            "<Tabs>\n<Tab>\n```py\n```\n</Tab>\n<Tab>\n```py\n```\n</Tab>\n",
            "\n\n```py\n```\n\n\n```py\n```\n</Tab>\n",
            &[13, 36],
        );
        check("<div>\n<!-- a -->\n```py\n```\n", "\n<!-- a -->\n```py\n```\n", &[17]);
        check("- x\n\n  <div>\n  ```py\n  ```\n", "- x\n\n\n  ```py\n  ```\n", &[15]);
        check("> <div>\n> ```py\n> ```\n", ">\n> ```py\n> ```\n", &[10]);
        check("<div>\n    >>> 1\n```py\n```\n", "\n\n```py\n```\n", &[16]);
        check("<div>\n```py\n> ```\n```\n", "\n```py\n> ```\n```\n", &[6]);
        check("<div>\na <!-- b\n```py\n-->\n```py\n```\n", "\n\n\n\n```py\n```\n", &[25]);
        check("<div>\u{85}\n```py\n```\n", "\n```py\n```\n", &[8]);
        check("- ```\n<div>\n```py\n```\n", "- ```\n\n```py\n```\n", &[12]);
    }

    #[test]
    fn other_html_stays() {
        for text in [
            "<details>\n\n```py\n```\n\n</details>\n",
            "<pre>\n```py\n```\n</pre>\n",
            "<script>\n```py\n```\n</script>\n",
            "<!--\n```py\n```\n-->\n",
            "<!-- a -->\n```py\n```\n",
            "<div>\n```py\n</div>\n",
            "<div>\n```py\n</div>\n\n```sh\nls\n```\n",
            "words\n<b>\n```py\n```\n",
        ] {
            check(text, text, &[]);
        }
    }
}
