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

impl Failing<'_> {
    /// It is given up. A person is alerted where mending something can bring it on its way.
    pub fn given_up(&self, alerts: &Alerts, is_dead_letter: bool) {
        tracing::error!(
            message.id = self.message_id,
            contact = self.contact,
            error = self.error,
            class = self.class.as_str(),
            attempts = self.attempts,
            "Twilio send failed"
        );
        if is_dead_letter || self.class.needs_operator() {
            let alert = Alert::new("send_failed", format!("a message was given up: {}", self.error))
                .detail("message_id", self.message_id)
                .detail("class", self.class.as_str())
                .inspect("proefrit.queue.v1.QueueService/ListDeadLetters")
                .mend("proefrit.queue.v1.QueueService/RetryDeadLetter");
            alerts.raise(alert);
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
