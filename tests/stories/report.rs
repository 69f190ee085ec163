//! The analysts' report: one HTML file with the numbers of the warehouse.

use std::path::Path;
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
    mistakes(&story, &html);
}

/// Renames columns in a copy of the pages.
fn mistakes(story: &Story, written: &str) {
    let pages = story.folder.path().join("pages");
    std::fs::create_dir(&pages).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards/report");
    for name in ["columns.yaml", "01-overview.md", "02-items.md"] {
        std::fs::copy(source.join(name), pages.join(name)).unwrap();
    }
    let unchanged = story.with_pages(&pages);
    assert!(unchanged.status.success(), "{unchanged:?}");

    let rename = |name: &str, from: &str, to: &str| {
        let path = pages.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let position = text.find(from).unwrap();
        std::fs::write(&path, text.replace(from, to)).unwrap();
        format!(
            "{}:{}: ",
            path.display(),
            1 + text[..position].matches('\n').count()
        )
    };
    let chart = rename(
        "01-overview.md",
        "  y: { field: net_revenue",
        "  y: { field: net_turnover",
    );
    let table = rename(
        "02-items.md",
        "columns: [item_code,",
        "columns: [item_number,",
    );
    let before = std::fs::read_to_string(story.path("report.html")).unwrap();
    let told = refused(&story.with_pages(&pages));
    for part in [
        &chart,
        "`net_turnover`",
        &table,
        "`item_number`",
        "2 mistakes",
        "next: ",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    let query = rename(
        "02-items.md",
        "```sql top_items_by_revenue",
        "```sql top_items_by_revenue",
    );
    rename(
        "02-items.md",
        "SELECT item_code, description, net_quantity, net_revenue",
        "SELECT item_number, description, net_quantity, net_revenue",
    );
    let told = refused(&story.with_pages(&pages));
    for part in [
        &chart,
        &query,
        "`top_items_by_revenue` failed",
        "item_number",
        "stack migrate",
    ] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    assert_eq!(
        std::fs::read_to_string(story.path("report.html")).unwrap(),
        before
    );
    assert_ne!(written, before);
}

/// Returns the error of a report that was not written.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr.clone()).unwrap()
}
