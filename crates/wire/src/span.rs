//! How long something took, as a session reports it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whole nanoseconds, so 584 years at most: however many of them are added up, a [`Duration`] holds the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(u64);

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Span> for Duration {
    fn from(Span(nanoseconds): Span) -> Self {
        Self::from_nanos(nanoseconds)
    }
}
