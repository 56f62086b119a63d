//! From code blocks to fences: language, directives, name and disposition of each.

use crate::directive::{Directive, DirectiveError, Directives, Skip, in_info};
use crate::document::front_matter::FrontMatter;
use crate::document::label::{Label, is_python, may_show_prompts};
use crate::document::markdown::{Block, Closing, Part};
use crate::document::name::{Name, Names};
use crate::document::{Disposition, Fence, FenceKind};
use crate::problem::Problem;
use crate::snippet::{DocumentPath, Form, Line, Namespace};

/// Turns the parts of one document into its fences.
pub(super) struct Fences {
    path: DocumentPath,
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
            Part::Block(block) => self.block(block),
        }
    }

    fn block(&mut self, block: Block<'_>) {
        let label = Label::parse(block.info);
        let form = form(&block, &label);
        let python = is_python(&label.language) || form == Form::Console;
        let mut directives = if python { self.directives.clone() } else { Directives::default() };
        let mut skip_place = self.skip_place;
        if python {
            for found in in_info(label.attributes) {
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
        let disposition = disposition(&block, (&label, form), directives.skip.as_ref(), skip_place);
        let name = match &directives.id {
            Some(id) if python => self.pinned(id, block.location.start),
            _ if python => self.names.python(),
            _ => self.names.other(&label.language),
        };
        self.done.push(Fence {
            id: name.id,
            snapshot: name.snapshot,
            location: block.location,
            kind: block.kind,
            info: block.info.to_owned(),
            language: label.language,
            content: block.content,
            disposition,
            form,
            namespace: Namespace::default(),
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

/// Prompts decide, not the label.
fn form(block: &Block<'_>, label: &Label<'_>) -> Form {
    let is_console = may_show_prompts(&label.language) && starts_with_prompt(&block.content)
        || label.language == "pycon" && has_prompt(&block.content);
    if is_console { Form::Console } else { Form::Script }
}

fn disposition(
    block: &Block<'_>,
    (label, form): (&Label<'_>, Form),
    skip: Option<&Skip>,
    place: &str,
) -> Disposition {
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
    match (form, label.language.as_str()) {
        (Form::Console, _) | (Form::Script, "python") => return Disposition::Run,
        (Form::Script, "pycon") => {
            return Disposition::NotRunnable("a console session without `>>>` prompts".to_owned());
        }
        (Form::Script, _) => {}
    }
    Disposition::Other(match block.kind {
        FenceKind::Indented => "indented block, no language label".to_owned(),
        FenceKind::Fenced if label.language.is_empty() => "no language label".to_owned(),
        FenceKind::Fenced => format!("language `{}`", label.language),
    })
}

fn starts_with_prompt(code: &str) -> bool {
    code.lines().find(|line| !line.trim().is_empty()).is_some_and(is_prompt)
}

fn has_prompt(code: &str) -> bool {
    code.lines().any(is_prompt)
}

fn is_prompt(line: &str) -> bool {
    let line = line.trim();
    line == ">>>" || line.starts_with(">>> ")
}
