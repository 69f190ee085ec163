//! A reader with a limit on the size of one record.

use std::io::{self, Read};

/// Maximum size of one record. A quote that never closes makes one record of the rest of the file, which could fill
/// the memory.
pub(super) const MAX_RECORD_BYTES: u64 = 64 * 1024 * 1024;

/// A record is longer than [`MAX_RECORD_BYTES`].
#[derive(Debug, thiserror::Error)]
#[error("a record has more than {MAX_RECORD_BYTES} bytes")]
pub(super) struct TooLong;

/// Fails with [`TooLong`] when a record exceeds the limit.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    left: u64,
    /// Total number of bytes read.
    passed: u64,
    ended: bool,
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            left: MAX_RECORD_BYTES,
            passed: 0,
            ended: false,
        }
    }

    /// Starts the limit of the next record.
    pub(super) fn next_record(&mut self) {
        self.left = MAX_RECORD_BYTES;
    }

    /// Returns the total number of bytes, or `None` before the end of the input.
    pub(super) fn total(&self) -> Option<u64> {
        self.ended.then_some(self.passed)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(TooLong));
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(into.len());
        let read = self.inner.read(&mut into[..most])?;
        self.left -= read as u64;
        self.passed += read as u64;
        self.ended |= read == 0 && most > 0;
        Ok(read)
    }
}
