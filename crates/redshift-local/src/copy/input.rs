//! Reads the bytes of one file as lines.

use std::io::{self, BufRead, BufReader, Read};

use axum::body::Bytes;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use tokio::sync::mpsc;

use super::fetch::FetchEvent;
use crate::sql::Compression;

/// Size of the read buffers, in bytes.
const BUFFER: usize = 64 * 1024;

/// Reads the bytes of one file from its events. Blocks the thread.
#[derive(Debug)]
pub(crate) struct FileBytes<'p> {
    events: &'p mut mpsc::Receiver<FetchEvent>,
    current: Bytes,
    /// Size of the file in bytes, known at its end.
    pub(crate) length: Option<u64>,
}

impl<'p> FileBytes<'p> {
    /// Continues after [`FetchEvent::Start`].
    pub(crate) fn new(events: &'p mut mpsc::Receiver<FetchEvent>) -> Self {
        Self {
            events,
            current: Bytes::new(),
            length: None,
        }
    }
}

impl Read for FileBytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && self.length.is_none() {
            match self.events.blocking_recv() {
                Some(FetchEvent::Bytes(bytes)) => self.current = bytes,
                Some(FetchEvent::End(length)) => self.length = Some(length),
                Some(FetchEvent::Failed(error)) => return Err(io::Error::other(error)),
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let length = self.current.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

/// Returns the decompressed content of a file.
pub(crate) fn lines<'r>(file: impl Read + 'r, compression: Compression) -> Box<dyn BufRead + 'r> {
    match compression {
        Compression::None => Box::new(BufReader::with_capacity(BUFFER, file)),
        Compression::Gzip => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(file))),
        Compression::Zstd => Box::new(BufReader::with_capacity(BUFFER, Frames::new(file))),
    }
}

/// Decompresses a Zstandard file, which may have several frames.
struct Frames<R: Read> {
    /// Input between two frames.
    source: Option<BufReader<R>>,
    frame: Option<StreamingDecoder<BufReader<R>, FrameDecoder>>,
}

impl<R: Read> Frames<R> {
    fn new(file: R) -> Self {
        Self {
            source: Some(BufReader::with_capacity(BUFFER, file)),
            frame: None,
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut frame) = self.frame.take() {
                let read = frame.read(buffer)?;
                if read > 0 {
                    self.frame = Some(frame);
                    return Ok(read);
                }
                self.source = Some(frame.into_inner());
            }
            let Some(mut source) = self.source.take() else {
                return Ok(0);
            };
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let frame = StreamingDecoder::new(source);
            self.frame = Some(frame.map_err(|error| io::Error::other(error.to_string()))?);
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        lines(bytes, Compression::Zstd).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn several_frames_are_one_file() {
        let frame = |text: &str| compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
        let long = "a,b\n".repeat(100_000);
        let file = [frame(&long), frame("c\n"), frame("")].concat();
        assert_eq!(read(&file).unwrap(), format!("{long}c\n"));
        assert_eq!(read(b"").unwrap(), "");
    }

    #[test]
    fn a_truncated_or_invalid_frame_is_an_error() {
        let whole = compress_to_vec("a,b\n".repeat(999).as_bytes(), CompressionLevel::Fastest);
        assert!(read(&whole[..whole.len() - 3]).is_err());
        assert!(read(b"a,b\n").is_err());
    }
}
