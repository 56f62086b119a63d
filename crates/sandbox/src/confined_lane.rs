//! What the program that confines a lane hands to the interpreter that takes its place.

use serde::{Deserialize, Serialize};
use snipcheck_wire::LaneSetup;

#[cfg(sandboxed)]
use crate::linux::Confinement;
#[cfg(not(sandboxed))]
use crate::unsupported::Confinement;

/// A lane whose restrictions hold.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfinedLane {
    pub setup: LaneSetup,
    pub confinement: Confinement,
}
