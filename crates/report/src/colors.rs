//! The colors of page and charts, in light and dark.

use std::fmt::Write as _;

/// A color: its CSS variable, and its values on a light and on a dark page.
struct Color {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
}

/// Text has a contrast of at least 4.5 to 1 to the page, marks of at least 3 to 1, as WCAG 2.2 requires.
const COLORS: [Color; 9] = [
    color("page", "#ffffff", "#12161c"),
    color("panel", "#f5f7fa", "#1a2029"),
    color("text", "#1b2430", "#e6eaf0"),
    color("muted", "#566273", "#9ba7b6"),
    color("line", "#dde3ea", "#2c3542"),
    color("first", "#1f5fa8", "#6aa9ec"),
    color("second", "#c2611c", "#eea063"),
    color("third", "#5f7f3f", "#9cc47a"),
    color("partial", "#8fa9c6", "#5a7696"),
];

const fn color(name: &'static str, light: &'static str, dark: &'static str) -> Color {
    Color { name, light, dark }
}

/// The CSS variables of all colors. Paper is light.
pub(crate) fn variables() -> String {
    let mut css = String::from(":root {");
    for Color { name, light, .. } in COLORS {
        let _ = write!(css, " --{name}: {light};");
    }
    css.push_str(" }\n@media screen and (prefers-color-scheme: dark) { :root {");
    for Color { name, dark, .. } in COLORS {
        let _ = write!(css, " --{name}: {dark};");
    }
    css.push_str(" } }\n");
    css
}

/// Replaces the CSS variables of colors by their light values, for pictures, which have no style sheet.
pub(crate) fn light(text: &str) -> String {
    COLORS.iter().fold(text.to_owned(), |text, color| {
        text.replace(&format!("var(--{})", color.name), color.light)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a color, as WCAG defines it.
    fn luminance(color: &str) -> f64 {
        let part = |range: std::ops::Range<usize>| {
            let value = f64::from(u8::from_str_radix(&color[range], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1..3) + 0.7152 * part(3..5) + 0.0722 * part(5..7)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_and_marks_have_the_contrast_that_wcag_requires() {
        for (name, least) in [
            ("text", 7.0),
            ("muted", 4.5),
            ("first", 4.5),
            ("second", 3.0),
            ("third", 3.0),
        ] {
            let color = COLORS.iter().find(|color| color.name == name).unwrap();
            for ground in &COLORS[..2] {
                for (one, other) in [(color.light, ground.light), (color.dark, ground.dark)] {
                    let found = contrast(one, other);
                    assert!(found >= least, "{name} {one} on {other}: {found}");
                }
            }
        }
    }
}
