//! The command `demo` as people run it: the built binary, a fresh folder, free ports.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Every address that the demo listens on.
const LISTEN: [&str; 10] = [
    "INGRESS_LISTEN",
    "CONSOLE_LISTEN",
    "ADMIN_LISTEN",
    "DEDUP_LOCK_LISTEN",
    "AGENT_ORCHESTRATOR_LISTEN",
    "CHANNEL_SENDER_LISTEN",
    "CRM_LISTEN",
    "CALENDAR_LISTEN",
    "DELIVERY_STATUS_LISTEN",
    "SIMULATOR_LISTEN",
];

const SERVICES: [&str; 7] =
    ["ingress", "dedup-lock", "agent-orchestrator", "channel-sender", "crm", "calendar", "delivery-status"];

/// The demo in a folder, untouched by what the tests' own environment says.
fn demo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proefrit"));
    command.arg("demo").current_dir(folder).env_clear().stdin(Stdio::null());
    for variable in LISTEN {
        command.env(variable, "127.0.0.1:0");
    }
    command
}

/// A demo that goes on; ended with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already when all is well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn told(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{out}\n{err}", output.status)
}

#[track_caller]
fn assert_books_a_test_drive(output: &Output) {
    let told = told(output);
    assert!(output.status.success(), "{told}");
    let lines: Vec<&str> = told.lines().map(str::trim_end).collect();
    let beginning_with = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((beginning_with("customer: "), beginning_with("dealer: ")), (6, 6), "{told}");
    let ticks = lines.iter().filter(|line| line.trim() == "sent ✓  delivered ✓✓  read ✓✓").count();
    assert_eq!(ticks, 6, "{told}");
    assert!(told.contains("Twilio sent this webhook twice; it was answered once"), "{told}");
    assert!(told.contains("customer: [photo]"), "{told}");
    let booked = lines.iter().any(|line| line.starts_with("test drive ") && line.ends_with(", confirmed"));
    assert!(booked, "{told}");
    assert!(lines.iter().any(|line| line.starts_with("lead ") && line.contains("score 80, HOT")), "{told}");
    let trace = told.split_once("One trace: ").expect("a trace").1;
    for service in SERVICES {
        assert!(trace.contains(service), "{service} is missing in the trace\n{told}");
    }
    assert!(!trace.contains("failed"), "{told}");
    assert!(trace.contains("console    http://127.0.0.1:"), "{told}");
    assert!(!told.contains('\x1b'), "there is no terminal to colour\n{told}");
}

#[test]
fn a_test_drive_is_booked_and_the_replies_are_read_also_the_second_time_in_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        assert_books_a_test_drive(&demo(folder.path()).arg("--exit").output().unwrap());
    }
}

#[test]
fn a_demo_beside_a_running_one_keeps_out_of_its_way_and_the_running_one_stops_softly() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running(demo(folder.path()).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let goes_on = "Everything still runs; Ctrl-C stops it.";
    assert!(lines.by_ref().map_while(Result::ok).any(|line| line == goes_on), "it ended instead");

    let beside = demo(folder.path()).arg("--exit").output().unwrap();
    assert_books_a_test_drive(&beside);
    let told = told(&beside);
    assert!(
        told.contains("Another proefrit works in data/demo, so this one keeps its data in data/demo/demo-"),
        "{told}"
    );
    let left = std::fs::read_dir(folder.path().join("data/demo")).unwrap().flatten();
    let left: Vec<_> = left.filter(|entry| entry.path().is_dir()).collect();
    assert!(left.is_empty(), "{left:?}");

    let terminated = Command::new("kill").arg(running.0.id().to_string()).status().unwrap();
    assert!(terminated.success());
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn a_message_that_is_not_taken_ends_the_demo_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path()).arg("--exit").env("RATE_LIMIT_PER_PHONE", "2/60s").output().unwrap();
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("proefrit: the demo failed: the webhook was answered with 429"), "{told}");
}
