//! What becomes of a block, once everything that is asked of it is known.

use crate::directive::Suspicion;
use crate::document::block::label::Label;
use crate::document::block::suspicion::{self, Defect};
use crate::document::block::tested::Prompts;
use crate::document::block::wanted::Wanted;
use crate::document::code_block::{CodeBlockKind, Disposition, is_python};
use crate::document::markdown::fenced;
use crate::document::part::{Block, Closing, Origin, Standing};
use crate::document::text::python::{is_certainly_python, is_likely_python, names_python};
use crate::model::snippet::Form;

/// A block with all that decides about it.
#[derive(Clone, Copy)]
pub(super) struct ClassifiedBlock<'a> {
    pub(super) block: &'a Block<'a>,
    pub(super) label: &'a Label<'a>,
    pub(super) form: Form,
    pub(super) wanted: &'a Wanted,
    pub(super) origin: &'a Origin,
    /// Suspicions that are not reported.
    pub(super) allowed: &'a [Suspicion],
    pub(super) prompts: Prompts,
}

impl ClassifiedBlock<'_> {
    pub(super) fn disposition(&self) -> Disposition {
        let Self { block, label, form, wanted, origin, .. } = *self;
        if let Some(reason) = &wanted.skip {
            return Disposition::Skip(reason.clone());
        }

        let suspicions = label.suspicion.iter().chain(&wanted.suspicions);
        if let Some((_, reason)) = suspicions.into_iter().find(|(suspicion, _)| self.reports(*suspicion)) {
            return Disposition::Suspicious(reason.clone());
        }

        if let Standing::Misplaced(reason) = &origin.standing
            && (is_python(&label.language) || form == Form::Console)
            && self.reports(Suspicion::Misplaced)
        {
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
            (Form::Script, language) if is_python(language) => self.script(),
            (Form::Script, _) => self.other(),
        }
    }

    fn other(&self) -> Disposition {
        let Self { block, label, origin, .. } = *self;
        let unlabelled = |advice: &str| {
            let reason = format!("reads like Python and has no label: {advice}");
            Disposition::Suspicious(reason)
        };
        let reports_unlabelled = self.reports(Suspicion::Unlabelled);
        if let Standing::Misplaced(why) = &origin.standing
            && block.kind != CodeBlockKind::Indented
        {
            return Disposition::Other(format!("no code to readers: {why}"));
        }

        match block.kind {
            CodeBlockKind::Indented => {
                if let Standing::FenceIsText(why) = origin.standing
                    && holds_python(block)
                {
                    let text = "a fence that is indented by four columns is text";
                    return match why {
                        "" => Disposition::Other(format!("indented block, no language label: {text}")),
                        why if self.reports(Suspicion::Misplaced) => {
                            Disposition::Suspicious(format!("{text}: {why}"))
                        }
                        why => Disposition::Other(format!("{text}: {why}")),
                    };
                }

                if reports_unlabelled && is_likely_python(&block.content) && !names_another(origin) {
                    return match self.prompts {
                        Prompts::Doctest => unlabelled("put it below `.. code-block:: python`, or `text`"),
                        Prompts::Readers => unlabelled("put it into a fence with `python`, or `text`"),
                    };
                }
                Disposition::Other("indented block, no language label".to_owned())
            }
            CodeBlockKind::Fenced | CodeBlockKind::Hidden if !label.language.is_empty() => {
                Disposition::Other(format!("language `{}`", label.language))
            }
            CodeBlockKind::Fenced | CodeBlockKind::Hidden => {
                if reports_unlabelled && is_certainly_python(&block.content) {
                    return unlabelled("write `python` after the fence, or `text`");
                }
                Disposition::Other("no language label".to_owned())
            }
        }
    }

    fn script(&self) -> Disposition {
        let Self { block, wanted, .. } = *self;
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
        !self.allowed.contains(&suspicion)
    }
}

/// Whether an indented block has a fence of Python.
fn holds_python(block: &Block<'_>) -> bool {
    let fences = fenced(&block.content, block.location.start, CodeBlockKind::Fenced);
    fences.iter().any(|fence| is_python(&Label::parse(&fence.info).language))
}

/// Whether the document says that its literal blocks are no Python.
pub(super) fn names_another(origin: &Origin) -> bool {
    let is_other = |language: &str| !matches!(language, "default" | "guess") && !names_python(language);
    origin.highlight.as_deref().is_some_and(is_other)
}
