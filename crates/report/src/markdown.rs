//! Reads a page of Markdown.

use pulldown_cmark::{
    CodeBlockKind, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd, html,
};

use crate::block::{Chart, Listing};
use crate::mistake::Mistake;
use crate::page::{Block, Page, Query};
use crate::place::{Place, Source, id_of};

/// Reads `source` and adds its mistakes to `mistakes`.
pub(crate) fn read(source: &Source, mistakes: &mut Vec<Mistake>) -> Page {
    let mut reader = Reader {
        source,
        mistakes,
        page: Page {
            id: String::new(),
            title: String::new(),
            blocks: Vec::new(),
            queries: Vec::new(),
        },
        text: Vec::new(),
        depth: 0,
        level: 0,
    };
    let mut events = Parser::new_ext(&source.text, Options::empty()).into_offset_iter();
    while let Some((event, range)) = events.next() {
        reader.read(event, range.start, &mut events);
    }
    reader.finish_text();
    if reader.page.title.is_empty() {
        let place = reader.place(0, String::new());
        let mistake = place.mistake("the page has no title", "begin it with a line `# Title`");
        reader.mistakes.push(mistake);
    }
    reader.page
}

struct Reader<'a> {
    source: &'a Source,
    mistakes: &'a mut Vec<Mistake>,
    page: Page,
    /// Events of the text that is not yet a block.
    text: Vec<Event<'a>>,
    /// How many lists, quotes and other elements contain the next event.
    depth: usize,
    /// The level of the last heading, 0 before the first.
    level: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, event: Event<'a>, offset: usize, events: &mut OffsetIter<'a>) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let body: String = events
                    .map_while(|(event, _)| match event {
                        Event::Text(text) => Some(text.into_string()),
                        _end => None,
                    })
                    .collect();
                self.fence(&info, self.place(offset, body));
            }
            Event::Start(Tag::Heading { level, .. }) if self.depth == 0 => {
                let content = events
                    .map_while(|(event, _)| {
                        Some(event).filter(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                    })
                    .collect();
                self.heading(level, content, offset);
            }
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Image { .. }) => {
                let place = self.place(offset, String::new());
                self.mistakes.push(place.mistake(
                    "HTML and images are not allowed in a page",
                    "use Markdown, and a chart instead of an image: the report makes no request",
                ));
            }
            event => {
                match event {
                    Event::Start(_) => self.depth += 1,
                    Event::End(_) => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                self.text.push(event);
            }
        }
    }

    /// The part of the file that begins at `offset`.
    fn place(&self, offset: usize, body: String) -> Place {
        Place {
            file: self.source.file.clone(),
            line: 1 + self.source.text[..offset].matches('\n').count(),
            body,
        }
    }

    /// Reads a heading. The first one is the title; the others are one level lower in the report.
    fn heading(&mut self, level: HeadingLevel, content: Vec<Event<'a>>, offset: usize) {
        let level = level as usize;
        let place = self.place(offset, String::new());
        let wrong = match (self.level, level) {
            (0, 1) => None,
            (0, _) => Some((
                "the page does not begin with its title".to_owned(),
                "write one `#`".to_owned(),
            )),
            (_, 1) => Some((
                "the page has two titles".to_owned(),
                "write `##` instead of `#`".to_owned(),
            )),
            (before, level) if level > before + 1 => Some((
                format!("a heading of level {level} follows one of level {before}"),
                format!("write {} `#`", before + 1),
            )),
            _ => None,
        };
        if let Some((cause, next)) = wrong {
            self.mistakes.push(place.mistake(cause, next));
        }
        if self.level == 0 {
            let words = content.iter().filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            });
            self.page.title = words.collect();
            self.page.id = id_of(&self.page.title);
        } else {
            self.finish_text();
            let mut inner = String::new();
            html::push_html(&mut inner, content.into_iter());
            let number = (level + 1).min(6);
            let heading = format!("<h{number}>{inner}</h{number}>\n");
            self.page.blocks.push(Block::Text(heading));
        }
        self.level = level;
    }

    fn finish_text(&mut self) {
        let mut text = String::new();
        html::push_html(&mut text, self.text.drain(..));
        if !text.is_empty() {
            self.page.blocks.push(Block::Text(text));
        }
    }

    fn fence(&mut self, info: &str, place: Place) {
        let mut words = info.split_whitespace();
        let (kind, name) = (words.next().unwrap_or_default(), words.next());
        if self.depth > 0 && kind != "text" {
            self.mistakes.push(place.mistake(
                "the block is inside a list or a quote",
                "move it to the beginning of a line, outside of them",
            ));
            return;
        }
        match (kind, name) {
            ("sql", Some(name)) => self.page.queries.push(Query {
                name: name.to_owned(),
                sql: place.body.trim().trim_end_matches(';').to_owned(),
                place,
            }),
            ("sql", None) => self.mistakes.push(place.mistake(
                "the query has no name",
                "write the name after `sql`, as in ```sql revenue_by_month",
            )),
            ("vega-lite", None) => match Chart::read(place) {
                Ok(chart) => self.show(Block::Chart(chart)),
                Err(mistakes) => self.mistakes.extend(mistakes),
            },
            ("table", None) => self.listing(place, Block::Table),
            ("figures", None) => self.listing(place, Block::Figures),
            ("text", None) => self.plain(place.body),
            _ => self.mistakes.push(place.mistake(
                format!("unknown kind of block `{}`", info.trim()),
                "use one of: `sql NAME`, `vega-lite`, `table`, `figures`, `text`",
            )),
        }
    }

    fn listing(&mut self, place: Place, block: fn(Listing) -> Block) {
        match Listing::read(place) {
            Ok(listing) => self.show(block(listing)),
            Err(mistake) => self.mistakes.push(mistake),
        }
    }

    fn show(&mut self, block: Block) {
        self.finish_text();
        self.page.blocks.push(block);
    }

    fn plain(&mut self, body: String) {
        let kind = CodeBlockKind::Fenced("text".into());
        self.text.extend([
            Event::Start(Tag::CodeBlock(kind)),
            Event::Text(body.into()),
            Event::End(TagEnd::CodeBlock),
        ]);
    }
}
