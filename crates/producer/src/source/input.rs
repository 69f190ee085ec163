//! Input of a source: a file, standard input or a pipe, plain or gzip.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::format::{Format, START, recognise};

/// File name that means standard input.
const STDIN: &str = "-";

/// Decompressed content of a file. All readers of one file share its position, so only one can be used at a time.
#[derive(Debug)]
pub(crate) enum Bytes {
    /// Uncompressed content.
    Plain(File),
    /// All members of a gzip file, concatenated.
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
}

impl Bytes {
    /// Reads the content of `file` from its start.
    pub(super) fn of(file: &File, is_gzip: bool) -> io::Result<Self> {
        let mut file = file.try_clone()?;
        file.rewind()?;
        Ok(if is_gzip {
            let file = BufReader::with_capacity(64 * 1024, file);
            Self::Gzip(Box::new(MultiGzDecoder::new(file)))
        } else {
            Self::Plain(file)
        })
    }

    /// Recognises the format of the content. Consumes its first bytes.
    pub(super) fn format(self) -> io::Result<Format> {
        let mut start = Vec::new();
        self.take(START).read_to_end(&mut start)?;
        Ok(recognise(&start))
    }
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(into),
            Self::Gzip(decoder) => decoder.read(into),
        }
    }
}

/// Why there is no file to read.
#[derive(Debug)]
pub(super) enum InputError {
    /// The file could not be opened.
    Open(io::Error),
    /// The content of a pipe could not be copied to a temporary file.
    Spool(io::Error),
}

/// Opens `path`, or standard input for `-`, as a file that can be read more than once.
///
/// A file is read twice, first for its hash and its encoding. The content of a pipe is therefore copied to an unnamed
/// temporary file, which needs as much disk space and is deleted when the process ends.
pub(super) fn open(path: &Path) -> Result<File, InputError> {
    if path == Path::new(STDIN) {
        return spool(io::stdin().lock()).map_err(InputError::Spool);
    }
    let file = File::open(path).map_err(InputError::Open)?;
    let metadata = file.metadata().map_err(InputError::Open)?;
    if metadata.is_file() {
        Ok(file)
    } else if metadata.is_dir() {
        Err(InputError::Open(io::ErrorKind::IsADirectory.into()))
    } else {
        spool(file).map_err(InputError::Spool)
    }
}

/// Copies `from` to its end into an unnamed temporary file.
pub(super) fn spool(mut from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    Ok(file)
}

/// Formats the name of a source for messages.
pub(super) fn name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        "standard input".to_owned()
    } else {
        format!("`{}`", path.display())
    }
}
