//! The analysts' report: one HTML file with the numbers of the warehouse.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::json;
use tempfile::TempDir;

use crate::answers;
use crate::environment::Environment;
use crate::python;

/// One order line that is hard to show, with enough units to be the top item.
const ODD: &str = r#"600001,ODD,"<script>alert('x')</script> | ""quoted"" & 🎈 שלום",50000,12/15/2010 8:26,1.005,17850,United Kingdom"#;

struct Story {
    environment: Environment,
    folder: TempDir,
}

impl Story {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn stream(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        self.environment
            .stack(&["stream", &path, "--env", self.environment.name, "--wait"]);
        path
    }

    /// Writes the report to `name` and returns its text.
    fn report(&self, name: &str) -> String {
        let path = self.path(name);
        self.environment
            .stack(&["report", self.environment.name, "--out", &path]);
        std::fs::read_to_string(path).unwrap()
    }

    fn with_pages(&self, pages: &Path) -> Output {
        let (name, out) = (self.environment.name, self.path("report.html"));
        self.environment.run(&[
            "report",
            name,
            "--pages",
            pages.to_str().unwrap(),
            "--out",
            &out,
        ])
    }
}

#[test]
fn the_report_has_no_data_one_event_and_then_the_numbers_of_an_independent_calculation() {
    let (environment, _kept) = Environment::own("local-report");
    environment.deploy();
    let folder = tempfile::tempdir().unwrap();
    let story = Story {
        environment,
        folder,
    };

    let empty = story.report("empty.html");
    assert!(
        empty.contains("No data yet.") && !empty.contains("<svg"),
        "{empty}"
    );

    let one = story.stream("one.csv", &format!("{}{ODD}\r\n", answers::HEADER));
    let html = story.report("one.html");
    let shown =
        "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; | &quot;quoted&quot; &amp; 🎈 שלום";
    assert!(html.contains(shown) && html.contains("<svg"), "{html}");

    let all = story.stream("all.csv", &answers::text());
    let html = story.report("report.html");
    let told = python::run(
        "report.py",
        &json!({ "csv": [one, all], "html": html }),
        &[],
    );
    assert_eq!(told["requests"], json!([]), "{told:#}");
    assert_eq!(told["differences"], json!({}), "{told:#}");
    assert!(told["numbers"].as_u64().unwrap() >= 10, "{told:#}");
    mistakes(&story);
}

/// Checks what the command says about columns that pages and views name differently.
fn mistakes(story: &Story) {
    let pages = Pages::copied(story);
    let complete = story.with_pages(&pages.0);
    assert!(complete.status.success(), "{complete:?}");
    let before = std::fs::read_to_string(story.path("report.html")).unwrap();

    let chart = pages.rename(
        "01-overview.md",
        "  y: { field: net_revenue",
        "  y: { field: net_turnover",
    );
    let table = pages.rename(
        "02-items.md",
        "columns: [item_code,",
        "columns: [item_number,",
    );
    let told = refused(&story.with_pages(&pages.0));
    let parts: [&str; 4] = [&chart, "`net_turnover`", &table, "`item_number`"];
    for part in [&parts[..], &["2 mistakes", "next: "]].concat() {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }

    let query = pages.line("02-items.md", "```sql top_items_by_revenue");
    let columns = "SELECT item_code, description";
    pages.rename("02-items.md", columns, "SELECT item_number, description");
    let told = refused(&story.with_pages(&pages.0));
    let parts: [&str; 3] = [&chart, &query, "`top_items_by_revenue` failed"];
    for part in [&parts[..], &["item_number", "stack migrate"]].concat() {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    let after = std::fs::read_to_string(story.path("report.html")).unwrap();
    assert_eq!(before, after);
}

/// A copy of two pages.
struct Pages(PathBuf);

impl Pages {
    fn copied(story: &Story) -> Self {
        let folder = story.folder.path().join("pages");
        std::fs::create_dir(&folder).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards/report");
        for name in ["columns.yaml", "01-overview.md", "02-items.md"] {
            std::fs::copy(source.join(name), folder.join(name)).unwrap();
        }
        Self(folder)
    }

    /// Returns file and line of `text`, as a mistake names them.
    fn line(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        let page = std::fs::read_to_string(&path).unwrap();
        let line = 1 + page[..page.find(text).unwrap()].matches('\n').count();
        format!("{}:{line}: ", path.display())
    }

    /// Replaces `from` by `to` and returns its file and line.
    fn rename(&self, name: &str, from: &str, to: &str) -> String {
        let line = self.line(name, from);
        let path = self.0.join(name);
        let page = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, page.replace(from, to)).unwrap();
        line
    }
}

/// Returns the error of a report that was not written.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr.clone()).unwrap()
}
