//! The dashboard: all sheets in rows below a title.

use templates::tableau::{Dashboard, Zone};

use crate::id::uuid;
use crate::sheets::ROWS;

/// The width and height of every dashboard in the unit of its zones.
const WHOLE: u32 = 100_000;
const TITLE_HEIGHT: u32 = 5_000;
/// The first row has one line of text; the others share the rest.
const FIRST_ROW_HEIGHT: u32 = 11_000;
/// The ids of the two zones that the template has.
const ZONES_OF_TEMPLATE: usize = 2;

/// Returns the dashboard of an environment.
pub(crate) fn of(environment: &str) -> Dashboard {
    let name = format!("Riverhouse {environment}");
    Dashboard {
        width: 1400,
        height: 1300,
        title_height: TITLE_HEIGHT,
        zones: zones(),
        id: uuid("dashboard", "Riverhouse"),
        window_id: uuid("dashboard window", "Riverhouse"),
        name,
    }
}

fn zones() -> Vec<Zone> {
    let mut zones = Vec::new();
    let mut y = TITLE_HEIGHT;
    // At most four rows of at most three sheets, so the conversion is exact.
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    for (row, sheets) in ROWS.iter().enumerate() {
        let h = if row == 0 {
            FIRST_ROW_HEIGHT
        } else {
            (WHOLE - TITLE_HEIGHT - FIRST_ROW_HEIGHT) / count(ROWS.len() - 1)
        };
        let w = WHOLE / count(sheets.len());
        let mut x = 0;
        for sheet in *sheets {
            zones.push(Zone {
                id: zones.len() + ZONES_OF_TEMPLATE + 1,
                sheet: sheet.title.to_owned(),
                x,
                y,
                w,
                h,
            });
            x += w;
        }
        y += h;
    }
    zones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_do_not_overlap_and_stay_on_the_dashboard() {
        let zones = zones();
        for (place, zone) in zones.iter().enumerate() {
            assert!(
                zone.x + zone.w <= WHOLE && zone.y + zone.h <= WHOLE,
                "{zone:?}"
            );
            assert!(zone.y >= TITLE_HEIGHT, "{zone:?}");
            for other in &zones[..place] {
                let apart = zone.x >= other.x + other.w || zone.y >= other.y + other.h;
                assert!(apart, "{zone:?} {other:?}");
            }
        }
    }
}
