//! Gives each block of a document its language, directives, name and disposition.

use std::borrow::Cow;

use crate::directive::markers::{self, Marker, Reach};
use crate::directive::{Directive, DirectiveError, Flag, Wish, in_info};
use crate::document::block::console::{begins, form};
use crate::document::block::disposition::{ClassifiedBlock, names_another};
use crate::document::block::label::{Label, Role};
use crate::document::block::name::{Name, Names};
use crate::document::block::option_lines;
use crate::document::block::tested::{Prompts, Tester, groups};
use crate::document::block::title;
use crate::document::block::wanted::Wanted;
use crate::document::code_block::{CodeBlock, CodeBlockKind, is_python};
use crate::document::markdown::FrontMatter;
use crate::document::options::Options;
use crate::document::output;
use crate::document::part::{Block, Comment, OptionPlace, Origin, Part, Standing};
use crate::document::sphinx::SphinxSettings;
use crate::document::text::python::{is_likely_python, is_plainly_python, names_python};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Form, Line, Namespace};
use crate::model::unlabelled::Unlabelled;

/// Markers for one block; no author needs as many.
const MOST_MARKERS: usize = 32;

/// What a marker asks for, and the line it stands on.
type Asked = (Line, Result<Wish, DirectiveError>);

/// How a document is read, apart from its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) options: &'a Options,
    pub(crate) sphinx: Option<&'a SphinxSettings>,
    /// Every fence in a comment is a hidden block.
    pub(crate) all_hidden: bool,
    /// Whether prompts without a directive are those of a document that `doctest` reads.
    pub(crate) prompts: Prompts,
}

/// Turns the parts of one document into its code blocks.
pub(crate) struct Classifier<'a> {
    pub(crate) path: DocumentPath,
    names: Names,
    pub(in crate::document) options: &'a Options,
    sphinx: Option<&'a SphinxSettings>,
    prompts: Prompts,
    /// What the settings and the front matter ask of every block.
    base: Wanted,
    /// Markers for the next block.
    next: Vec<Asked>,
    /// Markers for the block after the next one.
    after_next: Vec<Asked>,
    /// Markers for all blocks, until one says otherwise.
    regions: Vec<Asked>,
    /// Every fence in a comment is a hidden block.
    all_hidden: bool,
    section: u32,
    era: u32,
    pub(crate) done: Vec<CodeBlock>,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Classifier<'a> {
    pub(crate) fn new(
        path: DocumentPath,
        Reading { options, sphinx, all_hidden, prompts }: Reading<'a>,
        front_matter: FrontMatter,
    ) -> Self {
        let directives = options.directives.clone();
        let skip = directives.skip.as_ref().map(|skip| {
            let why = skip.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
            format!("skip in the settings{why}")
        });

        let mut classifier = Self {
            names: Names::new(path.clone()),
            path,
            options,
            sphinx,
            prompts,
            base: Wanted { directives, skip, ..Wanted::default() },
            next: Vec::new(),
            after_next: Vec::new(),
            regions: Vec::new(),
            all_hidden,
            section: 0,
            era: 0,
            done: Vec::new(),
            problems: front_matter.problems,
        };

        for wish in front_matter.wishes {
            let _ = classifier.base.take(Ok(wish), "the front matter", options.python);
        }
        classifier
    }

    pub(crate) fn take(&mut self, part: Part<'_>) {
        match part {
            Part::Heading { level, text } => {
                self.section += u32::from(level as u8 <= 2);
                self.names.enter(&text);
            }
            Part::Docstring(name) => self.names.describe(&name),
            Part::Comment(comment) => self.comment(&comment),
            Part::Block(mut block) => {
                if is_shown_as_python(&block) || self.is_unlabelled_python(&block) {
                    block.origin.language = Some(Cow::Borrowed("python"));
                }
                let next = match block.kind {
                    CodeBlockKind::Indented if block.origin.language.is_none() => Vec::new(),
                    CodeBlockKind::Fenced | CodeBlockKind::Hidden | CodeBlockKind::Indented => self.advance(),
                };
                self.block(block, next);
            }
        }
    }

    /// Whether the settings say that a block without a label, which is plainly Python, runs.
    fn is_unlabelled_python(&self, block: &Block<'_>) -> bool {
        let asks = match self.options.unlabelled {
            Unlabelled::Python => true,
            Unlabelled::Suspicious => false,
        };
        let is_regular = matches!(block.origin.standing, Standing::Regular | Standing::FenceIsText(_));
        asks && is_regular
            && is_without_label(block)
            && !names_another(&block.origin)
            && form("", &block.content) == Form::Script
            && is_plainly_python(&block.content)
    }

    /// The markers for the block that comes now.
    fn advance(&mut self) -> Vec<Asked> {
        let after_next = std::mem::take(&mut self.after_next);
        std::mem::replace(&mut self.next, after_next)
    }

    /// Markers, hidden code, or prose.
    fn comment(&mut self, comment: &Comment) {
        if let Some(block) = comment.invisible() {
            let next = self.advance();
            return self.block(block, next);
        }

        let head = comment.head();
        let markers = markers::read(head);
        let hidden = markers::is_marker(head) || self.all_hidden && head.trim().is_empty();
        for marker in markers {
            self.marker(comment.line, marker);
        }

        for block in if hidden { comment.fences() } else { Vec::new() } {
            // Markers are for the hidden block and for the block below the comment, of which it is a part.
            let next = self.next.clone();
            self.block(block, next);
        }
    }

    fn marker(&mut self, line: Line, marker: Result<Marker, DirectiveError>) {
        let (reach, wish) = match marker {
            Ok(Marker { reach, wish }) => (reach, Ok(wish)),
            Err(error) => (Reach::Next, Err(error)),
        };

        let asked = match reach {
            Reach::Next => &mut self.next,
            Reach::AfterNext => &mut self.after_next,
            Reach::Start | Reach::Rest => &mut self.regions,
            Reach::End => {
                self.regions.retain(|(_, open)| !ends(&wish, open));
                return;
            }
        };

        if asked.len() < MOST_MARKERS {
            asked.push((line, wish));
        }
    }

    fn block(&mut self, mut block: Block<'_>, next: Vec<Asked>) {
        let info = std::mem::take(&mut block.info);
        let origin = std::mem::take(&mut block.origin);
        let mut label = Label::parse(&info);
        if let Some(language) = &origin.language {
            language.as_ref().clone_into(&mut label.language);
        }

        let mut options = origin.options.clone();
        if label.role == Role::Directive {
            options.extend(option_lines::of_directive(&block.content).1);
        }
        let file = title::title(&info, &options).and_then(|title| title::file(&title));

        let mut wanted = Wanted::default();
        let is_ours = is_python(&label.language) || form(&label.language, &block.content) == Form::Console;
        if is_ours {
            wanted = self.wanted(&mut block, &label, &origin, next);
        } else if label.role == Role::Directive {
            off(&mut block);
        } else if label.language.contains("testoutput") {
            let flags = option_lines::wishes(&origin.options).flatten();
            flags.for_each(|wish| wish.directive.apply_to(&mut wanted.directives));
        }

        self.era += u32::from(wanted.clear);
        // Prompts may have come first only now that the options are off.
        let form = form(&label.language, &block.content);
        if is_ours && form == Form::Console {
            without_head(&mut block);
            if self.prompts == Prompts::Readers {
                wanted.directives.flags = wanted.directives.flags.with(Flag::PromptedLines);
            }
        }

        let is_script = is_ours && form == Form::Script;
        let within = is_script.then(|| output::within(&block.content, block.location)).flatten();
        let rest = within.as_ref().map(|(at, _)| block.content.split_off(*at));

        let allowed = &self.options.allowed;
        let prompts = self.prompts;
        let classified = ClassifiedBlock {
            block: &block,
            label: &label,
            form,
            wanted: &wanted,
            origin: &origin,
            allowed,
            prompts,
        };
        let disposition = classified.disposition();
        block.content.extend(rest);

        let name = match origin.namespace {
            Namespace::Module { .. } => self.names.whole(),
            Namespace::Shared | Namespace::Fresh if is_ours => self.name(&block, &wanted),
            Namespace::Shared | Namespace::Fresh => self.names.other(&label.language),
        };

        let mut done = CodeBlock {
            id: name.id,
            snapshot: name.snapshot,
            location: block.location,
            kind: block.kind,
            language: label.language,
            info: info.into_owned(),
            content: block.content,
            disposition,
            form,
            namespace: origin.namespace,
            shown: within.map(|(_, shown)| shown).into_iter().collect(),
            directives: wanted.directives,
            file: None,
            section: self.section,
            era: self.era,
        };
        done.file = file.filter(|_| title::may_be_file(&done));
        self.done.push(done);
    }

    /// Everything that is asked of a Python block, the nearest word last. Takes the option lines off the block.
    fn wanted(
        &mut self,
        block: &mut Block<'_>,
        label: &Label<'_>,
        origin: &Origin,
        next: Vec<Asked>,
    ) -> Wanted {
        let mut wanted = self.base.clone();
        let tested = Tester { sphinx: self.sphinx, prompts: self.prompts };
        wanted.directives.flags = tested.flags(wanted.directives.flags, label.role);
        wanted.directives.prologue = tested.prologue(label, origin);
        let mut errors = Vec::new();

        for (line, wish) in self.regions.iter().cloned().chain(next) {
            let taken = wanted.take(wish, &format!("line {line}"), self.options.python);
            errors.extend(taken.err().map(|error| (line, error)));
        }

        let start = block.location.start;
        let mut info = in_info(label.attributes);
        let mut inside = Vec::new();
        match label.role {
            Role::Plain => {}
            Role::Directive => inside.extend(off(block)),
            Role::Tested(turn) => {
                info.extend(groups(label.attributes, turn).map(Ok));
                inside.extend(off(block));
            }
        }

        if block.content.trim_start().starts_with('#') {
            inside.extend(option_lines::in_comments(&block.content));
        }

        let options: Vec<_> = option_lines::wishes(&origin.options).collect();
        let place = match origin.place {
            OptionPlace::Directive => "the directive",
            OptionPlace::Module => "the module",
        };
        for (words, place) in [(options, place), (info, "the info string"), (inside, "the block itself")] {
            for wish in words {
                let taken = wanted.take(wish, place, self.options.python);
                errors.extend(taken.err().map(|error| (start, error)));
            }
        }

        for (line, error) in errors {
            self.object(line, &error);
        }
        wanted
    }

    fn name(&mut self, block: &Block<'_>, wanted: &Wanted) -> Name {
        let Some(id) = &wanted.directives.id else {
            let name = wanted.directives.name.as_deref().filter(|name| Directive::is_id(name));
            return name.and_then(|name| self.names.pinned(name)).unwrap_or_else(|| self.names.python());
        };
        self.names.pinned(id).unwrap_or_else(|| {
            self.problems.push(Problem {
                path: self.path.0.clone(),
                line: Some(block.location.start),
                message: format!("`id={id}` is taken by another snippet of this document"),
                hint: None,
            });
            self.names.python()
        })
    }

    fn object(&mut self, line: Line, error: &DirectiveError) {
        self.problems.push(Problem {
            path: self.path.0.clone(),
            line: Some(line),
            message: error.to_string(),
            hint: error.hint(),
        });
    }
}

/// Takes what stands above the first prompt off a block: a comment, what starts the interpreter, its greeting.
fn without_head(block: &mut Block<'_>) {
    let head: Vec<&str> = block.content.split_inclusive('\n').take_while(|line| !begins(line)).collect();
    if head.iter().all(|line| line.trim().is_empty()) {
        return;
    }
    let length: usize = head.iter().map(|line| line.len()).sum();
    let lines = head.len();
    block.content.drain(..length);
    let code = block.location.code.0.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    block.location.code = Line(code).min(block.location.end);
}

/// Takes the option lines off a block, and says what they ask for.
fn off(block: &mut Block<'_>) -> Vec<Result<Wish, DirectiveError>> {
    let (count, entries) = option_lines::of_directive(&block.content);
    let length: usize = block.content.split_inclusive('\n').take(count as usize).map(str::len).sum();
    block.content.drain(..length);
    block.location.code = Line(block.location.code.0.saturating_add(count)).min(block.location.end);

    option_lines::wishes(&entries).collect()
}

/// Whether a block without a language is plainly Python, and the document's tool shows it as such.
fn is_shown_as_python(block: &Block<'_>) -> bool {
    is_without_label(block)
        && block.origin.highlight.as_deref().is_some_and(names_python)
        && is_likely_python(&block.content)
}

fn is_without_label(block: &Block<'_>) -> bool {
    block.origin.language.is_none()
        && (block.kind == CodeBlockKind::Indented || Label::parse(&block.info).language.is_empty())
}

/// Whether a marker that says `end` is about what another one has started.
fn ends(end: &Result<Wish, DirectiveError>, open: &Result<Wish, DirectiveError>) -> bool {
    let (Ok(end), Ok(open)) = (end, open) else { return false };
    let skips = |wish: &Wish| matches!(wish.directive, Directive::Skip(_) | Directive::SkipIf(_));
    skips(end) && skips(open) || end.directive == open.directive
}
