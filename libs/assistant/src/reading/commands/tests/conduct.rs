//! In which language the customer is spoken to, what shall stop that is no message, and that an answer is awaited.

use super::{check, fresh, said};

#[test]
fn another_language_is_wished_in_many_ways() {
    for (language, messages) in [
        (
            "speak en",
            vec![
                "english please :)",
                "my dutch is not so good",
                "do you speak English?",
                "kan het in het Engels",
                "liever in het Engels aub",
                "auf Englisch bitte",
            ],
        ),
        (
            "speak de",
            vec![
                "auf Deutsch bitte",
                "kan het in het Duits?",
                "in German please",
                "mein Niederländisch ist nicht so gut",
            ],
        ),
        (
            "speak nl",
            vec![
                "liever Nederlands",
                "in Dutch please",
                "auf Niederländisch bitte",
                "mijn Engels is niet zo goed",
            ],
        ),
    ] {
        for message in messages {
            assert_eq!(said(&[message], &fresh()), [language], "{message}");
        }
    }
    for message in [
        "ok thanks",
        "is de navigatie in het Engels?",
        "can you send me the brochure in English?",
        "staat het boekje in het Duits?",
        "is it a German car?",
        "ist das ein deutsches Auto?",
        "is het een Nederlandse auto?",
    ] {
        assert!(!said(&[message], &fresh()).iter().any(|read| read.starts_with("speak")), "{message}");
    }
}

#[test]
fn lists_stop_without_the_messages() {
    for message in [
        "stop sending me lists pls",
        "stop sending these lists please",
        "no more lists please",
        "stop met lijstjes sturen",
        "geen lijstjes meer aub",
        "keine Listen mehr bitte",
        "hört auf mir Listen zu schicken",
    ] {
        assert_eq!(said(&[message], &fresh()), ["close"], "{message}");
    }
    for message in [
        "stop sending me messages",
        "stop met berichten sturen",
        "take me off your list",
        "haal me van die lijst af",
    ] {
        assert_eq!(said(&[message], &fresh()), ["opt_out"], "{message}");
    }
}

#[test]
fn who_awaits_an_answer_closes_and_who_asks_does_not() {
    for message in [
        "oke hoor het graag",
        "top ik hoor het",
        "dan wacht ik even op bericht",
        "looking forward to hearing from you",
        "ok ich warte auf Antwort",
    ] {
        assert_eq!(said(&[message], &fresh()), ["close"], "{message}");
    }
    for message in ["ik hoor graag wat de Polo kost", "hoor het graag als er een Polo binnenkomt"] {
        assert!(!said(&[message], &fresh()).contains(&"close".to_owned()), "{message}");
    }
}

#[test]
fn a_moment_beside_a_purchase_is_none_for_a_drive() {
    let reads = |message: &str| said(&[message], &fresh()).join(" ");
    for message in [
        "Ik wil die blauwe ID.3 kopen, kan ik morgen komen betalen en m meenemen?",
        "I want to buy the blue ID.3, can I come and pay tomorrow?",
        "Ich möchte den blauen ID.3 kaufen, kann ich morgen kommen und ihn mitnehmen?",
    ] {
        let read = reads(message);
        assert!(
            read.contains("buy") && !read.contains("drive") && !read.contains("moment"),
            "{message}: {read}"
        );
    }
    let read = reads("Ik wil die blauwe ID.3 kopen maar eerst zaterdag een proefrit");
    assert!(read.contains("drive"), "{read}");
}

#[test]
fn company_is_named_by_any_word_for_kin() {
    check(
        &fresh(),
        &[
            ("mag me pa mee", &["practical Topic(Companions)"]),
            ("mag mn vrouw ook mee?", &["practical Topic(Companions)"]),
            ("can I bring my dad", &["practical Topic(Companions)"]),
            ("is it ok if my missus comes along?", &["practical Topic(Companions)"]),
            ("darf meine Frau mit", &["practical Topic(Companions)"]),
            ("mag de hond mee", &["practical Topic(Pets)"]),
        ],
    );
}
