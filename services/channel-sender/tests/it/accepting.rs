//! What is accepted for sending and what is refused, on SQLite and on PostgreSQL.

use std::time::Duration;

use alerts::Alerts;
use channel_sender::channel::{Channel, Channels};
use channel_sender::domain::{Author, ContactChange, Content, NewMessage, Owner, Refusal, SendState};
use channel_sender::service::{MessageKey, Sender};
use channel_sender::store::{MIGRATIONS, attempts, contacts};
use channel_sender::twilio_channel::TwilioChannel;
use channel_sender::{Config, Error};
use model::{Clock, Ids, Source, TestClock, Timestamp};
use store::{Store, StoreConfig, StoreError, params};

const ANNA: &str = "+31612345678";

struct World {
    store: Store,
    sender: Sender,
    clock: TestClock,
    _folder: Option<tempfile::TempDir>,
    _database: Option<testkit::servers::Database>,
}

/// Runs a test on SQLite, and on PostgreSQL where one is named.
async fn on_both<F: AsyncFn(&World)>(test: F) {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::sqlite(folder.path());
    test(&World::open(&config, Some(folder), None).await).await;
    if let Some(database) = testkit::servers::postgres().await {
        let config = StoreConfig::postgres(database.url());
        let world = World::open(&config, None, Some(database)).await;
        test(&world).await;
        world.store.close().await;
    }
}

impl World {
    async fn open(
        config: &StoreConfig,
        folder: Option<tempfile::TempDir>,
        database: Option<testkit::servers::Database>,
    ) -> Self {
        let (clock, ids) = (TestClock::default(), Ids::seeded(1));
        let store =
            Store::open_with(config, "channel-sender", MIGRATIONS, clock.shared(), ids).await.unwrap();
        let account = twilio::TwilioAccount {
            twilio_account_sid: Some("AC1".to_owned()),
            twilio_auth_token: Some("token".into()),
            twilio_whatsapp_number: "+14155238886".parse().ok(),
            ..twilio::TwilioAccount::default()
        };
        let twilio = TwilioChannel::new(&account, Duration::from_secs(1)).unwrap().unwrap();
        let channels = Channels::new([std::sync::Arc::new(twilio) as std::sync::Arc<dyn Channel>]);
        let policy = Config::for_tests().policy();
        let sender = Sender::new(store.clone(), channels, policy, Alerts::log_only());
        Self { store, sender, clock, _folder: folder, _database: database }
    }

    /// A text to a contact who wrote just now.
    fn text(&self, id: &str, body: &str) -> NewMessage {
        NewMessage {
            message_id: id.to_owned(),
            org_id: "default".to_owned(),
            channel: Source::Twilio,
            contact: ANNA.parse().unwrap(),
            conversation_id: "c-1".to_owned(),
            fencing_token: 0,
            change: ContactChange { last_inbound_at: Some(self.clock.now()), ..ContactChange::default() },
            author: Author::Agents,
            contents: channel_sender::domain::lay_out(body, &[]),
        }
    }

    /// A text that says nothing of the contact.
    fn bare(&self, id: &str) -> NewMessage {
        NewMessage { change: ContactChange::default(), ..self.text(id, "Hoi") }
    }

    async fn told(&self, change: ContactChange) {
        self.sender.set_contact_state(ANNA.parse().unwrap(), change).await.unwrap();
    }

    async fn jobs(&self) -> i64 {
        let mut conn = self.store.read("jobs").await.unwrap();
        conn.fetch_one("SELECT COUNT(*) FROM queue_jobs", params![]).await.unwrap()
    }
}

fn refusal(result: Result<SendState, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_message_handed_in_many_times_is_one_message_and_one_job() {
    on_both(async |world| {
        let hands = (0..20).map(|_| world.sender.accept(world.text("m-1", "Hoi")));
        for state in futures::future::join_all(hands).await {
            assert_eq!(state.unwrap(), SendState::Queued);
        }
        assert_eq!(world.jobs().await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_body_in_parts_is_as_far_as_its_lowest_part() {
    on_both(async |world| {
        world.sender.accept(world.text("m-1", &"Een zin. ".repeat(400))).await.unwrap();
        let parts = world.sender.status(MessageKey::Id("m-1".to_owned()), false).await.unwrap();
        assert_eq!((parts.len(), world.jobs().await), (3, 3));
        assert_eq!(parts[0].message_id, "m-1");
        assert_eq!(world.sender.accept(world.bare("m-1")).await.unwrap(), SendState::Queued);
    })
    .await;
}

#[tokio::test]
async fn a_stale_token_is_refused_unless_the_message_was_accepted_before() {
    on_both(async |world| {
        let fenced = |id: &str, fencing_token| NewMessage { fencing_token, ..world.text(id, "Hoi") };
        world.sender.accept(fenced("m-1", 5)).await.unwrap();
        world.sender.accept(fenced("m-2", 7)).await.unwrap();
        let stale = world.sender.accept(fenced("m-3", 6)).await;
        assert!(matches!(stale, Err(Error::StaleFencingToken)), "{stale:?}");
        assert_eq!(world.sender.accept(fenced("m-1", 5)).await.unwrap(), SendState::Queued);
        world.sender.accept(fenced("m-4", 0)).await.unwrap();
        world.sender.accept(fenced("m-5", 7)).await.unwrap();
        let other = NewMessage { conversation_id: "c-2".to_owned(), ..fenced("m-6", 1) };
        world.sender.accept(other).await.unwrap();
        assert_eq!(world.jobs().await, 5);
    })
    .await;
}

#[tokio::test]
async fn outside_the_window_only_templates_go_out() {
    on_both(async |world| {
        assert_eq!(refusal(world.sender.accept(world.bare("m-1")).await), Refusal::ServiceWindowClosed);
        world.sender.accept(world.text("m-1", "Hoi")).await.unwrap();
        world.clock.advance(Duration::from_hours(23));
        world.sender.accept(world.bare("m-2")).await.unwrap();
        world.clock.advance(Duration::from_hours(1));
        assert_eq!(refusal(world.sender.accept(world.bare("m-3")).await), Refusal::ServiceWindowClosed);
        let template = channel_sender::domain::Template {
            content_sid: format!("HX{}", "0".repeat(32)),
            variables: [("1".to_owned(), "Anna".to_owned())].into(),
        };
        let contents = vec![Content::Template(template)];
        world.sender.accept(NewMessage { contents, ..world.bare("m-4") }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_older_moment_never_lowers_a_newer_one() {
    on_both(async |world| {
        let wrote = |last_inbound_at| ContactChange { last_inbound_at, ..ContactChange::default() };
        world.told(wrote(Some(world.clock.now()))).await;
        world.told(wrote(Some(world.clock.now() - Duration::from_hours(30)))).await;
        world.told(wrote(None)).await;
        world.sender.accept(world.bare("m-1")).await.unwrap();
        let contact = read_contact(world).await;
        assert_eq!(contact.last_inbound_at, Some(world.clock.now()));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_still_keeps_what_was_told_of_the_contact() {
    on_both(async |world| {
        let mut new = world.text("m-1", "Hoi");
        new.change.opted_out = Some(true);
        new.change.owner = Some(Owner::Human);
        assert_eq!(refusal(world.sender.accept(new).await), Refusal::OptedOut);
        let back = ContactChange { opted_out: Some(false), welcomed_back: true, ..ContactChange::default() };
        world.told(back).await;
        assert_eq!(refusal(world.sender.accept(world.bare("m-2")).await), Refusal::HumanOwns);
        world.sender.accept(NewMessage { author: Author::Human, ..world.bare("m-3") }).await.unwrap();
        world.told(ContactChange { owner: Some(Owner::Agents), ..ContactChange::default() }).await;
        world.sender.accept(world.bare("m-4")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_outbox_is_listed_in_pages_oldest_first() {
    on_both(async |world| {
        for number in 0..5 {
            world.sender.accept(world.text(&format!("m-{number}"), "Hoi")).await.unwrap();
            world.clock.advance(Duration::from_secs(u64::from(number % 2 == 0)));
        }
        let mut after = (Timestamp::EPOCH, String::new());
        let mut listed = Vec::new();
        loop {
            let page = world.sender.outbox(after.clone(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = (last.created_at, last.message_id.clone());
            listed.extend(page.into_iter().map(|message| message.message_id));
        }
        assert_eq!(listed, ["m-0", "m-1", "m-2", "m-3", "m-4"]);
    })
    .await;
}

#[tokio::test]
async fn two_workers_cannot_begin_the_same_attempt() {
    on_both(async |world| {
        world.sender.accept(world.text("m-1", "Hoi")).await.unwrap();
        let begin = || {
            world.store.write_with("begin", move |tx| {
                Box::pin(async move { attempts::begin(tx, "m-1", None).await })
            })
        };
        let outcomes = futures::future::join_all((0..10).map(|_| begin())).await;
        let numbers: Vec<_> =
            outcomes.into_iter().filter_map(|begun: Result<_, StoreError>| begun.unwrap()).collect();
        assert_eq!(numbers, [1]);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_message_is_not_found() {
    on_both(async |world| {
        for asked in [MessageKey::Id("m-9".to_owned()), MessageKey::Sid("SM9".to_owned())] {
            let answer = world.sender.status(asked, true).await;
            assert!(matches!(answer, Err(Error::NoSuchMessage)), "{answer:?}");
        }
        let late = world.sender.report_failure("m-9".to_owned(), None, 63016).await;
        assert!(matches!(late, Err(Error::NoSuchMessage)), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_is_not_configured_is_named() {
    on_both(async |world| {
        let contact = ANNA.parse().unwrap();
        let missing = world.sender.check_reach(Source::Waha, &contact).unwrap_err();
        assert_eq!(
            missing.to_string(),
            "nothing can be sent over waha: the channel is not available in this version"
        );
        world.sender.check_reach(Source::Twilio, &contact).unwrap();
        let widget = "chatwoot:1:42".parse().unwrap();
        assert!(world.sender.check_reach(Source::Twilio, &widget).is_err());
    })
    .await;
}

async fn read_contact(world: &World) -> channel_sender::domain::ContactState {
    let mut conn = world.store.read("contact").await.unwrap();
    contacts::read(&mut conn, &ANNA.parse().expect("a phone")).await.unwrap()
}
