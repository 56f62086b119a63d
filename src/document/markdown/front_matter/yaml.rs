//! YAML metadata, read by events: aliases and tags stay unresolved, nothing grows.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput};

use crate::directive::{Value, markers};
use crate::document::markdown::front_matter::entry::{Entry, Metadata, OURS};
use crate::model::snippet::Line;

pub(super) fn read(text: &str) -> Metadata {
    match mapping(text) {
        Ok(reading) => reading,
        Err(error) => Metadata::Broken { line: line(error.marker()), message: error.info().to_owned() },
    }
}

struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Line of the event that came last.
    line: Line,
}

fn mapping(text: &str) -> Result<Metadata, ScanError> {
    let mut events = Events { parser: Parser::new_from_str(text), line: Line(1) };
    loop {
        match events.next()? {
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
            Event::MappingStart(..) => break,
            Event::StreamEnd => return Ok(Metadata::Entries(Vec::new())),
            Event::DocumentEnd
            | Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::SequenceEnd
            | Event::MappingEnd => return Ok(Metadata::NoMapping),
        }
    }

    let mut entries = Vec::new();
    while let Some(key) = events.key()? {
        if key == OURS {
            events.ours(&mut entries)?;
        } else if markers::is_page_mapping(&key) {
            events.theirs(&key, &mut entries)?;
        } else {
            events.value()?;
        }
    }

    Ok(Metadata::Entries(entries))
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Event<'a>, ScanError> {
        match self.parser.next_event() {
            Some(event) => {
                let (event, span) = event?;
                self.line = line(&span.start);
                Ok(event)
            }
            None => Ok(Event::StreamEnd),
        }
    }

    /// The next key of the mapping that is open, empty for one that is no scalar; `None` after the last one.
    fn key(&mut self) -> Result<Option<String>, ScanError> {
        match self.next()? {
            Event::MappingEnd | Event::StreamEnd => Ok(None),
            Event::Scalar(key, ..) => Ok(Some(key.into_owned())),
            other => self.rest(&other).map(|()| Some(String::new())),
        }
    }

    fn ours(&mut self, entries: &mut Vec<Entry>) -> Result<(), ScanError> {
        match self.next()? {
            Event::MappingStart(..) => {
                while let Some(key) = self.key()? {
                    let line = self.line;
                    entries.push(Entry { line, key, value: self.value()?, theirs: false });
                }
            }
            other => {
                entries.push(Entry { line: self.line, key: OURS.to_owned(), value: None, theirs: false });
                self.rest(&other)?;
            }
        }
        Ok(())
    }

    /// The keys below one of another tool, joined to it; what is no mapping is passed over.
    fn theirs(&mut self, above: &str, entries: &mut Vec<Entry>) -> Result<(), ScanError> {
        match self.next()? {
            Event::MappingStart(..) => {
                while let Some(key) = self.key()? {
                    let line = self.line;
                    entries.push(Entry {
                        line,
                        key: format!("{above}.{key}"),
                        value: self.value()?,
                        theirs: true,
                    });
                }
                Ok(())
            }
            other => self.rest(&other),
        }
    }

    /// A scalar or a list of scalars; `None` for any other value, which is passed over.
    fn value(&mut self) -> Result<Option<Value>, ScanError> {
        match self.next()? {
            Event::Scalar(text, style, ..) => Ok(Some(scalar(text.into_owned(), style))),
            Event::SequenceStart(..) => {
                let mut list = Some(Vec::new());
                loop {
                    match self.next()? {
                        Event::SequenceEnd | Event::StreamEnd => return Ok(list.map(Value::List)),
                        Event::Scalar(text, ..) => {
                            list = list.map(|mut list| {
                                list.push(text.into_owned());
                                list
                            });
                        }
                        other => {
                            list = None;
                            self.rest(&other)?;
                        }
                    }
                }
            }
            other => self.rest(&other).map(|()| None),
        }
    }

    /// Passes over what is left of the node that `first` begins.
    fn rest(&mut self, first: &Event<'a>) -> Result<(), ScanError> {
        let mut depth = steps(first);
        while depth > 0 {
            let event = self.next()?;
            if matches!(event, Event::StreamEnd) {
                break;
            }
            depth += steps(&event);
        }
        Ok(())
    }
}

fn steps(event: &Event<'_>) -> i64 {
    match event {
        Event::SequenceStart(..) | Event::MappingStart(..) => 1,
        Event::SequenceEnd | Event::MappingEnd => -1,
        Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::Alias(_)
        | Event::Scalar(..) => 0,
    }
}

fn line(marker: &Marker) -> Line {
    Line(u32::try_from(marker.line()).unwrap_or(u32::MAX))
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    if style == ScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null") {
        Value::Absent
    } else {
        Value::Text(text)
    }
}
