//! Opening hours of the synthetic shop.

use time::macros::date;
use time::{Date, Duration, PrimitiveDateTime, Time};

/// A Sunday. The first order is on the Wednesday after it, as in the real data.
const FIRST_SUNDAY: Date = date!(2010 - 11 - 28);
const FIRST_DAY: u64 = 3;

/// The shop is closed on Saturdays.
const DAYS_A_WEEK: u64 = 6;

/// The shop is open from 8:00 to 18:00.
const OPENS_AT: u64 = 8 * 60;
const MINUTES_A_DAY: u64 = 10 * 60;

/// Number of opening minutes from the first day to 9 December 2011.
pub(super) const OPEN_MINUTES: u64 = 321 * MINUTES_A_DAY;

/// Returns the time after `minutes` opening minutes.
fn at(minutes: u64) -> PrimitiveDateTime {
    let day = FIRST_DAY + minutes / MINUTES_A_DAY;
    let days = day / DAYS_A_WEEK * 7 + day % DAYS_A_WEEK;
    let minute = OPENS_AT + minutes % MINUTES_A_DAY;
    // Neither can overflow: `minutes` stays close to `OPEN_MINUTES`.
    let days = Duration::days(days.cast_signed());
    PrimitiveDateTime::new(FIRST_SUNDAY, Time::MIDNIGHT)
        + days
        + Duration::minutes(minute.cast_signed())
}

/// Formats a time as in the real file, `12/1/2010 8:26`: month first, without padding and seconds.
pub(super) fn written(minutes: u64) -> String {
    let when = at(minutes);
    let month = u8::from(when.month());
    format!(
        "{month}/{}/{} {}:{:02}",
        when.day(),
        when.year(),
        when.hour(),
        when.minute()
    )
}

#[cfg(test)]
mod tests {
    use time::Weekday;

    use super::*;

    #[test]
    fn the_shop_opens_at_the_end_of_2010_and_closes_a_year_later() {
        assert_eq!(written(26), "12/1/2010 8:26");
        assert_eq!(written(MINUTES_A_DAY - 1), "12/1/2010 17:59");
        assert_eq!(written(3 * MINUTES_A_DAY), "12/5/2010 8:00");
        assert_eq!(written(OPEN_MINUTES - 1), "12/9/2011 17:59");
    }

    #[test]
    fn it_never_sells_on_a_saturday_and_time_only_moves_on() {
        let days: Vec<_> = (0..321).map(|day| at(day * MINUTES_A_DAY)).collect();
        assert!(days.iter().all(|day| day.weekday() != Weekday::Saturday));
        assert!(days.is_sorted_by(|a, b| a < b));
    }
}
