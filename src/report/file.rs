//! A report on its way into a file, which appears whole once it is complete, or not at all.

use std::fs::OpenOptions;
use std::io::{self, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, SpooledTempFile};

/// Bytes of a report in memory; the rest waits in a file without a name.
const ROOM: usize = 8 << 20;

#[derive(Debug)]
pub(crate) struct ReportFile {
    path: PathBuf,
    manner: Manner,
    text: SpooledTempFile,
}

/// How a report gets to where it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// In place of what was there.
    Replace,
    /// Behind what others have written there.
    Append,
}

impl ReportFile {
    /// Fails early where the folder is missing, rather than when everything has run.
    pub(crate) fn new(path: &Path, manner: Manner) -> io::Result<Self> {
        let folder = folder(path);
        if !folder.is_dir() {
            return Err(located(path, &format!("there is no folder `{}`: make it first", folder.display())));
        }
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(located(
                path,
                &"it is there, and is no file (standard output takes a format without one)",
            ));
        }
        Ok(Self { path: path.to_owned(), manner, text: SpooledTempFile::new(ROOM) })
    }

    pub(crate) fn close(mut self) -> io::Result<()> {
        let path = self.path.clone();
        self.put().map_err(|error| located(&path, &error))
    }

    fn put(&mut self) -> io::Result<()> {
        self.text.rewind()?;
        match self.manner {
            Manner::Replace => {
                // As any new file of the caller's: a report is no secret of its owner's.
                let mut builder = Builder::new();
                #[cfg(unix)]
                builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
                let mut file = builder.tempfile_in(folder(&self.path))?;
                io::copy(&mut self.text, &mut file)?;
                file.persist(&self.path).map_err(|error| error.error)?;
                Ok(())
            }
            Manner::Append => {
                let mut text = Vec::new();
                self.text.read_to_end(&mut text)?;
                OpenOptions::new().append(true).create(true).open(&self.path)?.write_all(&text)
            }
        }
    }
}

impl Write for ReportFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.text.flush()
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn located(path: &Path, error: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("cannot write the report `{}`: {error}", path.display()))
}
