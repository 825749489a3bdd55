//! Ends the services of one process in turn: whoever calls ends before whoever is called, so that work in hand finishes.

use std::future::Future;

use lifecycle::{OnExit, Stop, Tasks};

/// Starts tasks that, once the end is asked for, end one after another in the order in which they were started.
#[derive(Debug)]
pub struct InTurn<'a> {
    tasks: &'a mut Tasks,
    earlier: Vec<Stop>,
}

/// Tells that a task has ended, however it did.
struct Ended(Stop);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.request();
    }
}

impl<'a> InTurn<'a> {
    /// Tasks of this owner, whose drain time-out bounds all of them together.
    pub fn new(tasks: &'a mut Tasks) -> Self {
        Self { tasks, earlier: Vec::new() }
    }

    /// Starts a task that nothing can go on without. It is asked to end when those started before it have ended.
    pub fn spawn<F, Fut>(&mut self, name: &str, task: F)
    where
        F: FnOnce(Stop) -> Fut,
        Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let earlier = self.earlier.clone();
        let (its_turn, ended) = (Stop::new(), Stop::new());
        self.earlier.push(ended.clone());
        let task = task(its_turn.clone());
        self.tasks.spawn(name, OnExit::Stop, move |wish| async move {
            let _ended = Ended(ended);
            let turn_comes = async {
                wish.requested().await;
                for before in &earlier {
                    before.requested().await;
                }
                its_turn.request();
            };
            tokio::pin!(task);
            tokio::select! {
                outcome = &mut task => outcome,
                () = turn_comes => task.await,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use anyhow::bail;

    use super::*;

    #[tokio::test]
    async fn tasks_end_in_the_order_in_which_they_were_started() {
        let mut tasks = Tasks::new(Stop::new());
        let stop = tasks.stop();
        let ended = Arc::new(Mutex::new(Vec::new()));
        let mut in_turn = InTurn::new(&mut tasks);
        for name in ["ingress", "orchestrator", "crm"] {
            let ended = Arc::clone(&ended);
            in_turn.spawn(name, move |stop| async move {
                stop.requested().await;
                tokio::task::yield_now().await;
                ended.lock().unwrap().push(name);
                Ok(())
            });
        }
        stop.request();
        tasks.run_until_stopped().await.unwrap();
        assert_eq!(*ended.lock().unwrap(), ["ingress", "orchestrator", "crm"]);
    }

    #[tokio::test]
    async fn one_that_fails_ends_them_all() {
        let mut tasks = Tasks::new(Stop::new());
        let mut in_turn = InTurn::new(&mut tasks);
        in_turn.spawn("crm", |stop| async move {
            stop.requested().await;
            Ok(())
        });
        in_turn.spawn("calendar", |_| async { bail!("no disk") });
        let error = tasks.run_until_stopped().await.unwrap_err();
        assert_eq!(format!("{error:#}"), "task calendar failed: no disk");
    }
}
