//! Generated numbers and dates, in all their spellings.

use proptest::prelude::*;
use proptest::sample::select;
use time::macros::datetime;
use time::{Duration, PrimitiveDateTime};

use super::model::money;
use super::producers::{ARRIVAL, Given, given, spelled};

/// Numbers that are none or do not fit.
fn bad_number() -> impl Strategy<Value = Given> {
    let texts = [
        "six", "1,5", "£2", "NaN", "Infinity", "1_000", "0x10", "٣", "1 2", "--1", "\\N",
    ];
    let texts = texts.map(|text| given(&spelled(text, false), Err("not_a_number")));
    let more = ["1e99", "-1e99", "1e-99"].map(|json| given(json, Err("not_a_number")));
    let none = ["null", "\"\""].map(|json| given(json, Err("missing")));
    let wrong = ["true", "[1]"].map(|json| given(json, Err("wrong_type")));
    select([&texts[..], &more[..], &none[..], &wrong[..]].concat())
}

pub(super) fn quantity() -> impl Strategy<Value = Given> {
    let edges = select(vec![
        i32::MIN,
        i32::MIN + 1,
        -1_000_001,
        -1,
        0,
        1_000_000,
        i32::MAX,
    ]);
    let number = prop_oneof![12 => -9..99, 1 => edges, 1 => any::<i32>()];
    let number = (number, 0..6).prop_map(|(n, form): (i32, i32)| {
        let json = match form {
            0 => format!("\" {n} \""),
            1 => format!("{n}.000"),
            2 => format!("{n}e0"),
            3 => format!("\"{n}.0\""),
            4 if n != 0 => format!("{n}00E-2"),
            _ => n.to_string(),
        };
        given(&json, Ok(&n.to_string()))
    });
    let beyond = [
        given("2147483648", Err("out_of_range")),
        given("-2147483649", Err("out_of_range")),
        given("1.5", Err("not_a_number")),
        given("-0", Ok("0")),
    ];
    prop_oneof![40 => number, 1 => select(beyond.to_vec()), 1 => bad_number()]
}

pub(super) fn unit_price() -> impl Strategy<Value = Given> {
    const MOST: i64 = 999_999_999_999;
    let edges = select(vec![-MOST, -1, 0, 1, MOST]);
    let number = prop_oneof![12 => 0..99_9999_i64, 1 => edges, 1 => -MOST..=MOST];
    let number = (number, 0..4).prop_map(|(n, form): (i64, i32)| {
        let plain = money(n.into());
        let json = match form {
            0 => format!("\"{plain}\""),
            1 => format!("{n}e-4"),
            2 => format!("{plain}000"),
            _ => plain.clone(),
        };
        given(&json, Ok(&plain))
    });
    let beyond = [
        given("100000000", Err("out_of_range")),
        given("-100000000.0000", Err("out_of_range")),
        given("0.00001", Err("out_of_range")),
        given("-0.0", Ok("0.0000")),
    ];
    prop_oneof![40 => number, 1 => select(beyond.to_vec()), 1 => bad_number()]
}

pub(super) fn invoice_date() -> impl Strategy<Value = Given> {
    let offsets = [
        "Z", "+01:00", "+00:00", "-23:59", "+23:59", ".999Z", "", ".5",
    ];
    let when =
        (time_of_invoice(), 0..4, select(offsets.to_vec())).prop_map(|(when, form, offset)| {
            let (date, time) = (when.date(), when.time());
            let (month, day, year) = (u8::from(date.month()), date.day(), date.year());
            let (hour, minute, second) = time.as_hms();
            let means = format!("{date} {hour:02}:{minute:02}:{second:02}");
            let json = match form {
                0 if second == 0 => format!("{month}/{day}/{year} {hour}:{minute:02}"),
                0 => format!("{month:02}/{day:02}/{year} {hour}:{minute:02}:{second:02}"),
                1 => format!("{means}{offset}"),
                2 if second == 0 => means[..16].replace(' ', "T"),
                _ => format!("{}{offset}", means.replace(' ', "T")),
            };
            given(&spelled(&json, false), Ok(&means))
        });
    prop_oneof![25 => when, 1 => bad_date()]
}

/// Any time, the hours at which summer time begins and ends, and the latest that is accepted.
fn time_of_invoice() -> impl Strategy<Value = PrimitiveDateTime> {
    let first = datetime!(1900-01-01 0:00);
    let days = (ARRIVAL.date() - first.date()).whole_days();
    let any_time = (0..=days, 0..86_400_i64);
    let any_time =
        any_time.prop_map(move |(day, second)| first + Duration::seconds(day * 86_400 + second));
    // The shop's summer time begins and ends here: one hour is left out, another one comes twice.
    let changes = [
        datetime!(2011-03-27 0:59:59),
        datetime!(2011-03-27 1:00),
        datetime!(2011-03-27 2:00),
        datetime!(2011-10-30 0:30),
        datetime!(2011-10-30 1:30),
        datetime!(2011-07-01 0:30),
        datetime!(2012-02-29 23:59:59),
        first,
    ];
    let latest = (-3..15_i64).prop_map(|s| {
        ARRIVAL.replace_nanosecond(0).unwrap() + Duration::seconds(s) + Duration::days(2)
    });
    prop_oneof![8 => any_time, 8 => select(changes.to_vec()), 1 => latest]
}

fn bad_date() -> impl Strategy<Value = Given> {
    let texts = [
        "2/29/2011 8:26",
        "13/1/2010 8:26",
        "0/1/2010 8:26",
        "12/1/10 8:26",
        "12/1/2010",
        "2010-12-01",
        "yesterday",
        "2010-12-01T24:00:00",
        "2010-12-01T08:60:00",
        "1899-12-31T23:59:59",
        "0000-01-01T00:00:00+23:59",
        "10000-01-01T00:00:00",
        "2010-12-01T08:26:00+24:00",
        "2010-12-01T08:26:00 EST",
        "\\N",
        "NaN",
    ];
    let mut bad = texts
        .map(|text| given(&spelled(text, false), Err("not_a_date")))
        .to_vec();
    bad.push(given("20101201", Err("not_a_date")));
    bad.push(given(
        "\"9999-12-31T23:59:59-23:59\"",
        Ok("9999-12-31 23:59:59"),
    ));
    bad.extend(["null", "\"\""].map(|json| given(json, Err("missing"))));
    bad.push(given("{}", Err("wrong_type")));
    select(bad)
}
