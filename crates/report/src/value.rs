//! Values of charts.

use serde_json::{Map, Number, Value};
use warehouse::{Cell, RowColumn, Rows};

/// The rows as JSON objects for a chart. Decimals become floating-point numbers, which is exact enough to draw them.
pub(crate) fn values(rows: &Rows) -> Vec<Value> {
    let object = |row: &Vec<Cell>| -> Map<String, Value> {
        let columns = rows.columns.iter().zip(row);
        columns
            .map(|(column, cell)| (column.name.clone(), value(column, cell)))
            .collect()
    };
    rows.rows.iter().map(|row| object(row).into()).collect()
}

fn value(column: &RowColumn, cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(truth) => (*truth).into(),
        Cell::Long(number) => (*number).into(),
        Cell::Double(number) => Number::from_f64(*number).into(),
        Cell::Text(text) if column.is_number() => {
            let number = text.parse().ok().and_then(Number::from_f64);
            number.into()
        }
        Cell::Text(_) | Cell::Bytes(_) => in_charts(&cell.to_string()).into(),
    }
}

/// Replaces characters of two UTF-16 units, such as emoji, because Vega cuts long labels between units and vl-convert
/// refuses half of a character. The table behind the chart has the text as it is.
fn in_charts(text: &str) -> String {
    let letters = visible(text);
    let letters = letters.chars().map(|letter| match letter {
        '\u{10000}'.. => '\u{25a1}',
        letter => letter,
    });
    letters.collect()
}

/// Replaces control characters, which XML and HTML do not allow, by their visible symbols.
pub(crate) fn visible(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '\n' | '\t' => letter,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        letter => letter,
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_charts_has_no_character_of_two_utf_16_units() {
        assert_eq!(in_charts("a 🎈\u{1} £ שלום"), "a □␁ £ שלום");
    }

    #[test]
    fn control_characters_are_visible_and_other_text_stays() {
        assert_eq!(visible("a\u{1}\u{7f}\r\u{fffe}"), "a␁␡␍\u{fffd}");
        assert_eq!(visible("<script>|\"🎈 שלום\n"), "<script>|\"🎈 שלום\n");
    }

    #[test]
    fn decimals_are_numbers_and_codes_stay_text() {
        let column = |name: &str, type_name: &str| RowColumn {
            name: name.into(),
            type_name: type_name.into(),
        };
        let rows = Rows {
            columns: vec![column("revenue", "numeric"), column("code", "varchar")],
            rows: vec![
                vec![Cell::Text("9.5000".into()), Cell::Text("22423".into())],
                vec![Cell::Null, Cell::Null],
            ],
        };
        let values = serde_json::to_string(&values(&rows)).unwrap();
        assert_eq!(
            values,
            r#"[{"revenue":9.5,"code":"22423"},{"revenue":null,"code":null}]"#
        );
    }
}
