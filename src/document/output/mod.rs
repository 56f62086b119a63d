//! Which blocks show the output of the snippet above them. Knows no outcomes.

mod between;
mod diagnosis;
mod sphinx;
#[cfg(test)]
mod tests;

use std::cell::LazyCell;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use ruff_python_ast::{Stmt, StmtFunctionDef};

use crate::directive;
use crate::directive::{Flag, Flags, Python};
use crate::document::code_block::{CodeBlock, CodeBlockKind, Disposition};
use crate::document::output::between::{Between, Hidden, Lead};
use crate::model::snippet::{Announced, Comparison, Detail, Form, Line, Location, ShownOutput};
use crate::syntax::{Tree, bodies};

/// Labels that say nothing about what a block holds.
const PLAIN: &[&str] = &["", "text", "txt", "plain", "plaintext", "none", "console"];
/// Labels that say what it is.
const OUTPUT: &[&str] = &["output", "stdout", "{output}", "testoutput", "{testoutput}"];
const TRACEBACK: &[&str] = &["pytb", "py3tb", "python-traceback"];
/// Ends the code of a block that shows its output as well.
const DIVIDER: &str = "# output\n";
static DIVIDING: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(DIVIDER));
/// First words of lines that are typed, not printed.
const TYPED: &[&str] = &[
    "cd", "curl", "docker", "export", "git", "mkdir", "npm", "pip", "pipx", "poetry", "pytest", "python",
    "python3", "sudo", "uv", "uvicorn",
];
/// First words of compound statements.
const COMPOUND: &[&str] = &["def", "class", "async", "with", "if", "for", "while", "try:"];

/// Gives each snippet what the text shows of it. The blocks that hold it are no code, whatever their label.
/// `python` is the version that snippets run on, where it is known.
pub(crate) fn attach(text: &str, blocks: &mut [CodeBlock], python: Option<Python>) {
    run_what_should_not_compile(blocks);
    if !blocks.iter().any(is_snippet) {
        return;
    }

    let has_comments = memmem::find(text.as_bytes(), b"<!--").is_some();
    let lines: LazyCell<Vec<&str>, _> = LazyCell::new(|| text.lines().collect());
    let ends = if has_comments { marked(text, b"<!-- OUTPUT:END") } else { Vec::new() };
    let mut next = 0;

    for (code, output) in sphinx::pairs(blocks) {
        let shown = whole(&blocks[output], Comparison::Exact);
        if is_snippet(&blocks[code]) && matches!(blocks[output].disposition, Disposition::Other(_)) {
            blocks[output].disposition = output_of(blocks[code].location);
            blocks[code].shown.push(shown);
        }
    }

    for index in 0..blocks.len() {
        if index < next || !is_snippet(&blocks[index]) {
            continue;
        }

        let (above, below) = blocks.split_at_mut(index + 1);
        let Some(snippet) = above.last_mut() else { continue };
        if !has_comments && below.is_empty() {
            continue;
        }

        let stop = below.first().map_or(lines.len(), |block| before(block.location.start));
        let gap = lines.get(snippet.location.end.0 as usize..stop).unwrap_or_default();
        let between = Between::read(gap, python);

        if let Some(offset) = between.section {
            let start = snippet.location.end.0 as usize + offset;
            if let Some(end) = ends.get(ends.partition_point(|end| *end <= start)) {
                let inside = below.iter().take_while(|block| before(block.location.end) <= *end).count();
                let section = Section { lines: &lines, start, end: *end };
                snippet.shown.push(section.shown(&below[..inside]));
                for block in &mut below[..inside] {
                    block.disposition = output_of(snippet.location);
                }
                next = index + 1 + inside;
            }
            continue;
        }

        let Some(block) = below.first_mut() else { continue };
        let of_group = sphinx::is_grouped(snippet) && sphinx::is_grouped(block);
        // Its title may name another version.
        if of_group || python.is_some_and(|python| python.is_left_out_by(&block.info)) {
            continue;
        }
        if let Some(comparison) = comparison(snippet, block, &between) {
            let announced = announced(block, &between);
            if announced == Announced::ByPlace && block.titled().is_some() {
                continue;
            }
            snippet.shown.push(ShownOutput { announced, ..whole(block, comparison) });
            block.disposition = output_of(snippet.location);
            next = index + 2;
        }
    }
}

/// Code that looks spoilt runs if the block below it shows that it does not compile.
fn run_what_should_not_compile(blocks: &mut [CodeBlock]) {
    for index in 1..blocks.len() {
        let [.., block, below] = &mut blocks[..=index] else { continue };
        let is_spoilt = matches!(block.disposition, Disposition::Suspicious(_)) && block.form == Form::Script;
        let is_other = matches!(below.disposition, Disposition::Other(_));
        if is_spoilt && is_other && block.is_python() && ends_with_syntax_error(&below.content) {
            block.disposition = Disposition::Run;
        }
    }
}

/// The rest of a block from a line `# output` on, if that is no code, and the offset at which it begins.
pub(crate) fn within(content: &str, location: Location) -> Option<(usize, ShownOutput)> {
    DIVIDING.find(content.as_bytes())?;
    let lines = content.split_inclusive('\n').take_while(|line| *line != DIVIDER);
    let (count, at) = lines.fold((0, 0), |(count, at), line| (count + 1, at + line.len()));

    let text = content.get(at + DIVIDER.len()..)?;
    if !Tree::parse(text).is_inert() {
        return None;
    }

    let start = Line(location.code.0.saturating_add(count));
    let location = Location { start, code: Line(start.0.saturating_add(1)), end: location.end };
    Some((
        at,
        ShownOutput {
            location,
            text: text.to_owned(),
            comparison: Comparison::Exact,
            detail: Detail::Compared,
            announced: Announced::InWords,
        },
    ))
}

fn is_snippet(block: &CodeBlock) -> bool {
    let takes_part = matches!(block.disposition, Disposition::Run | Disposition::Skip(_));
    block.is_python() && block.language != "pycon" && block.form == Form::Script && takes_part
}

fn output_of(snippet: Location) -> Disposition {
    Disposition::Other(format!("output of the snippet in line {}", snippet.start))
}

/// How many lines are before this one: its index.
fn before(line: Line) -> usize {
    line.0.saturating_sub(1) as usize
}

/// Indices of the lines that hold a mark, ascending.
fn marked(text: &str, mark: &[u8]) -> Vec<usize> {
    let (mut from, mut line) = (0, 0);
    memmem::find_iter(text.as_bytes(), mark)
        .map(|at| {
            line += memchr::memchr_iter(b'\n', &text.as_bytes()[from..at]).count();
            from = at;
            line
        })
        .collect()
}

/// The lines between two comments, by their indices.
struct Section<'a> {
    lines: &'a [&'a str],
    start: usize,
    end: usize,
}

impl Section<'_> {
    /// The content of a fence that is all there is, else the lines.
    fn shown(&self, blocks: &[CodeBlock]) -> ShownOutput {
        match blocks {
            [block] if block.kind == CodeBlockKind::Fenced && self.is_empty_around(block.location) => {
                whole(block, Comparison::Exact)
            }
            _ => self.text(),
        }
    }

    fn is_empty_around(&self, block: Location) -> bool {
        let is_empty = |line: &&str| {
            let line = line.trim_start_matches([' ', '\t', '>']).trim_end();
            line.is_empty() || line.starts_with("<!--") && line.ends_with("-->")
        };
        let above = self.lines.get(self.start..before(block.start)).unwrap_or_default();
        let below = self.lines.get(block.end.0 as usize..self.end).unwrap_or_default();
        above.iter().chain(below).all(is_empty)
    }

    /// Without the container that the first comment stands in.
    fn text(&self) -> ShownOutput {
        let Self { lines, start, end } = *self;
        let container = lines[start].split_once("<!--").map_or("", |(container, _)| container);

        let inner = &lines[start + 1..end];
        let skipped = inner.iter().take_while(|line| line.trim_start().starts_with("<!--")).count();
        let text =
            inner[skipped..].iter().flat_map(|line| [line.strip_prefix(container).unwrap_or(line), "\n"]);

        let number = |index: usize| Line(u32::try_from(index + 1).unwrap_or(u32::MAX));
        let location = Location { start: number(start), code: number(start + 1 + skipped), end: number(end) };
        ShownOutput {
            location,
            text: text.collect(),
            comparison: Comparison::Exact,
            detail: Detail::Compared,
            announced: Announced::InWords,
        }
    }
}

/// A block's content, without the options of a directive.
fn whole(block: &CodeBlock, comparison: Comparison) -> ShownOutput {
    let mut location = block.location;
    let mut text = block.content.as_str();
    let mut flags = block.directives.flags;

    if block.language.starts_with('{') {
        let is_option = |line: &str| line.starts_with(':') && line[1..].contains(':');
        while let Some((option, rest)) = text.split_once('\n').filter(|(line, _)| is_option(line)) {
            let words = option.split([' ', ',']).filter_map(|word| word.strip_prefix('+'));
            flags = words.filter_map(directive::parse_flag).fold(flags, Flags::with);
            text = rest;
            location.code.0 += 1;
        }
    }

    let comparison = match comparison {
        Comparison::Exact if flags.has(Flag::NormalizeWhitespace) => Comparison::IgnoringBlanks,
        comparison => comparison,
    };
    // A default flag of Sphinx's directives.
    let ignores_detail = block.language.contains("testoutput") || flags.has(Flag::IgnoreExceptionDetail);
    let detail = if ignores_detail { Detail::Ignored } else { Detail::Compared };
    ShownOutput { location, text: text.to_owned(), comparison, detail, announced: Announced::InWords }
}

/// How a block is to be compared that shows output; `None` for one that shows something else.
fn comparison(snippet: &CodeBlock, block: &CodeBlock, between: &Between) -> Option<Comparison> {
    let text = block.content.as_str();
    match between.hidden {
        Some(Hidden::Exact) => return Some(Comparison::Exact),
        Some(Hidden::IgnoringBlanks) => return Some(Comparison::IgnoringBlanks),
        None => {}
    }

    let language = block.language.as_str();
    match &block.disposition {
        // Output need not be Python.
        Disposition::Run | Disposition::NotRunnable(_) | Disposition::Suspicious(_)
            if language == "python" =>
        {
            let is_told = block.form == Form::Script && between.lead == Lead::Output;
            return (is_told && !is_typed(text) && !is_code(text) && speaks(snippet))
                .then_some(Comparison::Exact);
        }
        Disposition::Other(_) => {}
        // What reads like Python below words that announce output is output.
        Disposition::Suspicious(_) if language.is_empty() && block.kind == CodeBlockKind::Indented => {}
        Disposition::Run
        | Disposition::Skip(_)
        | Disposition::NotRunnable(_)
        | Disposition::Suspicious(_) => return None,
    }

    if OUTPUT.contains(&language) {
        return (language.contains("testoutput") || between.lead != Lead::Heading)
            .then_some(Comparison::Exact);
    }

    if block.kind == CodeBlockKind::Indented && !matches!(between.lead, Lead::Output | Lead::Showing) {
        return None;
    }

    let named = is_named(block);
    let is_told = match between.lead {
        Lead::Output | Lead::Showing => true,
        Lead::Nothing => named,
        Lead::Vague | Lead::Heading | Lead::Other => return None,
    };

    if TRACEBACK.contains(&language) {
        return Some(Comparison::Exact);
    }

    let comparison = match language {
        "json" => Comparison::Json,
        plain if PLAIN.contains(&plain) => Comparison::Exact,
        // After such words a block is output, whatever its label makes it look like.
        _ if named || between.lead == Lead::Output => Comparison::Exact,
        _ => return None,
    };

    // A checker reads the code, and does not run it.
    if diagnosis::is_shown(text) && !diagnosis::is_printed(&snippet.content) {
        return None;
    }

    let is_raised = shows_traceback(text);
    let is_likely = !text.trim().is_empty() && !is_code(text) && !is_tree(text);
    // `Output:` is a promise, even below code that prints nothing.
    let promises = || if between.lead == Lead::Output { acts(snippet) } else { speaks(snippet) };
    let is_printed = !is_typed(text) && (is_told || is_likely) && promises();
    (is_raised || is_printed).then_some(comparison)
}

/// Whether a text begins with a traceback: of CPython, with or without a header, of a group, or of `IPython`.
fn shows_traceback(text: &str) -> bool {
    let is_rule = |line: &&str| line.bytes().all(|byte| byte == b'-');
    let first = text.lines().map(str::trim).find(|line| !is_rule(line)).unwrap_or_default();
    let is_syntax = first.starts_with("File \"") && ends_with_syntax_error(text);
    first.contains("Traceback (most recent call last)") || is_syntax
}

fn ends_with_syntax_error(text: &str) -> bool {
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    ["SyntaxError: ", "IndentationError: ", "TabError: "].iter().any(|name| last.starts_with(name))
}

fn announced(block: &CodeBlock, between: &Between) -> Announced {
    let language = block.language.as_str();
    let is_labelled = OUTPUT.contains(&language) || TRACEBACK.contains(&language) || is_named(block);
    if between.lead == Lead::Nothing && between.hidden.is_none() && !is_labelled {
        Announced::ByPlace
    } else {
        Announced::InWords
    }
}

fn is_named(block: &CodeBlock) -> bool {
    let mut words = block.info.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| ["output", "stdout"].iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// Whether the code has an expression that is a statement: what only defines and assigns shows nothing.
fn speaks(snippet: &CodeBlock) -> bool {
    has_effect(&Tree::parse(&snippet.content))
}

/// Whether the code does anything but define functions and classes.
fn acts(snippet: &CodeBlock) -> bool {
    let tree = Tree::parse(&snippet.content);
    let is_definition = |statement: &Stmt| matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_));
    let is_text =
        |statement: &Stmt| matches!(statement, Stmt::Expr(expression) if expression.value.is_literal_expr());
    let is_import = |statement: &Stmt| matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_));

    let body = &tree.module().body;
    let defines = body.iter().any(is_definition);
    let does_more = |statement: &Stmt| {
        !(is_definition(statement) || is_text(statement) || defines && is_import(statement))
    };
    has_effect(&tree) || body.iter().any(does_more)
}

/// What does not compile shows that.
fn has_effect(tree: &Tree<'_>) -> bool {
    if tree.fault().is_some() {
        return true;
    }
    let mut open: Vec<&[Stmt]> = vec![&tree.module().body];
    while let Some(body) = open.pop() {
        for statement in body {
            match statement {
                Stmt::Expr(expression) if !expression.value.is_literal_expr() => return true,
                Stmt::Raise(_) | Stmt::Assert(_) => return true,
                // What a function shows is shown where it is called.
                Stmt::FunctionDef(function) if !is_called_by_others(function) => {}
                _ => open.extend(bodies(statement)),
            }
        }
    }
    false
}

/// Whether a function may be called without a call in sight: by its decorator, or as a test.
fn is_called_by_others(function: &StmtFunctionDef) -> bool {
    !function.decorator_list.is_empty() || function.name.starts_with("test")
}

fn first_line(text: &str) -> &str {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim_start()
}

/// Whether the text is typed into a shell or a prompt.
fn is_typed(text: &str) -> bool {
    let line = first_line(text);
    let prompts = ["$ ", "% ", "> ", ">>> ", "In [", "#!", "PS ", "C:\\"];
    prompts.iter().any(|prompt| line.starts_with(prompt))
        || TYPED.contains(&line.split(' ').next().unwrap_or_default()) && line.contains(' ')
}

fn is_code(text: &str) -> bool {
    let line = first_line(text);
    let word = line.split(' ').next().unwrap_or_default();
    line.starts_with(['@', '#'])
        || line.starts_with("print(")
        || matches!(word, "import" | "from")
        || COMPOUND.contains(&word) && line.trim_end().ends_with(':')
}

/// Whether the text draws the files of a folder.
fn is_tree(text: &str) -> bool {
    // The rule of a table has the same signs as a branch, and no name.
    let is_branch = |line: &str| line.contains("|--") && line.contains(char::is_alphanumeric);
    text.contains("├─") || text.contains("└─") || text.lines().any(is_branch)
}
