//! Gives each block of a document its language, directives, name and disposition.

use crate::directive::markers::{self, Marker, Reach};
use crate::directive::{Directive, DirectiveError, Suspicion, Wish, in_info};
use crate::document::block::console::form;
use crate::document::block::label::{Label, Role};
use crate::document::block::name::{Name, Names};
use crate::document::block::option_lines;
use crate::document::block::suspicion::{self, Defect};
use crate::document::block::wanted::Wanted;
use crate::document::code_block::{CodeBlock, CodeBlockKind, Disposition, is_python};
use crate::document::markdown::FrontMatter;
use crate::document::options::Options;
use crate::document::output;
use crate::document::part::Comment;
use crate::document::part::{Block, Closing, Part};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Form, Line, Namespace};

/// Markers for one block; no author needs as many.
const MOST_MARKERS: usize = 32;

/// What a marker asks for, and the line it stands on.
type Asked = (Line, Result<Wish, DirectiveError>);

/// Turns the parts of one document into its code blocks.
pub(crate) struct Classifier<'a> {
    pub(crate) path: DocumentPath,
    names: Names,
    pub(in crate::document) options: &'a Options,
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
        options: &'a Options,
        front_matter: FrontMatter,
        all_hidden: bool,
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
            Part::Block(block) => {
                let next = match block.kind {
                    CodeBlockKind::Indented if block.origin.language.is_none() => Vec::new(),
                    CodeBlockKind::Fenced | CodeBlockKind::Hidden | CodeBlockKind::Indented => self.advance(),
                };
                self.block(block, next);
            }
        }
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
        if let Some(language) = origin.language {
            language.clone_into(&mut label.language);
        }

        let mut wanted = Wanted::default();
        let is_ours = is_python(&label.language) || form(&label.language, &block.content) == Form::Console;
        if is_ours {
            wanted = self.wanted(&mut block, &label, &origin.options, next);
        }

        self.era += u32::from(wanted.clear);
        // Prompts may have come first only now that the options are off.
        let form = form(&label.language, &block.content);

        let is_script = is_ours && form == Form::Script;
        let within = is_script.then(|| output::within(&block.content, block.location)).flatten();
        let rest = within.as_ref().map(|(at, _)| block.content.split_off(*at));

        let disposition = self.disposition(&block, (&label, form), &wanted);
        block.content.extend(rest);

        let name = match origin.namespace {
            Namespace::Module { .. } => self.names.whole(),
            Namespace::Shared | Namespace::Fresh if is_ours => self.name(&block, &wanted),
            Namespace::Shared | Namespace::Fresh => self.names.other(&label.language),
        };

        self.done.push(CodeBlock {
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
            section: self.section,
            era: self.era,
        });
    }

    /// Everything that is asked of a Python block, the nearest word last. Takes the option lines off the block.
    fn wanted(
        &mut self,
        block: &mut Block<'_>,
        label: &Label<'_>,
        options: &[(String, String)],
        next: Vec<Asked>,
    ) -> Wanted {
        let mut wanted = self.base.clone();
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
            Role::Grouped => {
                info.extend(group(label.attributes).map(Ok));
                inside.extend(off(block));
            }
        }

        if block.content.trim_start().starts_with('#') {
            inside.extend(option_lines::in_comments(&block.content));
        }

        let options: Vec<_> = option_lines::wishes(options).collect();
        for (words, place) in
            [(options, "the directive"), (info, "the info string"), (inside, "the block itself")]
        {
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

    fn disposition(
        &self,
        block: &Block<'_>,
        (label, form): (&Label<'_>, Form),
        wanted: &Wanted,
    ) -> Disposition {
        if let Some(reason) = &wanted.skip {
            return Disposition::Skip(reason.clone());
        }

        let suspicions = label.suspicion.iter().chain(&wanted.suspicions);
        if let Some((_, reason)) = suspicions.into_iter().find(|(suspicion, _)| self.reports(*suspicion)) {
            return Disposition::Suspicious(reason.clone());
        }

        if block.closing == Closing::Unclosed && self.reports(Suspicion::Unclosed) {
            let end = block.location.end;
            return Disposition::Suspicious(format!(
                "no closing fence: the block runs to line {end}, where its container ends"
            ));
        }

        match (form, label.language.as_str()) {
            (Form::Console, _) => Disposition::Run,
            (Form::Script, "pycon") => {
                Disposition::NotRunnable("a console session without `>>>` prompts".to_owned())
            }
            (Form::Script, language) if is_python(language) => self.script(block, wanted),
            (Form::Script, _) => self.other(block, label),
        }
    }

    fn other(&self, block: &Block<'_>, label: &Label<'_>) -> Disposition {
        Disposition::Other(match block.kind {
            CodeBlockKind::Indented => "indented block, no language label".to_owned(),
            CodeBlockKind::Fenced | CodeBlockKind::Hidden if !label.language.is_empty() => {
                format!("language `{}`", label.language)
            }
            CodeBlockKind::Fenced | CodeBlockKind::Hidden => {
                if self.reports(Suspicion::Unlabelled) && suspicion::is_python(&block.content) {
                    let reason =
                        "reads like Python and has no label: write `python` behind the fence, or `text`";
                    return Disposition::Suspicious(reason.to_owned());
                }
                "no language label".to_owned()
            }
        })
    }

    fn script(&self, block: &Block<'_>, wanted: &Wanted) -> Disposition {
        let code = block.location.code;
        if let Some(place) = &wanted.compile_only {
            return match suspicion::of_syntax(&block.content, code) {
                Some(reason) if self.reports(Suspicion::Compile) => {
                    Disposition::Suspicious(format!("{place} says that it compiles: {reason}"))
                }
                Some(_) | None => Disposition::Skip(format!("{place}: it compiles, and does not run")),
            };
        }

        // The announced exception may be that the code does not compile.
        if wanted.directives.raises.is_some() || wanted.directives.may_raise {
            return Disposition::Run;
        }

        match suspicion::find(&block.content, code) {
            Some(Defect::NotRunnable(reason)) => Disposition::NotRunnable(reason),
            Some(Defect::Suspicious(suspicion, reason)) if self.reports(suspicion) => {
                Disposition::Suspicious(reason)
            }
            Some(Defect::Suspicious(..)) | None => Disposition::Run,
        }
    }

    fn reports(&self, suspicion: Suspicion) -> bool {
        !self.options.allowed.contains(&suspicion)
    }
}

/// Takes the option lines off a block, and says what they ask for.
fn off(block: &mut Block<'_>) -> Vec<Result<Wish, DirectiveError>> {
    let (count, entries) = option_lines::of_directive(&block.content);
    let length: usize = block.content.split_inclusive('\n').take(count as usize).map(str::len).sum();
    block.content.drain(..length);
    block.location.code = Line(block.location.code.0.saturating_add(count)).min(block.location.end);

    option_lines::wishes(&entries).collect()
}

/// The first group of a directive's argument. All blocks without one, and those of every group, share the document's.
fn group(argument: &str) -> Option<Wish> {
    let name = argument.split([',', ' ', '\t']).find(|name| !name.is_empty())?;
    let usual = matches!(name, "*" | "default") || name.contains(['=', '{', '}']) || Directive::is_ours(name);
    let directive = Directive::Group(name.to_owned());
    (!usual).then(|| Wish { spelling: "group".to_owned(), directive })
}

/// Whether a marker that says `end` is about what another one has started.
fn ends(end: &Result<Wish, DirectiveError>, open: &Result<Wish, DirectiveError>) -> bool {
    let (Ok(end), Ok(open)) = (end, open) else { return false };
    let skips = |wish: &Wish| matches!(wish.directive, Directive::Skip(_) | Directive::SkipIf(_));
    skips(end) && skips(open) || end.directive == open.directive
}
