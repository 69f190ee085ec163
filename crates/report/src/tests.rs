//! Tests of a small report.

use std::collections::BTreeMap;

use warehouse::{Cell, RowColumn, Rows};

use crate::{Definition, Facts, Mistakes, Pictures, Report, Results, Source};

const PAGE: &str = r#"# Items & more

Some *text*.

```sql items
SELECT description, revenue FROM analytics.top_items;
```

```vega-lite
title: Revenue by item
description: Bars of "revenue" for each item.
data: { name: items }
mark: bar
encoding:
  x: { field: revenue, type: quantitative }
  y: { field: description, type: nominal }
```

## Details

```table
title: All items
query: items
columns: [description, revenue]
```

```figures
title: First item
query: items
columns: [revenue]
```
"#;

fn source(file: &str, text: &str) -> Source {
    Source {
        file: file.to_owned(),
        text: text.to_owned(),
    }
}

fn read(text: &str) -> Result<Report, Mistakes> {
    let columns = source(
        "columns.yaml",
        "revenue: { title: Net revenue, format: money }",
    );
    Report::read(&[source("a.md", text)], &columns)
}

fn mistakes(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

fn results(columns: &[(&str, &str)], rows: Vec<Vec<Cell>>) -> Results {
    let column = |(name, type_name): &(&str, &str)| RowColumn {
        name: (*name).to_owned(),
        type_name: (*type_name).to_owned(),
    };
    let columns = columns.iter().map(column).collect();
    Results::from([("items".to_owned(), Rows { columns, rows })])
}

fn items(rows: Vec<Vec<Cell>>) -> Results {
    results(&[("description", "varchar"), ("revenue", "numeric")], rows)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn facts() -> Facts {
    let view = |view: &str, comment: &str| Definition {
        view: view.to_owned(),
        comment: comment.to_owned(),
        columns: vec![("description".to_owned(), "In words".to_owned())],
    };
    Facts {
        environment: "local".to_owned(),
        data_as_of: Some("2011-12-09 12:50:00.123".to_owned()),
        written_at: "2011-12-10 08:00:00".to_owned(),
        definitions: vec![
            view("analytics.top", "Another"),
            view("analytics.top_items", "Items by purchases"),
        ],
    }
}

/// The part of the file after the style.
fn body(report: &Report, results: &Results, facts: &Facts) -> String {
    let picture = |svg: &str| format!("<svg><text>{svg}</text></svg>");
    let drawn = report.drawings(results).into_iter().map(|drawing| {
        let (wide, narrow) = (picture("wide"), picture("narrow"));
        (drawing.id, Pictures { wide, narrow })
    });
    let html = report
        .html(results, &drawn.collect::<BTreeMap<_, _>>(), facts)
        .unwrap();
    html.split_once("</style>").unwrap().1.to_owned()
}

#[test]
fn a_page_becomes_a_section_with_charts_tables_figures_and_definitions() {
    let rows = vec![
        vec![text("CAKESTAND"), text("1234.5000")],
        vec![Cell::Null, text("-0.001")],
    ];
    insta::assert_snapshot!(body(&read(PAGE).unwrap(), &items(rows), &facts()));
}

#[test]
fn odd_text_is_shown_as_it_is() {
    let odd = "<script>alert('x')</script> | \"quoted\" & `code` {{this}} 🎈 שלום \u{1}";
    let html = body(
        &read(PAGE).unwrap(),
        &items(vec![vec![text(odd), Cell::Null]]),
        &facts(),
    );
    let shown = "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; | &quot;quoted&quot; &amp; &#x60;code&#x60; {{this}} 🎈 שלום ␁";
    assert_eq!(html.matches(shown).count(), 2, "{html}");
    assert!(!html.contains("<script"));
}

#[test]
fn without_rows_charts_and_tables_say_that_there_is_no_data_yet() {
    let report = read(PAGE).unwrap();
    let results = items(Vec::new());
    assert!(report.drawings(&results).is_empty());
    let html = body(
        &report,
        &results,
        &Facts {
            data_as_of: None,
            ..facts()
        },
    );
    assert_eq!(
        html.to_lowercase().matches("no data yet").count(),
        3,
        "{html}"
    );
    assert!(html.contains("<dd>–</dd>"), "{html}");
}

#[test]
fn a_drawing_has_the_data_a_width_for_each_screen_and_a_picture_without_variables() {
    let report = read(PAGE).unwrap();
    let drawings = report.drawings(&items(vec![vec![text("A"), text("9.5")]]));
    let [drawing] = drawings.as_slice() else {
        panic!("{drawings:?}");
    };
    assert_eq!(drawing.id, "revenue-by-item");
    assert_eq!(drawing.wide["data"]["values"][0]["revenue"], 9.5);
    assert!(drawing.wide["width"].as_u64() > drawing.narrow["width"].as_u64());
    assert_eq!(drawing.wide.get("title"), None);
    assert_eq!(drawing.picture["title"], "Revenue by item");
    assert!(drawing.wide.to_string().contains("var(--first)"));
    assert!(!drawing.picture.to_string().contains("var("));
}

#[test]
fn a_column_that_a_query_does_not_return_is_named_with_its_line() {
    let report = read(PAGE).unwrap();
    let renamed = results(
        &[("description", "varchar"), ("net_revenue", "numeric")],
        Vec::new(),
    );
    insta::assert_snapshot!(report.check(&renamed, Vec::new()).unwrap_err(), @r"
    the pages of the report have 3 mistakes; nothing was written
      a.md:15: query `items` returns no column `revenue`
        next: use a column of the query, or rename it in the SQL with `AS revenue`; it returns: description, net_revenue
      a.md:24: query `items` returns no column `revenue`
        next: use a column of the query, or rename it in the SQL with `AS revenue`; it returns: description, net_revenue
      a.md:30: query `items` returns no column `revenue`
        next: use a column of the query, or rename it in the SQL with `AS revenue`; it returns: description, net_revenue
    ");
}

#[test]
fn a_query_that_failed_is_a_mistake_and_its_blocks_are_not() {
    let report = read(PAGE).unwrap();
    let failed = report
        .queries()
        .map(|query| query.failed("column \"revenue\" does not exist"));
    let error = report.check(&Results::new(), failed.collect()).unwrap_err();
    assert_eq!(error.0.len(), 1);
    let text = error.to_string();
    assert!(
        text.contains("a.md:5: query `items` failed: column \"revenue\" does not exist"),
        "{text}"
    );
}

#[test]
fn all_mistakes_of_the_blocks_are_found_at_once() {
    insta::assert_snapshot!(mistakes(
        r"## No title

```sql
SELECT 1
```

```sql one
SELECT 1 AS a
```

```sql one
SELECT 2 AS a
```

#### Too deep

```vega-lite
title: A
width: 500
mark: image
encoding: { x: { field: a } }
```

```table
title: A
query: tow
columns: [a]
```

```table
title: A
query: one
kolumns: [a]
```

- a list
  ```figures
  ```

```vega
```

<b>HTML</b> and ![image](https://example.org/a.png)
"
    ));
}

#[test]
fn two_charts_with_one_title_would_have_one_picture() {
    let chart = &PAGE[PAGE.find("```vega-lite").unwrap()..PAGE.find("## Details").unwrap()];
    let text = mistakes(&format!("{PAGE}\n{chart}"));
    assert!(
        text.contains("a.md:33: another chart or page has the title `Revenue by item`"),
        "{text}"
    );
}

#[test]
fn a_mistake_in_yaml_has_its_line() {
    let text = mistakes(&PAGE.replace("columns: [revenue]", "columns: [revenue"));
    assert!(text.contains("a.md:3"), "{text}");
    assert!(text.contains("cannot be read"), "{text}");
}
