//! How Tableau reaches the views: the attributes of its element `connection`.
//!
//! No password is ever part of it: Tableau asks for it.

use templates::tableau::{Attribute, Connection as Element};

use crate::SCHEMA;

/// Tableau's names of the connectors.
pub(crate) const CLASSES: [&str; 3] = ["redshift", "postgres", "hyper"];

/// Where the views are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Connection {
    Redshift(Server),
    /// PostgreSQL, which replaces Redshift on one machine.
    Postgres(Server),
    /// An extract in a packaged workbook.
    Hyper {
        /// The path in the package.
        path: String,
    },
}

/// The address of a database and the user who reads it. TLS is required.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub user: String,
}

impl Connection {
    pub(crate) fn element(&self) -> Element {
        match self {
            Self::Redshift(server) => {
                let extras = ("odbc-connect-string-extras", String::new());
                element(
                    "redshift",
                    &server.host,
                    server.attributes().chain([extras]),
                )
            }
            Self::Postgres(server) => element("postgres", &server.host, server.attributes()),
            Self::Hyper { path } => element(
                "hyper",
                path,
                [
                    ("authentication", "auth-none".to_owned()),
                    ("dbname", path.clone()),
                    ("default-settings", "yes".to_owned()),
                    ("schema", SCHEMA.to_owned()),
                    ("sslmode", String::new()),
                    ("username", "tableau_internal_user".to_owned()),
                ],
            ),
        }
    }
}

impl Server {
    fn attributes(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("authentication", "username-password".to_owned()),
            ("dbname", self.database.clone()),
            ("one-time-sql", String::new()),
            ("port", self.port.to_string()),
            ("schema", SCHEMA.to_owned()),
            ("server", self.host.clone()),
            ("sslmode", "require".to_owned()),
            ("username", self.user.clone()),
            ("workgroup-auth-mode", "prompt".to_owned()),
        ]
        .into_iter()
    }
}

fn element(
    class: &'static str,
    caption: &str,
    attributes: impl IntoIterator<Item = (&'static str, String)>,
) -> Element {
    let class_attribute = ("class", class.to_owned());
    let mut attributes: Vec<_> = attributes
        .into_iter()
        .chain([class_attribute])
        .map(|(name, value)| Attribute { name, value })
        .collect();
    attributes.sort_by_key(|attribute| attribute.name);
    Element {
        name: format!("{class}.riverhouse"),
        caption: caption.to_owned(),
        attributes,
    }
}
