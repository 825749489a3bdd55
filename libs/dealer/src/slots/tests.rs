use super::*;
use crate::BUILTIN_INVENTORY;

use jiff::civil::{DateTime, date};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

fn at(rfc3339: &str) -> Timestamp {
    rfc3339.parse().unwrap()
}

/// A dealer in this time zone, with these sections of hours and rules.
fn dealer(timezone: &str, sections: &str) -> Dealer {
    let toml = format!(
        "[dealer]\nname = \"A\"\naddress = \"B 1\"\nlanguages = [\"nl\"]\ntimezone = \"{timezone}\"\n\
         [inventory]\ncsv = \"inventory.csv\"\n{sections}"
    );
    Dealer::parse(&toml, BUILTIN_INVENTORY).unwrap()
}

/// A dealer open on Sundays, when the clocks of Europe change, with slots of an hour and no notice.
fn night_dealer(sunday: &str) -> Dealer {
    let sections =
        format!("[hours]\nsunday = [\"{sunday}\"]\n[booking]\nlead_time_minutes = 0\nhorizon_days = 365\n");
    dealer("Europe/Amsterdam", &sections)
}

fn shown(dealer: &Dealer, start: Timestamp, format: &str) -> String {
    start.to_zoned(dealer.timezone.clone()).strftime(format).to_string()
}

fn starts(dealer: &Dealer, now: &str) -> Vec<String> {
    let now = at(now);
    dealer
        .bookable_slots(now, now, dealer.horizon(now))
        .into_iter()
        .map(|slot| shown(dealer, slot.start, "%a %d %b %H:%M"))
        .collect()
}

fn slots_on(dealer: &Dealer, date: Date) -> Vec<String> {
    dealer
        .slots_on(date)
        .map(|slot| {
            assert_eq!(slot.end.duration_since(slot.start), dealer.slot_length());
            format!("{} {}", slot.start, shown(dealer, slot.start, "%H:%M"))
        })
        .collect()
}

#[test]
fn a_saturday_of_the_builtin_dealer_has_eight_slots_around_lunch() {
    let hours: Vec<String> = slots_on(&Dealer::builtin(), date(2026, 3, 14))
        .iter()
        .map(|slot| slot.rsplit(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(hours, ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00", "17:00"]);
}

#[test]
fn notice_and_horizon_bound_what_is_offered() {
    // Saturday 14 March 2026, 10:30 in Amsterdam: with an hour's notice 12:00 is lunch, so 13:00 is first.
    let offered = starts(&Dealer::builtin(), "2026-03-14T09:30:00Z");
    assert_eq!(offered.first().unwrap(), "Sat 14 Mar 13:00");
    assert_eq!(offered.last().unwrap(), "Sat 28 Mar 17:00", "the last day counts whole");
    assert!(!offered.iter().any(|label| label.starts_with("Sun")));
    // Exactly an hour before is soon enough, a minute later is not.
    assert_eq!(starts(&Dealer::builtin(), "2026-03-14T09:00:00Z")[0], "Sat 14 Mar 11:00");
    assert_eq!(starts(&Dealer::builtin(), "2026-03-14T09:01:00Z")[0], "Sat 14 Mar 13:00");
}

#[test]
fn a_closed_day_has_no_slots() {
    assert!(slots_on(&Dealer::builtin(), date(2026, 12, 25)).is_empty());
    assert_eq!(slots_on(&Dealer::builtin(), date(2026, 12, 24)).len(), 8);
}

#[test]
fn hours_across_the_spring_gap_hold_only_the_time_there_is() {
    // On 29 March 2026 the clock goes from 02:00 to 03:00 at 01:00 UTC.
    assert_eq!(
        slots_on(&night_dealer("01:00-04:00"), date(2026, 3, 29)),
        ["2026-03-29T00:00:00Z 01:00", "2026-03-29T01:00:00Z 03:00"]
    );
    // Opens and closes at readings that do not exist: the jump stands for both.
    assert_eq!(
        slots_on(&night_dealer("02:30-05:00"), date(2026, 3, 29)),
        ["2026-03-29T01:00:00Z 03:00", "2026-03-29T02:00:00Z 04:00"]
    );
    assert_eq!(
        slots_on(&night_dealer("00:00-02:30"), date(2026, 3, 29)),
        ["2026-03-28T23:00:00Z 00:00", "2026-03-29T00:00:00Z 01:00"]
    );
    assert!(slots_on(&night_dealer("02:00-03:00"), date(2026, 3, 29)).is_empty());
}

#[test]
fn hours_across_the_autumn_fold_hold_the_hour_that_comes_twice() {
    // On 25 October 2026 the clock goes from 03:00 back to 02:00 at 01:00 UTC.
    assert_eq!(
        slots_on(&night_dealer("01:00-04:00"), date(2026, 10, 25)),
        [
            "2026-10-24T23:00:00Z 01:00",
            "2026-10-25T00:00:00Z 02:00",
            "2026-10-25T01:00:00Z 02:00",
            "2026-10-25T02:00:00Z 03:00",
        ]
    );
    assert_eq!(
        slots_on(&night_dealer("00:30-02:30"), date(2026, 10, 25)).len(),
        2,
        "closes when the clock first shows 02:30"
    );
}

#[test]
fn a_day_of_24_hours_ends_at_midnight() {
    assert_eq!(slots_on(&night_dealer("22:00-24:00"), date(2026, 3, 15)).len(), 2);
    assert_eq!(slots_on(&night_dealer("00:00-24:00"), date(2026, 3, 29)).len(), 23);
    assert_eq!(slots_on(&night_dealer("00:00-24:00"), date(2026, 10, 25)).len(), 25);
}

#[test]
fn the_hours_of_a_working_day_stay_the_same_reading_across_the_change() {
    let offered = starts(&Dealer::builtin(), "2026-03-27T20:00:00Z");
    assert!(offered.contains(&"Sat 28 Mar 09:00".to_owned()));
    assert!(offered.contains(&"Mon 30 Mar 09:00".to_owned()));
}

#[test]
fn a_moment_that_starts_no_slot_is_told_apart() {
    let dealer = Dealer::builtin();
    let now = at("2026-03-02T09:00:00Z");
    let ask = |start: &str| dealer.slot_at(now, at(start));
    assert_eq!(ask("2026-03-14T10:00:00Z").unwrap().end, at("2026-03-14T11:00:00Z"));
    assert_eq!(ask("2026-03-14T10:30:00Z"), Err(NoSlot::BetweenSlots));
    assert_eq!(ask("2026-03-14T10:00:00.000001Z"), Err(NoSlot::BetweenSlots));
    assert_eq!(ask("2026-03-14T11:00:00Z"), Err(NoSlot::Closed), "lunch");
    assert_eq!(ask("2026-03-14T17:00:00Z"), Err(NoSlot::Closed), "closing time is not open");
    assert_eq!(ask("2026-03-15T10:00:00Z"), Err(NoSlot::Closed), "sunday");
    assert_eq!(ask("2026-02-28T10:00:00Z"), Err(NoSlot::TooSoon));
    assert_eq!(ask("2026-03-17T10:00:00Z"), Err(NoSlot::TooFar));
    assert_eq!(ask("2026-03-16T16:00:00Z").map(|_| ()), Ok(()), "the last day");
    assert!(dealer.slot_at(now, Timestamp::MAX).is_err());
    assert!(dealer.bookable_slots(Timestamp::MAX, Timestamp::MIN, Timestamp::MAX).is_empty());
    assert!(dealer.bookable_slots(now, Timestamp::MIN, Timestamp::MAX).len() > 50);
}

/// The rule read off a clock minute by minute, slowly and without knowing about gaps and folds: a stretch opens at the
/// first minute at which the clock has reached its start on that day or shows a later day, and closes alike.
fn opening_by_watching(timezone: &TimeZone, day: Date, from: u16, to: u16) -> Option<(i64, i64)> {
    let reached = |minute: u16| {
        let reading: DateTime = day.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).unwrap();
        let midnight_utc = day.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
        // A day and a half around cover every offset there is.
        (midnight_utc / 60 - 36 * 60..midnight_utc / 60 + 60 * 60).find(|unix_minute| {
            let moment = Timestamp::from_second(unix_minute * 60).unwrap();
            timezone.to_datetime(moment) >= reading
        })
    };
    let (from, to) = (reached(from)?, reached(to)?);
    (from < to).then_some((from, to))
}

#[test]
fn slots_match_a_clock_that_is_watched_minute_by_minute() {
    // Zones with half-hour changes, changes at midnight and none at all.
    const ZONES: [&str; 6] =
        ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "UTC"];
    for seed in 0..150_u64 {
        println!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        let zone = ZONES[random.random_range(0..ZONES.len())];
        let timezone = TimeZone::get(zone).unwrap();
        let spring = date(2026, 1, 1).at(0, 0, 0, 0).to_zoned(timezone.clone()).unwrap().timestamp();
        let change = timezone.following(spring).nth(random.random_range(0..2_usize));
        let change =
            change.map_or(date(2026, 3, 29), |change| timezone.to_datetime(change.timestamp()).date());
        let day = change.checked_add(random.random_range(-1..=1_i64).days()).unwrap();

        let mut readings: Vec<u16> =
            (0..2 * random.random_range(1..4)).map(|_| random.random_range(0..=288_u16) * 5).collect();
        readings.sort_unstable();
        readings.dedup();
        let ranges: Vec<(u16, u16)> =
            readings.as_chunks::<2>().0.iter().map(|pair| (pair[0], pair[1])).collect();
        let texts: Vec<String> = ranges
            .iter()
            .map(|(from, to)| format!("\"{:02}:{:02}-{:02}:{:02}\"", from / 60, from % 60, to / 60, to % 60))
            .collect();
        let slot_minutes = [10, 15, 30, 45, 60, 90, 120][random.random_range(0..7_usize)];
        let week: String = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .iter()
            .map(|day| format!("{day} = [{}]", texts.join(", ")))
            .collect::<Vec<_>>()
            .join("\n");
        let sections = format!(
            "[hours]\n{week}\n[booking]\nslot_minutes = {slot_minutes}\nlead_time_minutes = 0\nhorizon_days = 365\n"
        );
        let dealer = dealer(zone, &sections);

        let expected: Vec<(i64, i64)> = ranges
            .iter()
            .filter_map(|(from, to)| opening_by_watching(&timezone, day, *from, *to))
            .flat_map(|(from, to)| {
                let slot = i64::from(slot_minutes);
                (0..(to - from) / slot).map(move |nth| (from + nth * slot, from + (nth + 1) * slot))
            })
            .collect();
        let slots: Vec<Slot> = dealer.slots_on(day).collect();
        let actual: Vec<(i64, i64)> =
            slots.iter().map(|slot| (slot.start.as_second() / 60, slot.end.as_second() / 60)).collect();
        assert_eq!(actual, expected, "seed {seed}: {zone} on {day}, {texts:?}, {slot_minutes} minutes");

        assert!(slots.windows(2).all(|pair| pair[0].end <= pair[1].start), "seed {seed}: slots overlap");
        let long_before = Timestamp::from_second(expected.first().map_or(0, |slot| slot.0 * 60)).unwrap()
            - minutes(3 * 1440);
        for slot in &slots {
            assert_eq!(dealer.slot_at(long_before, slot.start), Ok(*slot), "seed {seed}");
        }
        let offered = dealer.bookable_slots(long_before, long_before, dealer.horizon(long_before));
        assert!(slots.iter().all(|slot| offered.contains(slot)), "seed {seed}: a slot is not offered");
        assert!(offered.windows(2).all(|pair| pair[0].end <= pair[1].start), "seed {seed}: offers overlap");
    }
}
