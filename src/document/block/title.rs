//! Titles of blocks that name files: `title="models.py"` after a label, `:caption: models.py` in a directive,
//! `` `models.py`: `` alone on the line above a fence.

use std::path::{Component, Path};

use crate::directive::attribute_value;
use crate::document::code_block::{CodeBlock, CodeBlockKind, Disposition, FileTitle};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Form};

/// Words of an info string, and options of a directive, whose value is shown above a block.
const KEYS: [&str; 3] = ["title", "filename", "caption"];

/// What the names of text files end with. Prose ends with other words after a dot, as do names of modules and sites.
const ENDINGS: &[&str] = &[
    "bash",
    "bat",
    "cfg",
    "conf",
    "css",
    "csv",
    "dat",
    "env",
    "graphql",
    "htm",
    "html",
    "in",
    "ini",
    "ipynb",
    "j2",
    "jinja",
    "jinja2",
    "js",
    "json",
    "json5",
    "jsonc",
    "jsonl",
    "jsx",
    "log",
    "lock",
    "md",
    "ndjson",
    "po",
    "properties",
    "proto",
    "ps1",
    "py",
    "pyi",
    "pyw",
    "pyx",
    "rst",
    "sh",
    "sql",
    "svg",
    "tmpl",
    "toml",
    "ts",
    "tsv",
    "tsx",
    "txt",
    "typed",
    "xml",
    "xsd",
    "yaml",
    "yml",
];
/// Text files whose names have no ending.
const WHOLE_NAMES: &[&str] = &[
    ".env",
    ".flake8",
    ".gitignore",
    ".netrc",
    ".pylintrc",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "Pipfile",
    "Procfile",
    "README",
];

/// Top-level modules of the standard library. A file of this name would take the module's place in everything that
/// imports it.
const STANDARD: &str = "abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar \
     cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy \
     copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings enum errno \
     faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob \
     graphlib grp gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword \
     linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath numbers \
     opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint \
     profile pstats pty pwd py_compile pyclbr pydoc pyexpat queue quopri random re readline reprlib resource rlcompleter \
     runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat \
     statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios \
     textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle types typing \
     unicodedata unittest urllib uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport \
     zlib zoneinfo";

/// Bytes of a part of a path, as file systems have it, and parts of a path.
const LONGEST_PART: usize = 255;
const MOST_PARTS: usize = 16;

/// Files of one document, and bytes of them: every session of the document gets them.
const MOST_FILES: usize = 1000;
const MOST_BYTES: usize = 4 << 20;

/// The title of a block among the words of its info string and its options.
pub(super) fn title(info: &str, options: &[(String, String)]) -> Option<String> {
    let in_options = |key: &&str| {
        let option = options.iter().find(|(name, _)| name == *key);
        option.map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
    };
    let in_info = KEYS[..2].iter().find_map(|key| attribute_value(info, key));
    in_info.or_else(|| KEYS.iter().find_map(in_options))
}

/// The file that a title names; `None` for prose.
pub(crate) fn file(title: &str) -> Option<FileTitle> {
    let title = title.trim();
    let base = title.rsplit(['/', '\\']).next()?;
    if title.contains(char::is_whitespace) || !is_file_name(base) {
        return None;
    }

    let refused = |why: &str| Some(FileTitle::Label(format!("the title `{title}` {why}")));
    let path = title.strip_prefix("./").unwrap_or(title);
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with(['/', '\\', '~']) || is_drive {
        return refused("is no path relative to the document: it stays a title");
    }
    let is_plain = |part: &str| {
        let mut components = Path::new(part).components();
        matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
    };
    if path.contains(|letter: char| letter == '\\' || letter.is_control()) || !path.split('/').all(is_plain) {
        return refused("leads out of the document's folder or is no plain path: it stays a title");
    }
    if path.split('/').count() > MOST_PARTS || path.split('/').any(|part| part.len() > LONGEST_PART) {
        return refused("is too long for a file: it stays a title");
    }

    let module = path.strip_suffix(".py").or_else(|| path.strip_suffix("/__init__.py"));
    if let Some(module) = module
        && STANDARD.split_whitespace().any(|standard| standard == module.trim_end_matches("/__init__"))
    {
        return refused("would hide a module of the standard library: it stays a title");
    }
    Some(FileTitle::File(path.to_owned()))
}

fn is_file_name(base: &str) -> bool {
    if WHOLE_NAMES.contains(&base) {
        return true;
    }
    let Some((stem, ending)) = base.rsplit_once('.') else { return false };
    let is_stem = stem.starts_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_'));
    is_stem && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
}

/// Gives a name to the fences below a line that has nothing but it: `` `models.py`: ``.
pub(crate) fn attach(text: &str, blocks: &mut [CodeBlock]) {
    if !text.contains("`:") {
        return;
    }

    let lines: Vec<&str> = text.lines().collect();
    for block in blocks.iter_mut().filter(|block| block.kind == CodeBlockKind::Fenced && may_be_file(block)) {
        if block.file.is_none() {
            let above = lines.get(..block.location.start.0.saturating_sub(1) as usize).unwrap_or_default();
            block.file = above.iter().rev().find(|line| !bare(line).is_empty()).and_then(|line| named(line));
        }
    }
}

/// A line without the marks of its containers.
fn bare(line: &str) -> &str {
    line.trim_matches(|letter: char| letter.is_whitespace() || letter == '>')
}

fn named(line: &str) -> Option<FileTitle> {
    let line = bare(line);
    let line = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).unwrap_or(line);
    let name = line.trim_start().strip_prefix('`')?.strip_suffix("`:")?;
    if name.contains('`') { None } else { file(name) }
}

/// Whether what a block shows is the text of a file. Prompts are none, nor is what was never meant to be whole.
pub(super) fn may_be_file(block: &CodeBlock) -> bool {
    let is_whole =
        matches!(block.disposition, Disposition::Run | Disposition::Skip(_) | Disposition::Other(_));
    is_whole && block.form == Form::Script && block.language != "pycon"
}

/// Takes the files off blocks that import their own name, and those for which there is no room.
pub(crate) fn settle(path: &DocumentPath, blocks: &mut [CodeBlock], problems: &mut Vec<Problem>) {
    let (mut files, mut bytes) = (0, 0_usize);
    for block in blocks.iter_mut() {
        let Some(FileTitle::File(name)) = &block.file else { continue };
        if let Some(module) = imported_by_itself(name, &block.content) {
            let why = format!("imports `{module}` itself, which it would hide: its name stays a title");
            block.file = Some(FileTitle::Label(format!("`{name}` {why}")));
            continue;
        }

        files += 1;
        bytes += block.content.len();
        if files > MOST_FILES || bytes > MOST_BYTES {
            problems.push(Problem {
                path: path.0.clone(),
                line: Some(block.location.start),
                message: format!("more than {MOST_FILES} files, or {} MiB of them", MOST_BYTES >> 20),
                hint: Some("split the document; the titles from here on are no files".to_owned()),
            });
            break;
        }
    }

    // Behind the last one that has room.
    if files > MOST_FILES || bytes > MOST_BYTES {
        let named = blocks.iter_mut().filter(|block| matches!(block.file, Some(FileTitle::File(_))));
        named.skip(files - 1).for_each(|block| block.file = None);
    }
}

/// The module that a file is called like and imports: it cannot be that module.
fn imported_by_itself<'a>(name: &'a str, code: &str) -> Option<&'a str> {
    let module = name.strip_suffix(".py").filter(|module| !module.contains('/'))?;
    let imports = |line: &str| {
        let line = line.trim_start();
        let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "))?;
        let rest = rest.trim_start().strip_prefix(module)?;
        (rest.is_empty() || rest.starts_with([' ', '.', ',', '\t', ';'])).then_some(())
    };
    code.lines().any(|line| imports(line).is_some()).then_some(module)
}

#[cfg(test)]
mod tests {
    use super::{file, imported_by_itself, named, title};
    use crate::document::code_block::FileTitle;

    #[test]
    fn titles_stand_in_words_and_options() {
        for (info, expected) in [
            ("python title=\"models.py\"", Some("models.py")),
            ("py hl_lines=\"1 2\" title='a b' linenums=1", Some("a b")),
            ("{.python title=\"a.py\" .big}", Some("a.py")),
            ("{.py filename=\"a.py\"}", Some("a.py")),
            ("json {title=\"a.json\"}", Some("a.json")),
            ("title=\"a.toml\"", Some("a.toml")),
            ("python title = a.py", Some("a.py")),
            ("python title=\"open", None),
            ("python subtitle=\"a.py\"", None),
            ("python title", None),
            ("python", None),
        ] {
            assert_eq!(title(info, &[]).as_deref(), expected, "{info}");
        }
        let options = [("linenos".to_owned(), String::new()), ("caption".to_owned(), "\"a.py\"".to_owned())];
        assert_eq!(title("code-block:: python", &options).as_deref(), Some("a.py"));
        assert_eq!(title("python caption=\"a.py\"", &[]), None);
    }

    #[test]
    fn names_of_files() {
        for (title, name) in [
            ("models.py", "models.py"),
            (" ./shop/models.py ", "shop/models.py"),
            ("shop/__init__.py", "shop/__init__.py"),
            ("a.b.test.yaml", "a.b.test.yaml"),
            ("Settings.TOML", "Settings.TOML"),
            (".env", ".env"),
            ("docker/Dockerfile", "docker/Dockerfile"),
            ("_private.py", "_private.py"),
            ("py.typed", "py.typed"),
            ("größe.csv", "größe.csv"),
            ("http/json.py", "http/json.py"),
            ("json.json", "json.json"),
        ] {
            assert_eq!(file(title), Some(FileTitle::File(name.to_owned())), "{title}");
        }
    }

    #[test]
    fn prose_is_no_name() {
        for title in [
            "",
            "Example 1",
            "A model",
            "models.py (excerpt)",
            "The file models.py",
            "Listing 1.2",
            "v2.0",
            "e.g.",
            "os.path",
            "asyncio.run",
            "example.com",
            "models",
            "shop/models",
            ".py",
            "?.py",
        ] {
            assert_eq!(file(title), None, "{title}");
        }
    }

    #[test]
    fn unsafe_names_stay_titles() {
        for title in [
            "/etc/app.conf",
            "../models.py",
            "shop/../../models.py",
            "shop//models.py",
            "shop/./models.py",
            "~/.config/app.toml",
            "C:\\app.py",
            "C:/app.py",
            "shop\\models.py",
            "a\u{7}.py",
            "logging.py",
            "email/__init__.py",
        ] {
            assert!(matches!(file(title), Some(FileTitle::Label(_))), "{title}: {:?}", file(title));
        }
        let long = format!("{}.py", "a".repeat(300));
        assert!(matches!(file(&long), Some(FileTitle::Label(_))));
    }

    #[test]
    fn lines_that_are_a_name() {
        for line in ["`models.py`:", "  > `models.py`:  ", "- `models.py`:"] {
            assert_eq!(named(line), Some(FileTitle::File("models.py".to_owned())), "{line}");
        }
        for line in ["`models.py`", "See `models.py`:", "`a.py` and `b.py`:", "models.py:", "`models`:"] {
            assert_eq!(named(line), None, "{line}");
        }
    }

    #[test]
    fn a_file_that_imports_its_own_name_is_another() {
        for code in ["import shop\n", "    from shop import x\n", "x = 1\nimport shop.x as y\n"] {
            assert_eq!(imported_by_itself("shop.py", code), Some("shop"), "{code}");
        }
        for code in ["import shops\n", "# import shop\n", "from .shop import x\n", "import a, shop2\n"] {
            assert_eq!(imported_by_itself("shop.py", code), None, "{code}");
        }
        assert_eq!(imported_by_itself("shop/__init__.py", "import shop\n"), None);
    }
}
