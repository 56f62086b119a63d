//! Exceptions as snippets raise them: what they are called, what they are one of, whose fault they are.

use crate::model::outcome::Exception;

/// The base of whatever a statement may raise.
pub(super) const ANY_EXCEPTION: &str = "Exception";

/// The line above the stack of a traceback.
pub(super) const TRACEBACK_HEADER: &str = "Traceback (most recent call last):";

/// The last line of a traceback.
pub(super) fn headline(exception: &Exception) -> String {
    if exception.message.is_empty() {
        exception.kind.clone()
    } else {
        format!("{}: {}", exception.kind, exception.message)
    }
}

/// Whether `name`, dotted or not, is the exception's class or one of its bases.
pub(super) fn is_a(exception: &Exception, name: &str) -> bool {
    let (module, wanted) = name.rsplit_once('.').unwrap_or(("", name));
    let matches = |class: &String| {
        let (home, class) = class.rsplit_once('.').unwrap_or(("", class));
        // `json.JSONDecodeError` is at home in `json.decoder`.
        let from = home
            .strip_prefix(module)
            .is_some_and(|rest| module.is_empty() || rest.is_empty() || rest.starts_with('.'));
        class == wanted && from
    };

    matches(&exception.kind) || exception.bases.iter().any(matches)
}

/// Whether an exception may come of what surrounds a statement, and then says nothing about the statement.
pub(super) fn is_of_surroundings(exception: &Exception) -> bool {
    exception.is_of_surroundings()
}
