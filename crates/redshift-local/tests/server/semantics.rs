//! Behaviour that differs between Redshift and PostgreSQL.

use aws_sdk_redshiftdata::types::StatusString;

use crate::support::World;

#[tokio::test]
async fn keys_are_not_enforced() {
    let world = World::new().await;
    world
        .ok("create table t (id int primary key, v int unique)")
        .await;
    world.ok("insert into t values (1, 1), (1, 1)").await;
    assert_eq!(world.rows("select count(*) from t").await, [["2"]]);
    let null = world.run("insert into t (v) values (1)").await;
    assert_eq!(
        null.error(),
        Some("ERROR: Cannot insert a NULL value into column id")
    );
}

#[tokio::test]
async fn string_lengths_are_counted_in_bytes_however_the_table_was_created() {
    let world = World::new().await;
    world.ok("create table a (v varchar(4))").await;
    world.ok("create table b (like a)").await;
    world.ok("create table c as select * from a").await;
    world.ok("create table d (x int)").await;
    world.ok("alter table d add column v varchar(4)").await;
    for table in ["a", "b", "c", "d"] {
        world
            .ok(&format!("insert into {table} (v) values ('££')"))
            .await;
        let long = world
            .run(&format!("insert into {table} (v) values ('£££')"))
            .await;
        let error = long.error().unwrap();
        assert_eq!(
            error, "ERROR: value too long for type character varying(4)",
            "{table}"
        );
    }
    world
        .ok("alter table a alter column v type varchar(6)")
        .await;
    world.ok("insert into a values ('£££')").await;
}

#[tokio::test]
async fn merge_refuses_a_row_matched_twice() {
    let world = World::new().await;
    world.ok("create table t (id int, v varchar(4))").await;
    world.ok("create table s (id int, v varchar(4))").await;
    world.ok("insert into t values (1, 'old')").await;
    world
        .ok("insert into s values (1, 'new'), (2, 'two')")
        .await;
    let merge = "merge into t using s on t.id = s.id when matched then update set v = s.v \
                 when not matched then insert values (s.id, s.v)";
    world.ok(merge).await;
    assert_eq!(
        world.rows("select id, v from t order by 1").await,
        [["1", "new"], ["2", "two"]]
    );
    world.ok("insert into s values (1, 'more')").await;
    let twice = world.run(merge).await;
    let words = "ERROR: Found multiple matches to update the same tuple.";
    assert_eq!(twice.error(), Some(words));
}

#[tokio::test]
async fn truncate_commits_the_statements_before_it() {
    let world = World::new().await;
    world.ok("create table t (a int)").await;
    world.ok("create table u (a int)").await;
    world.ok("insert into t values (1)").await;
    let done = world
        .batch(&["insert into u values (1)", "truncate t", "select nope"])
        .await;
    assert_eq!(done.status(), Some(&StatusString::Failed));
    assert_eq!(
        world
            .rows("select (select count(*) from t), (select count(*) from u)")
            .await,
        [["0", "1"]]
    );
}

#[tokio::test]
async fn some_statements_run_only_outside_of_a_transaction() {
    let world = World::new().await;
    world.ok("create table t (v varchar(4))").await;
    for sql in ["vacuum t", "alter table t alter column v type varchar(8)"] {
        let refused = world.batch(&["select 1", sql]).await;
        let error = refused.error().unwrap();
        assert!(
            error.contains("cannot run inside a transaction block"),
            "{error}"
        );
        world.ok(sql).await;
    }
}

#[tokio::test]
async fn a_row_changed_since_the_snapshot_is_a_conflict() {
    let world = World::new().await;
    world.ok("create table t (id int, n int)").await;
    world.ok("insert into t values (1, 0)").await;
    let session = world.open_session("begin").await;
    world.run_in(&session, "select * from t").await;
    world.ok("update t set n = 1").await;
    let late = world.run_in(&session, "update t set n = 2").await;
    let error = late.error().unwrap();
    assert!(error.starts_with("ERROR: 1023"), "{error}");
    assert!(
        error.contains("Serializable isolation violation on table"),
        "{error}"
    );
    assert_eq!(world.rows("select n from t").await, [["1"]]);
}

#[tokio::test]
async fn a_lock_taken_first_lets_a_transaction_see_what_the_previous_one_wrote() {
    let world = World::new().await;
    world.ok("create table ledger (id int)").await;
    let load = [
        "lock ledger",
        "insert into ledger select 1 where not exists (select 1 from ledger where id = 1)",
    ];
    let loads = (0..6).map(|_| world.batch(&load));
    for done in futures_util::future::join_all(loads).await {
        assert_eq!(done.error(), None);
    }
    assert_eq!(world.rows("select count(*) from ledger").await, [["1"]]);
}

#[tokio::test]
async fn a_procedure_may_use_redshift_sql() {
    let world = World::new().await;
    world.ok("create table t (d timestamp)").await;
    world
        .ok("create or replace procedure fill(days int) as $$ begin \
             insert into t select dateadd(day, days, timestamp '2011-01-31'); end; $$ language plpgsql")
        .await;
    world.ok("call fill(1)").await;
    assert_eq!(
        world.rows("select d from t").await,
        [["2011-02-01 00:00:00"]]
    );
}

#[tokio::test]
async fn a_users_function_does_not_run_while_a_connection_is_opened() {
    let world = World::alone().await;
    world.ok("create user \"IAMR:Load\" password disable").await;
    world
        .ok("create function public.lower(text) returns varchar volatile as $$ select (1 / 0)::varchar $$ \
             language sql")
        .await;
    let done = world.run_as("role", "select 1").await;
    assert_eq!(done.error(), None);
}

#[tokio::test]
async fn a_temporary_table_does_not_replace_the_catalog() {
    let world = World::new().await;
    world
        .ok("revoke assumerole on all from public for all")
        .await;
    let session = world
        .open_session(
            "create temp table pg_roles as select 'ann'::varchar as rolname, true as rolsuper",
        )
        .await;
    let asked =
        "select has_assumerole_privilege('ann', 'arn:aws:iam::000000000000:role/x', 'copy')";
    let done = world.run_in(&session, asked).await;
    assert_eq!(world.result(done.id()).await, [["false"]]);
}

#[tokio::test]
async fn a_session_sets_rounding_of_decimals_and_its_time_zone() {
    let world = World::new().await;
    let session = world
        .open_session("set enable_numeric_rounding to on")
        .await;
    let done = world.run_in(&session, "select 1.5::int").await;
    assert_eq!(world.result(done.id()).await, [["2"]]);
    world.run_in(&session, "set timezone to 'Asia/Tokyo'").await;
    let clocks = "select abs(datediff(minute, sysdate, getdate())) <= 1";
    let done = world.run_in(&session, clocks).await;
    assert_eq!(world.result(done.id()).await, [["true"]]);
}
