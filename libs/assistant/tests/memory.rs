//! What reading takes is bounded, however long and odd the message: counted in bytes, for a clock says nothing on a machine
//! that others use. One test, for the count is of the whole process; times are measured by `cargo bench`.

use assistant::Knowledge;
use assistant::reading::read;
use assistant::state::State;
use assistant::turn::{Message, Scene};
use jiff::Zoned;
use peak_alloc::PeakAlloc;

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

const MEBIBYTE: usize = 1024 * 1024;

fn message(text: String, now: &Zoned) -> Message {
    Message::new("m", text, now.timestamp())
}

#[test]
fn no_turn_takes_more_than_a_mebibyte_to_read() {
    let (knowledge, state) = (Knowledge::builtin(), State::default());
    let now: Zoned = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    let peak = |text: String| {
        let messages = [message(text, &now)];
        let scene = Scene { messages: &messages, state: &state, knowledge: &knowledge, now: &now };
        PEAK.reset_peak_usage();
        let before = PEAK.current_usage();
        let reading = read(&scene);
        let peak = PEAK.peak_usage().saturating_sub(before);
        drop(reading);
        peak
    };
    for part in [
        "x",
        "9",
        "🚗",
        "1 ",
        "om ",
        "a.s. ",
        "10 of ",
        "tussen 2 en ",
        "niet dinsdag of ",
        "geen niet not nicht ",
        "Volkswagen Golf Variant, ",
        "wolksvagen tiguann ",
        "kan ik even bellen met een mens over mijn proefrit? ",
        "ik wil een proefrit. ",
        "12-ab-3 ",
        "\"'(„\"'",
        "hoi\n",
    ] {
        let text = part.repeat(64 * 1024 / part.len());
        // What is built the first time and kept is not the message's.
        peak(text.clone());
        let taken = peak(text);
        assert!(taken <= MEBIBYTE, "{part:?} took {} KiB", taken / 1024);
    }
}
