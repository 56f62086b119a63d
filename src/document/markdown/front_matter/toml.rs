//! TOML metadata.

use toml::de::{DeTable, DeValue};

use crate::directive::Value;
use crate::document::markdown::front_matter::entry::{Entry, Metadata, OURS};
use crate::document::text::Lines;

pub(super) fn read(text: &str) -> Metadata {
    let mut lines = Lines::new(text);
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            return Metadata::Broken { line: lines.at(offset), message: error.message().to_owned() };
        }
    };

    let Some((key, ours)) = table.get_key_value(OURS) else { return Metadata::Entries(Vec::new()) };
    let DeValue::Table(ours) = ours.get_ref() else {
        let entry =
            Entry { line: lines.at(key.span().start), key: OURS.to_owned(), value: None, theirs: false };
        return Metadata::Entries(vec![entry]);
    };

    // The table is ordered by key.
    let mut ours: Vec<_> = ours.iter().collect();
    ours.sort_by_key(|(key, _)| key.span().start);

    let entries = ours.into_iter().map(|(key, value)| Entry {
        line: lines.at(key.span().start),
        key: key.get_ref().clone().into_owned(),
        value: plain(value.get_ref()),
        theirs: false,
    });
    Metadata::Entries(entries.collect())
}

/// A scalar or a list of scalars; `None` for any other value.
fn plain(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| text(item.get_ref()));
            texts.collect::<Option<Vec<_>>>().map(Value::List)
        }
        other => text(other).map(Value::Text),
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
