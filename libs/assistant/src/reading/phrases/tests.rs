use super::*;
use crate::reading::text::{Mark, Text};

const WRITTEN: &str = "
# A comment.
@drive = proefrit|testrit
[wants]
@drive ~2 maken|plannen
stop|hou_op $
^ ?een rit
niet !meer
/geen zin
+6 ^^ hoi $$
-2.5 <car> ??
begin*|*einde|*mid*
[unknown]
nergens
";

fn phrases() -> Phrases<&'static str> {
    Phrases::of([[WRITTEN]], |name| (name == "wants").then_some("wants"))
}

/// The phrases that stand anywhere in a text, which is one clause.
fn found(text: &Text<'_>, question: bool) -> Vec<(&'static str, usize, usize)> {
    let whole = 0..text.len();
    let place = Place { text, properties: &[], within: whole.clone(), message: whole, question };
    let phrases = phrases();
    let mut found: Vec<_> =
        phrases.within(&place).map(|(_, phrase, from, to)| (phrase.written, from, to)).collect();
    found.dedup();
    found
}

fn stands(text: &str) -> Vec<(&'static str, usize, usize)> {
    found(&Text::new(text), false)
}

#[test]
fn words_may_stand_between_where_it_says_so() {
    assert_eq!(stands("een testrit wil ik maken"), [("@drive ~2 maken|plannen", 1, 5)]);
    assert_eq!(stands("een proefrit wil ik graag maken"), []);
}

#[test]
fn alternatives_may_be_of_several_words_and_each_is_tried() {
    assert_eq!(stands("nou hou op"), [("stop|hou_op $", 1, 3)]);
    assert_eq!(stands("hou op daar"), [], "the clause goes on");
    let either = Phrases::of([["[a]\na|a_b c"]], |_| Some(()));
    let text = Text::new("a b c");
    let whole = 0..text.len();
    let place =
        Place { text: &text, properties: &[], within: whole.clone(), message: whole, question: false };
    assert_eq!(either.within(&place).map(|(.., to)| to).collect::<Vec<_>>(), [3]);
}

#[test]
fn what_may_be_missing_opens_a_phrase_both_ways() {
    assert_eq!(stands("een rit"), [("^ ?een rit", 0, 2)]);
    assert_eq!(stands("rit"), [("^ ?een rit", 0, 1)]);
    assert_eq!(stands("de rit"), []);
}

#[test]
fn what_may_not_stand_beside_it_takes_a_phrase_away() {
    assert_eq!(stands("niet nu"), [("niet !meer", 0, 1)]);
    assert_eq!(stands("niet meer"), []);
    assert_eq!(stands("heb zin"), [("/geen zin", 1, 2)]);
    assert_eq!(stands("geen zin"), []);
}

#[test]
fn a_message_ends_where_its_clauses_do_not() {
    assert_eq!(stands("hoi"), [("^^ hoi $$", 0, 1)]);
    let text = Text::new("hoi, daar");
    let place = Place { text: &text, properties: &[], within: 0..1, message: 0..2, question: false };
    assert_eq!(phrases().within(&place).count(), 0);
}

#[test]
fn what_was_found_in_the_text_is_one_element_however_many_words_it_has() {
    let mut text = Text::new("de vw golf variant");
    text.mark(1, 4, Mark::Car);
    assert_eq!(found(&text, true).first(), Some(&("<car> ??", 1, 4)));
    assert_eq!(found(&text, false), []);
}

#[test]
fn parts_of_words_are_found_where_they_stand() {
    for word in ["beginnen", "spitseinde", "omidden"] {
        assert_eq!(stands(word), [("begin*|*einde|*mid*", 0, 1)], "{word}");
    }
    assert_eq!(stands("einden"), []);
}

#[test]
fn a_phrase_weighs_one_unless_it_says_otherwise() {
    let phrases = phrases();
    let weight = |written| phrases.all().find(|phrase| phrase.written == written).map(|phrase| phrase.weight);
    assert_eq!(weight("^^ hoi $$"), Some(6.0));
    assert_eq!(weight("<car> ??"), Some(-2.5));
    assert_eq!(weight("/geen zin"), Some(1.0));
    assert_eq!(weight("nergens"), None, "nobody knows its section");
}

#[test]
fn mistakes_are_told() {
    let mistakes = mistakes(&["los\n[a]\n@b = x|@c\n@b @d\n[e]\nf"], |name| name == "a");
    assert_eq!(
        mistakes,
        [
            r#""los" stands in no section"#,
            r#"@c is not given before "@b = x|@c""#,
            r#"@d is not given before "@b @d""#,
            "[e] is no section",
            r#""f" stands in no section"#,
        ]
    );
}
