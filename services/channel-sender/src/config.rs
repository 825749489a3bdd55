//! Settings of the channel sender. Those of the Twilio account are in [`twilio::TwilioAccount`].

use std::net::SocketAddr;
use std::time::Duration;

use clap::ValueEnum;
use model::{Rate, Source};

use crate::decision::Policy;

/// Settings of the channel sender.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "channel_sender")]
pub struct Config {
    /// Address the channel sender's gRPC server listens on.
    #[arg(long, env = "CHANNEL_SENDER_LISTEN", default_value = "127.0.0.1:50053")]
    pub channel_sender_listen: SocketAddr,
    /// Messages that may leave per sender in any window, over all replicas; more wait for a place.
    #[arg(long, env = "SEND_RATE_LIMIT", default_value = "80/1s", value_parser = model::parse::rate)]
    pub send_rate_limit: Rate,
    /// Contacts that are sent to at the same time in this process.
    #[arg(long, env = "SEND_CONCURRENCY", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub send_concurrency: u32,
    /// Quick attempts at a message, the first included; then it is parked.
    #[arg(long, env = "SEND_MAX_TRIES", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub send_max_tries: u32,
    /// Pause before each attempt at a parked message.
    #[arg(long, env = "SEND_PARK", default_value = "5m", value_parser = model::parse::duration)]
    pub send_park: Duration,
    /// How often a message is parked before it becomes a dead letter.
    #[arg(long, env = "SEND_PARK_MAX", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub send_park_max: u32,
    /// How long after an attempt without an answer the provider's log is asked whether the message was sent.
    #[arg(long, env = "SEND_SETTLE_AFTER", default_value = "60s", value_parser = model::parse::duration)]
    pub send_settle_after: Duration,
    /// How long the provider may take to answer before the outcome of an attempt counts as unknown.
    #[arg(long, env = "SEND_TIMEOUT", default_value = "15s", value_parser = model::parse::duration)]
    pub send_timeout: Duration,
    /// Sends every WhatsApp message over this channel, wherever it came from; only twilio is available in this version.
    #[arg(long, env = "WHATSAPP_PROVIDER", value_enum)]
    pub whatsapp_provider: Option<WhatsappProvider>,
}

/// A way to WhatsApp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhatsappProvider {
    /// Twilio.
    Twilio,
    /// WAHA, which is not available in this version.
    Waha,
}

impl Config {
    /// How often and how long a message is tried.
    pub fn policy(&self) -> Policy {
        Policy { max_tries: self.send_max_tries, park: self.send_park, park_max: self.send_park_max }
    }

    /// The channel that answers a source: `WHATSAPP_PROVIDER` swaps the two ways to WhatsApp, Chatwoot stays itself.
    pub fn channel_of(&self, source: Source) -> Source {
        match (source, self.whatsapp_provider) {
            (Source::Twilio | Source::Waha, Some(WhatsappProvider::Twilio)) => Source::Twilio,
            (Source::Twilio | Source::Waha, Some(WhatsappProvider::Waha)) => Source::Waha,
            (source, _) => source,
        }
    }

    /// The values of the flags, on a free port of the loopback interface.
    pub fn for_tests() -> Self {
        Self {
            channel_sender_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            send_rate_limit: Rate { limit: 80, window: Duration::from_secs(1) },
            send_concurrency: 32,
            send_max_tries: 4,
            send_park: Duration::from_mins(5),
            send_park_max: 12,
            send_settle_after: Duration::from_mins(1),
            send_timeout: Duration::from_secs(15),
            whatsapp_provider: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, Command, FromArgMatches};

    fn parsed(args: &[&str]) -> Result<Config, clap::Error> {
        let command = Config::augment_args(Command::new("test"));
        let matches = command.try_get_matches_from([&["test"], args].concat())?;
        Config::from_arg_matches(&matches)
    }

    #[test]
    fn the_defaults_are_those_of_the_tests_on_the_usual_port() {
        let config = parsed(&[]).unwrap();
        assert_eq!(config.channel_sender_listen.port(), 50053);
        let for_tests = Config { channel_sender_listen: config.channel_sender_listen, ..Config::for_tests() };
        assert_eq!(format!("{config:?}"), format!("{for_tests:?}"));
    }

    #[test]
    fn a_provider_takes_over_whatsapp_and_leaves_chatwoot() {
        let config = parsed(&["--whatsapp-provider", "waha"]).unwrap();
        assert_eq!(config.channel_of(Source::Twilio), Source::Waha);
        assert_eq!(config.channel_of(Source::Chatwoot), Source::Chatwoot);
        assert_eq!(Config::for_tests().channel_of(Source::Twilio), Source::Twilio);
        assert!(parsed(&["--whatsapp-provider", "sms"]).is_err());
    }
}
