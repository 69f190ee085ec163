//! The pages of the report, in this program or in a folder.

use std::io;
use std::path::{Path, PathBuf};

use ::report::Source;

/// How columns are shown, on all pages.
const COLUMNS: &str = "columns.yaml";

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$((
            concat!("dashboards/report/", $name),
            include_str!(concat!("../../../dashboards/report/", $name)),
        )),+]
    };
}

/// The pages in their order.
const PAGES: [(&str, &str); 6] = files![
    "01-overview.md",
    "02-items.md",
    "03-revenue.md",
    "04-customers.md",
    "05-baskets.md",
    "06-freshness.md",
];

/// Returns the pages that were compiled into this program, and their `columns.yaml`.
#[must_use]
pub fn built_in() -> (Vec<Source>, Source) {
    let source = |(file, text): (&str, &str)| Source {
        file: file.to_owned(),
        text: text.to_owned(),
    };
    let [columns] = files!["columns.yaml"];
    (PAGES.map(source).into(), source(columns))
}

/// Reads the pages of a folder in the order of their names, and its `columns.yaml`, which may be missing.
///
/// # Errors
///
/// Fails with the path that cannot be read, or with the folder if it has no pages.
pub fn in_folder(folder: &Path) -> Result<(Vec<Source>, Source), (PathBuf, io::Error)> {
    let of_folder = |error| (folder.to_owned(), error);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(of_folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(of_folder)?;
    paths.retain(|path| is_page(path));
    paths.sort();
    if paths.is_empty() {
        let cause = "it has no pages (`*.md`)";
        return Err(of_folder(io::Error::new(io::ErrorKind::NotFound, cause)));
    }
    let pages = paths
        .iter()
        .map(|path| read(path))
        .collect::<Result<_, _>>()?;
    let columns = match read(&folder.join(COLUMNS)) {
        Err((path, error)) if error.kind() == io::ErrorKind::NotFound => Source {
            file: path.display().to_string(),
            text: "{}".to_owned(),
        },
        columns => columns?,
    };
    Ok((pages, columns))
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
        && path.file_name().is_some_and(|name| name != "README.md")
}

fn read(path: &Path) -> Result<Source, (PathBuf, io::Error)> {
    let text = std::fs::read_to_string(path).map_err(|error| (path.to_owned(), error))?;
    Ok(Source {
        file: path.display().to_string(),
        text,
    })
}

#[cfg(test)]
mod tests {
    use ::report::Report;

    use super::*;

    #[test]
    fn the_pages_of_the_repository_are_all_built_in_and_have_no_mistakes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (pages, columns) = built_in();
        let (found, _) = in_folder(&root.join("dashboards/report")).unwrap();
        let texts = |pages: &[Source]| {
            pages
                .iter()
                .map(|page| page.text.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&pages), texts(&found));
        Report::read(&pages, &columns).unwrap();
        for page in pages.iter().chain([&columns]) {
            assert!(root.join(&page.file).exists(), "{}", page.file);
        }
    }

    #[test]
    fn a_folder_without_pages_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("README.md"), "# No page").unwrap();
        let (path, error) = in_folder(folder.path()).unwrap_err();
        assert_eq!(path, folder.path());
        assert!(error.to_string().contains("no pages"));
    }
}
