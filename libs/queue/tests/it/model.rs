//! Random histories of two queues of lanes, one in the database and one in memory, which must never differ.

use std::{collections::BTreeMap, time::Duration};

use model::Timestamp;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use queue::{Lease, LeaseLost};
use store::{StoreError, params};

use crate::support::{Bench, LEASE, job, payloads, postgres, sqlite};

/// Lanes enough to run side by side, few enough to be met again.
const LANES: u8 = 3;
const KEYS: u8 = 3;
/// More than there are lanes: a claim of so many leaves nothing behind.
const ALL_LANES: u32 = 8;

#[derive(Clone, Debug)]
enum Step {
    Push {
        lane: u8,
        urgent: bool,
        key: Option<u8>,
        due_in: Option<u8>,
    },
    Cancel {
        key: u8,
    },
    Claim {
        lanes: u32,
        batch: u32,
    },
    /// By any lease there ever was, stale ones too.
    Answer {
        lease: prop::sample::Index,
        answer: Answer,
    },
    /// Seconds: back-offs end, rows become due, and leases of workers that say nothing run out.
    Wait {
        seconds: u8,
    },
    EnterDue,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Ack,
    Again { counts: bool, delay: u8 },
    Bury,
    Renew,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let answer = prop_oneof![
        4 => Just(Answer::Ack),
        2 => (any::<bool>(), 0..40_u8).prop_map(|(counts, delay)| Answer::Again { counts, delay }),
        1 => Just(Answer::Bury),
        1 => Just(Answer::Renew),
    ];
    let push = (0..LANES, prop::bool::weighted(0.2), prop::option::weighted(0.3, 0..KEYS));
    let step = prop_oneof![
        6 => (push, prop::option::weighted(0.15, 0..60_u8))
            .prop_map(|((lane, urgent, key), due_in)| Step::Push { lane, urgent, key, due_in }),
        1 => (0..KEYS).prop_map(|key| Step::Cancel { key }),
        6 => (prop_oneof![1..=2_u32, Just(ALL_LANES)], 1..=4_u32)
            .prop_map(|(lanes, batch)| Step::Claim { lanes, batch }),
        8 => (any::<prop::sample::Index>(), answer).prop_map(|(lease, answer)| Step::Answer { lease, answer }),
        2 => (0..40_u8).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::EnterDue),
    ];
    prop::collection::vec(step, 1..80)
}

#[derive(Clone, Debug)]
struct Work {
    name: String,
    urgent: bool,
    key: Option<u8>,
    /// Which frozen set it belongs to.
    set: Option<String>,
    not_before: Timestamp,
    tries: u32,
    unanswered: u32,
}

#[derive(Default)]
struct LaneModel {
    /// Urgent work first, each kind in the order of its commits.
    waiting: Vec<Work>,
    /// The lease in force, by its number, and when it ends.
    lease: Option<(usize, Timestamp)>,
    generation: i64,
}

impl LaneModel {
    fn add(&mut self, work: Work) {
        let place = if work.urgent {
            self.waiting.iter().take_while(|other| other.urgent).count()
        } else {
            self.waiting.len()
        };
        self.waiting.insert(place, work);
    }

    fn is_claimable(&self, now: Timestamp) -> bool {
        self.lease.is_none_or(|(_, end)| end <= now)
            && self.waiting.first().is_some_and(|head| head.not_before <= now)
    }

    /// How many at the front belong to the head's set, or would, were it frozen now.
    fn front(&self, batch: u32) -> std::ops::Range<usize> {
        let head = &self.waiting[0];
        let alike = self.waiting.iter().take_while(|work| work.urgent == head.urgent && work.set == head.set);
        let alike = alike.count();
        0..if head.set.is_some() { alike } else { alike.min(batch as usize) }
    }

    /// Where the set of a lease stands: urgent work may have come before it.
    fn set(&self, lease: &Lease) -> std::ops::Range<usize> {
        let is_in = |work: &Work| work.set.as_deref() == Some(lease.batch_id());
        let start = self.waiting.iter().position(is_in).expect("a lease in force has work");
        start..start + self.waiting[start..].iter().take_while(|work| is_in(work)).count()
    }
}

#[derive(Default)]
struct Model {
    lanes: BTreeMap<String, LaneModel>,
    /// Work due later, in the order it was first pushed under its key.
    scheduled: Vec<(Timestamp, String, Work)>,
    leases: Vec<Lease>,
    pushed: usize,
    done: usize,
    dead: usize,
    cancelled: usize,
}

struct Run<'a> {
    bench: &'a Bench,
    model: Model,
}

fn lane_name(lane: u8) -> String {
    format!("lane-{lane}")
}

/// Short of `'static`, for a key is a part of the SQL's text nowhere.
const KEY_NAMES: [&str; KEYS as usize] = ["key-0", "key-1", "key-2"];

impl Run<'_> {
    async fn step(&mut self, step: &Step) {
        match step {
            Step::Push { lane, urgent, key, due_in } => self.push(*lane, *urgent, *key, *due_in).await,
            Step::Cancel { key } => self.cancel(*key).await,
            Step::Claim { lanes, batch } => self.claim(*lanes, *batch).await,
            Step::Wait { seconds } => self.bench.clock.advance(Duration::from_secs(u64::from(*seconds))),
            Step::EnterDue => self.enter_due().await,
            Step::Answer { lease, answer } if !self.model.leases.is_empty() => {
                self.answer(lease.index(self.model.leases.len()), *answer).await;
            }
            Step::Answer { .. } => {}
        }
        self.compare().await;
    }

    async fn push(&mut self, lane: u8, urgent: bool, key: Option<u8>, due_in: Option<u8>) {
        self.model.pushed += 1;
        let (lane, name) = (lane_name(lane), format!("{}", self.model.pushed));
        let mut job = job(&lane, &name);
        if urgent {
            job = job.urgent();
        }
        if let Some(key) = key {
            job = job.key(KEY_NAMES[usize::from(key)]);
        }
        let now = self.bench.now();
        let work = Work { name, urgent, key, set: None, not_before: now, tries: 0, unanswered: 0 };
        let Some(seconds) = due_in else {
            self.bench.push(job).await;
            self.model.lanes.entry(lane).or_default().add(work);
            return;
        };
        let due = now + Duration::from_secs(u64::from(seconds));
        self.bench.push(job.due_at(due)).await;
        let replaced =
            self.model.scheduled.iter_mut().find(|(_, _, other)| key.is_some() && other.key == key);
        match replaced {
            Some(row) => {
                *row = (due, lane, work);
                self.model.cancelled += 1;
            }
            None => self.model.scheduled.push((due, lane, work)),
        }
    }

    async fn cancel(&mut self, key: u8) {
        let mut cancelled = 0;
        let mut keep = |work: &Work| {
            let gone = work.key == Some(key) && work.set.is_none();
            cancelled += usize::from(gone);
            !gone
        };
        self.model.scheduled.retain(|(_, _, work)| keep(work));
        for lane in self.model.lanes.values_mut() {
            lane.waiting.retain(&mut keep);
        }
        self.model.cancelled += cancelled;
        assert_eq!(self.bench.cancel(KEY_NAMES[usize::from(key)]).await, cancelled > 0);
    }

    async fn enter_due(&mut self) {
        let now = self.bench.now();
        let (mut due, later): (Vec<_>, Vec<_>) =
            self.model.scheduled.drain(..).partition(|(moment, _, _)| *moment <= now);
        self.model.scheduled = later;
        due.sort_by_key(|(moment, _, _)| *moment);
        let entered = self.bench.enter_due().await;
        assert_eq!(entered, due.len());
        for (_, lane, work) in due {
            self.model.lanes.entry(lane).or_default().add(work);
        }
    }

    async fn claim(&mut self, lanes: u32, batch: u32) {
        let now = self.bench.now();
        let claimable = self.model.lanes.values().filter(|lane| lane.is_claimable(now)).count();
        let leases = self.bench.claim(lanes, batch).await;
        if lanes == ALL_LANES {
            assert_eq!(leases.len(), claimable, "whatever can be claimed is claimed");
        }
        assert!(leases.len() <= lanes as usize);
        for lease in leases {
            let lane = self.model.lanes.get_mut(lease.lane().as_str()).expect("a lane with work");
            assert!(lane.is_claimable(now), "neither under a lease nor waiting for its moment");
            let front = lane.front(batch);
            let expected: Vec<_> = lane.waiting[front.clone()].iter().map(|work| work.name.clone()).collect();
            assert_eq!(payloads(&lease), expected, "the front, in order, or the frozen set, whole");
            let head = &lane.waiting[0];
            assert_eq!((lease.tries(), lease.expiries()), (head.tries, head.unanswered));
            assert!(head.set.is_none() || head.set.as_deref() == Some(lease.batch_id()), "the same set");
            assert!(lease.generation() > lane.generation, "generations grow");
            for work in &mut lane.waiting[front] {
                work.set = Some(lease.batch_id().to_owned());
                work.unanswered += 1;
            }
            lane.generation = lease.generation();
            lane.lease = Some((self.model.leases.len(), now + LEASE));
            self.model.leases.push(lease);
        }
    }

    async fn answer(&mut self, number: usize, answer: Answer) {
        let (lease, now) = (self.model.leases[number].clone(), self.bench.now());
        let lane = self.model.lanes.get_mut(lease.lane().as_str()).expect("a lane that had work");
        let outcome = match answer {
            Answer::Ack => self.bench.ack(&lease).await,
            Answer::Bury => self.bench.bury(&lease).await,
            Answer::Renew => self.bench.renew(&lease).await,
            Answer::Again { counts, delay } => {
                self.bench.again(&lease, counts, Duration::from_secs(u64::from(delay))).await
            }
        };
        if lane.lease.is_none_or(|(current, _)| current != number) {
            assert!(matches!(outcome, Err(LeaseLost::Lost)), "a stale lease changes nothing");
            return;
        }
        outcome.expect("a lease in force may act, even late");
        let set = lane.set(&lease);
        lane.lease = None;
        match answer {
            Answer::Renew => lane.lease = Some((number, now + LEASE)),
            Answer::Again { counts, delay } => {
                for work in &mut lane.waiting[set] {
                    work.unanswered -= 1;
                    work.tries += u32::from(counts);
                    work.not_before = now + Duration::from_secs(u64::from(delay));
                }
            }
            Answer::Ack => self.model.done += lane.waiting.drain(set).count(),
            Answer::Bury => self.model.dead += lane.waiting.drain(set).count(),
        }
    }

    /// The books of the database are those of the model, and no lane sleeps over its work.
    async fn compare(&self) {
        const SQL: &str = "
            SELECT lane, depth, claimable_at,
                (SELECT COUNT(*) FROM queue_jobs WHERE queue_jobs.lane = queue_lanes.lane) AS waiting
            FROM queue_lanes";
        let rows = self.bench.store.read("books").await.unwrap().fetch_all(SQL, params![]).await;
        let rows: Result<Vec<(String, i64, i64, i64)>, StoreError> = rows;
        let mut waiting_in_all = 0;
        for (lane, depth, claimable_at, waiting) in rows.unwrap() {
            let expected = i64::try_from(self.model.lanes[&lane].waiting.len()).unwrap();
            assert_eq!((depth, waiting), (expected, expected), "{lane}");
            assert!(depth == 0 || claimable_at != i64::MAX, "{lane} sleeps over its work");
            waiting_in_all += self.model.lanes[&lane].waiting.len();
        }
        let model = &self.model;
        assert_eq!(
            model.pushed,
            model.done + model.dead + model.cancelled + model.scheduled.len() + waiting_in_all,
            "nothing is lost"
        );
    }

    /// Whatever is left comes out, in order.
    async fn drain(&mut self) {
        for _ in 0..200 {
            self.bench.clock.advance(Duration::from_mins(2));
            self.enter_due().await;
            let before = self.model.leases.len();
            self.claim(ALL_LANES, 2).await;
            for number in before..self.model.leases.len() {
                self.answer(number, Answer::Ack).await;
            }
            self.compare().await;
            if self.model.lanes.values().all(|lane| lane.waiting.is_empty())
                && self.model.scheduled.is_empty()
            {
                let dead = usize::try_from(self.bench.count("queue_dead_letters").await).unwrap();
                assert_eq!(dead, self.model.dead);
                return;
            }
        }
        panic!("work was left");
    }
}

fn check(bench: &Bench, runtime: &tokio::runtime::Runtime, cases: u32) {
    let seed = std::env::var("PROEFRIT_TEST_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse::<u64>().expect("PROEFRIT_TEST_SEED is a number"));
    println!("PROEFRIT_TEST_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            bench.clear().await;
            let mut run = Run { bench, model: Model::default() };
            for step in &steps {
                run.step(step).await;
            }
            run.drain().await;
        });
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => panic!("PROEFRIT_TEST_SEED={seed}: {why}\n{steps:#?}"),
        Err(error) => panic!("PROEFRIT_TEST_SEED={seed}: {error}"),
    }
}

#[test]
fn every_history_on_sqlite_is_that_of_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bench = runtime.block_on(sqlite());
    check(&bench, &runtime, 40);
}

#[test]
fn every_history_on_postgresql_is_that_of_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(bench) = runtime.block_on(postgres()) else { return };
    check(&bench, &runtime, 20);
}
