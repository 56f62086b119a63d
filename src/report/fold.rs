//! What a format has to do.

use std::io::{self, Write};

use crate::event::Event;
use crate::summary::Summary;

/// A format: a fold over events that writes what each of them adds.
pub(crate) trait Report {
    fn record(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()>;

    /// After the last event.
    fn finish(&mut self, summary: &Summary, exit_code: u8, out: &mut dyn Write) -> io::Result<()>;
}
