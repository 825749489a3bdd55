//! What the phrases of a clause tell, from the files in `phrases/`: see [`crate::reading::phrases`] for how they are written.

use std::ops::Range;
use std::sync::LazyLock;

use crate::reading::phrases::Phrases;
pub(in crate::reading) use crate::reading::phrases::Place;
use crate::reading::text::{Gap, Text};

macro_rules! cues {
    ($( $cue:ident = $name:literal ),* $(,)?) => {
        /// What a phrase speaks of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(in crate::reading) enum Cue { $( $cue, )* }

        impl Cue {
            fn named(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$cue), )* _ => None }
            }

            /// How many there are.
            pub const COUNT: usize = [$( stringify!($cue) ),*].len();

            #[cfg(test)]
            pub const ALL: &[Self] = &[$( Self::$cue, )*];
        }
    };
}

cues! {
    // How something is said.
    And = "and", Opener = "opener", Wh = "wh", Condition = "condition", Correction = "correction", Past = "past",
    Filler = "filler", Doubt = "doubt", Polite = "polite",
    // Talk.
    Greet = "greet", Thanks = "thanks", Leave = "leave", SeeYou = "see_you", Yes = "yes", No = "no", Small = "small",
    // People.
    Human = "human", CallBack = "call_back", MailBack = "mail_back", NotMailBack = "not_mail_back", NotCall = "not_call", MailTo = "mail_to", Reachable = "reachable", SelfReachable = "self_reachable", Phone = "phone", Complaint = "complaint", Sensitive = "sensitive",
    Harmless = "harmless", Profession = "profession",
    WhenAnswered = "when_answered", OpenQuestions = "open_questions", ToColleague = "to_colleague", Machine = "machine", MachineMaybe = "machine_maybe",
    // How the customer wants to be dealt with.
    SpeakNl = "speak_nl", SpeakEn = "speak_en", SpeakDe = "speak_de", NoLists = "no_lists", Awaits = "awaits",
    // No more messages.
    OptOut = "opt_out", OptOutMaybe = "opt_out_maybe", OptIn = "opt_in", NoOptOut = "no_opt_out",
    // Appointments.
    Drive = "drive", Visit = "visit", Coming = "coming", Browse = "browse", Cancel = "cancel", CancelMaybe = "cancel_maybe", Cancelling = "cancelling",
    NotCancel = "not_cancel", Move = "move", NotMove = "not_move", Late = "late", Waver = "waver", Both = "both", OneOf = "one_of", Mistake = "mistake", WantsToo = "wants_too", BesideChoice = "beside_choice", Middle = "middle", RightAfter = "right_after",
    MoveWeak = "move_weak", CannotCome = "cannot_come", Keep = "keep",
    AskAppointment = "ask_appointment", OtherCar = "other_car", WhenFree = "when_free",
    Refuse = "refuse", TooEarly = "too_early", TooLate = "too_late", Except = "except", Also = "also",
    Choose = "choose", Fits = "fits", SlotNoun = "slot_noun", All = "all", One = "one", Counted = "counted", Wants = "wants",
    OneBefore = "one_before", OneAfter = "one_after", First = "first", Second = "second", Third = "third", Fourth = "fourth", Fifth = "fifth", Last = "last",
    // Cars.
    Available = "available", Price = "price", Year = "year", Mileage = "mileage", Fuel = "fuel", Gearbox = "gearbox",
    Color = "color", Body = "body", Variant = "variant", Plate = "plate", Photos = "photos", General = "general",
    Feature = "feature",
    FeatureAsked = "feature_asked", Search = "search", Definite = "definite", Indefinite = "indefinite", Pronoun = "pronoun", Compare = "compare",
    Family = "family", HighSeat = "high_seat", SmallCar = "small_car", Cheapest = "cheapest", Dearest = "dearest", Newest = "newest",
    FewestKm = "fewest_km", Cheap = "cheap", Roads = "roads", Only = "only", ThatOne = "that_one", Else = "else", Not = "not", Wish = "wish", Subject = "subject",
    OnlyDrives = "only_drives", Origin = "origin", Parts = "parts", Recommend = "recommend", NotWanted = "not_wanted",
    // The customer's own car.
    TradeIn = "trade_in", NotTradeIn = "not_trade_in", OwnCar = "own_car", PhotoSent = "photo_sent", TellsOf = "tells_of", Running = "running", Collects = "collects", ComesIn = "comes_in", TellMe = "tell_me", CarNoun = "car_noun", Damage = "damage", Workshop = "workshop", NotWorkshop = "not_workshop",
    // Money.
    Finance = "finance", Bid = "bid", Discount = "discount", Buy = "buy", Takes = "takes", Reserve = "reserve", NotBuy = "not_buy", Unwanted = "unwanted", Obliged = "obliged", Dropped = "dropped", Done = "done", LessFor = "less_for", TakesIt = "takes_it", TakeBack = "take_back",
    // Practical.
    Hours = "hours", OpenNow = "open_now", MyAppointment = "my_appointment", Address = "address", WhoAreYou = "who_are_you",
    Delivery = "delivery", Warranty = "warranty", Licence = "licence", Deposit = "deposit", DrivingAge = "driving_age",
    Route = "route", Parking = "parking", Payment = "payment", Export = "export", Papers = "papers",
    DriveLength = "drive_length", Companions = "companions", Pets = "pets", Children = "children",
    Insurance = "insurance", Returns = "returns", Charging = "charging", WalkIn = "walk_in",
    TestDriveRules = "test_drive_rules", WorkshopHours = "workshop_hours", Jobs = "jobs", Privacy = "privacy",
    Question = "question",
    // Names and manner.
    AfterThat = "after_that", Now = "now", Heard = "heard", Foreign = "foreign",
    NameIntro = "name_intro", NameOutro = "name_outro", NameSpelt = "name_spelt", NoName = "no_name",
    NameAnswer = "name_answer", NameAfter = "name_after", NameKin = "name_kin", NameTheirs = "name_theirs",
    NameFor = "name_for", NameAm = "name_am", NameChange = "name_change", NameOther = "name_other", FirstName = "first_name",
    Surname = "surname", SurnameAfter = "surname_after", NameReach = "name_reach",
    NameWeak = "name_weak", Signature = "signature", Request = "request",
    Formal = "formal", Familiar = "familiar", SmallTalk = "small_talk",
    // A message that has not come to its end.
    Dangling = "dangling",
    // "Kan dat?", "is dat een probleem?": asks about what was just said.
    ThatOk = "that_ok",
    // "Maakt niet uit": nothing is wished of it.
    NoMatter = "no_matter",
    // The mood of a sentence.
    Hypothesis = "hypothesis", CourtesyIf = "courtesy_if", Hedge = "hedge", Unsure = "unsure", PastDeed = "past_deed",
    Reported = "reported", OtherParty = "other_party", OtherObject = "other_object", ApptObject = "appt_object",
    OtherDeed = "other_deed", OtherSender = "other_sender", OtherTopic = "other_topic", Ban = "ban",
    HourComment = "hour_comment", WasIt = "was_it", NoMatterWhich = "no_matter_which", OnTheSite = "on_the_site",
    EitherOr = "either_or",
    // An agreement that leaves no doubt what it agrees to.
    FirmYes = "firm_yes",
    // Whose deed it is.
    Told = "told", WantsDone = "wants_done", Almost = "almost", Others = "others", Myself = "self",
    NotWantedNow = "not_wanted_now", ButNot = "but_not", Gladly = "gladly",
    // What takes an act back, lets it hang on something else, or only bounds it.
    Jest = "jest", Forced = "forced", FreeFrom = "free_from", NeverMind = "never_mind",
}

macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../phrases/", $language, "/talk.txt")),
            include_str!(concat!("../phrases/", $language, "/opt_out.txt")),
            include_str!(concat!("../phrases/", $language, "/people.txt")),
            include_str!(concat!("../phrases/", $language, "/grave.txt")),
            include_str!(concat!("../phrases/", $language, "/appointments.txt")),
            include_str!(concat!("../phrases/", $language, "/cars.txt")),
            include_str!(concat!("../phrases/", $language, "/own_car.txt")),
            include_str!(concat!("../phrases/", $language, "/money.txt")),
            include_str!(concat!("../phrases/", $language, "/practical.txt")),
            include_str!(concat!("../phrases/", $language, "/names.txt")),
            include_str!(concat!("../phrases/", $language, "/mood.txt")),
        ]
    };
}

const LANGUAGES: [[&str; 11]; 3] = [files!("nl"), files!("en"), files!("de")];

static PHRASES: LazyLock<Phrases<Cue>> = LazyLock::new(|| Phrases::of(LANGUAGES, Cue::named));

/// Every whole word of the phrases, for knowing what is spelt right.
pub(in crate::reading) fn words() -> impl Iterator<Item = &'static str> {
    PHRASES.words()
}

/// A phrase found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reading) struct Hit {
    pub cue: Cue,
    /// First token, and the one after the last.
    pub from: usize,
    pub to: usize,
}

/// Every phrase that stands in `place`, the longest of each cue at each token.
pub(in crate::reading) fn search(place: &Place<'_>, hits: &mut Vec<Hit>) {
    search_for(place, |_| true, hits);
}

/// Every phrase of some cues that stands in `place`, likewise.
pub(in crate::reading) fn search_for(place: &Place<'_>, wanted: impl Fn(Cue) -> bool, hits: &mut Vec<Hit>) {
    for (_, phrase, from, to) in PHRASES.wanted(place, |cue| wanted(*cue)) {
        let cue = phrase.tells;
        let mut same_token = hits.iter_mut().rev().take_while(|hit| hit.from == from);
        match same_token.find(|hit| hit.cue == cue) {
            Some(hit) => hit.to = hit.to.max(to),
            None => hits.push(Hit { cue, from, to }),
        }
    }
}

/// Whether a comma or a full stop stands before a token.
pub(in crate::reading) fn is_apart(text: &Text<'_>, at: usize) -> bool {
    text.gap(at).has(Gap::STOP) || text.gap(at).has(Gap::COMMA)
}

/// The bytes of the tokens `from..to`.
pub(in crate::reading) fn bytes(text: &Text<'_>, from: usize, to: usize) -> Range<usize> {
    match (text.tokens.get(from), to.checked_sub(1).and_then(|last| text.tokens.get(last))) {
        (Some(first), Some(last)) if first.start <= last.end => first.start..last.end,
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::phrases::mistakes;

    #[test]
    fn every_file_of_phrases_is_written_right() {
        for files in LANGUAGES {
            assert_eq!(mistakes(&files, |name| Cue::named(name).is_some()), Vec::<String>::new());
        }
    }

    #[test]
    fn every_cue_has_a_phrase() {
        for cue in Cue::ALL {
            assert!(PHRASES.all().any(|phrase| phrase.tells == *cue), "{cue:?}");
        }
    }
}
