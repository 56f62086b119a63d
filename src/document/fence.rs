//! From code blocks to fences: language, directives, name and disposition of each.

use crate::directive::{Directive, DirectiveError, Directives, Skip, in_info};
use crate::document::front_matter::FrontMatter;
use crate::document::label::is_python;
use crate::document::markdown::{Block, Closing, Part};
use crate::document::name::{Name, Names};
use crate::document::{Disposition, Fence, FenceKind};
use crate::problem::Problem;
use crate::snippet::{DocumentPath, Form, Line};

/// Turns the parts of one document into its fences.
pub(super) struct Fences {
    pub(super) path: DocumentPath,
    names: Names,
    /// What the settings and the front matter ask of every fence.
    directives: Directives,
    /// Where the `skip` of `directives` stands.
    skip_place: &'static str,
    section: u32,
    pub(super) done: Vec<Fence>,
    pub(super) problems: Vec<Problem>,
}

impl Fences {
    pub(super) fn new(path: DocumentPath, mut directives: Directives, front_matter: FrontMatter) -> Self {
        let mut skip_place = "settings";
        for directive in front_matter.directives {
            if matches!(directive, Directive::Skip(_)) {
                skip_place = "front matter";
            }
            directives.apply(directive);
        }
        Self {
            names: Names::new(path.clone()),
            path,
            directives,
            skip_place,
            section: 0,
            done: Vec::new(),
            problems: front_matter.problems,
        }
    }

    pub(super) fn take(&mut self, part: Part<'_>) {
        match part {
            Part::Heading { level, text } => {
                self.section += u32::from(level as u8 <= 2);
                self.names.enter(&text);
            }
            Part::Comment(_) => {}
            Part::Block(block) => self.block(block),
        }
    }

    fn block(&mut self, block: Block<'_>) {
        let python = is_python(&block.label.language);
        let mut directives = if python { self.directives.clone() } else { Directives::default() };
        let mut skip_place = self.skip_place;
        if python {
            for found in in_info(block.label.attributes) {
                match found {
                    Ok(directive) => {
                        if matches!(directive, Directive::Skip(_)) {
                            skip_place = "info string";
                        }
                        directives.apply(directive);
                    }
                    Err(error) => self.object(block.location.start, &error),
                }
            }
        }
        let disposition = disposition(&block, directives.skip.as_ref(), skip_place);
        let name = match (&block.name, &directives.id) {
            (Some(name), _) => self.names.qualified(name),
            (None, Some(id)) if python => self.pinned(id, block.location.start),
            _ if python => self.names.python(),
            _ => self.names.other(&block.label.language),
        };
        self.done.push(Fence {
            id: name.id,
            snapshot: name.snapshot,
            location: block.location,
            kind: block.kind,
            info: block.info.to_owned(),
            language: block.label.language,
            content: block.content,
            disposition,
            form: Form::default(),
            namespace: block.namespace,
            shown: Vec::new(),
            directives,
            section: self.section,
        });
    }

    fn pinned(&mut self, id: &str, line: Line) -> Name {
        if let Some(name) = self.names.pinned(id) {
            return name;
        }
        self.problems.push(Problem {
            path: self.path.0.clone(),
            line: Some(line),
            message: format!("`id={id}` is taken by another snippet of this document"),
            hint: None,
        });
        self.names.python()
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

fn disposition(block: &Block<'_>, skip: Option<&Skip>, place: &str) -> Disposition {
    let label = &block.label;
    let python = is_python(&label.language);
    if let Some(skip) = skip {
        let why = skip.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
        return Disposition::Skip(format!("skip in the {place}{why}"));
    }
    if let Some(doubt) = &label.doubt {
        return Disposition::Suspicious(doubt.clone());
    }
    if block.closing == Closing::Unclosed {
        let end = block.location.end;
        return Disposition::Suspicious(format!(
            "no closing fence: the block runs to line {end}, where its container ends"
        ));
    }
    if label.language == "pycon" || python && has_prompts(&block.content) {
        return Disposition::NotRunnable("console session: prompts are not run".to_owned());
    }
    if python {
        return Disposition::Run;
    }
    Disposition::Other(match block.kind {
        FenceKind::Indented => "indented block, no language label".to_owned(),
        FenceKind::Fenced if label.language.is_empty() => "no language label".to_owned(),
        FenceKind::Fenced => format!("language `{}`", label.language),
    })
}

fn has_prompts(code: &str) -> bool {
    let first = code.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    first == ">>>" || first.starts_with(">>> ")
}
