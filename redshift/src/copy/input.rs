//! One file's bytes as lines.

use std::io::{self, BufRead, BufReader, Read};

use axum::body::Bytes;
use flate2::read::MultiGzDecoder;
use tokio::sync::mpsc;

use super::fetch::Piece;

/// Bytes that are looked at in one go.
const BUFFER: usize = 64 * 1024;

/// Reads the pieces of one file, for a thread that may block.
#[derive(Debug)]
pub(crate) struct FileBytes<'p> {
    pieces: &'p mut mpsc::Receiver<Piece>,
    current: Bytes,
    /// Bytes of the file, known at its end.
    pub(crate) length: Option<u64>,
}

impl<'p> FileBytes<'p> {
    /// Reads on after [`Piece::Start`].
    pub(crate) fn new(pieces: &'p mut mpsc::Receiver<Piece>) -> Self {
        Self {
            pieces,
            current: Bytes::new(),
            length: None,
        }
    }
}

impl Read for FileBytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && self.length.is_none() {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.current = bytes,
                Some(Piece::End(length)) => self.length = Some(length),
                Some(Piece::Failed(error)) => return Err(io::Error::other(error)),
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let length = self.current.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

/// Lines of a file, ungzipped when `gzip`.
pub(crate) fn lines<'r>(file: impl Read + 'r, gzip: bool) -> Box<dyn BufRead + 'r> {
    if gzip {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(file)))
    } else {
        Box::new(BufReader::with_capacity(BUFFER, file))
    }
}
