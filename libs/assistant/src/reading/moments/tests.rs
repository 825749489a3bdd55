//! What people write of moments, and what it wishes. The messages are of Friday 27 November 2026, 9:00.

use dealer::Language;
use jiff::Zoned;
use jiff::civil::{Date, DateTime};

use super::{Known, Link, MomentMention, find, wish};
use crate::reading::gazetteer::Gazetteer;
use crate::reading::text::Text;
use crate::reading::{cars, language};
use crate::when::{Days, Hours, Relative, When};

fn read(message: &str, offered: &[DateTime]) -> Vec<MomentMention> {
    let at: Zoned = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    let mut text = Text::new(message);
    let language = language::detect(&text);
    cars::find(&mut text, Gazetteer::builtin());
    find(&mut text, &at, Known { offered, standing: &[] }, language)
}

fn shown_day(date: Date) -> String {
    date.strftime("%-d%b").to_string().to_lowercase()
}

fn shown_days(days: Days) -> String {
    if days.first == days.last {
        shown_day(days.first)
    } else {
        format!("{}..{}", shown_day(days.first), shown_day(days.last))
    }
}

/// A wish on one line: `1dec 15:00`, `30nov|2dec 14:00-16:00`, `!30nov`, `later60`, `soon`.
fn shown(when: &When) -> String {
    let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    let mut words = Vec::new();
    if !when.days.is_empty() {
        words.push(when.days.iter().copied().map(shown_days).collect::<Vec<_>>().join("|"));
    }
    match when.hours {
        Hours::Any => {}
        Hours::At(at) => words.push(time(at)),
        Hours::Around(at) => words.push(format!("~{}", time(at))),
        Hours::Between { from, until } => {
            words.push(format!(
                "{}-{}",
                from.map(time).unwrap_or_default(),
                until.map(time).unwrap_or_default()
            ));
        }
    }
    words.extend(when.not_days.iter().map(|day| format!("!{}", shown_day(*day))));
    words.extend(when.not_hours.iter().map(|hour| format!("!{}", time(*hour))));
    words.extend(when.relative.map(|relative| match relative {
        Relative::SameTime => "same-time".to_owned(),
        Relative::Later(by) => format!("later{}", by.map(|by| by.to_string()).unwrap_or_default()),
        Relative::Earlier(by) => format!("earlier{}", by.map(|by| by.to_string()).unwrap_or_default()),
        Relative::SameDay => "same-day".to_owned(),
        Relative::OtherDay => "other-day".to_owned(),
        Relative::DaysLater(days) => format!("days{days}"),
    }));
    if when.soon {
        words.push("soon".to_owned());
    }
    words.join(" ")
}

pub(super) fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(message, expected)| {
            let got = shown(&wish(&read(message, &[])));
            (got != *expected).then(|| format!("{message:?}: {got:?} instead of {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn exact_hours_are_read_as_said_in_the_day() {
    check(&[
        ("10 uur", "10:00"),
        ("10u", "10:00"),
        ("10uur graag", "10:00"),
        ("2u", "14:00"),
        ("10:00", "10:00"),
        ("10.00", "10:00"),
        ("14u30", "14:30"),
        ("half elf", "10:30"),
        ("half 3", "14:30"),
        ("kwart over 3", "15:15"),
        ("kwart voor 4", "15:45"),
        ("tien voor half vier", "15:20"),
        ("om 4", "16:00"),
        ("om 7", "19:00"),
        ("om 8", "08:00"),
        ("om 12", "12:00"),
        ("om vier uur", "16:00"),
        ("9 uur 's avonds", "21:00"),
        ("at 3pm please", "15:00"),
        ("3 pm works for me", "15:00"),
        ("quarter past ten", "10:15"),
        ("half past two would be great", "14:30"),
        ("can we do half three?", "~15:00"),
        ("at noon then", "12:00"),
        ("um 14 Uhr bitte", "14:00"),
        ("14 Uhr 30 passt mir", "14:30"),
        ("um halb drei wäre gut", "14:30"),
        ("Viertel nach drei geht", "15:15"),
        ("zaterdag 4 uur dan proberen", "28nov 16:00"),
    ]);
}

#[test]
fn about_an_hour_is_not_that_hour() {
    check(&[
        ("rond 3", "~15:00"),
        ("rond 3 uur", "~15:00"),
        ("tegen vieren", "~16:00"),
        ("een uur of vier", "~16:00"),
        ("om een uur of vier", "~16:00"),
        ("zo rond half 11", "~10:30"),
        ("dinsdag rond 3", "1dec ~15:00"),
        ("around 2", "~14:00"),
        ("around 2pm on Tuesday", "1dec ~14:00"),
        ("3ish?", "~15:00"),
        ("so gegen 14 Uhr", "~14:00"),
        ("kann ich Montag kommen, so gegen 14 Uhr", "30nov ~14:00"),
        ("ungefähr um 16 Uhr", "~16:00"),
    ]);
}

#[test]
fn limits_and_ranges_of_hours_are_kept() {
    check(&[
        ("na 2", "14:00-"),
        ("na 5en", "17:00-"),
        ("maandag dan, na 5en", "30nov 17:00-"),
        ("nee na 5 uur, dus 17:00", "17:00"),
        ("vanaf 13.00", "13:00-"),
        ("na vijven", "17:00-"),
        ("na 17u", "17:00-"),
        ("tussen 2 en 4", "14:00-16:00"),
        ("Ik kan dinsdag tussen 2 en 4", "1dec 14:00-16:00"),
        ("tussen 10 en 2", "10:00-14:00"),
        ("tussen half 10 en kwart over 11", "09:30-11:15"),
        ("tussen 14.00 en 16.00 uur", "14:00-16:00"),
        ("van 2 tot 4", "14:00-16:00"),
        ("10-12 uur", "10:00-12:00"),
        ("voor 12", "-12:00"),
        ("voor 12 uur", "-12:00"),
        ("tot 11 uur", "-11:00"),
        ("uiterlijk 15:00", "-15:00"),
        ("zaterdag tot 12", "28nov -12:00"),
        ("niet voor 12 uur", "12:00-"),
        ("pas na 3 uur", "15:00-"),
        ("niet eerder dan 10", "10:00-"),
        ("later dan 3 uur", "15:00-"),
        ("dinsdag na 2 maar voor 5", "1dec 14:00-17:00"),
        ("after 5 please", "17:00-"),
        ("between 2 and 4", "14:00-16:00"),
        ("anytime after 3pm", "15:00-"),
        ("before 11 am", "-11:00"),
        ("from 2 to 4 on Tuesday", "1dec 14:00-16:00"),
        ("no later than 4pm", "-16:00"),
        ("nach 17 Uhr", "17:00-"),
        ("ab 13 Uhr", "13:00-"),
        ("zwischen 14 und 16 Uhr", "14:00-16:00"),
        ("von 14 bis 16 Uhr", "14:00-16:00"),
        ("bis 11 Uhr", "-11:00"),
        ("vor 12 Uhr", "-12:00"),
        ("Mittwoch ab fünf", "2dec 17:00-"),
        ("10 of 11 uur", "10:00-11:01"),
        ("om 10 of 11", "10:00-11:01"),
    ]);
}

#[test]
fn parts_of_the_day_are_ranges_of_hours() {
    check(&[
        ("in de ochtend", "-12:00"),
        ("liefst ergens in de middag", "12:00-18:00"),
        ("'s avonds", "17:00-"),
        ("na het werk", "17:00-"),
        ("dinsdag na het werk", "1dec 17:00-"),
        ("tussen de middag", "12:00-14:00"),
        ("eind van de middag", "16:00-18:00"),
        ("morgenmiddag", "28nov 12:00-18:00"),
        ("zaterdagochtend", "28nov -12:00"),
        ("vrijdagavond", "4dec 17:00-"),
        ("zaterdag morgen", "28nov -12:00"),
        ("dinsdag vroeg", "1dec -10:00"),
        ("3 uur vrijdagmiddag", "4dec 15:00"),
        ("vrijdagmiddag na 3", "4dec 15:00-18:00"),
        ("maandagavond 7 uur", "30nov 19:00"),
        ("morgenochtend om 8", "28nov 08:00"),
        ("on Saturday afternoon", "28nov 12:00-18:00"),
        ("tomorrow morning", "28nov -12:00"),
        ("tomorrow afternoon at 3", "28nov 15:00"),
        ("after work on Monday", "30nov 17:00-"),
        ("late afternoon", "16:00-18:00"),
        ("around lunchtime", "12:00-14:00"),
        ("Samstagvormittag", "28nov -12:00"),
        ("Samstag Vormittag", "28nov -12:00"),
        ("heute Nachmittag", "27nov 12:00-18:00"),
        ("nach Feierabend", "17:00-"),
        ("morgen früh", "28nov -12:00"),
        ("vormittags", "-12:00"),
        ("Dienstag nachmittags um 3", "1dec 15:00"),
        ("mittags", "12:00-14:00"),
    ]);
}

#[test]
fn a_day_is_read_with_its_hour() {
    check(&[
        ("vandaag", "27nov"),
        ("vanmiddag", "27nov 12:00-18:00"),
        ("vanavond 7 uur", "27nov 19:00"),
        ("morgen om 9 uur?", "28nov 09:00"),
        ("overmorgen", "29nov"),
        ("dinsdag om 10 uur", "1dec 10:00"),
        ("Hoi kan ik dinsdag om 10 uur een proefrit maken", "1dec 10:00"),
        ("a.s. zaterdag", "28nov"),
        ("aanstaande zaterdag om 11", "28nov 11:00"),
        ("komende dinsdag", "1dec"),
        ("9 december", "9dec"),
        ("9 december 14.00", "9dec 14:00"),
        ("9-12", "9dec"),
        ("8/12", "8dec"),
        ("8/12 om 2 uur", "8dec 14:00"),
        ("de 9e", "9dec"),
        ("woensdag 9 december half elf", "9dec 10:30"),
        ("volgende week dinsdag", "1dec"),
        ("dinsdag over een week", "8dec"),
        ("vrijdag 4 dec 11u", "4dec 11:00"),
        ("ma 10u", "30nov 10:00"),
        ("za 14.00", "28nov 14:00"),
        ("di of wo", "1dec|2dec"),
        ("dinsdg 10uur", "1dec 10:00"),
        ("zaterdg 2u", "28nov 14:00"),
        ("woesdag half 3", "2dec 14:30"),
        ("Friday 4 Dec at 9", "4dec 09:00"),
        ("tomorrow at 10", "28nov 10:00"),
        ("the day after tomorrow", "29nov"),
        ("next Tuesday at 2", "1dec 14:00"),
        ("Thursday next week", "3dec"),
        ("December 9th at 11am", "9dec 11:00"),
        ("sat, 1pm?", "28nov 13:00"),
        ("am 9. Dezember um 11 Uhr", "9dec 11:00"),
        ("Freitag, den 4. Dezember, 14 Uhr", "4dec 14:00"),
        ("übermorgen um 10", "29nov 10:00"),
        ("um 3 am Montag bitte", "30nov 15:00"),
        ("Friday week please", "11dec"),
        ("Samstag in einer Woche", "5dec"),
        ("am Sa um 11 Uhr", "28nov 11:00"),
        ("heute noch möglich?", "27nov soon"),
        ("nächste Woche Mittwoch", "2dec"),
        ("over drie dagen", "30nov"),
        ("nou ik wil die zwarte golf L-946-DJ morgen om 11 uur zien", "28nov 11:00"),
        ("voor 13000 neem ik hem vandaag mee", "27nov"),
    ]);
}

#[test]
fn ranges_of_days_are_read() {
    check(&[
        ("volgende week", "30nov..6dec"),
        ("volgende week ergens", "30nov..6dec"),
        ("ergens volgende week in de ochtend", "30nov..6dec -12:00"),
        ("dit weekend", "28nov..29nov"),
        ("in het weekend", "28nov..29nov"),
        ("volgend weekend", "5dec..6dec"),
        ("begin volgende week", "30nov..2dec"),
        ("eind volgende week", "3dec..4dec"),
        ("deze week", "27nov..29nov"),
        ("later deze week", "28nov..29nov"),
        ("eind van de week", "27nov"),
        ("doordeweeks", "27nov|30nov..4dec"),
        ("over twee weken", "7dec..13dec"),
        ("begin december", "1dec..10dec"),
        ("eind december", "21dec..31dec"),
        ("komende dagen", "28nov..1dec"),
        ("na het weekend", "30nov..2dec"),
        ("volgende week maandag of dinsdag", "30nov|1dec"),
        ("volgende week, liefst dinsdag", "1dec"),
        ("volgende week kan ik alleen woensdag", "2dec"),
        ("next week", "30nov..6dec"),
        ("sometime next week after 5", "30nov..6dec 17:00-"),
        ("at the weekend", "28nov..29nov"),
        ("early next week", "30nov..2dec"),
        ("in two weeks", "7dec..13dec"),
        ("nächste Woche", "30nov..6dec"),
        ("am Wochenende", "28nov..29nov"),
        ("Anfang nächster Woche", "30nov..2dec"),
        ("in zwei Wochen", "7dec..13dec"),
        ("unter der Woche nach Feierabend", "27nov|30nov..4dec 17:00-"),
    ]);
}

#[test]
fn moments_may_count_from_the_one_in_question() {
    check(&[
        ("zelfde tijd", "same-time"),
        ("kan het naar woensdag zelfde tijd?", "2dec same-time"),
        ("woensdag, zelfde tijdstip", "2dec same-time"),
        ("een uurtje later", "later60"),
        ("kan ik ook eerder, half 11?", "10:30"),
        ("iets later", "later"),
        ("een half uur eerder", "earlier30"),
        ("kan het 2 uur later?", "later120"),
        ("kan het eerder", "earlier"),
        ("later?", "later"),
        ("een dag later", "days1"),
        ("twee dagen eerder", "days-2"),
        ("een week later", "days7"),
        ("andere dag", "other-day"),
        ("kan het op een ander moment", "other-day"),
        ("same time on Wednesday", "2dec same-time"),
        ("an hour later", "later60"),
        ("half an hour earlier please", "earlier30"),
        ("another day please", "other-day"),
        ("eine Stunde später", "later60"),
        ("eine halbe Stunde früher", "earlier30"),
        ("geht es auch später?", "later"),
        ("an einem anderen Tag", "other-day"),
        ("zo snel mogelijk", "soon"),
        ("asap", "soon"),
        ("so bald wie möglich", "soon"),
        ("as soon as possible", "soon"),
        ("eerstvolgende mogelijkheid", "soon"),
        ("vandaag nog", "27nov soon"),
    ]);
}

#[test]
fn corrections_take_the_place_of_what_they_correct() {
    check(&[
        ("maandag 10 uur? ah nee 11", "30nov 11:00"),
        ("ja die GTE. maandag 10 uur? ah nee 11", "30nov 11:00"),
        ("maandag om 10, nee dinsdag", "1dec 10:00"),
        ("dinsdag 10 uur, of nee woensdag 14 uur", "2dec 14:00"),
        ("zaterdag? o nee dan zijn jullie dicht, doe maar maandag 10 uur", "30nov 10:00"),
        ("Tuesday at 10, no wait, 11", "1dec 11:00"),
        ("Montag 10 Uhr, nein lieber Dienstag", "1dec 10:00"),
    ]);
}

#[test]
fn what_is_refused_is_excluded() {
    check(&[
        ("niet donderdag, vrijdag 14 uur", "4dec 14:00 !3dec"),
        ("alleen om 11:00 kan ik niet", "!11:00"),
        ("om 11:00 kan ik niet", "!11:00"),
        ("11:00 is te vroeg", "!11:00"),
        ("woensdag 11:00 past helaas niet", "!11:00"),
        ("liever woensdag dan donderdag", "2dec !3dec"),
        ("behalve maandag", "!30nov"),
        ("elke dag behalve maandag", "!30nov"),
        ("zaterdag lukt toch niet, maandag wel na 15 uur", "30nov 15:00- !28nov"),
        ("dinsdag kan ik niet", "!1dec"),
        ("dinsdag en woensdag kan ik niet", "!1dec !2dec"),
        ("niet dinsdag of woensdag", "!1dec !2dec"),
        ("kan niet op dinsdag, wel op woensdag", "2dec !1dec"),
        ("donderdag kan niet maar vrijdag wel", "4dec !3dec"),
        ("vrijdag kan niet, maar maandag 10.30 wel", "30nov 10:30 !4dec"),
        ("niet in de ochtend", "12:00-"),
        ("dinsdag, maar niet in de ochtend", "1dec 12:00-"),
        ("niet na 4 uur", "-16:00"),
        ("ik red het morgen niet om 10 uur, kan het ook 's middags?", "12:00-18:00 !28nov !10:00"),
        ("zaterdagochtend lukt niet", "!28nov"),
        ("niet vrijdag maar zaterdag om 11:00", "28nov 11:00 !4dec"),
        ("volgende week, maar niet maandag", "30nov..6dec !30nov"),
        ("ipv donderdag liever vrijdag", "4dec !3dec"),
        ("gaat maandag niet lukken, dinsdag dus", "1dec !30nov"),
        ("I can't do Monday, Tuesday at 2 works", "1dec 14:00 !30nov"),
        ("Monday doesn't work for me", "!30nov"),
        ("anything but Thursday", "!3dec"),
        ("Friday instead of Thursday", "4dec !3dec"),
        ("11 am is too early", "!11:00"),
        ("not on Tuesday", "!1dec"),
        ("I'd rather come Wednesday than Thursday", "2dec !3dec"),
        ("Montag passt mir leider nicht, lieber Dienstag um 10", "1dec 10:00 !30nov"),
        ("außer Donnerstag", "!3dec"),
        ("nicht am Montag", "!30nov"),
        ("lieber Mittwoch als Donnerstag", "2dec !3dec"),
        ("waarom niet dinsdag", "1dec"),
        ("maakt niet uit, dinsdag is goed", "1dec"),
        ("kan het niet dinsdag?", "1dec"),
    ]);
}

#[test]
fn alternatives_all_suit() {
    check(&[
        ("dinsdag of woensdag", "1dec|2dec"),
        ("dinsdag of woensdag om 10 uur", "1dec|2dec 10:00"),
        ("dinsdag of woensdag na 2", "1dec|2dec 14:00-"),
        ("maandag, dinsdag of donderdag", "30nov|1dec|3dec"),
        ("Tuesday or Wednesday", "1dec|2dec"),
        ("Dienstag oder Mittwoch", "1dec|2dec"),
        ("dinsdag om 10 of woensdag om 2", "1dec 10:00"),
        ("kan ik maandag komen? Dinsdag kan ook", "30nov|1dec"),
    ]);
}

#[test]
fn what_only_looks_like_a_moment_is_none() {
    check(&[
        ("Morgen! hebben jullie de Polo nog", ""),
        ("Goedemorgen, is de Polo er nog?", ""),
        ("goede morgen", ""),
        ("Morgen zusammen, habt ihr einen Polo", ""),
        ("Guten Morgen", ""),
        ("Goede middag", ""),
        ("Morning!", ""),
        ("evening all", ""),
        ("We'd like a Golf", ""),
        ("prettig weekend", ""),
        ("binnen 5 werkdagen", ""),
        ("mag ik hem meenemen voor een uurtje", ""),
        ("het wiel zat los", ""),
        ("22.9 en 23.7. welke geldt", ""),
        ("doe de 3e maar", ""),
        ("Morning! Is the Kuga still for sale?", ""),
        ("met 5000 aanbetaling over 60 maanden", ""),
        ("Good afternoon", ""),
        ("fijne avond", ""),
        ("Schönen Abend noch", ""),
        ("Ibiza FR 1.0 TSI", ""),
        ("is de Ibiza FR er nog", ""),
        ("do you have a golf", ""),
        ("vr gr Jan", ""),
        ("so 3 cars", ""),
        ("ma ga ik niet doen", ""),
        ("ik zoek een 208", ""),
        ("is de 2008 er nog", ""),
        ("een 3 serie of een i10", ""),
        ("de 500 graag", ""),
        ("budget tot 15", ""),
        ("een golf tot 15 mille", ""),
        ("rond 15k", ""),
        ("14.950 euro", ""),
        ("€ 12.50", ""),
        ("bouwjaar 2018, 90.000 km", ""),
        ("kenteken 12-ABC-3", ""),
        ("L-946-DJ", ""),
        ("duurt 1 uur", ""),
        ("2 uur rijden", ""),
        ("we komen met 2", ""),
        ("na", ""),
        ("na und?", ""),
        ("24/7", ""),
        ("is dat te vroeg", ""),
        ("ik vroeg me af of hij er nog is", ""),
        ("tot later", ""),
        ("eerder was ik bij een andere dealer", ""),
        ("sinds maandag", ""),
        ("vorige week", ""),
        ("afgelopen zaterdag", ""),
        ("vorige week woensdag", ""),
        ("gisteren gebeld", ""),
        ("last Saturday", ""),
        ("letzte Woche", ""),
        ("31 november", ""),
        ("30 februari", ""),
        ("over 999999999999 weken", ""),
        ("1", ""),
        ("2 graag", ""),
    ]);
}

#[test]
fn odd_letters_and_endless_messages_are_read() {
    let at: Zoned = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    for text in [
        "İİİİ zaterdag ẞ 🎉 10 uur".to_owned(),
        "9".repeat(5000),
        "x".repeat(64 * 1024),
        "om ".repeat(20_000),
        "niet dinsdag of ".repeat(4000),
        "10 of ".repeat(10_000),
        "a.s. ".repeat(10_000),
        "tussen 2 en ".repeat(5000),
        "🚗".repeat(16_000),
        "32 december 99:99 25u 0 uur 1-1-0000 -12:00".to_owned(),
        "in 60 maanden".to_owned(),
    ] {
        wish(&find(&mut Text::new(&text), &at, Known::default(), Language::Nl));
    }
    assert_eq!(shown(&wish(&read("İİİİ zaterdag ẞ 🎉 10 uur", &[]))), "28nov 10:00");
}

#[test]
fn with_slots_on_offer_low_ordinals_are_theirs_and_bare_figures_may_be_their_hours() {
    let offered: Vec<DateTime> =
        ["2026-12-01T10:00", "2026-12-01T14:00", "2026-12-02T11:00", "2026-12-02T15:00"]
            .map(|slot| slot.parse().unwrap())
            .to_vec();
    for (message, expected) in [
        ("de 2e graag", ""),
        ("doe de 3e maar", ""),
        ("de 2e van de maand", "2dec"),
        ("2 december", "2dec"),
        ("9 december", "9dec"),
        ("de 9e", "9dec"),
        ("2", ""),
        ("doe maar 11", "11:00"),
        ("die van 14:00", "14:00"),
        ("die van 11 graag", "11:00"),
        ("15 graag", "15:00"),
        ("morgen", "28nov"),
        ("12", ""),
        ("12 dan", "12:00"),
        ("alles behalve 3", ""),
    ] {
        assert_eq!(shown(&wish(&read(message, &offered))), expected, "{message}");
    }
}

#[test]
fn what_is_said_of_a_moment_is_told() {
    let only = |message: &str| {
        let mentions = read(message, &[]);
        assert_eq!(mentions.len(), 1, "{message}: {mentions:?}");
        mentions.into_iter().next().unwrap()
    };
    for message in
        ["maandag?", "morgen om 9 uur", "dinsdag rond 3 graag", "kan het maandag", "ok dan dinsdag 17.00"]
    {
        assert!(only(message).bare, "{message}");
    }
    for message in ["zijn jullie zaterdag open?", "de apk is maandag verlopen", "bel me morgen"] {
        assert!(!only(message).bare, "{message}");
    }
    for message in
        ["sinds maandag", "vorige week", "afgelopen zaterdag", "gisteren", "since Monday", "letzten Samstag"]
    {
        assert!(only(message).past, "{message}");
    }
    assert_eq!(only("afgelopen zaterdag").when, When::on("2026-11-21".parse().unwrap()));
    for message in [
        "mijn afspraak van morgen",
        "de proefrit van dinsdag",
        "my appointment of Monday",
        "ik heb een afspraak op dinsdag",
    ] {
        assert!(only(message).away, "{message}");
    }
    for message in [
        "die van dinsdag",
        "een proefrit op dinsdag",
        "Probefahrt am Samstag",
        "ik had graag een afspraak op dinsdag",
    ] {
        assert!(!only(message).away, "{message}");
    }
}

#[test]
fn one_mention_holds_a_day_with_its_hour() {
    for message in
        ["dinsdag om 10 uur", "Friday 4 Dec at 9", "am 9. Dezember um 11 Uhr", "3 uur vrijdagmiddag"]
    {
        let mentions = read(message, &[]);
        assert!(mentions.len() == 1 && mentions[0].when.is_exact(), "{message}: {mentions:?}");
    }
    let mentions = read("van dinsdag 10 uur naar woensdag 11 uur", &[]);
    let (old, new) = (&mentions[0], &mentions[1]);
    assert!(old.away && !new.away && shown(&new.when) == "2dec 11:00", "{mentions:?}");
    let mentions = read("ah nee 11 uur", &[]);
    assert_eq!(mentions[0].link, Link::Corrects);
}

#[test]
fn the_language_of_a_word_is_that_of_the_message_first() {
    let at: Zoned = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    for (language, expected) in [(Language::Nl, "14:30"), (Language::En, "~15:00"), (Language::De, "14:30")] {
        let mentions = find(&mut Text::new("half 3"), &at, Known::default(), language);
        assert_eq!(shown(&wish(&mentions)), expected, "{language}");
    }
}
