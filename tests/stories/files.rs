//! Producers' files: CSV, gzip, standard input and Excel workbooks.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::environment::{Environment, beside_others, printed};

/// The header of the file "Online Retail II".
const HEADER: [&str; 8] = [
    "Invoice",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "Price",
    "Customer ID",
    "Country",
];

const ROWS: usize = 40;

/// Returns order lines with an ISO date.
fn csv() -> String {
    let mut text = HEADER.join(",");
    for row in 0..ROWS {
        write!(
            text,
            "\n98{row:04},22423,\"STAND, £\",3,2010-12-01T08:26:00,2.55,,EIRE"
        )
        .unwrap();
    }
    text
}

fn sheet(rows: usize) -> String {
    let mut cells = String::from("<row r=\"1\">");
    for (name, column) in HEADER.iter().zip('A'..) {
        write!(
            cells,
            r#"<c r="{column}1" t="inlineStr"><is><t>{name}</t></is></c>"#
        )
        .unwrap();
    }
    for row in 2..2 + rows {
        write!(
            cells,
            r#"</row><row r="{row}"><c r="A{row}"><v>98{row:04}</v></c><c r="B{row}" t="str"><v>22423</v></c><c r="D{row}"><v>3</v></c><c r="E{row}"><v>40513.351388888892</v></c><c r="F{row}"><v>2.5499999999999998</v></c><c r="H{row}" t="str"><v>EIRE</v></c>"#
        )
        .unwrap();
    }
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</row></sheetData></worksheet>"#
    )
}

/// Writes a workbook of two sheets with [`ROWS`] order lines in total.
fn workbook(path: &Path) {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, content) in [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="2009" sheetId="1" r:id="a"/><sheet name="2010" sheetId="2" r:id="b"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/a.xml"/><Relationship Id="b" Type="{OFFICE}/worksheet" Target="worksheets/b.xml"/></Relationships>"#
            ),
        ),
        ("xl/worksheets/a.xml", sheet(ROWS - 7)),
        ("xl/worksheets/b.xml", sheet(7)),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn stream(environment: &Environment, file: &str, input: Stdio) -> Output {
    let arguments = [
        "stream",
        file,
        "--env",
        environment.name,
        "--wait",
        "--json",
    ];
    let mut command = environment.command(&arguments);
    command.stdin(input).output().unwrap()
}

/// Streams all rows and returns the prefix of their event ids.
fn prefix(environment: &Environment, file: &str, input: Stdio) -> String {
    let output = printed(&stream(environment, file, input), file);
    let report: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(report["accepted"], ROWS, "{report}");
    report["event_id_prefix"].as_str().unwrap().to_owned()
}

fn warehouse(environment: &Environment, prefix: &str) -> Value {
    let sql = format!(
        "SELECT count(*) AS lines, sum(quantity) AS units, sum(quantity * unit_price)::DECIMAL(18, 2) AS revenue, \
         min(invoice_ts)::VARCHAR AS first, max(invoice_ts)::VARCHAR AS last \
         FROM retail.sales_line WHERE event_id LIKE '{prefix}%'"
    );
    environment.query(&sql)[0].clone()
}

#[test]
fn every_form_of_a_file_is_read_and_the_same_content_has_the_same_events() {
    let _way = beside_others();
    let environment = Environment::shared();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (plain, packed, book) = (path("a.csv"), path("a.csv.gz"), path("a.xlsx"));
    std::fs::write(&plain, csv()).unwrap();
    let file = std::fs::File::create(&packed).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    gzip.write_all(csv().as_bytes()).unwrap();
    gzip.finish().unwrap();
    workbook(book.as_ref());

    let expected = json!({
        "lines": ROWS, "units": 3 * ROWS, "revenue": "306.00",
        "first": "2010-12-01 08:26:00", "last": "2010-12-01 08:26:00",
    });
    let id = prefix(environment, &plain, Stdio::null());
    assert_eq!(prefix(environment, &packed, Stdio::null()), id);
    let input = || Stdio::from(std::fs::File::open(&packed).unwrap());
    assert_eq!(prefix(environment, "-", input()), id);
    assert_eq!(warehouse(environment, &id), expected);
    let id = prefix(environment, &book, Stdio::null());
    assert_eq!(warehouse(environment, &id), expected);
}

#[test]
fn a_file_without_rows_or_with_another_header_says_so() {
    let _way = beside_others();
    let environment = Environment::shared();
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    std::fs::write(path, HEADER.join(",")).unwrap();
    let nothing = environment.stack(&["stream", path]);
    assert!(nothing.contains("nothing was sent"), "{nothing}");
    let limit = environment.run(&["stream", path, "--limit", "0"]);
    assert_eq!(limit.status.code(), Some(2));

    std::fs::write(path, HEADER.join(",").replace("Price", "Amount")).unwrap();
    let unknown = environment.run(&["stream", path]);
    let told = String::from_utf8(unknown.stderr).unwrap();
    assert_eq!(unknown.status.code(), Some(1), "{told}");
    for part in ["no column for `UnitPrice`", "`Amount`", "--columns"] {
        assert!(told.contains(part), "{told}");
    }
    environment.stack(&["stream", path, "--columns", "Amount=UnitPrice"]);
}
