-- gives: 0 | x
select nvl(null, 0), nvl(null::varchar, 'x')
-- gives: yes | no
select nvl2(1, 'yes', 'no'), nvl2(null::int, 'yes', 'no')
-- gives: one | none | NULL
select decode(1, 1, 'one', 'other'), decode(null::int, null, 'none'), decode(3, 1, 'one', 2, 'two')
-- gives: 2011-03-01 00:00:00
select dateadd(month, 1, '2011-02-01')
-- gives: 2011-02-28 00:00:00
select dateadd(mon, 1, date '2011-01-31')
-- gives: 2011-01-01 00:01:30
select dateadd('second', 90, timestamp '2011-01-01')
-- gives: 2011-04-01 00:00:00
select date_add('qtr', 1, timestamp '2011-01-01')
-- refused: date part
select dateadd(fortnight, 1, '2011-01-01')
-- gives: 1 | 1 | 12
select datediff(day, '2011-01-01 23:59', '2011-01-02 00:01'), datediff(year, '2010-12-31', '2011-01-01'), datediff(month, '2010-01-01', '2011-01-01')
-- gives: 52 | -3 | 4
select datediff(week, '2009-01-01', '2009-12-31'), datediff(d, '2011-01-04', '2011-01-01'), datediff(qtr, '2010-06-01', '2011-06-01')
-- gives: 90 | 2
select datediff(s, '2011-01-01 00:00:00', '2011-01-01 00:01:30'), datediff(h, '2011-01-01 00:59', '2011-01-01 02:00')
-- gives: 2011 | 12 | 5
select extract(year from date '2011-12-09'), extract(month from timestamp '2011-12-09 12:50'), extract(dow from date '2011-12-09')
-- gives: 1323435000
select extract(epoch from timestamp '2011-12-09 12:50')
-- gives: 2011
select date_part(year, date '2011-12-09')
-- gives: 2011 | 2011-12-31
select date_part_year(date '2011-12-09'), last_day('2011-12-09')
-- gives: 2011-12-01 00:00:00
select date_trunc('month', date '2011-12-09')
-- gives: 2011-12-01 00:00:00
select date_trunc('month', timestamp '2011-12-09 12:50')
-- gives: 2011-12-09
select trunc(timestamp '2011-12-09 12:50')
-- gives: 2011-02-28 00:00:00
select add_months('2011-01-31', 1)
-- gives: 2011-12-09 07:50:00 | 2011-12-09 13:50:00
select convert_timezone('America/New_York', '2011-12-09 12:50'), convert_timezone('UTC', 'Europe/Berlin', '2011-12-09 12:50')
-- gives: true
select getdate() between dateadd(minute, -1, sysdate) and dateadd(minute, 1, sysdate)
-- gives: Fri 09 Dec 2011
select to_char(date '2011-12-09', 'Dy DD Mon YYYY')
-- gives: 2011-12-09
select to_date('09.12.2011', 'DD.MM.YYYY')
-- gives: 3 | 3
select len('a£b'), length('a£b')
-- gives: 4
select octet_length('a£b')
-- gives: 2
select charindex('b', 'abc')
-- gives: xbxb
select regexp_replace('abab', 'a', 'x')
-- gives: b
select regexp_substr('abc', '[b-z]')
-- gives: 2
select regexp_count('abab', 'a')
-- gives: 12
select regexp_replace('a1b2', '[^0-9]')
-- gives: ab | NULL
select concat('a', 'b'), concat('a', null)
-- refused: wrong number
select concat('a', 'b', 'c')
-- gives: c
select split_part('a,b,c', ',', 3)
-- gives: a\d | it's
select 'a\\d', 'it\'s'
-- gives: 1 | 2
select json_extract_path_text('{"a":{"b":1}}', 'a', 'b'), json_array_length('[1,2]')
-- gives: 2 | true | false
select json_extract_array_element_text('[1,2]', 1), is_valid_json('{}'), is_valid_json('{')
-- gives: {"a":1}
select json_serialize(json_parse('{"a":1}'))
-- gives: {"c":"x\\\", y","a b":[1,": "]} | NULL
select json_serialize(json_parse('{"a b": [1, ": "], "c": "x\\\\\\", y"}')), json_serialize(null)
-- gives: 616263
select 'abc'::varbyte
-- gives: 1 | -1
select 1.5::decimal, cast(-1.5 as numeric)
-- gives: 1.50
select 1.5::decimal(8, 2)
-- gives: 7 | 7
select convert(int, '7'), cast('7' as integer)
-- gives: abc
select 'abcdef'::varchar(3)
-- gives: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
select sha2('abc', 256)
-- gives: 900150983cd24fb0d6963f7d28e17f72
select md5('abc')
-- gives: 3 | 1
select greatest(1, 3, null), least(1, 3)
-- gives: A b
select upper('a') || ' ' || lower('B')
-- gives: 8 | 3
select 2 ^ 3, 7 / 2
-- gives: 0.5
select 0.5::float
-- gives: t
select left('true', 1)
-- gives: admin
select current_user
-- gives: true
select pg_backend_pid() > 0
-- gives: 0
select pg_last_copy_count()
-- unsupported: function try_cast
select try_cast('x' as int)
-- unsupported: function object
select object('a', 1)
-- unsupported: function get_array_length
select get_array_length(json_parse('[1]'))
-- refused: set_config
select set_config('role', 'admin', false)
-- refused: current_setting
select current_setting('role')
-- refused: clock_timestamp
select clock_timestamp()
-- refused: to_jsonb
select to_jsonb(1)
-- refused: format
select format('%s', 1)
-- gives: 1 | 1 | 1.50000 | 2.67
select 1.5::int, convert(bigint, 1.9), 1.5::decimal(10, 5), (2.675 + 0)::numeric(8, 2)
-- gives: 2 | 1
select 2::smallint, 1.9::smallint
-- runs
create table rounded (n decimal(8, 1), i int)
-- runs
insert into rounded values (1.25, 1.5)
-- gives: 1.3 | 2
select n, i from rounded
-- gives: 1.235 | 1.23 | 5.0
select round(1.2345::float, 3), trunc(1.2399::float, 2), round(5, 1)
-- gives: 1.24 | 1.23
select round(1.235, 2), trunc(1.239, 2)
-- gives: true | b
select regexp_substr('abc', 'x') = '', regexp_substr('abab', 'b', 3)
-- gives: fox | a1234 | A1234
select regexp_substr('the fox', 'FOX', 1, 1, 'i'), regexp_substr('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 2, 'p'), regexp_substr('passwd7 plain A1234 a1234', '(?=[^ ]*[a-z])(?=[^ ]*[0-9])[^ ]+', 1, 2, 'ip')
-- gives: 2010 | a | NULL
select regexp_substr('in 2010', '([0-9]+)$', 1, 1, 'e'), regexp_substr('a\\(', 'a', 1, 1, 'e'), regexp_substr('abc', 'a', 1, 0)
-- gives: the quick brown fox | abxb | xx
select regexp_replace('the fox', 'FOX', 'quick brown fox', 1, 'i'), regexp_replace('abab', 'a', 'x', 2), regexp_replace('aA', 'a', 'x', 1, 'ip')
-- gives: 8 | 1 | 0 | 2
select regexp_count('abcdefghijklmnopqrstuvwxyz', '[a-z]{3}'), regexp_count('abab', 'a', 2), regexp_count('a', 'a', 9), regexp_count('aA', 'a', 1, 'i')
-- gives: 4 | 3 | 4 | 0
select regexp_instr('Cum@accumsan.com', '@[^.]*'), regexp_instr('abab', 'a', 2), regexp_instr('abab', 'a', 1, 2, 1), regexp_instr('a', 'b', 1, 1, 0, 'i')
-- gives: 2017-03-01 00:00:00 | 2017-02-28 00:00:00 | 2020-02-29 00:00:00
select dateadd(year, 1, '2016-02-29'), dateadd(month, 12, '2016-02-29'), dateadd(year, 4, '2016-02-29')
-- gives: c62016d0f8ee333350283fd879b50b692932e932794e5d686f7d37d67484e199
select sha2('a\\b', 256)
-- gives: 1 | NULL | 1
select json_extract_path_text('{"a":1}', 'a', true), json_extract_path_text('{', 'a', true), json_extract_path_text('{"a":1}', 'a', false)
-- gives: NULL | NULL
select json_array_length('[', true), json_extract_array_element_text('[', 0, true)
-- gives: 5 | 343
select date_part(weekday, date '2011-12-09'), date_part('dayofyear', date '2011-12-09')
-- refused: wrong number
select to_timestamp(0)
-- gives: 2011-12-09 12:50:00+00
select to_timestamp('2011-12-09 12:50', 'YYYY-MM-DD HH24:MI')
-- gives: ££ | a£ | 1.23
select '££££'::varchar(4), cast('a£££' as varchar(4)), '1.239'::numeric(8, 2)
-- unsupported: function months_between
select months_between('2011-12-09'::date, '2010-12-01'::date)
