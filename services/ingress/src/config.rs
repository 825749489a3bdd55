//! Settings of the ingress.

use std::net::SocketAddr;

use model::Rate;

use crate::proxy::TrustedProxies;

/// What happens to a webhook whose signature is missing or wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SignatureMode {
    /// It is refused.
    #[default]
    Enforce,
    /// It is reported (log, metric) and goes on: for the first hours behind a new proxy, never for long.
    Report,
}

/// Where the ingress listens, whom it believes and how much it takes.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "ingress")]
pub struct Config {
    /// Address the ingress' HTTP server listens on.
    #[arg(long, env = "INGRESS_LISTEN", default_value = "127.0.0.1:8080")]
    pub ingress_listen: SocketAddr,
    /// What happens to a webhook whose signature is missing or wrong.
    #[arg(long = "signature-mode", env = "SIGNATURE_MODE", value_enum, default_value_t)]
    pub ingress_signature_mode: SignatureMode,
    /// Takes Twilio webhooks without a signature. A signature that is there is still checked where a key is set.
    #[arg(
        long = "twilio-allow-unsigned",
        env = "TWILIO_ALLOW_UNSIGNED",
        value_parser = clap::builder::BoolishValueParser::new(),
        action = clap::ArgAction::SetTrue
    )]
    pub ingress_twilio_allow_unsigned: bool,
    /// Messages taken from one customer.
    #[arg(long = "rate-limit-per-phone", env = "RATE_LIMIT_PER_PHONE", default_value = "50/60s")]
    pub ingress_rate_limit_per_phone: Rate,
    /// Unsigned requests answered with 403 per address; further ones get 429.
    #[arg(long = "rate-limit-per-ip", env = "RATE_LIMIT_PER_IP", default_value = "50/60s")]
    pub ingress_rate_limit_per_ip: Rate,
    /// Proxies whose X-Forwarded-* headers are believed (10.0.0.0/8,192.0.2.7).
    #[arg(long = "trusted-proxies", env = "TRUSTED_PROXIES", default_value = "")]
    pub ingress_trusted_proxies: TrustedProxies,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_flags_fit_together_and_nothing_has_to_be_set() {
        <Cli as clap::CommandFactory>::command().debug_assert();
        let Cli { config } = Cli::try_parse_from(["ingress"]).unwrap();
        assert_eq!(config.ingress_signature_mode, SignatureMode::Enforce);
        assert_eq!(config.ingress_rate_limit_per_phone.to_string(), "50/1m");
        assert!(!config.ingress_twilio_allow_unsigned);
    }

    #[test]
    fn wrong_values_are_refused() {
        for arguments in [
            ["--signature-mode", "off"],
            ["--rate-limit-per-ip", "50"],
            ["--trusted-proxies", "10.0.0.0/40"],
            ["--ingress-listen", "8080"],
        ] {
            assert!(Cli::try_parse_from(["ingress"].into_iter().chain(arguments)).is_err(), "{arguments:?}");
        }
        let several = ["ingress", "--trusted-proxies", "10.0.0.0/8, 192.0.2.7,"];
        assert!(Cli::try_parse_from(several).is_ok());
    }
}
