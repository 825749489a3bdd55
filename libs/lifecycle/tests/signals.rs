//! What signals do to a process of our own making.
#![expect(clippy::unwrap_used, reason = "a helper of tests may fail its test")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lifecycle::{OnExit, Stop, Tasks};

/// Runs one of the ignored tests below in a process of its own, and waits until it says that it is ready.
fn start(test: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.contains("ready")));
    child
}

fn send(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

async fn run(linger: Duration) -> anyhow::Result<()> {
    let mut tasks = Tasks::new(Stop::new()).with_signals();
    tasks.spawn("lingers", OnExit::Stop, move |stop| async move {
        // Signals are listened to once the owner runs, which it does before this task is first polled.
        tokio::time::sleep(Duration::from_millis(50)).await;
        println!("ready");
        stop.requested().await;
        println!("stopping");
        tokio::time::sleep(linger).await;
        Ok(())
    });
    tasks.run_until_stopped().await
}

#[tokio::test]
#[ignore = "run by the other tests in a process of its own"]
async fn stops_at_once() {
    run(Duration::ZERO).await.unwrap();
}

#[tokio::test]
#[ignore = "run by the other tests in a process of its own"]
async fn takes_a_minute_to_stop() {
    let error = run(Duration::from_mins(1)).await.unwrap_err().to_string();
    assert_eq!(error, "cut off tasks lingers: a second signal came (SIGINT)");
}

#[test]
fn sigterm_and_sigint_stop_softly() {
    for signal in ["-TERM", "-INT"] {
        let mut child = start("stops_at_once");
        send(&child, signal);
        assert!(child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn a_second_signal_cuts() {
    let mut child = start("takes_a_minute_to_stop");
    send(&child, "-TERM");
    let mut output = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    assert!(output.any(|line| line.contains("stopping")));
    send(&child, "-INT");
    assert!(child.wait().unwrap().success());
}
