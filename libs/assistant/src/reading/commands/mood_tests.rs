//! Sentences that name an act without meaning it, and plain ones that mean it. Each line is a message of our own.

use super::tests::{booked, fresh, offered, reading};
use crate::command::{Command, Plain};
use crate::state::State;
use crate::when::Hours;

/// Whether a message is read as an act in plain words.
fn acts(message: &str, state: &State) -> bool {
    reading(&[message], state).commands.iter().any(|read| {
        let moment = matches!(&read.command, Command::Moment(when) if matches!(when.hours, Hours::At(_)));
        read.plain == Plain::Clear && (read.command.acts() || (moment && state.appointments.is_empty()))
    })
}

fn none_acts(state: &State, messages: &[&str]) {
    let wrong: Vec<_> = messages.iter().filter(|message| acts(message, state)).collect();
    assert!(wrong.is_empty(), "act: {wrong:#?}");
}

fn each_acts(state: &State, messages: &[&str]) {
    let wrong: Vec<_> = messages.iter().filter(|message| !acts(message, state)).collect();
    assert!(wrong.is_empty(), "do not act: {wrong:#?}");
}

#[test]
fn hypotheses_hedges_and_others_book_nothing() {
    none_acts(
        &fresh(),
        &[
            "stel ik kom dinsdag om 11 uur voor de Niro, is er dan iemand?",
            "Stel dat we woensdag om 14 uur de Captur rijden, mag de hond mee?",
            "wat als ik maandag 10 uur de Clio wil rijden en het sneeuwt",
            "als mijn vrouw vrij krijgt rijden we dinsdag om 15:00 de Captur",
            "als ik geslaagd ben wil ik woensdag 11 uur de Fabia rijden",
            "dinsdag om 11 uur de Niro, tenzij het regent",
            "zou ik maandag om 11 uur de Clio kunnen rijden als ik nog lessen heb",
            "misschien kom ik dinsdag om 10 uur de Kona rijden",
            "mss dinsdag 10 uur de Kona",
            "wellicht maandag om 13:00 een proefrit in de Yaris",
            "eventueel woensdag 11 uur de Niro rijden",
            "ik twijfel nog of ik dinsdag om 10 uur de Kona kom rijden",
            "dinsdag 10 uur de Kona rijden, ik overleg nog met mijn man",
            "maandag om 11 uur de Clio rijden, weet het nog niet zeker",
            "hangt ervan af of ik dinsdag om 10 uur de Kona kan rijden",
            "ik heb dinsdag om 10 uur de Kona al gereden",
            "wij reden maandag om 11 uur de Clio",
            "jullie verkoper zei dinsdag 10 uur voor de Kona",
            "volgens je collega kan ik maandag 11 uur de Clio rijden",
            "dinsdag om 10 uur rij ik de Kona bij een andere garage",
            "ik zie dinsdag 10 uur een Kona bij een ander autobedrijf",
            "mijn Kona staat dinsdag om 10 uur op marktplaats",
            "dinsdag 10 uur de Kona rijden? nog niet vastleggen",
            "kan de Kona dinsdag om 10 uur? boek nog niks",
            "is de Niro maandag om 11 uur vrij? ik wil nog niet boeken",
            "mijn dochter wil dinsdag om 10 uur de Kona rijden maar ze heeft geen rijbewijs",
            "dinsdag 10 uur of 11 uur de Kona?",
            "onder voorbehoud dinsdag om 10 uur de Kona rijden",
            "what if I drive the Kona Tuesday at 10 and it breaks down",
            "suppose I test drive the Kona on Tuesday at 10, who pays for fuel",
            "if my wife agrees I will drive the Kona on Tuesday at 10",
            "I'd drive the Kona Tuesday at 10 if the price drops",
            "maybe I could test drive the Kona Tuesday at 10",
            "perhaps Tuesday at 10 for a test drive in the Kona",
            "I might come and drive the Kona on Tuesday at 10",
            "not sure yet, Tuesday at 10 to drive the Kona",
            "test drive the Kona Tuesday at 10, I need to check with my boss",
            "your colleague said Tuesday at 10 for the Kona",
            "I drove the Kona on Tuesday at 10",
            "Tuesday at 10 I drive a Kona at another dealer",
            "could I drive the Kona Tuesday at 10? don't book it yet",
            "is the Kona free Tuesday at 10? just asking",
            "Tuesday at 10 or 11 for the Kona?",
            "angenommen ich fahre den Kona am Dienstag um 10 Uhr Probe, wer zahlt",
            "was ist wenn ich den Kona am Dienstag um 10 Uhr Probe fahre",
            "wenn meine Frau zustimmt fahre ich Dienstag um 10 Uhr den Kona",
            "falls ich frei bekomme, Dienstag um 10 Uhr Probefahrt mit dem Kona",
            "vielleicht Dienstag um 10 Uhr den Kona Probe fahren",
            "eventuell Dienstag um 10 Uhr Probefahrt mit dem Kona",
            "Dienstag um 10 Uhr Probefahrt mit dem Kona, muss noch mit meiner Frau absprechen",
            "Ihr Kollege sagte Dienstag um 10 Uhr für den Kona",
            "ich fahre Dienstag um 10 Uhr einen Kona bei einem anderen Händler",
            "Dienstag um 10 Uhr den Kona fahren? bitte noch nicht buchen",
        ],
    );
}

#[test]
fn an_hour_that_is_only_spoken_of_is_not_picked() {
    none_acts(
        &offered(),
        &[
            "9 uur is wel vroeg he",
            "11 uur vind ik best vroeg",
            "ik bel om 11 uur wel even",
            "ik overleg nog even, misschien 14:00",
            "mss 9",
            "misschien nummer 2",
            "ligt eraan of mijn baas om 11 uur kan",
            "14 uur? of zijn jullie dan dicht",
            "11:00 of eerder",
            "9 of 11 maakt me niet uit",
            "9 uur of 11 uur?",
            "maakt niet uit kies jij maar",
            "nr 2 staat toch al bezet?",
            "dinsdag 11 uur is mijn verjaardag",
            "om 11 uur moet ik naar de tandarts",
            "11 uur heb ik een vergadering",
            "als ik vrij krijg 14 uur",
            "14 uur, tenzij het regent",
            "stel ik neem 11 uur, hoe lang mag ik dan",
            "11 uur zei je collega",
            "14 uur maar leg nog niet vast",
            "top! ik overleg met mijn man",
            "top",
            "twijfel of 14 uur lukt",
            "weet nog niet zeker, 11 uur?",
            "if 2pm is free I'd maybe do that",
            "maybe 11",
            "perhaps number 2",
            "11 is quite early",
            "not sure about 11",
            "11 or 2?",
            "I have a flight at 11",
            "my meeting is at 14:00",
            "11 if my boss agrees",
            "14:00, let me check with my wife",
            "you choose",
            "vielleicht 11 Uhr",
            "11 Uhr ist ziemlich früh",
            "11 Uhr oder 14 Uhr?",
            "11 Uhr wenn mein Chef zustimmt",
            "um 11 Uhr habe ich einen Zahnarzt",
            "eventuell Nummer 2",
        ],
    );
}

#[test]
fn what_is_not_called_off_or_moved_stays() {
    none_acts(
        &booked(),
        &[
            "misschien moet ik afzeggen",
            "ik zeg misschien af",
            "als het sneeuwt zeg ik af",
            "ik twijfel of ik moet annuleren",
            "annuleer het bod maar",
            "annuleer de financiering",
            "annuleer mijn inruil maar",
            "haal die inruil maar van de lijst",
            "de tandarts is geannuleerd",
            "mijn vlucht is geannuleerd",
            "hebben jullie mijn afspraak geannuleerd?",
            "is mijn proefrit geannuleerd?",
            "nog niet annuleren hoor",
            "ik wil niks verzetten",
            "ik twijfel of ik moet verzetten",
            "kan ik een uurtje later ook nog bellen",
            "kan de koffie een uurtje eerder",
            "kan de werkplaats een uurtje later?",
            "laat maar, ik heb het al gevonden op de site",
            "I might have to cancel if it rains",
            "I may cancel later on",
            "might cancel, not sure yet",
            "I'd hate to cancel",
            "if it snows I cancel",
            "wait it's not cancelled right",
            "my flight got cancelled",
            "the dentist cancelled so I'm free earlier",
            "cancel the trade in please",
            "can you cancel the finance request",
            "can you cancel out the noise",
            "was my appointment cancelled?",
            "has my test drive been cancelled?",
            "no need to move it",
            "maybe I should reschedule",
            "perhaps cancel it",
            "vielleicht muss ich absagen",
            "wenn ich krank werde sage ich ab",
            "mein Flug wurde storniert",
            "wurde mein Termin storniert?",
            "eventuell sage ich ab",
            "storniere bitte das Angebot",
        ],
    );
}

#[test]
fn no_more_of_somebody_elses_messages_is_no_opt_out() {
    none_acts(
        &fresh(),
        &[
            "ik wil geen berichten meer van marktplaats, hier mag het",
            "geen appjes meer van die Kevin, stuur iemand anders",
            "haal me van de lijst met wachtenden af",
            "Stop!! die prijs is echt te gek",
            "de rdw zegt dat ik mijn auto moet afmelden",
            "afmelden bij de balie als ik kom?",
            "laat me met rust met die diesels",
            "unsubscribe me from the newsletter only",
            "no more messages from autotrader please",
            "keine Nachrichten mehr über Diesel bitte",
        ],
    );
}

#[test]
fn plain_and_polite_words_act() {
    each_acts(
        &fresh(),
        &[
            "kan ik dinsdag om 10 uur de Kona rijden?",
            "zou ik dinsdag om 11 uur de Kona mogen rijden?",
            "zou ik woensdag om 14 uur de Captur kunnen proefrijden?",
            "als het kan graag dinsdag 10 uur de Kona rijden",
            "als dat mogelijk is dinsdag om 10 uur de Kona rijden",
            "graag een proefrit met de Niro maandag om 11 uur, als dat lukt",
            "ik wil maandag om 11 uur de Clio rijden",
            "mag ik dinsdag om 15:00 de Yaris proefrijden aub",
            "proefrit Kona dinsdag 10 uur graag",
            "is het mogelijk dinsdag om 10 uur de Kona te rijden?",
            "ik had graag dinsdag om 10 uur de Kona gereden",
            "plan mij dinsdag om 10 uur in voor de Kona",
            "dinsdag 10 uur de Kona, misschien neem ik mijn zoon mee",
            "nog nooit elektrisch gehad, kan ik dinsdag om 10 uur de Kona rijden?",
            "If possible I'd like to drive the Kona on Tuesday at 10",
            "Could I test drive the Kona on Tuesday at 10, if that's ok?",
            "I would like to test drive the Kona Tuesday at 10",
            "can I drive the Kona on Tuesday at 10 please",
            "book me a test drive in the Kona Tuesday at 10",
            "Wenn möglich Dienstag um 10 Uhr Probefahrt mit dem Kona",
            "Kann ich den Kona am Dienstag um 10 Uhr Probe fahren?",
            "Ich möchte Dienstag um 10 Uhr den Kona Probe fahren, wenn es geht",
            "stop",
            "stuur me geen berichten meer",
            "unsubscribe",
            "bitte keine Nachrichten mehr",
        ],
    );
    each_acts(
        &offered(),
        &[
            "11u top",
            "14 uur is top",
            "2",
            "nummer 2 graag",
            "doe maar 14 uur",
            "11 uur graag",
            "als het kan 11 uur",
            "14:00 is goed",
            "de laatste",
            "11 works",
            "I'll take 2pm",
            "number 3 please",
            "11 Uhr passt",
            "Nummer 1 bitte",
            "ja 9 uur prima",
        ],
    );
    each_acts(
        &booked(),
        &[
            "annuleer mijn proefrit",
            "ik wil mijn afspraak afzeggen",
            "kunt u mijn afspraak annuleren?",
            "annuleer mijn afspraak, ik moet naar de tandarts",
            "zeg de proefrit maar af",
            "kan de afspraak een uurtje later?",
            "verzet de proefrit naar woensdag 14 uur",
            "ik wil de afspraak verzetten naar vrijdag 10 uur",
            "kan mijn afspraak naar donderdag 11 uur, als dat kan?",
            "please cancel my appointment",
            "can you cancel my test drive please",
            "I want to cancel my appointment",
            "could we move it to Thursday at 3pm?",
            "please reschedule my test drive to Wednesday at 2pm",
            "bitte den Termin stornieren",
            "ich möchte meinen Termin absagen",
            "können wir den Termin auf Freitag um 10 Uhr verschieben?",
            "Können Sie bitte meinen Termin absagen?",
            "ik kom dinsdag niet meer, annuleer maar",
        ],
    );
}
