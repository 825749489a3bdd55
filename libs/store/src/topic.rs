//! Wake-ups: "something changed in the inbox", told after the commit to whoever waits, in this process and in other replicas.
//!
//! Telling never carries data and may be lost; whoever waits also looks by itself now and then. On PostgreSQL the news travel by
//! NOTIFY, sent outside the writing transactions and at most once per topic every few milliseconds: inside them it would take a
//! database-wide lock at each commit (<https://www.postgresql.org/docs/current/sql-notify.html>).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use crate::postgres::{self, Postgres};

/// News of one topic are told to other replicas at most once in this time.
const COALESCE: Duration = Duration::from_millis(5);

/// How long to wait before listening again after the connection was lost.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// A named change that tasks can wait for.
#[derive(Clone)]
pub struct Topic {
    name: &'static str,
    changes: Arc<watch::Sender<u64>>,
    pending: Option<Arc<Pending>>,
}

impl Topic {
    /// Tells everybody that the topic changed. Call it from [`Tx::on_commit`](crate::Tx::on_commit).
    pub fn publish(&self) {
        self.changes.send_modify(|count| *count += 1);
        if let Some(pending) = &self.pending {
            pending.add(self.name);
        }
    }

    /// A receiver that is marked changed by each later [`publish`](Self::publish), of any replica.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Topics that other replicas have not been told of yet.
#[derive(Default)]
struct Pending {
    names: Mutex<Vec<&'static str>>,
    some: Notify,
}

impl Pending {
    fn add(&self, name: &'static str) {
        let mut names = lock(&self.names);
        if !names.contains(&name) {
            names.push(name);
            self.some.notify_one();
        }
    }
}

type Registry = Arc<Mutex<HashMap<&'static str, Arc<watch::Sender<u64>>>>>;

pub(crate) struct Topics {
    registry: Registry,
    pending: Option<Arc<Pending>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Topics {
    /// Topics of one process.
    pub(crate) fn alone() -> Self {
        Self { registry: Registry::default(), pending: None, tasks: Mutex::default() }
    }

    /// Topics that all replicas share.
    pub(crate) fn shared(service: &'static str, postgres: &Postgres) -> Self {
        let registry = Registry::default();
        let pending = Arc::new(Pending::default());
        let channel = format!("proefrit_{}", postgres::schema(service));
        let instance = Instance(rand::random());
        let tasks = vec![
            tokio::spawn(tell(channel.clone(), instance, postgres.pool.clone(), Arc::clone(&pending))),
            tokio::spawn(listen(channel, instance, postgres.url.clone(), Arc::clone(&registry))),
        ];
        Self { registry, pending: Some(pending), tasks: Mutex::new(tasks) }
    }

    pub(crate) fn topic(&self, name: &'static str) -> Topic {
        let changes = Arc::clone(lock(&self.registry).entry(name).or_default());
        Topic { name, changes, pending: self.pending.clone() }
    }

    pub(crate) fn close(&self) {
        lock(&self.tasks).drain(..).for_each(|task| task.abort());
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        self.close();
    }
}

/// Marks the news of one store, which hears its own news too and knows them already.
#[derive(Clone, Copy)]
struct Instance(u64);

impl Instance {
    fn address(self, topic: &str) -> String {
        format!("{:016x} {topic}", self.0)
    }

    /// The topic of somebody else's news.
    fn of_another(self, news: &str) -> Option<&str> {
        let (instance, topic) = news.split_once(' ')?;
        (u64::from_str_radix(instance, 16) != Ok(self.0)).then_some(topic)
    }
}

async fn tell(channel: String, instance: Instance, pool: PgPool, pending: Arc<Pending>) {
    loop {
        pending.some.notified().await;
        let names = std::mem::take(&mut *lock(&pending.names));
        for name in names {
            let told = sqlx::query("SELECT 1 FROM (SELECT pg_notify($1, $2)) AS told")
                .bind(&channel)
                .bind(instance.address(name))
                .execute(&pool)
                .await;
            if let Err(error) = told {
                tracing::debug!(error = %error, "could not tell other replicas of {name}; they will look by themselves");
            }
        }
        tokio::time::sleep(COALESCE).await;
    }
}

async fn listen(channel: String, instance: Instance, url: String, registry: Registry) {
    loop {
        if let Err(error) = listen_once(&channel, instance, &url, &registry).await {
            tracing::debug!(error = %error, "lost the connection that brings other replicas' news");
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

async fn listen_once(
    channel: &str,
    instance: Instance,
    url: &str,
    registry: &Registry,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(channel).await?;
    loop {
        // What was said while nobody listened is not known, so everybody looks.
        lock(registry).values().for_each(|changes| changes.send_modify(|count| *count += 1));
        // `None` says that the connection was lost; the next call makes a new one.
        while let Some(news) = listener.try_recv().await? {
            let known =
                instance.of_another(news.payload()).and_then(|topic| lock(registry).get(topic).cloned());
            if let Some(changes) = known {
                changes.send_modify(|count| *count += 1);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
