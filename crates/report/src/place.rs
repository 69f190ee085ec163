//! The files of a report, and places in them.

use crate::mistake::Mistake;

/// A file of the report.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name of the file, for mistakes.
    pub file: String,
    pub text: String,
}

/// A part of a page and where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) file: String,
    /// The line where the part begins, from 1.
    pub(crate) line: usize,
    /// The text of the part, which begins on the next line.
    pub(crate) body: String,
}

impl Place {
    /// The mistake `cause` at the first line of the part.
    pub(crate) fn mistake(&self, cause: impl Into<String>, next: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.clone(),
            line: self.line,
            cause: cause.into(),
            next: next.into(),
        }
    }

    /// The line of the part that names `name`, or else its first line. Titles and descriptions name nothing.
    pub(crate) fn line_of(&self, name: &str) -> usize {
        let is_part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let names = |line: &str| {
            !line.starts_with("title:")
                && !line.starts_with("description:")
                && line
                    .split(|letter| !is_part_of_word(letter))
                    .any(|word| word == name)
        };
        let found = self.body.lines().position(names);
        self.line + found.map_or(0, |position| position + 1)
    }
}

/// An id of `text`: its letters and digits in lower case, joined by hyphens.
pub(crate) fn id_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
