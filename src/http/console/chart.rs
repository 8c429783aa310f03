//! Charts as inline SVG: whole numbers in attributes, colours in the style sheet, no script and no inline style,
//! which the policy forbids (security.md, 1.5). What they show stands in a table behind each.

use maud::{Markup, html};

/// The height of a chart in its own units.
const HEIGHT: u64 = 1000;
/// The width of one bar with its gap, and of the bar alone.
const STEP: u64 = 10;
const BAR: u64 = 8;

/// One bar, from the ground up.
pub(super) struct Bar {
    /// What is said of it to whoever points at it.
    pub(super) told: String,
    /// Each part: its class and its height.
    pub(super) parts: Vec<(&'static str, u64)>,
}

/// A chart of bars beside one another.
pub(super) struct Chart<'a> {
    /// What it shows, in a sentence.
    pub(super) told: &'a str,
    pub(super) bars: &'a [Bar],
    /// How a height is written.
    pub(super) unit: &'a dyn Fn(u64) -> String,
    /// What stands below the first bar, the middle and the last.
    pub(super) below: [String; 3],
}

impl Chart<'_> {
    pub(super) fn draw(&self) -> Markup {
        let height = |bar: &Bar| bar.parts.iter().map(|(_, part)| *part).sum::<u64>();
        let top = round_up(self.bars.iter().map(height).max().unwrap_or(0));
        let width = STEP.saturating_mul(u64::try_from(self.bars.len()).unwrap_or(0)).max(STEP);
        let half = top.is_multiple_of(2).then(|| top.div_euclid(2));
        html! {
            div.chart {
                div.scale aria-hidden="true" {
                    span { ((self.unit)(top)) }
                    span { @if let Some(half) = half { ((self.unit)(half)) } }
                    span { "0" }
                }
                svg viewBox=(format!("0 0 {width} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(self.told) {
                    @for y in [0, HEIGHT.div_euclid(2), HEIGHT] {
                        line.grid x1="0" x2=(width) y1=(y) y2=(y) vector-effect="non-scaling-stroke" {}
                    }
                    @for (place, bar) in (0_u64..).zip(self.bars) {
                        g { title { (bar.told) } (column(place.saturating_mul(STEP), bar, top)) }
                    }
                }
                div.below aria-hidden="true" { @for text in &self.below { span { (text) } } }
            }
        }
    }
}

/// The parts of a bar on one another, and the whole height to point at.
fn column(left: u64, bar: &Bar, top: u64) -> Markup {
    let x = left.saturating_add(STEP.saturating_sub(BAR).div_euclid(2));
    let mut ground = 0_u64;
    let parts: Vec<_> = bar
        .parts
        .iter()
        .filter(|(_, part)| *part > 0)
        .map(|(class, part)| {
            let from = share(ground, top);
            ground = ground.saturating_add(*part);
            let until = share(ground, top);
            (*class, HEIGHT.saturating_sub(until), until.saturating_sub(from))
        })
        .collect();
    html! {
        rect.nothing x=(left) y="0" width=(STEP) height=(HEIGHT) {}
        @for (class, y, height) in parts { rect class=(class) x=(x) y=(y) width=(BAR) height=(height) {} }
    }
}

/// A part of a whole as a bar that lies.
pub(super) fn lying(part: u64, whole: u64, class: &str) -> Markup {
    html! {
        svg.lying viewBox=(format!("0 0 {HEIGHT} 10")) preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="0" width=(HEIGHT) height="10" {}
            rect class=(class) x="0" y="0" width=(share(part, whole)) height="10" {}
        }
    }
}

/// Of the height: never more than all of it.
fn share(part: u64, whole: u64) -> u64 {
    let share = u128::from(part).saturating_mul(u128::from(HEIGHT)).checked_div(u128::from(whole));
    share.and_then(|share| u64::try_from(share).ok()).unwrap_or(0).min(HEIGHT)
}

/// The next round number, which a scale ends with.
fn round_up(greatest: u64) -> u64 {
    const TENS: [u64; 15] = [10, 12, 14, 16, 18, 20, 24, 30, 40, 50, 60, 70, 80, 90, 100];
    if let Some(round) = [1, 2, 4, 6, 8].into_iter().find(|round| *round >= greatest) {
        return round;
    }
    let mut unit = 1_u64;
    loop {
        let mut each = TENS.iter().map(|tens| tens.saturating_mul(unit));
        if let Some(round) = each.find(|round| *round >= greatest) {
            return round;
        }
        unit = unit.saturating_mul(10);
    }
}

/// What stands behind a chart: opened by whoever wants the numbers.
pub(super) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        details {
            summary { "The numbers" span.spoken { ": " (caption) } }
            (open_table(caption, head, rows))
        }
    }
}

/// A table that scrolls in its own region where it is wider than the page.
pub(super) fn open_table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div.scroll role="region" tabindex="0" aria-label=(caption) {
            table {
                caption.spoken { (caption) }
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (place, cell) in row.iter().enumerate() {
                                @if place == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_with_a_round_number() {
        let cases = [(0, 1), (1, 1), (3, 4), (5, 6), (9, 10), (11, 12), (101, 120), (812, 900)];
        for (greatest, end) in cases {
            assert_eq!(round_up(greatest), end, "{greatest}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn parts_stand_on_one_another_and_fill_no_more_than_the_chart() {
        let bar = Bar { told: "a day".to_owned(), parts: vec![("a", 3), ("b", 0), ("c", 1)] };
        let drawn = column(20, &bar, 4).into_string();
        assert!(
            drawn.contains(r#"<rect class="a" x="21" y="250" width="8" height="750">"#),
            "{drawn}"
        );
        assert!(
            drawn.contains(r#"<rect class="c" x="21" y="0" width="8" height="250">"#),
            "{drawn}"
        );
        assert!(!drawn.contains("class=\"b\""), "{drawn}");
        assert_eq!([share(5, 0), share(9, 3), share(u64::MAX, u64::MAX)], [0, 1000, 1000]);
    }
}
