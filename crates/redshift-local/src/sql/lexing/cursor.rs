//! A position in a list of tokens.

use super::error::SqlError;
use super::token::{Kind, Tok, name, value};

/// Reads tokens one after another.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'t, 'a> {
    tokens: &'t [Tok<'a>],
    at: usize,
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub(crate) fn new(tokens: &'t [Tok<'a>]) -> Self {
        Self { tokens, at: 0 }
    }

    /// Returns the next token without taking it.
    pub(crate) fn peek(&self) -> Option<&'t Tok<'a>> {
        self.tokens.get(self.at)
    }

    pub(crate) fn next(&mut self) -> Option<&'t Tok<'a>> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    /// Returns the remaining tokens without taking them.
    pub(crate) fn rest(&self) -> &'t [Tok<'a>] {
        &self.tokens[self.at..]
    }

    /// Takes the next `length` tokens, or as many as remain.
    pub(crate) fn take(&mut self, length: usize) -> &'t [Tok<'a>] {
        let from = self.at;
        self.at = self.tokens.len().min(from + length);
        &self.tokens[from..self.at]
    }

    /// Takes all remaining tokens.
    pub(crate) fn take_rest(&mut self) -> &'t [Tok<'a>] {
        let rest = self.rest();
        self.at = self.tokens.len();
        rest
    }

    /// Takes `words` if they are the next tokens: all of them or none.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let matches = words.len() <= self.rest().len()
            && words
                .iter()
                .zip(self.rest())
                .all(|(word, token)| token.is(word));
        if matches {
            self.at += words.len();
        }
        matches
    }

    /// Takes the next token if it is one of `words`, and returns that word.
    pub(crate) fn eat_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let found = words
            .iter()
            .find(|word| self.peek().is_some_and(|token| token.is(word)))?;
        self.at += 1;
        Some(found)
    }

    /// Takes the next token if it is `symbol`.
    pub(crate) fn eat_symbol(&mut self, symbol: &str) -> bool {
        let matches = self.peek().is_some_and(|token| token.is_symbol(symbol));
        self.at += usize::from(matches);
        matches
    }

    /// Takes the word `word`, or returns a syntax error.
    pub(crate) fn expect(&mut self, word: &str) -> Result<(), SqlError> {
        if self.eat(&[word]) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes `symbol`, or returns a syntax error.
    pub(crate) fn expect_symbol(&mut self, symbol: &str) -> Result<(), SqlError> {
        if self.eat_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Takes a name and returns it in PostgreSQL's spelling.
    pub(crate) fn name(&mut self) -> Result<String, SqlError> {
        match self.peek() {
            Some(token) if token.is_name() => {
                self.at += 1;
                Ok(name(token))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Takes `name[.name[.name]]`.
    pub(crate) fn path(&mut self) -> Result<String, SqlError> {
        let mut path = self.name()?;
        while self.eat_symbol(".") {
            path.push('.');
            path.push_str(&self.name()?);
        }
        Ok(path)
    }

    /// Takes a string literal and returns its value.
    pub(crate) fn text(&mut self) -> Result<String, SqlError> {
        let found = self
            .peek()
            .filter(|token| token.kind == Kind::Literal)
            .and_then(value);
        match found {
            Some(text) => {
                self.at += 1;
                Ok(text)
            }
            None => Err(self.unexpected()),
        }
    }

    /// Takes a whole number, with its sign.
    pub(crate) fn integer(&mut self) -> Result<i64, SqlError> {
        let negative = self.eat_symbol("-");
        match self.peek().filter(|token| token.kind == Kind::Number) {
            Some(token) => {
                let number: i64 = token.text.parse().map_err(|_| self.unexpected())?;
                self.at += 1;
                Ok(if negative { -number } else { number })
            }
            None => Err(self.unexpected()),
        }
    }

    /// Takes `( … )` and returns the tokens between the parentheses.
    pub(crate) fn parenthesised(&mut self) -> Result<&'t [Tok<'a>], SqlError> {
        if !self.peek().is_some_and(|token| token.is_symbol("(")) {
            return Err(self.unexpected());
        }
        let close = closing(self.tokens, self.at)?;
        let inner = &self.tokens[self.at + 1..close];
        self.at = close + 1;
        Ok(inner)
    }

    /// Takes `(name, …)`.
    pub(crate) fn names(&mut self) -> Result<Vec<String>, SqlError> {
        split(self.parenthesised()?)
            .into_iter()
            .map(|part| {
                let mut cursor = Cursor::new(part);
                let name = cursor.name()?;
                cursor.finish()?;
                Ok(name)
            })
            .collect()
    }

    /// Takes tokens up to the first one outside of parentheses for which `stop` returns true. The
    /// first token is always taken.
    pub(crate) fn until(
        &mut self,
        stop: impl Fn(&Tok<'a>) -> bool,
    ) -> Result<&'t [Tok<'a>], SqlError> {
        let from = self.at;
        while let Some(token) = self.peek() {
            if self.at > from && stop(token) {
                break;
            }
            self.at = if token.is_symbol("(") {
                closing(self.tokens, self.at)?
            } else {
                self.at
            } + 1;
        }
        Ok(&self.tokens[from..self.at])
    }

    /// Returns a syntax error unless every token was taken.
    pub(crate) fn finish(&self) -> Result<(), SqlError> {
        if self.peek().is_some() {
            Err(self.unexpected())
        } else {
            Ok(())
        }
    }

    /// Returns the syntax error for the next token.
    pub(crate) fn unexpected(&self) -> SqlError {
        match self.peek() {
            Some(token) => SqlError::Syntax(token.text.clone().into_owned()),
            None => SqlError::End,
        }
    }
}

/// Returns the index of the parenthesis that closes the one at `open`.
pub(crate) fn closing(tokens: &[Tok<'_>], open: usize) -> Result<usize, SqlError> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Ok(at);
            }
        }
    }
    Err(SqlError::End)
}

/// Splits `tokens` at the commas outside of parentheses. Returns no parts if there are no tokens.
pub(crate) fn split<'t, 'a>(tokens: &'t [Tok<'a>]) -> Vec<&'t [Tok<'a>]> {
    if tokens.is_empty() {
        return Vec::new();
    }
    let mut depth = 0_usize;
    let mut from = 0;
    let mut parts = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_ref() {
            "(" if token.kind == Kind::Symbol => depth += 1,
            ")" if token.kind == Kind::Symbol => depth = depth.saturating_sub(1),
            "," if token.kind == Kind::Symbol && depth == 0 => {
                parts.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[from..]);
    parts
}
