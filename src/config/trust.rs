//! How far the words of the project reach: its settings file and its documents may have been written by anybody.

use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::flags::{Execution, switch};
use crate::model::policy::SandboxMode;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Strangers wrote the project: what its snippets share and how they are kept apart is not theirs to say.
    Untrusted,
    /// The project may lower limits, and ask for more.
    #[default]
    Usual,
    /// The project gets what it asks for.
    Trusted,
}

/// How far the project is trusted. A flag wins over a variable, but nothing takes `SNIPCHECK_UNTRUSTED` back: it is set where a mistake is expensive.
pub(crate) fn resolve(execution: &Execution, environment: &Environment) -> Result<Trust, ConfigError> {
    if execution.access.untrusted {
        return Ok(Trust::Untrusted);
    }

    let variable = |name, value: Option<&String>| match value {
        Some(word) => switch(word).map_err(|source| ConfigError::variable(name, word, source)),
        None => Ok(false),
    };

    let trusted = variable("SNIPCHECK_TRUST", environment.trust.as_ref())?;
    if variable("SNIPCHECK_UNTRUSTED", environment.untrusted.as_ref())? {
        let other = match (execution.access.trust, trusted, execution.sandbox) {
            (true, _, _) => "--trust",
            (false, true, _) => "SNIPCHECK_TRUST",
            (false, false, Some(SandboxMode::Off)) => "--sandbox=off",
            (false, false, Some(SandboxMode::Auto | SandboxMode::RequireA) | None) => {
                return Ok(Trust::Untrusted);
            }
        };
        return Err(ConfigError::Contradiction { one: "SNIPCHECK_UNTRUSTED", other });
    }

    Ok(if execution.access.trust || trusted { Trust::Trusted } else { Trust::Usual })
}
