//! What all places together ask of one block.

use crate::directive::{Directive, DirectiveError, Directives, Python, Skip, Suspicion, Wish};

#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) directives: Directives,
    /// Why it does not run.
    pub(crate) skip: Option<String>,
    /// What makes it doubtful that its author got what was meant.
    pub(crate) suspicions: Vec<(Suspicion, String)>,
    /// It must compile, and does not run: who says so.
    pub(crate) compile_only: Option<String>,
    /// It starts without names.
    pub(crate) clear: bool,
}

impl Wanted {
    /// Adds what a nearer place says. An error is one of our own words gone wrong.
    pub(crate) fn take(
        &mut self,
        wish: Result<Wish, DirectiveError>,
        place: &str,
        python: Option<Python>,
    ) -> Result<(), DirectiveError> {
        let Wish { spelling, directive } = match wish {
            Ok(wish) => wish,
            Err(slip @ DirectiveError::NearMarker { .. }) => {
                self.suspicions.push((Suspicion::Marker, format!("{slip} ({place})")));
                return Ok(());
            }
            Err(error) => return Err(error),
        };

        match directive {
            Directive::Skip(skip) => self.skip(skip, &spelling, place),
            Directive::SkipIf(condition) => match python.and_then(|python| condition.holds(python)) {
                Some(true) => self.skip(Skip { why: Some(condition.why) }, &spelling, place),
                Some(false) => {}
                None => self.suspicions.push((
                    Suspicion::Condition,
                    format!(
                        "{spelling} in {place}: `{}` cannot be decided without running it",
                        condition.expression
                    ),
                )),
            },
            Directive::Run => {
                self.skip = None;
                Directive::Run.apply_to(&mut self.directives);
            }
            Directive::CompileOnly => self.compile_only = Some(format!("{spelling} in {place}")),
            Directive::Clear => self.clear = true,
            other => other.apply_to(&mut self.directives),
        }
        Ok(())
    }

    fn skip(&mut self, skip: Skip, spelling: &str, place: &str) {
        let why = skip.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
        self.skip = Some(format!("{spelling} in {place}{why}"));
        Directive::Skip(skip).apply_to(&mut self.directives);
    }
}
