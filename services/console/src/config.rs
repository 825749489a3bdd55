use std::net::SocketAddr;

use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};

use crate::Error;

/// Settings of the operator's page.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "console")]
pub struct Config {
    /// Address the operator's page listens on. Beyond loopback it needs a password.
    #[arg(long, env = "CONSOLE_LISTEN", default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    pub console_listen: SocketAddr,
    /// Password of the operator's page, with any user name. Without one the page answers on loopback alone.
    #[arg(long, env = "CONSOLE_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    pub console_password: Option<SecretString>,
    /// Address of a trace in a tracing UI; `{trace_id}` in it stands for the id. For consoles that run alone.
    #[arg(id = "console_trace_url_template", long = "trace-url-template", env = "TRACE_URL_TEMPLATE",
          value_name = "URL", value_parser = trace_url_template)]
    pub console_trace_url_template: Option<String>,
    /// Time zone the page shows times in (Europe/Amsterdam); the dealer's unless set.
    #[arg(long, env = "CONSOLE_TIMEZONE", value_name = "ZONE", value_parser = time_zone)]
    pub console_timezone: Option<TimeZone>,
}

/// Where `{trace_id}` stands in `TRACE_URL_TEMPLATE`, the id is put.
pub(crate) const TRACE_ID: &str = "{trace_id}";

impl Config {
    /// Refuses settings that do not go together.
    pub fn validate(&self) -> Result<(), Error> {
        let password = self.console_password.as_ref().map(ExposeSecret::expose_secret);
        if password.is_some_and(|password| password.trim().is_empty()) {
            return Err(Error::EmptyPassword);
        }
        if password.is_none() && !self.console_listen.ip().is_loopback() {
            return Err(Error::OpenToAll(self.console_listen));
        }
        Ok(())
    }
}

fn trace_url_template(text: &str) -> Result<String, String> {
    let http = text.starts_with("http://") || text.starts_with("https://");
    if http && text.contains(TRACE_ID) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be an http or https address with {TRACE_ID} in it"))
    }
}

fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| "must be a time zone such as Europe/Amsterdam".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(listen: &str, password: Option<&str>) -> Config {
        Config {
            console_listen: listen.parse().unwrap(),
            console_password: password.map(SecretString::from),
            console_trace_url_template: None,
            console_timezone: None,
        }
    }

    #[test]
    fn beyond_loopback_a_password_is_needed() {
        for (listen, password, accepted) in [
            ("127.0.0.1:8081", None, true),
            ("[::1]:8081", None, true),
            ("0.0.0.0:8081", None, false),
            ("[::]:8081", None, false),
            ("192.0.2.1:8081", None, false),
            ("0.0.0.0:8081", Some("correct horse"), true),
            ("127.0.0.1:8081", Some("  "), false),
        ] {
            assert_eq!(config(listen, password).validate().is_ok(), accepted, "{listen}");
        }
    }

    #[test]
    fn a_trace_address_must_be_one() {
        assert!(trace_url_template("https://jaeger.example/trace/{trace_id}").is_ok());
        assert!(trace_url_template("javascript:alert('{trace_id}')").is_err());
        assert!(trace_url_template("https://jaeger.example/").is_err());
    }
}
