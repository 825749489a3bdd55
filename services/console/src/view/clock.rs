use jiff::{Timestamp, Zoned, tz::TimeZone};
use maud::{Markup, html};

/// Turns moments into what an operator reads, in one time zone.
#[derive(Clone, Debug)]
pub struct Moments {
    zone: TimeZone,
    now: Zoned,
}

impl Moments {
    /// Moments as seen at `now` in a zone.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { now: now.to_zoned(zone.clone()), zone }
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// `14:05`
    pub fn time(&self, at: Timestamp) -> Markup {
        let zoned = self.zoned(at);
        self.element(&zoned, &zoned.strftime("%H:%M").to_string())
    }

    /// `14:05` today, `Tue` this week, else `3 Mar` or `3 Mar 2025`.
    pub fn short(&self, at: Timestamp) -> Markup {
        let zoned = self.zoned(at);
        let format = match self.days_ago(&zoned) {
            0 => "%H:%M",
            1..7 => "%a",
            _ if zoned.year() == self.now.year() => "%-d %b",
            _ => "%-d %b %Y",
        };
        self.element(&zoned, &zoned.strftime(format).to_string())
    }

    /// `Today`, `Yesterday`, else the date.
    pub fn day(&self, at: Timestamp) -> String {
        let zoned = self.zoned(at);
        match self.days_ago(&zoned) {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            2..7 => zoned.strftime("%A").to_string(),
            _ if zoned.year() == self.now.year() => zoned.strftime("%A %-d %B").to_string(),
            _ => zoned.strftime("%-d %B %Y").to_string(),
        }
    }

    /// Date and time in full.
    pub fn full(&self, at: Timestamp) -> String {
        self.zoned(at).strftime("%a %-d %b %Y, %H:%M:%S %Z").to_string()
    }

    fn days_ago(&self, zoned: &Zoned) -> i32 {
        zoned.date().until(self.now.date()).map_or(i32::MAX, |span| span.get_days())
    }

    fn element(&self, zoned: &Zoned, shown: &str) -> Markup {
        html! {
            time datetime=(zoned.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ")) title=(self.full(zoned.timestamp())) { (shown) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments() -> Moments {
        Moments::new("2026-03-29T10:00:00Z".parse().unwrap(), TimeZone::get("Europe/Amsterdam").unwrap())
    }

    #[test]
    fn days_are_those_of_the_zone_across_the_change_of_the_clock() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(moments().day(at("2026-03-28T23:30:00Z")), "Today");
        assert_eq!(moments().day(at("2026-03-28T22:30:00Z")), "Yesterday");
        assert_eq!(moments().day(at("2026-03-24T12:00:00Z")), "Tuesday");
        assert_eq!(moments().day(at("2026-03-03T12:00:00Z")), "Tuesday 3 March");
        assert_eq!(moments().day(at("2025-03-03T12:00:00Z")), "3 March 2025");
    }

    #[test]
    fn a_list_shows_the_shortest_form_that_tells() {
        let shown = |text: &str| moments().short(text.parse().unwrap()).into_string();
        assert!(shown("2026-03-29T08:05:00Z").contains(">10:05<"));
        assert!(shown("2026-03-27T08:05:00Z").contains(">Fri<"));
        assert!(shown("2026-01-02T08:05:00Z").contains(">2 Jan<"));
    }
}
