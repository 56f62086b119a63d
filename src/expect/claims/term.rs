//! Values as Python writes them, read without Python: literals, and the reprs of everything else.

/// Nesting of a term; deeper terms are not read.
const DEEPEST: usize = 32;

/// A value in writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// The number in its shortest spelling: `1_000` is `1000`, `1.50` is `1.5`.
    Integer(String),
    Float(String),
    /// `True`, `False` or `None`.
    Constant(String),
    /// The text without its quotes, escapes resolved.
    Text(String),
    Bytes(String),
    /// Any other name, `nan` and `Color.RED` among them.
    Name(String),
    List(Vec<Term>),
    Tuple(Vec<Term>),
    Set(Vec<Term>),
    Dict(Vec<(Term, Term)>),
    /// `deque([1], maxlen=2)`: the name, and arguments with or without theirs.
    Call(String, Vec<(String, Term)>),
    /// The text between angle brackets.
    Angle(String),
    /// `...`
    Gap,
}

/// The family of a term. Terms of two families do not speak of the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Number,
    Constant,
    Text,
    Bytes,
    Container,
    Object,
}

impl Term {
    pub(super) fn family(&self) -> Family {
        match self {
            Self::Integer(_) | Self::Float(_) => Family::Number,
            Self::Constant(_) => Family::Constant,
            Self::Text(_) => Family::Text,
            Self::Bytes(_) => Family::Bytes,
            Self::List(_) | Self::Tuple(_) | Self::Set(_) | Self::Dict(_) => Family::Container,
            Self::Name(_) if self.is_number_name() => Family::Number,
            Self::Name(_) | Self::Call(..) | Self::Angle(_) | Self::Gap => Family::Object,
        }
    }

    /// The value of one of numpy's scalars, whose repr names its type; any other term as it is.
    pub(super) fn scalar(&self) -> &Self {
        match self {
            Self::Call(name, arguments) if is_scalar(name) => match &arguments[..] {
                [(name, value)] if name.is_empty() => value,
                _ => self,
            },
            other => other,
        }
    }

    /// Whether the term can be nothing but a value. A bare name may be prose.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Integer(_)
            | Self::Float(_)
            | Self::Constant(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::Angle(_)
            | Self::Gap => true,
            Self::Name(_) => self.is_number_name(),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => items.iter().all(Self::is_plain),
            Self::Dict(items) => items.iter().all(|(key, value)| key.is_plain() && value.is_plain()),
            Self::Call(_, arguments) => arguments.iter().all(|(_, value)| value.is_plain()),
        }
    }

    /// Whether this is a number that Python writes as a name.
    fn is_number_name(&self) -> bool {
        matches!(self, Self::Name(name) if matches!(name.as_str(), "nan" | "inf" | "-inf"))
    }

    pub(super) fn has_gap(&self) -> bool {
        match self {
            Self::Gap => true,
            Self::Integer(_)
            | Self::Float(_)
            | Self::Constant(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::Name(_) => false,
            Self::Angle(text) => text.contains("..."),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => items.iter().any(Self::has_gap),
            Self::Dict(items) => items.iter().any(|(key, value)| key.has_gap() || value.has_gap()),
            Self::Call(_, arguments) => arguments.iter().any(|(_, value)| value.has_gap()),
        }
    }
}

/// Whether a call is the repr of one of numpy's scalars: `np.float64(2.5)`.
fn is_scalar(name: &str) -> bool {
    let kinds = ["float", "int", "uint", "complex", "str_", "bytes_", "longdouble"];
    name.strip_prefix("np.").is_some_and(|kind| kinds.iter().any(|known| kind.starts_with(known)))
}

/// The term that makes up the whole text.
pub(super) fn whole(text: &str) -> Option<Term> {
    let (term, rest) = front(text.trim())?;
    rest.trim().is_empty().then_some(term)
}

/// The term with which a text begins, and the rest of the text.
pub(super) fn front(text: &str) -> Option<(Term, &str)> {
    let mut reader = TermReader { rest: text };
    let term = reader.term(0)?;
    Some((term, reader.rest))
}

struct TermReader<'a> {
    rest: &'a str,
}

impl<'a> TermReader<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.rest.strip_prefix(sign).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn term(&mut self, depth: usize) -> Option<Term> {
        if depth > DEEPEST {
            return None;
        }

        if self.eat("...") || self.eat("…") {
            return Some(Term::Gap);
        }
        if self.eat("-inf") {
            return Some(Term::Name("-inf".to_owned()));
        }

        match self.rest.chars().next()? {
            '[' => self.items("[", "]", depth).map(|(items, _)| Term::List(items)),
            '(' => {
                let (mut items, comma) = self.items("(", ")", depth)?;
                // An item in brackets is the item, unless a comma makes it a tuple.
                if items.len() == 1 && !comma { items.pop() } else { Some(Term::Tuple(items)) }
            }
            '{' => self.braces(depth),
            '<' => self.angle(),
            '\'' | '"' => self.text("").map(Term::Text),
            first if first.is_ascii_digit() || matches!(first, '.' | '-' | '+') => self.number(),
            first if first.is_alphabetic() || first == '_' => self.name(depth),
            _ => None,
        }
    }

    /// The items of a list, and whether a comma follows the last one.
    fn items(&mut self, open: &str, close: &str, depth: usize) -> Option<(Vec<Term>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        self.eat(open).then_some(())?;

        loop {
            self.blanks();
            if self.eat(close) {
                return Some((items, comma));
            }
            if !(items.is_empty() || comma) {
                return None;
            }
            items.push(self.term(depth + 1)?);
            self.blanks();
            comma = self.eat(",");
        }
    }

    fn braces(&mut self, depth: usize) -> Option<Term> {
        self.eat("{");
        let (mut singles, mut pairs) = (Vec::new(), Vec::new());
        let mut comma = true;

        loop {
            self.blanks();
            if self.eat("}") {
                break;
            }
            if !comma {
                return None;
            }

            let key = self.term(depth + 1)?;
            self.blanks();
            if self.eat(":") {
                self.blanks();
                pairs.push((key, self.term(depth + 1)?));
            } else {
                singles.push(key);
            }
            self.blanks();
            comma = self.eat(",");
        }

        let gaps = singles.iter().filter(|term| **term == Term::Gap).count();
        match (pairs.is_empty(), singles.len()) {
            (_, 0) => Some(Term::Dict(pairs)),
            (true, _) => Some(Term::Set(singles)),
            // `{'a': 1, ...}`
            (false, count) if count == gaps => {
                pairs.push((Term::Gap, Term::Gap));
                Some(Term::Dict(pairs))
            }
            (false, _) => None,
        }
    }

    fn angle(&mut self) -> Option<Term> {
        let mut depth = 0_usize;
        for (offset, character) in self.rest.char_indices() {
            match character {
                '<' => depth += 1,
                '>' => depth -= 1,
                '\n' => return None,
                _ => {}
            }
            if depth == 0 {
                let taken = self.take(offset + 1);
                let inner = taken[1..offset].trim();
                let begins = inner.starts_with(|first: char| first.is_alphabetic() || first == '_');
                return begins.then(|| Term::Angle(inner.to_owned()));
            }
        }
        None
    }

    fn text(&mut self, prefix: &str) -> Option<String> {
        let quote = self.rest.chars().next()?;
        let raw = prefix.contains(['r', 'R']);
        let mut content = String::new();
        let mut characters = self.rest.char_indices().skip(1);

        while let Some((offset, character)) = characters.next() {
            match character {
                '\\' if !raw => match characters.next()?.1 {
                    'n' => content.push('\n'),
                    't' => content.push('\t'),
                    'r' => content.push('\r'),
                    same @ ('\\' | '\'' | '"') => content.push(same),
                    other => content.extend(['\\', other]),
                },
                end if end == quote => {
                    self.take(offset + 1);
                    return Some(content);
                }
                other => content.push(other),
            }
        }
        None
    }

    fn number(&mut self) -> Option<Term> {
        let signed = self.rest.trim_start_matches(['-', '+']);
        let sign = self.rest.len() - signed.len();
        let bytes = signed.as_bytes();

        let digits = |from: usize| {
            let more = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_');
            from + more.count()
        };

        if sign > 1 {
            return None;
        }
        let mut end = digits(0);
        let mut float = false;

        // A full stop after a number ends a sentence, and three of them leave something out.
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
            float = true;
        }

        if end == 0 {
            return None;
        }

        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(signed).is_some_and(u8::is_ascii_digit) {
                end = digits(signed);
                float = true;
            }
        }

        let glued = signed[end..].chars().next();
        if glued.is_some_and(|next| next.is_alphanumeric() || next == '_') {
            return None;
        }

        let spelled = self.take(sign + end).replace(['_', '+'], "");
        if float {
            let number: f64 = spelled.parse().ok()?;
            return Some(Term::Float(number.to_string()));
        }

        let (minus, digits) = spelled.strip_prefix('-').map_or(("", &*spelled), |digits| ("-", digits));
        let digits = digits.trim_start_matches('0');
        Some(Term::Integer(if digits.is_empty() { "0".to_owned() } else { format!("{minus}{digits}") }))
    }

    fn name(&mut self, depth: usize) -> Option<Term> {
        let part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.');
        let length = self.rest.find(|character| !part(character)).unwrap_or(self.rest.len());
        // `Gone...` leaves something out, `Gone.` ends.
        let name = self.rest[..length].trim_end_matches('.');
        self.take(name.len());

        let next = self.rest.chars().next();
        if matches!(next, Some('\'' | '"')) && name.len() <= 2 {
            let kind = name.to_ascii_lowercase();
            return match kind.as_str() {
                "b" | "br" | "rb" => self.text(name).map(Term::Bytes),
                "r" | "u" | "f" => self.text(name).map(Term::Text),
                _ => None,
            };
        }

        match name {
            "True" | "False" | "None" => return Some(Term::Constant(name.to_owned())),
            "np.True_" => return Some(Term::Constant("True".to_owned())),
            "np.False_" => return Some(Term::Constant("False".to_owned())),
            _ => {}
        }

        if next != Some('(') {
            return Some(Term::Name(name.to_owned()));
        }
        self.arguments(depth).map(|arguments| Term::Call(name.to_owned(), arguments))
    }

    fn arguments(&mut self, depth: usize) -> Option<Vec<(String, Term)>> {
        self.eat("(");
        let mut arguments = Vec::new();
        let mut comma = true;

        loop {
            self.blanks();
            if self.eat(")") {
                return Some(arguments);
            }
            if !comma {
                return None;
            }

            let term = self.term(depth + 1)?;
            self.blanks();

            match term {
                Term::Name(name) if self.eat("=") => {
                    self.blanks();
                    arguments.push((name, self.term(depth + 1)?));
                }
                term => arguments.push((String::new(), term)),
            }
            self.blanks();
            comma = self.eat(",");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Term, front, whole};

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let found = front(text).map(|(term, rest)| (format!("{term:?}"), rest));
        assert_eq!(found.as_ref().map(|(term, rest)| (term.as_str(), *rest)), expected, "{text}");
    }

    #[test]
    fn terms() {
        check("3", Some(("Integer(\"3\")", "")));
        check("1_000 rows", Some(("Integer(\"1000\")", " rows")));
        check("-0.50 (half)", Some(("Float(\"-0.5\")", " (half)")));
        check("1e3", Some(("Float(\"1000\")", "")));
        check("3.", Some(("Integer(\"3\")", ".")));
        check("3rd", None);
        check("True - same", Some(("Constant(\"True\")", " - same")));
        check("'it\\'s' ok", Some(("Text(\"it's\")", " ok")));
        check("b\"x\"", Some(("Bytes(\"x\")", "")));
        check("don't", Some(("Name(\"don\")", "'t")));
        check("(1)", Some(("Integer(\"1\")", "")));
        check("(1,)", Some(("Tuple([Integer(\"1\")])", "")));
        check("()", Some(("Tuple([])", "")));
        check("[1, ...]", Some(("List([Integer(\"1\"), Gap])", "")));
        check("[1 2]", None);
        check("{}", Some(("Dict([])", "")));
        check("{1, 2}", Some(("Set([Integer(\"1\"), Integer(\"2\")])", "")));
        check("{'a': 1, ...}", Some(("Dict([(Text(\"a\"), Integer(\"1\")), (Gap, Gap)])", "")));
        check("{'a': 1, 2}", None);
        check("P(x=1)", Some(("Call(\"P\", [(\"x\", Integer(\"1\"))])", "")));
        check("<class 'int'>!", Some(("Angle(\"class 'int'\")", "!")));
        check("<- here", None);
        check("a.b (c)", Some(("Name(\"a.b\")", " (c)")));
        check("np.True_", Some(("Constant(\"True\")", "")));
    }

    #[test]
    fn scalars() {
        for (text, expected) in [
            ("np.float64(2.5)", "2.5"),
            ("np.int32(3)", "3"),
            ("np.array(3)", "np.array(3)"),
            ("f(3)", "f(3)"),
        ] {
            assert_eq!(whole(text).unwrap().scalar(), &whole(expected).unwrap(), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        assert_eq!(whole(&"[".repeat(100_000)), None);
        assert_eq!(whole(&"<".repeat(100_000)), None);
        assert!(whole(&format!("{}{}", "[".repeat(30), "]".repeat(30))).is_some());
    }

    #[test]
    fn prose_has_names() {
        for (text, plain) in [("[a, 1]", false), ("[nan, 1]", true), ("P(x)", false), ("P(1)", true)] {
            assert_eq!(whole(text).as_ref().map(Term::is_plain), Some(plain), "{text}");
        }
    }
}
