//! The wish that work should end.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The wish that work should end, softly: finish what was begun, begin nothing. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A wish nobody has uttered yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything that holds this, or a child of it, to end. Asking again changes nothing.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// Completes once the end is asked for; at once when it was already.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// True once the end is asked for.
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// A wish that is uttered with this one, or alone without it.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Runs a future until it completes, or drops it and answers `None` once the end is asked for.
    pub async fn or<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.requested() => None,
            value = future => Some(value),
        }
    }

    /// Waits; false when the end was asked for before the time was over.
    pub async fn sleep(&self, duration: Duration) -> bool {
        self.or(tokio::time::sleep(duration)).await.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_child_stops_with_its_parent_and_alone() {
        let parent = Stop::new();
        let (child, other) = (parent.child(), parent.child());
        child.request();
        assert!(child.is_requested() && !parent.is_requested() && !other.is_requested());
        parent.request();
        other.requested().await;
    }

    #[tokio::test(start_paused = true)]
    async fn sleep_ends_early_when_stopped() {
        let stop = Stop::new();
        assert!(stop.sleep(Duration::from_secs(5)).await);
        stop.request();
        assert!(!stop.sleep(Duration::from_secs(5)).await);
    }
}
