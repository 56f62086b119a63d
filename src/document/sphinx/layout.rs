//! Functions and methods of Python that give a text another shape.

use crate::document::sphinx::value::{LONGEST, Value, shown};

pub(super) fn method(text: &str, name: &str, arguments: &[Value]) -> Option<String> {
    Some(match (name, arguments) {
        ("strip", []) => text.trim().to_owned(),
        ("lstrip", []) => text.trim_start().to_owned(),
        ("rstrip", []) => text.trim_end().to_owned(),
        ("lower", []) => text.to_lowercase(),
        ("strip", [Value::Text(letters)]) => text.trim_matches(|letter| letters.contains(letter)).to_owned(),
        ("lstrip", [Value::Text(letters)]) => {
            text.trim_start_matches(|letter| letters.contains(letter)).to_owned()
        }
        ("rstrip", [Value::Text(letters)]) => {
            text.trim_end_matches(|letter| letters.contains(letter)).to_owned()
        }
        ("replace", [Value::Text(old), Value::Text(new)]) => {
            let count = text.matches(old.as_str()).count();
            (count.saturating_mul(new.len()) <= LONGEST).then(|| text.replace(old.as_str(), new))?
        }
        ("join", [Value::List(items)]) => {
            let texts = items.iter().map(|item| match item {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            });
            let texts: Vec<&str> = texts.collect::<Option<_>>()?;
            let length: usize = texts.iter().map(|item| item.len() + text.len()).sum();
            (length <= LONGEST).then(|| texts.join(text))?
        }
        ("format", values) => formatted(text, values)?,
        _ => return None,
    })
}

/// `{}` and `{0}`; `None` where a field says more.
fn formatted(text: &str, values: &[Value]) -> Option<String> {
    let (mut result, mut rest, mut next) = (String::new(), text, 0);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, field) = rest.split_at(at);
        result.push_str(before);
        if let Some(after) = field.strip_prefix("{{").or_else(|| field.strip_prefix("}}")) {
            result.push_str(&field[..1]);
            rest = after;
            continue;
        }
        let (index, after) = field.strip_prefix('{')?.split_once('}')?;
        let index = if index.is_empty() { next } else { index.parse().ok()? };
        next = index + 1;
        result.push_str(&shown(values.get(index)?)?);
        if result.len() > LONGEST {
            return None;
        }
        rest = after;
    }
    result.push_str(rest);
    Some(result)
}

/// `%s` and `%d`; `None` where a field says more.
pub(super) fn percent(text: &str, values: &[Value]) -> Option<String> {
    let (mut result, mut values) = (String::new(), values.iter());
    let mut parts = text.split('%');
    result.push_str(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        if part.is_empty() {
            result.push('%');
            result.push_str(parts.next()?);
            continue;
        }
        let value = values.next()?;
        let (sign, rest) = part.split_at_checked(1)?;
        let fits = sign == "s" || sign == "d" && matches!(value, Value::Number(_));
        fits.then(|| result.push_str(&shown(value).unwrap_or_default()))?;
        shown(value)?;
        result.push_str(rest);
        if result.len() > LONGEST {
            return None;
        }
    }
    values.next().is_none().then_some(result)
}

/// As `textwrap.dedent` has it: lines of blanks count as empty.
pub(super) fn dedented(text: &str) -> String {
    let is_blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    let indents = text.split('\n').filter(|line| !is_blank(line)).map(|line| {
        let length = line.len() - line.trim_start_matches([' ', '\t']).len();
        &line[..length]
    });
    let margin = indents.reduce(|margin, indent| {
        let shared = margin.bytes().zip(indent.bytes()).take_while(|(left, right)| left == right).count();
        &margin[..shared]
    });
    let margin = margin.unwrap_or_default().len();
    let lines = text.split('\n').map(|line| if is_blank(line) { "" } else { &line[margin..] });
    lines.collect::<Vec<_>>().join("\n")
}

/// As `inspect.cleandoc` has it, but for tabs: the first line has no indentation, and empty lines around are dropped.
pub(super) fn cleaned(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest = dedented(rest);
    let cleaned = format!("{}\n{rest}", first.trim_start());
    let lines: Vec<&str> = cleaned.split('\n').collect();
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(start, |last| last + 1);
    lines[start..end].join("\n")
}
