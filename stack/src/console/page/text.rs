//! Numbers and times as people read them.

use time::macros::format_description;
use time::{Duration, OffsetDateTime};

/// Formats a count with a thin space between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Formats a rate or another measured number: without decimals from 10 on.
pub(super) fn rate(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number < 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

/// Formats a duration in its largest sensible unit: `340 ms`, `2.4 s`, `3 min`, `5 h`, `2 d`.
pub(super) fn duration(time: Duration) -> String {
    let seconds = time.as_seconds_f64().max(0.0);
    match seconds {
        0.0 => "0 s".to_owned(),
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s if s < 60.0 => format!("{s:.1} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} d", s / 86_400.0),
    }
}

/// Formats a time of day with milliseconds, in UTC.
pub(super) fn clock(at: OffsetDateTime) -> String {
    let form = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
    at.to_offset(time::UtcOffset::UTC)
        .format(form)
        .unwrap_or_default()
}

/// Formats a time of day, in UTC.
pub(super) fn time_of_day(at: OffsetDateTime) -> String {
    let form = format_description!("[hour]:[minute]:[second]");
    at.to_offset(time::UtcOffset::UTC)
        .format(form)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_durations_have_one_unit() {
        let counts = [0, 999, 1000, 1_234_567].map(count);
        assert_eq!(
            counts,
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
        assert_eq!([0.0, 0.4, 812.4].map(rate), ["0", "0.4", "812"]);
        let seconds = [-1.0, 0.34, 2.44, 180.0, 18_000.0, 200_000.0];
        let texts = seconds.map(|it| duration(Duration::seconds_f64(it)));
        assert_eq!(texts, ["0 s", "340 ms", "2.4 s", "3 min", "5 h", "2 d"]);
    }
}
