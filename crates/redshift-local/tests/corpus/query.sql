-- runs
create table t (id int, grp varchar(8), n decimal(8, 2), at timestamp, big bigint)
-- runs
insert into t values (1, 'a', 1.5, '2011-01-31 10:20:30', 1), (2, 'a', 2.5, '2011-02-01', 2), (3, 'b', null, '2011-12-31 23:59:59', 4)
-- gives: 1
select top 1 id from t order by id
-- gives: 3
select top 5 max(id) from t
-- gives: 6
select sum(id) from (select top 3 id from t order by id) x
-- unsupported: TOP
select top 1 id from t union select 2
-- gives: 2
select id from t order by id limit 1 offset 1
-- gives: 1
select id from t minus select 2 minus select 3
-- gives: a, b
select listagg(distinct grp, ', ') within group (order by grp) from t
-- gives: 123
select listagg(id) within group (order by id) from t
-- unsupported: LISTAGG
select listagg(id) over (partition by grp) from t
-- gives: 2
select median(id) from t
-- gives: 3
select approximate count(distinct id) from t
-- gives: 2 | 2
select avg(id), avg(big) from t
-- gives: 1
select avg(id::smallint) from t where id < 3
-- gives: 1 | 1
select row_number() over (partition by grp order by id), rank() over (order by grp) from t order by id
-- gives: 4.00
select sum(n) over (partition by grp order by id rows between unbounded preceding and unbounded following) from t order by id
-- refused: frame clause
select sum(n) over (partition by grp order by id) from t
-- refused: other than ROWS
select sum(n) over (order by id range between 1 preceding and current row) from t
-- gives: 1
select lag(id, 1) over (order by id) from t order by id desc limit 1 offset 1
-- unsupported: IGNORE NULLS
select lag(n) ignore nulls over (order by id) from t
-- unsupported: QUALIFY
select id from t qualify row_number() over (partition by grp order by id) = 1
-- unsupported: PIVOT
select * from (select grp, n from t) pivot (sum(n) for grp in ('a', 'b'))
-- unsupported: UNPIVOT
select * from t unpivot (v for k in (id, n))
-- unsupported: EXCLUDE
select * exclude (n) from t
-- unsupported: CONNECT BY
select id from t start with id = 1 connect by prior id = id
-- gives: a | 4.00
select grp, sum(n) from t group by grp having sum(n) > 1
-- gives: 3
select count(*) from t group by grouping sets (())
-- gives: 5
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select max(n) from r
-- gives: 6
select count(*) from t a cross join (select 1 union all select 2) b
-- gives: 3
select count(*) from t left join (select 9 as z) x on x.z = t.id
-- gives: true
select exists (select 1 from t where grp ilike 'A%')
-- gives: 2
select count(*) from t where grp similar to '(a|c)'
-- gives: 1
select count(*) from t where grp ~ '^b$'
-- gives: 1
select count(*) from t where 'a_b' like 'a\\_b' and id = 1
-- gives: total
select 'total' as "Total"
-- gives: 3
select max("ID") from t
-- refused: DISTINCT ON
select distinct on (grp) id from t
-- refused: LATERAL
select * from t, lateral (select t.id + 1) x
-- refused: FILTER
select count(*) filter (where id > 1) from t
-- refused: VALUES as a table
select * from (values (1), (2)) v
-- refused: VALUES
values (1)
-- refused: array
select array[1, 2]
-- refused: array_agg
select array_agg(id) from t
-- refused: string_agg
select string_agg(grp, ',') from t
-- refused: unnest
select unnest('{1,2}')
-- refused: FOR UPDATE
select id from t for update
-- refused: TABLESAMPLE
select id from t tablesample bernoulli (10)
-- refused: operator
select '{"a":1}' ->> 'a'
-- refused: type "jsonb"
select '{}'::jsonb
-- refused: FETCH FIRST
select id from t fetch first 1 rows only
-- gives: 3
select count(*) from generate_series(1, 3)
-- refused: generate_series
select * from t, generate_series(1, 3)
-- refused: generate_series
insert into t (id) select generate_series(1, 3)
-- refused: pg_sleep
select pg_sleep(1)
-- refused: pg_read_file
select pg_read_file('/etc/passwd')
-- unsupported: a path
select a["b"] from t
-- gives: {"a":[1,2]}
select json_parse('{"a": [1, 2]}')
-- runs
explain select * from t
-- refused: relation "nothing" does not exist
select * from nothing
-- refused: column "nothing" does not exist
select nothing from t
-- refused: function nothing
select nothing(1)
-- refused: division by zero
select 1 / 0
-- runs
select id into temp copied from t
-- runs
select id into #copied from t
-- refused: corr
select corr(id, id) from t
-- refused: bit_length
select bit_length('a')
-- refused: regr_slope
select regr_slope(id, id) from t
-- refused: string_agg
select pg_catalog.string_agg(grp, ',') from t
-- refused: DISTINCT FROM
select id is distinct from 1 from t
-- refused: type "jsonb"
select jsonb '{}'
-- refused: FETCH NEXT
select id from t fetch next 1 rows only
-- refused: MATERIALIZED
with x as not materialized (select 1) select * from x
-- refused: window
select sum(id) over w from t window w as (partition by grp)
-- refused: WITH NO DATA
create table u as select 1 as a with no data
-- refused: syntax error
explain analyze delete from t
-- refused: syntax error
explain (analyze) select 1
-- runs
explain verbose select * from t
-- runs
insert into t (id, grp) values (10, ''), (10, 'c')
-- gives: 1,2,3,10
select listagg(distinct id, ',') within group (order by id) from t
-- gives: c,b,a
select listagg(distinct grp, ',') within group (order by grp desc) from t
-- gives: a,a,b,c
select listagg(grp, ',') within group (order by id, grp) from t
