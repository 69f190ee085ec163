//! Who may do what, by grants alone: asked of the database, and tried.

use tokio_postgres::Client;

use crate::rig::Rig;

const USERS: [&str; 2] = ["tableau", "IAMR:Load"];

/// For each user a line of rights on each schema, each table or view, and the database.
async fn matrix(client: &Client) -> String {
    let mut lines = Vec::new();
    for user in USERS {
        let schemas = "SELECT nspname, has_schema_privilege($1, oid, 'USAGE'), has_schema_privilege($1, oid, 'CREATE') \
                       FROM pg_namespace WHERE nspname IN ('etl', 'retail', 'analytics', 'public') ORDER BY 1";
        for row in client.query(schemas, &[&user]).await.unwrap() {
            let name: String = row.get::<_, &str>(0).to_owned();
            lines.push(line(
                user,
                &name,
                &["USAGE", "CREATE"],
                &[row.get(1), row.get(2)],
            ));
        }
        let tables = "SELECT n.nspname || '.' || c.relname, has_table_privilege($1, c.oid, 'SELECT'), \
                      has_table_privilege($1, c.oid, 'INSERT'), has_table_privilege($1, c.oid, 'UPDATE'), \
                      has_table_privilege($1, c.oid, 'DELETE') \
                      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                      WHERE n.nspname IN ('etl', 'retail', 'analytics', 'public') AND c.relkind IN ('r', 'v') ORDER BY 1";
        for row in client.query(tables, &[&user]).await.unwrap() {
            let has = [row.get(1), row.get(2), row.get(3), row.get(4)];
            let words = ["SELECT", "INSERT", "UPDATE", "DELETE"];
            lines.push(line(user, row.get(0), &words, &has));
        }
        let database = "SELECT has_database_privilege($1, current_database(), 'TEMP'), \
                        has_database_privilege($1, current_database(), 'CREATE')";
        let row = client.query_one(database, &[&user]).await.unwrap();
        lines.push(line(
            user,
            "database",
            &["TEMP", "CREATE"],
            &[row.get(0), row.get(1)],
        ));
    }
    lines.join("\n")
}

fn line(user: &str, what: &str, words: &[&str], has: &[bool]) -> String {
    let rights: Vec<_> = words
        .iter()
        .zip(has)
        .filter(|(_, has)| **has)
        .map(|(word, _)| *word)
        .collect();
    let rights = if rights.is_empty() {
        "nothing".to_owned()
    } else {
        rights.join(" ")
    };
    format!("{user:<10} {what:<32} {rights}")
}

#[tokio::test]
async fn an_analyst_reads_the_views_and_nothing_else_and_a_loader_loads() {
    let rig = Rig::new().await;
    let client = rig.world.postgres().connect(rig.world.database()).await;
    insta::assert_snapshot!(matrix(&client).await);
}

#[tokio::test]
async fn a_warehouse_that_knows_the_loader_before_its_migrations_gives_it_the_same_rights() {
    let rig = Rig {
        world: crate::support::World::alone().await,
    };
    let sql = "CREATE USER \"IAMR:Load\" PASSWORD DISABLE";
    rig.admin().query("test", sql).await.unwrap();
    rig.migrate().await.unwrap();
    let client = rig.world.postgres().connect(rig.world.database()).await;
    let early = matrix(&client).await;
    let usual = Rig::new().await;
    let client = usual.world.postgres().connect(usual.world.database()).await;
    assert_eq!(early, matrix(&client).await);
}

#[tokio::test]
async fn what_an_analyst_may_not_do_the_database_refuses() {
    let rig = Rig::new().await;
    let client = rig.world.postgres().connect(rig.world.database()).await;
    client
        .batch_execute("SET SESSION AUTHORIZATION tableau")
        .await
        .unwrap();
    let views = "SELECT table_name FROM information_schema.views WHERE table_schema = 'analytics' ORDER BY 1";
    let views = client.query(views, &[]).await.unwrap();
    assert!(views.len() >= 11, "{} views", views.len());
    for view in views {
        let sql = format!("SELECT * FROM analytics.{}", view.get::<_, &str>(0));
        client.batch_execute(&sql).await.unwrap();
    }
    client
        .batch_execute(
            "CREATE TEMP TABLE filter (code VARCHAR(9)); INSERT INTO filter VALUES ('D')",
        )
        .await
        .unwrap();
    for sql in [
        "SELECT * FROM retail.sales_line",
        "SELECT * FROM retail.dim_customer",
        "SELECT * FROM etl.load",
        "INSERT INTO analytics.top_items (stock_code) VALUES ('D')",
        "CREATE TABLE analytics.mine (a INT)",
        "CREATE TABLE public.mine (a INT)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "GRANT analyst TO \"IAMR:Load\"",
    ] {
        let error = client.batch_execute(sql).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert!(
            message.contains("permission denied") || message.contains("cannot insert"),
            "{sql}: {message}"
        );
    }
}

#[tokio::test]
async fn nobody_knows_the_password_of_a_new_login_and_setting_it_twice_is_once() {
    let rig = Rig::new().await;
    let client = rig.world.postgres().connect(rig.world.database()).await;
    let kept = async || {
        let sql = "SELECT rolpassword FROM pg_authid WHERE rolname = 'tableau'";
        client
            .query_one(sql, &[])
            .await
            .unwrap()
            .get::<_, Option<String>>(0)
    };
    assert_eq!(kept().await, None);
    let login = warehouse::login::Login {
        username: warehouse::login::TABLEAU.to_owned(),
        password: "Correct-Horse-1".to_owned(),
    };
    for _ in 0..2 {
        warehouse::login::set_login(&rig.admin(), &login)
            .await
            .unwrap();
        // As PostgreSQL itself hashes it.
        let sql = "SELECT 'md5' || md5('Correct-Horse-1' || 'tableau')";
        let hash: String = client.query_one(sql, &[]).await.unwrap().get(0);
        assert_eq!(kept().await, Some(hash));
    }
}
