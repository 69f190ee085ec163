//! Tests of the users' permissions: the grants in the catalog, and statements that try them.

use tokio_postgres::{Client, Row};

use crate::rig::Rig;

const USERS: [&str; 2] = ["tableau", "IAMR:Load"];

/// Lists each schema, a privilege that user `$1` may have on it, and whether the user has it. Objects added by
/// migrations are included automatically; only PostgreSQL's own schemas are excluded.
const OF_SCHEMAS: &str = "
    SELECT 'schema ' || nspname AS what, r AS word, has_schema_privilege($1, oid, r) AS has
    FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) WITH ORDINALITY AS u(r, place)
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY nspname, place";

/// Lists all relations except indexes, which have no privileges.
const OF_RELATIONS: &str = "
    SELECT n.nspname || '.' || c.relname, r, has_table_privilege($1, c.oid, r)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
         WITH ORDINALITY AS u(r, place)
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind NOT IN ('i', 'I')
    ORDER BY n.nspname, c.relname, place";

/// Lists functions. Those in the server's own schema replace functions that are built into Redshift. Everybody may
/// call them, so none may run with more permissions than its caller has.
const OF_FUNCTIONS: &str = "
    SELECT 'function ' || n.nspname || '.' || p.proname, 'EXECUTE', has_function_privilege($1, p.oid, 'EXECUTE')
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      AND (n.nspname <> 'redshift_compat' OR p.prosecdef)
    ORDER BY n.nspname, p.proname";

/// A user that may COPY with the cluster's role can read every staged order line.
const OF_IAM_ROLES: &str = "
    SELECT 'IAM roles', r, redshift_compat.has_assumerole_privilege($1, 'arn:aws:iam::000000000000:role/copy', r)
    FROM unnest(ARRAY['COPY', 'UNLOAD', 'EXTERNAL FUNCTION', 'CREATE MODEL']) AS u(r)";

const OF_DATABASE: &str = "
    SELECT 'database', r, has_database_privilege($1, current_database(), r)
    FROM unnest(ARRAY['CREATE', 'TEMP']) AS u(r)";

const OF_ROLES: &str = "
    SELECT 'member of', rolname::text, pg_has_role($1, oid, 'MEMBER')
    FROM pg_roles WHERE rolname <> $1 ORDER BY rolname";

const OF_ITSELF: &str = "
    SELECT 'is', word, has FROM pg_roles, LATERAL (VALUES ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb),
        ('CREATEROLE', rolcreaterole), ('REPLICATION', rolreplication), ('BYPASSRLS', rolbypassrls)) AS a(word, has)
    WHERE rolname = $1";

/// Returns one line per user and object of the catalog, with the user's privileges.
async fn matrix(client: &Client) -> String {
    let mut lines = Vec::new();
    for user in USERS {
        for sql in [
            OF_SCHEMAS,
            OF_RELATIONS,
            OF_FUNCTIONS,
            OF_IAM_ROLES,
            OF_DATABASE,
            OF_ROLES,
            OF_ITSELF,
        ] {
            let rows = client.query(sql, &[&user]).await.unwrap();
            for thing in rows.chunk_by(|one, next| one.get::<_, &str>(0) == next.get::<_, &str>(0))
            {
                lines.push(line(user, thing));
            }
        }
    }
    lines.join("\n")
}

fn line(user: &str, thing: &[Row]) -> String {
    let rights: Vec<&str> = thing
        .iter()
        .filter(|right| right.get(2))
        .map(|right| right.get(1))
        .collect();
    let rights = if rights.is_empty() {
        "nothing".to_owned()
    } else {
        rights.join(" ")
    };
    let what: &str = thing[0].get(0);
    format!("{user:<10} {what:<40} {rights}")
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
async fn the_database_denies_what_an_analyst_may_not_do() {
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
        "INSERT INTO retail.sales_line (event_id) VALUES ('e')",
        "TRUNCATE retail.sales_line",
        "DELETE FROM etl.load_file",
        "CREATE TABLE analytics.mine (a INT)",
        "CREATE TABLE public.mine (a INT)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "GRANT analyst TO \"IAMR:Load\"",
    ] {
        let error = client.batch_execute(sql).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert!(message.contains("permission denied"), "{sql}: {message}");
    }
}

#[tokio::test]
async fn a_new_login_has_an_unknown_password_and_setting_it_is_idempotent() {
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
        // A hash in the format that PostgreSQL uses.
        let sql = "SELECT 'md5' || md5('Correct-Horse-1' || 'tableau')";
        let hash: String = client.query_one(sql, &[]).await.unwrap().get(0);
        assert_eq!(kept().await, Some(hash));
    }
}

#[tokio::test]
async fn an_analyst_fills_neither_disk_nor_shared_memory_past_the_limits_and_has_so_many_connections()
 {
    let rig = Rig::new().await;
    let client = rig.world.postgres().connect(rig.world.database()).await;
    let sql = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'tableau'";
    let limit: i32 = client.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(limit, 20);
    client
        .batch_execute("SET SESSION AUTHORIZATION tableau")
        .await
        .unwrap();
    for sql in [
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_create(0)",
        "SELECT lo_creat(-1)",
        "SELECT lo_put(1, 0, 'x')",
        "SELECT lowrite(0, 'x')",
        "SELECT pg_logical_emit_message(false, 'a', 'b')",
        "SELECT pg_logical_emit_message(false, 'a', 'b'::bytea)",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
        "SELECT pg_notify('a', 'b')",
    ] {
        let error = client.batch_execute(sql).await.unwrap_err();
        let message = error.as_db_error().unwrap().message();
        assert!(message.contains("permission denied"), "{sql}: {message}");
    }
}
