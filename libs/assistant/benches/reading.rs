//! What reading a message costs: time and peak memory for an ordinary one and for hostile ones of 64 KiB.
//!
//! `cargo bench -p proefrit-assistant --bench reading`, with a word after `--` only the messages named so. A message is read as a turn of its own. Times are the best of several runs, and also given as a ratio to
//! lower-casing the same text in the same run, which says more on a machine that others use. Ends with an error when a
//! bound of the assistant does not hold: 0.2 ms for an ordinary message, 5 ms and 1 MiB for any.

use std::hint::black_box;
use std::time::{Duration, Instant};

use assistant::Knowledge;
use assistant::reading::read;
use assistant::state::State;
use assistant::turn::{Message, Scene};
use jiff::Zoned;
use peak_alloc::PeakAlloc;

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

const LONGEST: usize = 64 * 1024;
/// Runs of a message: more of a short one, whose time is soon disturbed.
const fn runs(bytes: usize) -> u32 {
    if bytes < 1024 { 500 } else { 15 }
}

const ORDINARY: &str =
    "Hoi, is de Polo nog te koop en kan ik zaterdag om 11 uur een proefrit maken? Groetjes Jeroen";

struct Cost {
    time: Duration,
    peak: usize,
    reference: Duration,
}

fn main() {
    let knowledge = Knowledge::builtin();
    let at: Zoned = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().expect("this is a moment");
    let mut broken = false;
    println!("{:<22} {:>7} {:>10} {:>9} {:>10}", "message", "bytes", "time us", "x lower", "peak KiB");
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    for (name, text) in messages().into_iter().filter(|(name, _)| name.contains(&only)) {
        let ordinary = name == "ordinary";
        let cost = cost(&text, &at, &knowledge);
        let ratio = cost.time.as_secs_f64() / cost.reference.as_secs_f64().max(1e-9);
        let most = if ordinary { Duration::from_micros(200) } else { Duration::from_millis(5) };
        let holds = cost.time <= most && cost.peak <= 1024 * 1024;
        broken |= !holds;
        println!(
            "{name:<22} {:>7} {:>10.1} {ratio:>9.1} {:>10.1}{}",
            text.len(),
            cost.time.as_secs_f64() * 1e6,
            kib(cost.peak),
            if holds { "" } else { "  beyond its bound" },
        );
    }
    if broken {
        std::process::exit(1);
    }
}

/// Good to a hundredth for anything that fits the memory of a phone.
fn kib(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1024.0
}

fn cost(text: &str, now: &Zoned, knowledge: &Knowledge) -> Cost {
    let messages = [Message::new("message", text, now.timestamp())];
    let scene = Scene { messages: &messages, state: &State::default(), knowledge, now };
    black_box(read(&scene));
    let mut cost = Cost { time: Duration::MAX, peak: 0, reference: Duration::MAX };
    for _ in 0..runs(text.len()) {
        let before = PEAK.current_usage();
        PEAK.reset_peak_usage();
        let started = Instant::now();
        black_box(read(black_box(&scene)));
        cost.time = cost.time.min(started.elapsed());
        cost.peak = cost.peak.max(PEAK.peak_usage().saturating_sub(before));
        let started = Instant::now();
        black_box(black_box(text).to_lowercase());
        cost.reference = cost.reference.min(started.elapsed());
    }
    cost
}

fn messages() -> Vec<(&'static str, String)> {
    let filled = |part: &str| part.repeat(LONGEST / part.len() + 1).chars().take(LONGEST).collect::<String>();
    let mut messages = vec![("ordinary", ORDINARY.to_owned())];
    for (name, part) in [
        ("one word", "x"),
        ("one mixed word", "automaatje"),
        ("digits", "7"),
        ("digits apart", "1 "),
        ("figures", "12.500,50 "),
        ("emoji", "🚗"),
        ("keycaps", "2️⃣ "),
        ("commas", ","),
        ("spaces", "1                                                                                "),
        ("at signs", "a@b"),
        ("dots", "a."),
        ("hyphens", "a-1-"),
        ("apostrophes", "d'"),
        ("combining marks", "e\u{301}\u{301}\u{301} "),
        ("cars", "Volkswagen Golf Variant, "),
        ("misspelt cars", "wolksvagen tiguann "),
        ("prices", "tussen 10 en 15 mille "),
        ("hours", "tussen 2 en "),
        ("refused days", "niet dinsdag of "),
        ("numbers in between", "10 of "),
        ("short words", "a.s. om "),
        ("questions", "is die Golf er nog? wat kost hij? "),
        ("days", "maandag 12 maart om half 3 of "),
        ("names", "Fam. v.d. Meer "),
        ("initials", "A. "),
        ("phrases", "kan ik even bellen met een mens over mijn proefrit "),
        ("negations", "geen niet not nicht "),
        ("nested quotes", "\"'(„\"'"),
        ("plates", "12-ab-3 "),
        ("phones", "06-1234 "),
        ("misspelt words", "proefirt afspraka bezichtiggen "),
        ("ordinals", "de eerste of de tweede "),
        ("lines", "hoi\n"),
        ("German compounds", "Donaudampfschifffahrtsgesellschaftskapitän "),
    ] {
        messages.push((name, filled(part)));
    }
    messages
}
