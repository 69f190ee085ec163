//! A line of the last values, as SVG.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::text;

/// Width of the drawing, in its own units.
const WIDTH: f64 = 120.0;
/// Height of the drawing, in its own units.
const HEIGHT: f64 = 28.0;

/// Draws the values, the newest on the right. A value that is unknown is a gap. `unit` is part of the text for those
/// who do not see the drawing.
pub(super) fn sparkline(values: &[Option<f64>], most: usize, unit: &str) -> Markup {
    let newest = values.last().copied().flatten();
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    let now = newest.map_or_else(|| "unknown".to_owned(), text::rate);
    let label = format!("{unit}: now {now}, at most {}", text::rate(highest));
    html! {
        svg.sparkline viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label) {
            path.line d=(path(values, most, highest)) {}
        }
    }
}

/// Returns the path of the line. The first value of `most` is at the left border, so the line grows from the right.
fn path(values: &[Option<f64>], most: usize, highest: f64) -> String {
    let step = WIDTH / number(most.max(2) - 1);
    let left = number(most.saturating_sub(values.len())) * step;
    let mut path = String::new();
    let mut is_drawing = false;
    for (position, value) in values.iter().enumerate() {
        let Some(value) = value else {
            is_drawing = false;
            continue;
        };
        let share = if highest > 0.0 { value / highest } else { 0.0 };
        let (x, y) = (
            left + number(position) * step,
            2.0 + (1.0 - share) * (HEIGHT - 4.0),
        );
        let command = if is_drawing { 'L' } else { 'M' };
        // A write to a `String` cannot fail.
        let _ = write!(path, "{command}{x:.1} {y:.1}");
        is_drawing = true;
    }
    path
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_value_is_at_the_right_border_and_a_gap_stays_a_gap() {
        let values = [Some(0.0), Some(10.0), None, Some(5.0)];
        assert_eq!(path(&values, 5, 10.0), "M30.0 26.0L60.0 2.0M120.0 14.0");
        assert_eq!(path(&[Some(0.0)], 60, 0.0), "M120.0 26.0");
        assert_eq!(path(&[], 60, 0.0), "");
    }

    #[test]
    fn the_line_is_also_a_text() {
        let html = sparkline(&[Some(3.0), Some(812.4)], 60, "events per second").into_string();
        assert!(
            html.contains("aria-label=\"events per second: now 812, at most 812\""),
            "{html}"
        );
        let unknown = sparkline(&[None], 60, "events per second").into_string();
        assert!(unknown.contains("now unknown"), "{unknown}");
    }
}
