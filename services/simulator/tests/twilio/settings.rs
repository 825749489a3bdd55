//! Flags and variables parse, and are documented.

use clap::{CommandFactory, Parser};
use simulator::settings::ServiceWindow;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    simulator: simulator::Config,
    #[command(flatten)]
    twilio: twilio::TwilioAccount,
}

#[test]
fn the_flags_fit_together() {
    Cli::command().debug_assert();
}

#[test]
fn the_defaults_of_flags_and_code_are_the_same() {
    let flags = Cli::parse_from(["test", "--simulator-listen", "127.0.0.1:0"]).simulator;
    assert_eq!(format!("{flags:?}"), format!("{:?}", simulator::Config::default()));
}

#[test]
fn flags_are_read() {
    let cli = Cli::parse_from([
        "test",
        "--simulator-status-delay=50ms",
        "--simulator-read-receipts=false",
        "--simulator-service-window=open",
        "--twilio-whatsapp-number=whatsapp:+14155238886",
        "--twilio-webhook-algorithm=sha256",
        "--public-base-url=https://bot.example.com/",
    ]);
    assert_eq!(cli.simulator.simulator_status_delay.as_millis(), 50);
    assert!(!cli.simulator.simulator_read_receipts);
    assert_eq!(cli.simulator.simulator_service_window, ServiceWindow::Open);
    assert_eq!(cli.twilio.twilio_whatsapp_number.unwrap().e164(), "+14155238886");
    assert_eq!(cli.twilio.twilio_webhook_algorithm, twilio::Algorithm::Sha256);
    assert_eq!(cli.twilio.public_base_url.unwrap().as_str(), "https://bot.example.com");
    let refused =
        Cli::try_parse_from(["test", "--twilio-whatsapp-number=0612345678"]).unwrap_err().to_string();
    assert!(refused.contains("--twilio-whatsapp-number") && refused.contains("E.164"), "{refused}");
}
