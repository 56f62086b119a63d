//! What can be wrong with a word that is meant as a directive.

/// Why a word is no directive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DirectiveError {
    #[error("unknown directive `{word}`")]
    Unknown { word: String, nearest: Option<&'static str>, known: Vec<&'static str> },
    #[error("`{key}` needs a value")]
    Missing { key: &'static str, sample: &'static str },
    #[error("`{key}` takes one value, not a list")]
    List { key: &'static str },
    #[error("the value of `{key}` has no closing quote")]
    Unclosed { key: &'static str },
    #[error("`{key}` takes {expected}, not `{value}`")]
    Value { key: &'static str, expected: &'static str, value: String, hint: Option<&'static str> },
    #[error("`{key}={value}` is not between {range}")]
    OutOfRange { key: &'static str, value: String, range: &'static str, hint: &'static str },
    #[error("`id` belongs to one snippet, not to all of a document")]
    NotForAll,
    /// Nearly a marker of another tool.
    #[error("`{marker}`: did you mean `{meant}` of {tool}?")]
    NearMarker { marker: String, meant: &'static str, tool: &'static str },
}

impl DirectiveError {
    /// What to do about it, where there is more to say than the message says.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Unknown { nearest: None, known, .. } => {
                let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
                Some(format!("known are {}", known.join(", ")))
            }
            Self::Missing { key, sample } => Some(format!("write `{key}={sample}`")),
            Self::Unclosed { .. } => Some("put the value in quotes".to_owned()),
            Self::Value { hint, .. } => hint.map(str::to_owned),
            Self::OutOfRange { hint, .. } => Some((*hint).to_owned()),
            Self::NotForAll => Some("write it in the info string of that snippet".to_owned()),
            Self::List { .. } | Self::NearMarker { .. } => None,
        }
    }
}
