-- runs
create table t (id int, v varchar(8), n decimal(8, 2))
-- runs
create table s (id int, v varchar(8), n decimal(8, 2))
-- runs
insert into t values (1, 'a', 1.005), (2, 'b', 2)
-- runs
insert into s select id + 1, v, n from t
-- runs
insert into t (id) values (default)
-- runs
insert into t default values
-- runs
update t set v = s.v from s where t.id = s.id
-- runs
delete from t using s where t.id = s.id and s.v = 'z'
-- runs
delete from t where id is null
-- runs
with x as (select max(id) as id from s) insert into t select id, 'w', 0 from x
-- runs
merge into t using s on t.id = s.id when matched then update set v = s.v, n = t.n + s.n when not matched then insert (id, v) values (s.id, s.v)
-- runs
merge into t using s as source on t.id = source.id when not matched then insert values (source.id, source.v, 1) when matched then delete
-- runs
merge into t using s on t.id = s.id remove duplicates
-- runs
merge into t using s on t.id = s.id when matched then update set v = case when s.v is null then t.v else s.v end when not matched then insert (id) values (case when s.id > 0 then s.id else 0 end)
-- refused: MERGE requires both
merge into t using s on t.id = s.id when matched then delete
-- refused: alias
merge into t as x using s on x.id = s.id when matched then delete when not matched then insert values (1)
-- refused: conditions
merge into t using s on t.id = s.id when matched and s.v = 'a' then delete when not matched then insert values (1)
-- refused: source must be a table
merge into t using (select * from s) x on t.id = x.id when matched then delete when not matched then insert values (1)
-- refused: syntax error
merge into t using s on t.id = s.id when matched then do nothing when not matched then insert values (1)
-- refused: cannot be the same
merge into t using t on t.id = t.id when matched then delete when not matched then insert values (1)
-- refused: ON CONFLICT
insert into t values (1) on conflict do nothing
-- refused: RETURNING
insert into t values (1) returning id
-- refused: RETURNING
delete from t returning *
-- refused: data-modifying
with gone as (delete from t where id = 1) select 1
-- refused: value too long for type character varying(8)
insert into t (v) values ('£££££')
-- refused: value too long
insert into t (v) values ('123456789')
-- refused: numeric field overflow
insert into t (n) values (1234567)
-- runs
truncate t
-- runs
truncate table s
-- refused: syntax error
truncate t, s
-- refused: syntax error
truncate t restart identity
-- runs
lock t, s
-- runs
lock table t
-- refused: syntax error
lock table t in share mode
-- runs
vacuum
-- runs
vacuum full t to 99 percent
-- runs
vacuum sort only t
-- runs
vacuum delete only t boost
-- runs
analyze t
-- runs
analyze t (id, v)
-- runs
analyze t predicate columns
-- unsupported: ANALYZE COMPRESSION
analyze compression t
-- refused: syntax error
selec 1
-- refused: syntax error at end of input
;
-- refused: cannot insert multiple commands
select 1; select 2
-- refused: DO
do $$ begin end $$
-- refused: REINDEX
reindex table t
-- refused: SAVEPOINT
savepoint a
-- unsupported: PREPARE
prepare p as select 1
