//! Sentences that were once read with harm: each stands for its kind.

use jiff::Zoned;

use super::{Analysis, Context, Intent, analyze};

fn read(text: &str, offered_slots: u32) -> Analysis {
    let at: Zoned = "2026-11-27T09:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
    analyze(text, &at, &Context { offered_slots, ..Context::default() })
}

/// Those of the texts that are read as this intent.
fn read_as<'t>(intent: Intent, texts: &[&'t str], offered_slots: u32) -> Vec<&'t str> {
    texts.iter().copied().filter(|text| read(text, offered_slots).intent == intent).collect()
}

#[test]
fn an_ordinary_sentence_is_no_stop() {
    let texts = [
        "Can you get me more details on the Polo?",
        "Could you please get me the details of the Golf?",
        "You can take my number, it's 0612345678",
        "I don't want to miss any updates on the Golf",
        "I do not want to hear any sales talk, just tell me the price of the Polo",
        "Please don't send me the big SUVs, I want a small car",
        "Don't text me before 9 please, I start work at 10",
        "Ich möchte nicht mehr als 15.000 Euro ausgeben",
        "Lassen Sie mich das in Ruhe überlegen",
        "Schrijf mijn nummer maar op: 06-12345678",
        "Schrijf me maar op de lijst voor een Polo",
        "Haal mijn auto maar op bij de weg",
        "Stop maar met zoeken, ik neem de Polo",
        "Stop er maar een trekhaak op",
        "Waarom krijg ik geen berichten meer van jullie?",
        "Ik heb nog geen berichten van jullie ontvangen",
        "Mail me niet, app me maar",
        "App me niet voor 10 uur, dan slaap ik nog",
        "Stuur me niet te veel opties, max 3 graag",
        "Je hoeft de foto's niet meer te sturen, ik kom zaterdag langs",
        "Laat mij er in rust over nadenken",
        "Ik wil niet meer dan 15000 uitgeven",
        "Ich will nicht mehr als 200 Euro im Monat zahlen.",
        "Can I stop by this Saturday to see the Golf?",
        "I'd like to stop by this weekend",
        "Could I stop by this afternoon for a test drive?",
        "Zijn er geen acties?",
        "Hebben jullie geen aanbiedingen?",
        "Hebben jullie momenteel geen acties op de Golf?",
        "Are there no more offers on the Polo?",
        "Laat me het even in rust bekijken",
        "Laat me dat in rust bekijken, ik kom er morgen op terug",
        "Ik heb geen app, kan ik ook bellen?",
        "Stuur me geen mail maar een appje graag",
        "App me niet voor 9 uur aub",
        "Bericht mij niet later dan vrijdag",
        "Meld mij even af voor morgen, ik ben ziek",
        "Not sure yet, I want to hear more",
        "Please don't send me the brochure, text me the price",
        "Don't text me before 10 please",
        "Lassen Sie mich in Ruhe überlegen",
        "Schicken Sie mir nicht die Preisliste sondern Fotos",
        "Ende",
        "end",
        "Saturday 11:00 would be great",
        "Hello? Are you still there?",
    ];
    assert_eq!(read_as(Intent::OptOut, &texts, 0), Vec::<&str>::new());
}

#[test]
fn a_plain_stop_is_one_whatever_courtesies_stand_beside_it() {
    let texts = [
        "STOP",
        "Stop. Dank je",
        "STOP STOP STOP",
        "please stop",
        "Stop it",
        "Hou op",
        "stop nou eens",
        "kun je stoppen?",
        "Remove me",
        "Hör auf mir zu schreiben",
        "hou maar op met appen",
        "verwijder mij",
        "stop aub",
        "Stop, thanks",
        "ik wil geen appjes meer van jullie ontvangen, heb al een auto",
        "stopp",
        "unsubscribe",
        "afmelden",
        "STOP!!",
        "stop svp bedankt",
    ];
    assert_eq!(read_as(Intent::OptOut, &texts, 0), texts);
}

#[test]
fn a_question_about_cancelling_and_a_no_to_something_else_cancel_nothing() {
    let texts = [
        "Wat als ik ziek word?",
        "Tot wanneer kan ik nog annuleren?",
        "Kan ik de afspraak kosteloos annuleren als het slecht weer is?",
        "Mijn vrouw is ziek, mag mijn zoon meekomen naar de proefrit?",
        "Ik kom dinsdag niet alleen, mijn vrouw komt mee",
        "Ik heb besloten dat ik geen diesel wil, de Polo benzine is goed",
        "Bij nader inzien wil ik liever niet de grijze maar de witte Polo zien",
        "What is your cancellation policy?",
        "Ik kom niet langs de snelweg maar met de trein, hoe loop ik?",
        "Can I cancel for free if it rains?",
        "I have bought another tyre set, can I bring it?",
        "Kann ich kostenlos stornieren, falls es regnet?",
    ];
    assert_eq!(read_as(Intent::BookingCancel, &texts, 0), Vec::<&str>::new());
}

#[test]
fn a_slot_that_is_refused_doubted_or_asked_about_is_not_picked() {
    for text in [
        "2 gaat niet lukken",
        "not 2",
        "number 2 doesn't work for me",
        "I can't do option 2",
        "nummer 2 lukt niet",
        "2 kan ik niet",
        "optie 2 is te laat",
        "11:00 is te vroeg",
        "Om 11:00 moet ik helaas werken",
        "kan het ook na 11:00?",
        "die van 11:00 is al bezet toch?",
        "alles behalve 3",
        "Is nummer 3 ook mogelijk op donderdag?",
        "-1",
        "niet de tweede",
        "woensdag 11:00 past helaas niet",
        "alleen om 11:00 kan ik niet",
        "1 of 2 maakt mij niet uit",
        "ik twijfel tussen 1 en 2",
        "We komen met 2 personen.",
    ] {
        assert_eq!(read(text, 4).entities.choice, None, "{text}");
    }
}

#[test]
fn lawyers_the_press_and_accidents_reach_a_person_in_any_intent() {
    for text in [
        "Goedendag, advocatenkantoor Smit hier, naar welk adres kunnen wij schrijven",
        "Ik ben journalist en maak een stuk over jullie branche",
        "ik heb net een aanrijding gehad, zeg de proefrit maar af",
        "I had an accident this morning, can you repair the door?",
        "Hatte gestern einen Unfall, repariert ihr die Tür?",
    ] {
        assert!(read(text, 0).should_escalate, "{text}");
    }
    for text in ["heeft de Golf ooit een ongeluk gehad?", "Is de Polo schadevrij, geen ongeval?"] {
        assert!(!read(text, 0).should_escalate, "{text}");
    }
}

#[test]
fn the_longest_message_is_cut_before_it_is_read() {
    let long = "x".repeat(60_000);
    assert_eq!(read(&long, 3).intent, read("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 3).intent);
    for part in ["1 ", "a.", "2️⃣ ", "Volkswagen Golf, ", "\u{301}", "é", "🚗"] {
        read(&part.repeat(65_536 / part.len()), 4);
    }
}
