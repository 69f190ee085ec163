//! A sheet with the columns of its view.

use templates::tableau::{Encoding, Instance, MemberFilter, Sort, Source, TopFilter, Worksheet};

use crate::catalog::{Catalog, Column, View, caption};
use crate::error::BuildError;
use crate::id::uuid;
use crate::kind::Kind;
use crate::sheet::{By, Channel, Field, Sheet, sum, value};
use crate::source;

/// Returns the view of a sheet.
///
/// # Errors
///
/// Fails if the database does not have the view.
pub(crate) fn view<'a>(sheet: &Sheet, catalog: &'a Catalog) -> Result<&'a View, BuildError> {
    catalog.view(sheet.view).ok_or_else(|| BuildError::NoView {
        sheet: sheet.title,
        view: sheet.view,
        views: names(catalog.views().map(|view| &view.name)),
    })
}

/// Returns the sheet on the data source of its view.
///
/// # Errors
///
/// Fails if the view lacks a column of the sheet, or the type of a column does not allow its aggregation.
pub(crate) fn of(sheet: &Sheet, view: &View, source: Source) -> Result<Worksheet, BuildError> {
    let shown = Shown {
        sheet,
        view,
        source: &source.name,
    };
    let (columns, instances) = shown.fields()?;
    let (members, tops) = (shown.members()?, shown.tops()?);
    let filtered = members.iter().map(|filter| &filter.field);
    Ok(Worksheet {
        name: sheet.title.to_owned(),
        description: view.comment.clone(),
        columns: columns.into_iter().map(source::field).collect(),
        instances,
        slices: filtered
            .chain(tops.iter().map(|filter| &filter.field))
            .cloned()
            .collect(),
        members,
        tops,
        sorts: shown.sorts()?,
        mark: sheet.mark.tableau(),
        encodings: shown.encodings()?,
        label: shown.label()?,
        rows: shown.shelf(sheet.rows)?,
        cols: shown.shelf(sheet.columns)?,
        id: uuid("sheet", sheet.title),
        window_id: uuid("window", sheet.title),
        source,
    })
}

/// A sheet with its view and the name of its data source.
struct Shown<'a> {
    sheet: &'a Sheet,
    view: &'a View,
    source: &'a str,
}

impl<'a> Shown<'a> {
    /// Returns the columns and the fields of the sheet, each once.
    fn fields(&self) -> Result<(Vec<&'a Column>, Vec<Instance>), BuildError> {
        let mut columns: Vec<&Column> = Vec::new();
        let mut instances: Vec<Instance> = Vec::new();
        for field in self.sheet.fields() {
            let (column, instance) = (self.column(field)?, self.instance(field)?);
            if columns.iter().all(|known| known.name != column.name) {
                columns.push(column);
            }
            if instances.iter().all(|known| known.name != instance.name) {
                instances.push(instance);
            }
        }
        Ok((columns, instances))
    }

    /// Returns the column of a field, if its type allows the aggregation.
    fn column(&self, field: Field) -> Result<&'a Column, BuildError> {
        let column = self
            .view
            .column(field.column)
            .ok_or_else(|| BuildError::NoColumn {
                sheet: self.sheet.title,
                view: self.sheet.view,
                column: field.column,
                columns: names(self.view.columns.iter().map(|column| &column.name)),
            })?;
        let allowed = match field.by {
            By::Value => !Kind::of(column).is_measure(),
            By::Month => column.datatype.is_date(),
            By::Sum | By::Average => column.datatype.is_number(),
            By::Maximum | By::CountDistinct => true,
        };
        if allowed {
            Ok(column)
        } else {
            Err(BuildError::WrongType {
                sheet: self.sheet.title,
                view: self.sheet.view,
                column: field.column,
                aggregation: field.by.derivation(),
            })
        }
    }

    fn instance(&self, field: Field) -> Result<Instance, BuildError> {
        let column = self.column(field)?;
        let field_type = match field.by {
            By::Value => Kind::of(column).field_type(),
            _ => "quantitative",
        };
        let suffix = match field_type {
            "nominal" => "nk",
            "ordinal" => "ok",
            _ => "qk",
        };
        Ok(Instance {
            column: column.name.clone(),
            derivation: field.by.derivation(),
            name: format!("{}:{}:{suffix}", field.by.prefix(), column.name),
            field_type,
        })
    }

    fn level(&self, field: Field) -> Result<String, BuildError> {
        Ok(format!("[{}]", self.instance(field)?.name))
    }

    fn reference(&self, field: Field) -> Result<String, BuildError> {
        Ok(format!("[{}].{}", self.source, self.level(field)?))
    }

    /// The text of a shelf: labels are nested, measures are next to each other.
    fn shelf(&self, fields: &[Field]) -> Result<String, BuildError> {
        let references = fields.iter().map(|field| self.reference(*field));
        let references = references.collect::<Result<Vec<_>, _>>()?;
        let nested = fields.iter().all(|field| field.by == By::Value);
        let text = references.join(if nested { " / " } else { " + " });
        Ok(if fields.len() > 1 {
            format!("({text})")
        } else {
            text
        })
    }

    fn members(&self) -> Result<Vec<MemberFilter>, BuildError> {
        let only = self.sheet.only.iter();
        only.map(|(column, member)| {
            Ok(MemberFilter {
                field: self.reference(value(column))?,
                level: self.level(value(column))?,
                member,
            })
        })
        .collect()
    }

    fn tops(&self) -> Result<Vec<TopFilter>, BuildError> {
        let Some((ranking, count)) = self.sheet.sort.and_then(|sort| Some((sort, sort.top?)))
        else {
            return Ok(Vec::new());
        };
        Ok(vec![TopFilter {
            field: self.reference(value(ranking.column))?,
            level: self.level(value(ranking.column))?,
            count,
            expression: format!("SUM([{}])", ranking.measure),
        }])
    }

    fn sorts(&self) -> Result<Vec<Sort>, BuildError> {
        let sort = self.sheet.sort.iter();
        sort.map(|ranking| {
            Ok(Sort {
                field: self.reference(value(ranking.column))?,
                by: self.reference(sum(ranking.measure))?,
            })
        })
        .collect()
    }

    fn encodings(&self) -> Result<Vec<Encoding>, BuildError> {
        let encodings = self.sheet.encodings.iter();
        encodings
            .map(|(channel, field)| {
                Ok(Encoding {
                    channel: channel.tableau(),
                    field: self.reference(*field)?,
                })
            })
            .collect()
    }

    /// The parts of a label with captions, if a mark has several texts.
    fn label(&self) -> Result<Vec<String>, BuildError> {
        let encodings = self.sheet.encodings.iter();
        let texts: Vec<_> = encodings
            .filter(|(channel, _)| *channel == Channel::Text)
            .map(|(_, field)| *field)
            .collect();
        if texts.len() < 2 {
            return Ok(Vec::new());
        }
        let mut parts = Vec::new();
        for (place, field) in texts.into_iter().enumerate() {
            let before = if place == 0 { "" } else { "  ·  " };
            parts.push(format!("{before}{}: ", caption(field.column)));
            parts.push(format!("<{}>", self.reference(field)?));
        }
        Ok(parts)
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}
