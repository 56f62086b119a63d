//! Names of code blocks: ids for people and commands, file names for snapshots.
//!
//! A name depends on the heading above and on the blocks between that heading and the next, so that an edit in one
//! section renames nothing in another. Python blocks are counted apart from those of other languages.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::model::fingerprint::fingerprint;
use crate::model::snippet::{DocumentPath, SnippetId};

/// Stands for the text above the first heading.
const TOP: &str = "top";

const SLUG: usize = 50;
const PINNED: usize = 60;

pub(crate) struct Names {
    path: DocumentPath,
    /// Of the current heading, or the name of the current docstring.
    slug: String,
    /// The same in the letters of snapshots.
    file: String,
    /// How often each slug was met.
    slugs: HashMap<String, u32>,
    docstrings: HashMap<String, u32>,
    /// The blocks below the current heading, by language.
    ordinals: HashMap<String, u32>,
    pinned: HashSet<String>,
    snapshots: HashSet<String>,
}

pub(crate) struct Name {
    pub(crate) id: SnippetId,
    pub(crate) snapshot: String,
}

impl Names {
    pub(crate) fn new(path: DocumentPath) -> Self {
        Self {
            path,
            slug: TOP.to_owned(),
            file: TOP.to_owned(),
            slugs: HashMap::from([(TOP.to_owned(), 1)]),
            docstrings: HashMap::new(),
            ordinals: HashMap::new(),
            pinned: HashSet::new(),
            snapshots: HashSet::new(),
        }
    }

    pub(crate) fn enter(&mut self, heading: &str) {
        self.slug = unique(&mut self.slugs, slug(heading));
        self.file.clone_from(&self.slug);
        self.ordinals.clear();
    }

    /// Goes on to the docstring of what has this name.
    pub(crate) fn describe(&mut self, name: &str) {
        self.slug = unique(&mut self.docstrings, name.to_owned());
        self.file = pinned_snapshot(&self.slug);
        self.ordinals.clear();
    }

    pub(crate) fn python(&mut self) -> Name {
        let ordinal = self.count("");
        let snapshot = self.snapshot(&format!("{}-{ordinal}", self.file));
        Name { id: self.id(&format!("{}::{ordinal}", self.slug)), snapshot }
    }

    /// A Python block that chose its own name; `None` where another one has it already.
    pub(crate) fn pinned(&mut self, name: &str) -> Option<Name> {
        if !self.pinned.insert(name.to_owned()) {
            return None;
        }
        self.count("");
        let snapshot = self.snapshot(&pinned_snapshot(name));
        Some(Name { id: self.id(name), snapshot })
    }

    /// The one block that is called as its docstring is.
    pub(crate) fn whole(&mut self) -> Name {
        let name = self.slug.clone();
        self.pinned(&name).unwrap_or_else(|| self.python())
    }

    pub(crate) fn other(&mut self, language: &str) -> Name {
        let mut language = plain(language);
        cut(&mut language, 20);
        if language.is_empty() {
            "block".clone_into(&mut language);
        }
        let ordinal = self.count(&language);
        Name { id: self.id(&format!("{}::{language}-{ordinal}", self.slug)), snapshot: String::new() }
    }

    fn count(&mut self, language: &str) -> u32 {
        let count = self.ordinals.entry(language.to_owned()).or_default();
        *count += 1;
        *count
    }

    fn id(&self, rest: &str) -> SnippetId {
        SnippetId([&self.path.0, "::", rest].concat())
    }

    fn snapshot(&mut self, wanted: &str) -> String {
        let mut snapshot = wanted.to_owned();
        let mut count = 1;
        while !self.snapshots.insert(snapshot.clone()) {
            count += 1;
            snapshot = format!("{wanted}-{count}");
        }
        snapshot
    }
}

/// A slug and, where it was met before, a number that makes another one of it.
fn unique(met: &mut HashMap<String, u32>, slug: String) -> String {
    let mut count = met.get(&slug).map_or(1, |count| count + 1);
    let mut unique = if count == 1 { slug.clone() } else { format!("{slug}-{count}") };
    // Another one may be spelled like the second of two.
    while count > 1 && met.contains_key(&unique) {
        count += 1;
        unique = format!("{slug}-{count}");
    }
    if count > 1 {
        met.insert(unique.clone(), 1);
    }
    met.insert(slug, count);
    unique
}

/// Letters of any script, digits, and hyphens for what is between words; a fingerprint where it is cut or empty.
fn slug(heading: &str) -> String {
    let mut slug = plain(heading);
    if !slug.is_empty() && slug.chars().count() <= SLUG {
        return slug;
    }
    cut(&mut slug, SLUG - 9);
    let separator = if slug.is_empty() || slug.ends_with('-') { "" } else { "-" };
    format!("{slug}{separator}{}", &fingerprint(heading)[..8])
}

/// A name that could be cut, changed or that of a counted block (`setup-1`) carries its fingerprint.
fn pinned_snapshot(name: &str) -> String {
    let faithful = plain(name) == name;
    let counted =
        name.rsplit_once('-').is_some_and(|(_, last)| last.bytes().all(|byte| byte.is_ascii_digit()));
    if faithful && !counted && name.chars().count() <= PINNED {
        return name.to_owned();
    }
    let mut slug = plain(name);
    cut(&mut slug, PINNED - 9);
    format!("{}-{}", slug.trim_matches('-'), &fingerprint(name)[..8]).trim_start_matches('-').to_owned()
}

fn cut(text: &mut String, characters: usize) {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
}

/// Lower case letters, digits and single hyphens. Stops where a cut is certain.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut length = 0;

    for letter in text.chars() {
        if is_part_of_word(letter) {
            plain.extend(letter.to_lowercase());
            length += 1;
        } else if !matches!(letter, '\'' | '’') && !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
            length += 1;
        }
        if length > PINNED {
            break;
        }
    }

    plain.truncate(plain.trim_end_matches('-').len());
    plain
}

/// Letters, digits, and the marks that belong to the letter before them.
fn is_part_of_word(letter: char) -> bool {
    static MARKS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\A[\p{Mn}\p{Mc}]\z").expect("it is tested"));
    letter.is_alphanumeric()
        || !letter.is_ascii()
            && !matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
            && MARKS.is_match(letter.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::Names;
    use crate::model::snippet::DocumentPath;

    fn names() -> Names {
        Names::new(DocumentPath("a.md".to_owned()))
    }

    #[track_caller]
    fn check(headings: &[&str], expected: &str) {
        let mut names = names();
        for heading in headings {
            names.enter(heading);
        }
        let name = names.python();
        assert_eq!(name.id.0, format!("a.md::{expected}::1"), "{headings:?}");
        assert_eq!(name.snapshot, format!("{expected}-1"), "{headings:?}");
    }

    #[test]
    fn slugs() {
        check(&[], "top");
        check(&["Getting started"], "getting-started");
        check(&["1. `list.append()` -- don't"], "1-list-append-dont");
        check(&["Top"], "top-2");
        check(&["Setup", "Setup"], "setup-2");
        check(&["Setup", "Setup", "Setup 2"], "setup-2-2");
        check(&["Setup", "Setup 2", "Setup"], "setup-3");
        check(&["../../etc/passwd"], "etc-passwd");
        check(&["a\0b\u{1b}[31m__c"], "a-b-31m-c");
        check(&["Größe"], "größe");
        check(&["安装 Install"], "安装-install");
        check(&["価格", "価格"], "価格-2");
        check(&["हिन्दी ไทยที่"], "हिन्दी-ไทยที่");
        check(&["ÇA VA?"], "ça-va");
        check(&["🚀"], "ebbc0b28");
    }

    #[test]
    fn long_headings_stay_distinct() {
        let (one, two) = ("a".repeat(10_000), "a".repeat(10_001));
        let mut names = names();
        names.enter(&one);
        let first = names.python();
        names.enter(&two);
        let second = names.python();
        assert_ne!(first.id, second.id);
        assert!(first.snapshot.len() <= 60 && first.snapshot != second.snapshot, "{}", first.snapshot);

        // A file name has 255 bytes.
        names.enter(&"\u{20000}".repeat(10_000));
        let third = names.python().snapshot;
        assert!(third.len() < 240 && third.chars().count() <= 60, "{third}");
    }

    #[test]
    fn languages_count_apart() {
        let mut names = names();
        names.enter("Use");
        let ids = [names.python(), names.other("bash"), names.python(), names.other(""), names.other("C++")];
        assert_eq!(
            ids.map(|name| name.id.0),
            ["a.md::use::1", "a.md::use::bash-1", "a.md::use::2", "a.md::use::block-1", "a.md::use::c-1",]
        );
    }

    #[track_caller]
    fn check_pinned(name: &str, expected: &str) {
        let pinned = names().pinned(name).expect("the first of its name");
        assert_eq!((pinned.id.0, pinned.snapshot.as_str()), (format!("a.md::{name}"), expected));
    }

    #[test]
    fn pinned_names() {
        check_pinned("load", "load");
        check_pinned("Load", "load-8a6bdb6b");
        check_pinned("load__all", "load-all-7463652b");
        check_pinned("setup-1", "setup-1-6e6cae16");
        check_pinned("...", "ab5df625");
        let mut names = names();
        names.pinned("load");
        assert!(names.pinned("load").is_none());
        names.enter("Use");
        names.pinned("x");
        assert_eq!(names.python().id.0, "a.md::use::2");
    }
}
