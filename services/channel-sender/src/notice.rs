//! What people are told of messages that do not go out: the log line and, where a person has to act, the alert.

use alerts::{Alert, Alerts};
use twilio::errors::Class;

/// A message that does not go out, without anything that names the customer.
pub struct Failing<'a> {
    /// Our id of it.
    pub message_id: &'a str,
    /// The contact's masked address.
    pub contact: &'a str,
    /// What the provider said, in our words.
    pub error: &'a str,
    /// What that means for us.
    pub class: Class,
    /// Attempts made so far; 0 where that is not known.
    pub attempts: i64,
}

/// A message became a dead letter, whatever the reason: a person can bring it on its way. Without an id where the job
/// does not say which message it is.
pub fn dead_letter(alerts: &Alerts, message_id: Option<&str>, error: &str) {
    alerts.raise(send_failed(error).detail("message_id", message_id));
}

/// A message waited so long that the service window closed: only a person can still reach the customer, with a template.
pub fn window_closed(alerts: &Alerts, message_id: &str) {
    let alert = Alert::new("service_window_closed", "messages waited until their service window had closed")
        .detail("message_id", message_id)
        .inspect("proefrit.channel.v1.ChannelService/GetMessageStatus");
    alerts.raise(alert);
}

fn send_failed(error: &str) -> Alert {
    Alert::new("send_failed", format!("a message was given up: {error}"))
        .inspect("proefrit.queue.v1.QueueService/ListDeadLetters")
        .mend("proefrit.queue.v1.QueueService/RetryDeadLetter")
}

impl Failing<'_> {
    /// It is given up.
    pub fn given_up(&self) {
        tracing::error!(
            message.id = self.message_id,
            contact = self.contact,
            error = self.error,
            class = self.class.as_str(),
            attempts = self.attempts,
            "Twilio send failed"
        );
    }

    /// It is given up after the provider had accepted it. A person is alerted where one can mend what stopped it.
    pub fn given_up_late(&self, alerts: &Alerts) {
        self.given_up();
        if self.class.needs_operator() {
            alerts.raise(send_failed(self.error).detail("message_id", self.message_id));
        }
    }

    /// Quick retries are used up and it is parked for the first time.
    pub fn parked(&self, alerts: &Alerts) {
        tracing::error!(
            message.id = self.message_id,
            contact = self.contact,
            error = self.error,
            class = self.class.as_str(),
            attempts = self.attempts,
            "Twilio send failed, parked and tried again later"
        );
        let alert = Alert::new("send_parked", format!("messages are parked: {}", self.error))
            .detail("message_id", self.message_id)
            .detail("class", self.class.as_str())
            .inspect("proefrit.channel.v1.ChannelService/ListOutbox");
        alerts.raise(alert);
    }
}
