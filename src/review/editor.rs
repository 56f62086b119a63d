//! The editor of the person at the terminal, opened at a line.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::model::snippet::Line;

/// The words of `VISUAL` or `EDITOR`.
#[derive(Clone, Debug)]
pub(crate) struct Editor(pub(crate) OsString);

impl Editor {
    /// Opens the file at a line, and waits until the editor has ended. As git does, a shell reads the words, so that they
    /// may have flags and quotes.
    pub(crate) fn open(&self, file: &Path, line: Line) -> io::Result<()> {
        let mut script = self.0.clone();
        script.push(" \"$@\"");
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg("editor");
        command.args(place(&self.0.to_string_lossy(), file, line));
        command.status().map(drop)
    }
}

/// How an editor is told a file and a line.
fn place(editor: &str, file: &Path, line: Line) -> Vec<OsString> {
    let program = editor.split_whitespace().next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default().trim_matches(['\'', '"']);
    let mut joined = file.as_os_str().to_owned();
    joined.push(format!(":{line}"));

    match program {
        "code" | "codium" | "code-insiders" | "cursor" | "windsurf" => vec!["--goto".into(), joined],
        "hx" | "helix" | "subl" | "zed" | "zeditor" => vec![joined],
        "vi" | "vim" | "nvim" | "view" | "gvim" | "nano" | "pico" | "emacs" | "emacsclient" | "micro"
        | "kak" | "joe" | "jed" | "mg" | "ne" | "gedit" | "kate" => {
            vec![format!("+{line}").into(), file.as_os_str().to_owned()]
        }
        _ => vec![file.as_os_str().to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::place;
    use crate::model::snippet::Line;

    #[test]
    fn editors_are_told_the_line() {
        for (editor, expected) in [
            ("vim -u NONE", &["+7", "/a b.md"][..]),
            ("/usr/bin/nano", &["+7", "/a b.md"]),
            ("'/opt/bin/vi'", &["+7", "/a b.md"]),
            ("code --wait", &["--goto", "/a b.md:7"]),
            ("hx", &["/a b.md:7"]),
            ("my-editor", &["/a b.md"]),
        ] {
            assert_eq!(place(editor, Path::new("/a b.md"), Line(7)), expected, "{editor}");
        }
    }
}
