//! The bytes of a source: a file, standard input or a pipe, plain or gzip.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::format::{Format, START, recognise};

/// Stands for standard input in place of a file's name.
const STDIN: &str = "-";

/// The content of a file, decompressed. Every reader of one file shares its position, so that there is one at
/// a time.
#[derive(Debug)]
pub enum Bytes {
    /// As it is.
    Plain(File),
    /// The members of a gzip file, one after the other.
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
}

impl Bytes {
    /// The content of `file` from its start.
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

    /// Recognises the format of the content, of which some is read.
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
    /// It could not be opened.
    Open(io::Error),
    /// What comes from a pipe could not be kept in a temporary file.
    Spool(io::Error),
}

/// Opens `path`, or standard input where it is `-`, as a file that can be read more than once.
///
/// A file is read twice, first for its hash and its encoding. What comes from a pipe is therefore kept in a temporary
/// file without a name, which takes as much disk as the pipe brings and is gone when the process ends.
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

/// Copies `from` to its end into a temporary file without a name.
pub(super) fn spool(mut from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    Ok(file)
}

/// The name of a source for people.
pub(super) fn name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        "standard input".to_owned()
    } else {
        format!("`{}`", path.display())
    }
}
