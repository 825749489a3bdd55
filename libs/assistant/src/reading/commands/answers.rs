//! Names and contact data, given where they are asked for or without being asked.

use super::person_names::{
    WORDS, all_cars, end_of, goes_on, is_address, is_called, is_full, is_given, is_initial, is_name,
    is_particle, is_plain_surname, is_short_title, is_title,
};
use super::phrases::{Cue, Hit};
use super::{Draft, Reader, lone_names, names_beside};
use crate::command::{Command, Plain};
use crate::names::is_also_a_name;
use crate::reading::text::{Gap, Mark, Text};
use crate::reading::{given_names, lexicon};
use crate::state::Asked;

/// Names and addresses anywhere in the text; what they rest on is read as nothing else.
pub(super) fn find(reader: &Reader<'_>) -> Vec<Draft> {
    let name = name(reader).or_else(|| lone_names::read(reader));
    let agrees = name.as_ref().and_then(|_| lone_names::agrees(reader));
    contact(reader).into_iter().chain(agrees).chain(name).collect()
}

fn contact(reader: &Reader<'_>) -> Option<Draft> {
    let scan = reader.scan;
    let (email, phone) = (scan.email.clone(), scan.phone.clone());
    let link = |at: usize| scan.link.as_ref().is_some_and(|link| (link.from..link.to).contains(&at));
    let at = (0..scan.text.len()).find(|at| scan.text.tokens[*at].mark == Mark::Address && !link(*at))?;
    let length = scan.text.tokens[at..].iter().take_while(|token| token.mark == Mark::Address).count();
    (email.is_some() || phone.is_some())
        .then(|| draft(reader, Command::Contact { email, phone }, at, at + length))
}

pub(super) fn draft(reader: &Reader<'_>, command: Command, from: usize, to: usize) -> Draft {
    let clause = reader.scan.clauses.iter().rposition(|clause| clause.from <= from).unwrap_or_default();
    Draft { command, plain: Plain::Clear, clause, from, to, correction: false, instead_of: Vec::new() }
}

fn name(reader: &Reader<'_>) -> Option<Draft> {
    let asked = matches!(reader.state.asked, Some(Asked::Name | Asked::NameProposed { .. }));
    let chunks = chunks(&reader.scan.text);
    let introduced = (0..chunks.len()).rev().find_map(|at| introduced(reader, &chunks, at, asked));
    let answered = || if asked { answered(reader, &chunks) } else { None };
    let corrected = || if asked { None } else { corrected(reader, &chunks) };
    let alone = || if asked { None } else { alone(reader, &chunks) };
    let within = || if asked { chunks.iter().find_map(|chunk| within(reader, *chunk)) } else { None };
    in_parts(reader, &chunks, asked)
        .or_else(|| introduced.map(|found| in_full_later(reader, &chunks, found)))
        .or_else(corrected)
        .or_else(answered)
        .or_else(|| names_beside::signed(reader))
        .or_else(|| names_beside::in_full_now(reader, &chunks))
        .or_else(|| names_beside::beside_an_address(reader, &chunks))
        .or_else(alone)
        .or_else(within)
}

pub(super) fn named(reader: &Reader<'_>, from: usize, to: usize, over: (usize, usize)) -> Draft {
    draft(reader, Command::Name(reader.scan.text.raw_of(from, to).to_owned()), over.0, over.1)
}

/// Stretches between commas and stops; an initial ("T. de Groot") ends none.
fn chunks(text: &Text<'_>) -> Vec<Chunk> {
    let ends = |at: usize| {
        let gap = text.gap(at);
        let before = at - 1;
        let initial = gap.has(Gap::DOT)
            && !gap.has(Gap::LINE)
            && (text.tokens[before].norm.len() == 1 || is_short_title(&text.tokens[before].norm));
        (gap.has(Gap::STOP) || gap.has(Gap::COMMA) || is_dash(gap)) && !initial
    };
    let mut chunks = Vec::new();
    let mut from = 0;
    for at in 1..=text.len() {
        if at == text.len() || ends(at) {
            chunks.push((from, at));
            from = at;
        }
    }
    chunks
}

/// A name stands among so many words at most.
const AMONG: usize = 8;

/// Tokens between commas and stops: the first, and the one after the last.
pub(super) type Chunk = (usize, usize);

/// " - ", which sets apart where a hyphen joins.
fn is_dash(gap: Gap) -> bool {
    gap.has(Gap::HYPHEN) && gap.has(Gap::SPACE)
}

/// A word that is polite and no part of a name.
fn is_courtesy(reader: &Reader<'_>, at: usize) -> bool {
    let token = &reader.scan.text.tokens[at];
    let polite = [Cue::Polite, Cue::Yes, Cue::Filler].iter().any(|cue| reader.scan.covers(*cue, at));
    polite && !token.capital && !is_particle(&token.norm)
}

/// "Mijn naam is …", "op naam van …", "… is de naam".
fn introduced(reader: &Reader<'_>, chunks: &[Chunk], number: usize, asked: bool) -> Option<Draft> {
    let scan = reader.scan;
    let (from, to) = chunks[number];
    let spelt = (from..to).any(|at| scan.covers(Cue::NameSpelt, at)) && reader.state.name.is_some();
    let theirs = asked || scan.anywhere(Cue::NameTheirs);
    let counts = |hit: &&Hit| match hit.cue {
        Cue::NameIntro | Cue::NameWeak | Cue::NameAm | Cue::Surname | Cue::FirstName => true,
        Cue::NameChange => reader.has_appointment(),
        Cue::NameFor => reader.scan.anywhere(Cue::Drive),
        Cue::NameSpelt => spelt || asked,
        Cue::NameAnswer => asked,
        Cue::NameKin => theirs,
        _ => false,
    };
    // The last word on it counts, and of two that end there the longer one.
    let mut intros: Vec<&Hit> = scan.hits.between(from, to).iter().filter(counts).collect();
    intros.sort_by_key(|hit| (std::cmp::Reverse(hit.to), hit.from));
    let next = chunks.get(number + 1).copied();
    intros
        .into_iter()
        .find_map(|intro| behind(reader, intro, (from, to), next, asked))
        .or_else(|| before(reader, (from, to), asked))
}

/// The name behind the words that introduce it: in their own chunk, or in the next where nothing follows them in theirs.
fn behind(reader: &Reader<'_>, intro: &Hit, own: Chunk, next: Option<Chunk>, asked: bool) -> Option<Draft> {
    let text = &reader.scan.text;
    let (first, to) = after_intro(reader, intro, own, next)?;
    // "Op den Akker" is a name from its first word.
    if intro.cue == Cue::NameAnswer && is_particle(&text.tokens[first].norm) {
        return None;
    }
    let lower =
        asked || matches!(intro.cue, Cue::NameIntro | Cue::NameChange | Cue::Surname | Cue::FirstName);
    let given = given_at(reader, first);
    let end = end_of(reader, first, to, lower || given);
    let only_a_car = asked && intro.cue == Cue::NameIntro && all_cars(reader, first, end);
    let changed = intro.cue == Cue::NameChange && is_called(reader, first, end, true);
    // "Met de heer Zwart": behind a title a word is a name.
    let titled = intro.cue == Cue::NameIntro && is_title(&text.tokens[intro.to - 1].norm);
    // "Naam Erwin Slot": behind a given name too.
    let in_full = given && is_full(reader, first, end);
    if first >= end || !(is_name(reader, first, end, asked || titled || in_full) || only_a_car || changed) {
        return None;
    }
    let found = named(reader, first, end, (intro.from, end));
    let ends = (end..to).all(|at| is_courtesy(reader, at) || reader.scan.covers(Cue::NameAfter, at));
    let capital = text.tokens[first].capital;
    let opens = (0..intro.from).all(|at| reader.scan.covers(Cue::Greet, at));
    let meant = match intro.cue {
        Cue::NameIntro | Cue::NameChange | Cue::Surname | Cue::FirstName => true,
        // "Mijn broer Jan komt ook mee" is no answer.
        Cue::NameKin => ends && (given || capital),
        Cue::NameFor => capital && is_full(reader, first, end),
        Cue::NameSpelt => asked || given || respells(reader, &found),
        // "Ik ben verkouden", "ich bin Grenzgänger", "ik ben Belg": who says so gives a name only with one behind it.
        _ if given => true,
        _ if !capital => false,
        _ if end - first > 1 => true,
        cue => (cue != Cue::NameAm && asked && ends) || (opens && intro.from > 0 && end == to),
    };
    if !meant {
        return None;
    }
    Some(match intro.cue {
        Cue::Surname => with_first_name(reader, found),
        Cue::FirstName => with_surname(reader, found),
        _ => found,
    })
}

/// Where what an introduction introduces begins, and where its chunk ends.
fn after_intro(reader: &Reader<'_>, intro: &Hit, own: Chunk, next: Option<Chunk>) -> Option<Chunk> {
    let text = &reader.scan.text;
    let particle = |at: usize| text.tokens[at].capital && is_particle(&text.tokens[at].norm);
    // "Zet maar op Van Vliet": a particle with a capital is part of the name.
    let mut first = intro.to;
    while first > intro.from + 1 && particle(first - 1) {
        first -= 1;
    }
    while first < own.1 && is_courtesy(reader, first) {
        first += 1;
    }
    if first < own.1 {
        return Some((first, own.1));
    }
    next.filter(|_| matches!(intro.cue, Cue::NameIntro | Cue::NameChange | Cue::Surname | Cue::NameKin))
}

/// "Achternaam Pietersen, voornaam Loes".
fn in_parts(reader: &Reader<'_>, chunks: &[Chunk], asked: bool) -> Option<Draft> {
    let part = |cue: Cue| {
        let intro = reader.scan.hits.all().iter().find(|hit| hit.cue == cue)?;
        let own = chunks.iter().find(|chunk| (chunk.0..chunk.1).contains(&intro.from))?;
        let (first, to) = after_intro(reader, intro, *own, None)?;
        let end = end_of(reader, first, to, true);
        (first < end && is_name(reader, first, end, asked)).then_some((intro.from, first, end))
    };
    let (given, surname) = (part(Cue::FirstName)?, part(Cue::Surname)?);
    let raw = |(_, first, end): (usize, usize, usize)| reader.scan.text.raw_of(first, end);
    let name = Command::Name(format!("{} {}", raw(given), raw(surname)));
    Some(draft(reader, name, given.0.min(surname.0), given.2.max(surname.2)))
}

/// Whether a draft is the name that is known, in another spelling.
fn respells(reader: &Reader<'_>, draft: &Draft) -> bool {
    match (&reader.state.name, &draft.command) {
        (Some(known), Command::Name(name)) => crate::names::resembles(known, name),
        _ => false,
    }
}

/// Whether a given name, or what stands before a whole name, begins at a token.
fn given_at(reader: &Reader<'_>, at: usize) -> bool {
    let text = &reader.scan.text;
    let token = &text.tokens[at];
    given_names::has(&token.norm) || is_title(&token.norm) || is_initial(text, at)
}

/// "… is de naam", "… hier", "… is my last name".
fn before(reader: &Reader<'_>, (from, to): Chunk, asked: bool) -> Option<Draft> {
    let scan = reader.scan;
    let says = |hit: &&Hit| matches!(hit.cue, Cue::NameOutro | Cue::SurnameAfter);
    let outro = scan.hits.between(from + 1, to).iter().find(says)?;
    let start = (from..outro.from).rev().take_while(|at| goes_on(reader, *at, *at, true)).last()?;
    let tokens = &scan.text.tokens;
    let opens = (from..start).all(|at| scan.covers(Cue::Greet, at) || is_courtesy(reader, at));
    let written = asked
        || (start..outro.from).all(|at| tokens[at].capital || is_particle(&tokens[at].norm))
        || opens
            && (is_full(reader, start, outro.from) || outro.from - start == 1 && is_given(&tokens[start]));
    if !written || !is_name(reader, start, outro.from, asked) {
        return None;
    }
    let found = named(reader, start, outro.from, (start, outro.to));
    Some(if outro.cue == Cue::SurnameAfter { with_first_name(reader, found) } else { found })
}

/// A surname behind the first name that is known or proposed.
fn with_first_name(reader: &Reader<'_>, draft: Draft) -> Draft {
    let known = match &reader.state.asked {
        Some(Asked::NameProposed { name }) => Some(name),
        _ => reader.state.name.as_ref(),
    };
    let first = known.and_then(|name| name.split_whitespace().next());
    match (&draft.command, first) {
        (Command::Name(surname), Some(first)) if !crate::names::is_title(first) => {
            let name = Command::Name(format!("{first} {}", surname.trim()));
            Draft { command: name, ..draft }
        }
        _ => draft,
    }
}

/// A first name before the surname that is known.
fn with_surname(reader: &Reader<'_>, draft: Draft) -> Draft {
    let surname = reader.state.name.as_ref().and_then(|name| name.trim().split_once(char::is_whitespace));
    match (&draft.command, surname) {
        (Command::Name(first), Some((_, surname))) if !first.trim().contains(char::is_whitespace) => {
            let name = Command::Name(format!("{first} {surname}"));
            Draft { command: name, ..draft }
        }
        _ => draft,
    }
}

/// Where the words before a number to call end; the end of the stretch where there is none.
fn before_digits(reader: &Reader<'_>, from: usize, to: usize) -> usize {
    (from + 1..to).find(|at| is_address(reader, *at)).unwrap_or(to)
}

/// Where a name starts behind the title it has: "mevrouw Ans Wolters"; with a capital the title is said as part of it.
fn after_title(reader: &Reader<'_>, from: usize, to: usize) -> usize {
    let tokens = &reader.scan.text.tokens;
    let title = is_title(&tokens[from].norm) && !tokens[from].capital;
    let named = from + 1 < to && (tokens[from + 1].capital || given_names::has(&tokens[from + 1].norm));
    if title && named { from + 1 } else { from }
}

/// A name, or the same one said in full behind it: "ik ben Hendrik, Hendrik Jansma".
fn in_full_later(reader: &Reader<'_>, chunks: &[Chunk], found: Draft) -> Draft {
    let end = found.to;
    let later = chunks.iter().filter(|chunk| chunk.0 >= end).filter_map(|chunk| bare(reader, *chunk));
    later.fold(
        found,
        |found, later| if repeats(&found, &later) { Draft { from: found.from, ..later } } else { found },
    )
}

/// Whether a later name holds the one before it, in full or in another spelling.
fn repeats(before: &Draft, later: &Draft) -> bool {
    match (&before.command, &later.command) {
        (Command::Name(before), Command::Name(later)) => crate::names::repeats(before, later),
        _ => false,
    }
}

/// The name among the chunks of an answer. Of several the first, unless a later one says it in full or corrects it.
fn answered(reader: &Reader<'_>, chunks: &[Chunk]) -> Option<Draft> {
    let names: Vec<Draft> = chunks.iter().filter_map(|chunk| bare(reader, *chunk)).collect();
    let whole = |draft: &&Draft| {
        bare_words(reader, (draft.from, draft.to)).is_some_and(|(start, end)| is_full(reader, start, end))
    };
    let one_word = |draft: &Draft| match &draft.command {
        Command::Name(name) => crate::guard::folded(name),
        _ => String::new(),
    };
    let first = names.first()?;
    let is_given_name = |draft: &Draft| given_names::has(&one_word(draft));
    let mut found = match names.as_slice() {
        // "Van 't Hek, Youp".
        [surname, given]
            if chunks.len() == 2 && is_given_name(given) && !is_given_name(surname) && !whole(&surname) =>
        {
            let (Command::Name(last), Command::Name(first)) = (&surname.command, &given.command) else {
                return None;
            };
            draft(reader, Command::Name(format!("{first} {last}")), surname.from, given.to)
        }
        // "Ow sorry, Tamara Blom".
        _ if !is_given_name(first) => names.iter().find(whole).unwrap_or(first).clone(),
        _ => first.clone(),
    };
    for later in names {
        if later.from >= found.to && repeats(&found, &later) {
            found = Draft { from: found.from, ..later };
        }
    }
    // "Vrijdag is mijn achternaam, Jos Vrijdag".
    let says_so = |hit: &&Hit| matches!(hit.cue, Cue::SurnameAfter | Cue::NameOutro) && hit.from < found.from;
    if let Some(said) = reader.scan.hits.all().iter().find(says_so) {
        let opens = chunks.iter().find(|chunk| (chunk.0..chunk.1).contains(&said.from));
        found.from = opens.map_or(found.from, |chunk| chunk.0.min(found.from));
    }
    Some(agreed(reader, found))
}

/// "Ja, Vermeulen" to a first name proposed: the surname is added to it.
fn agreed(reader: &Reader<'_>, found: Draft) -> Draft {
    let proposed = matches!(&reader.state.asked, Some(Asked::NameProposed { name })
        if !name.trim().contains(char::is_whitespace));
    let tokens = &reader.scan.text.tokens;
    let yes = reader.scan.hits.begins(0, 1, Cue::Yes);
    let surname = match &found.command {
        Command::Name(name) => {
            let folded = crate::guard::folded(name);
            let own = folded.split_whitespace().filter(|word| !is_particle(word)).count();
            own == 1 && !folded.split_whitespace().any(given_names::has)
        }
        _ => false,
    };
    if proposed && yes && surname && tokens.len() > 1 { with_first_name(reader, found) } else { found }
}

/// "*Oosterbaan", "oops, Jennifer Holt with two n's": a name that is known, in another spelling.
fn corrected(reader: &Reader<'_>, chunks: &[Chunk]) -> Option<Draft> {
    const ABOUT_IT: [Cue; 4] = [Cue::NameAfter, Cue::NameSpelt, Cue::Mistake, Cue::Correction];
    let raw = reader.scan.text.raw.trim();
    let starred = raw.starts_with('*') || raw.ends_with('*');
    let about = ABOUT_IT.iter().any(|cue| reader.scan.anywhere(*cue));
    if !reader.has_appointment() || !(starred || about) {
        return None;
    }
    chunks.iter().filter_map(|chunk| bare(reader, *chunk)).find(|draft| respells(reader, draft))
}

/// A name alone where it was asked for, courtesies taken off.
pub(super) fn bare(reader: &Reader<'_>, chunk: Chunk) -> Option<Draft> {
    bare_words(reader, chunk).map(|(start, end)| named(reader, start, end, chunk))
}

/// The tokens of the name that a chunk is, and of nothing else.
fn bare_words(reader: &Reader<'_>, (from, to): Chunk) -> Option<Chunk> {
    const COURTESIES: [Cue; 6] = [Cue::Yes, Cue::No, Cue::Small, Cue::Greet, Cue::Mistake, Cue::Correction];
    let scan = reader.scan;
    let polite = |at: usize| {
        let token = &scan.text.tokens[at];
        let filler = scan.covers(Cue::Filler, at) && !token.capital;
        let courtesy = COURTESIES.iter().any(|cue| scan.covers(*cue, at));
        !is_initial(&scan.text, at) && !is_particle(&token.norm) && (filler || courtesy)
    };
    let start = (from..to).find(|at| !polite(*at) || (scan.text.tokens[*at].capital && *at > from))?;
    // "Ik ben blij", "Harderwijk toch?"
    let speaks = [Cue::NameAm, Cue::NameWeak, Cue::NameIntro]
        .iter()
        .any(|cue| scan.hits.begins(from, start + 1, *cue));
    if speaks || scan.text.gap(to).has(Gap::QUESTION) {
        return None;
    }
    let start = after_title(reader, start, to);
    // "Meijer met ij", "Schwarz reicht", "Esra Kaplan voluit".
    let mut about = scan.hits.within(start + 1, to, Cue::NameAfter).filter(|hit| hit.to >= to);
    let to_spelling = about.next().map_or(to, |hit| hit.from);
    let said = before_digits(reader, start, to_spelling);
    // "Petra van Es": what stands behind a particle belongs to it.
    let belongs = |at: usize| {
        let behind_particle = || at > start && is_particle(&scan.text.tokens[at - 1].norm);
        scan.text.tokens[at].capital || behind_particle() || is_plain_surname(&scan.text, start, at)
    };
    let end = (start..said).rev().find(|at| !polite(*at) || belongs(*at)).map(|at| at + 1)?;
    let and = |at: usize| at > start && at + 1 < end && scan.covers(Cue::And, at);
    // "Op de zaak" is where, "Op den Akker" who.
    let where_it_is = scan.hits.begins(start, start + 1, Cue::NameAnswer)
        && is_particle(&scan.text.tokens[start].norm)
        && !scan.text.tokens[end - 1].capital;
    if where_it_is {
        return None;
    }
    let one_name = (start..end).all(|at| goes_on(reader, at, start, true) || and(at));
    let praised = start > from && scan.covers(Cue::Small, start - 1);
    let of_a_car = is_a_property(reader, start, end, praised);
    (one_name && !of_a_car && is_name(reader, start, end, true)).then_some((start, end))
}

/// "De blauwe", "mooi wit": what a car is, in small letters, and nobody's name; "de wit" may be one where nothing praises it.
fn is_a_property(reader: &Reader<'_>, from: usize, to: usize, praised: bool) -> bool {
    let tokens = &reader.scan.text.tokens;
    let property = |at: usize| reader.scan.properties.iter().any(|said| (said.from..said.to).contains(&at));
    let mut own = (from..to).filter(|at| !is_particle(&tokens[*at].norm)).peekable();
    own.peek().is_some()
        && own.all(|at| {
            (!tokens[at].capital || at == 0) && property(at) && (praised || !is_also_a_name(&tokens[at].norm))
        })
}

/// "Mag op Dirk-Jan Haverkamp", "hier ist der Uwe Lohmann": a whole name with its capitals among a few other words.
fn within(reader: &Reader<'_>, (from, to): Chunk) -> Option<Draft> {
    let scan = reader.scan;
    let speaks_of_another = (from..to).any(|at| scan.covers(Cue::NameOther, at));
    if to - from > AMONG || speaks_of_another || scan.text.in_question(from) {
        return None;
    }
    let tokens = &scan.text.tokens;
    let first = (from + 1..to).find(|at| tokens[*at].capital && is_given(&tokens[*at]))?;
    let end = end_of(reader, first, to, false);
    let whole = is_full(reader, first, end) && is_name(reader, first, end, true);
    whole.then(|| named(reader, first, end, (from, to)))
}

/// A name that is given without being asked for, where an appointment stands, is on offer or is wished. In a line of
/// its own it is perhaps meant for something else, behind a comma or a stop in the wish itself it is not.
fn alone(reader: &Reader<'_>, chunks: &[Chunk]) -> Option<Draft> {
    let of_a_car = !reader.scan.cars.is_empty() || !reader.state.focus.is_empty();
    let visit = (of_a_car && !reader.scan.moments.is_empty()) || reader.scan.anywhere(Cue::Drive);
    if !visit && !reader.has_appointment() && !reader.has_offer() {
        return None;
    }
    // An address or a number to call may stand behind it.
    let last = chunks.iter().rposition(|(from, _)| !is_address(reader, *from))?;
    let chunks: Vec<Chunk> =
        chunks[..=last].iter().map(|chunk| names_beside::without_remark(reader, *chunk)).collect();
    let (last, rest) = chunks.split_last()?;
    let elsewhere = || rest.iter().rev().find_map(|chunk| in_full(reader, *chunk));
    at_the_end(reader, *last, visit).or_else(|| if visit { elsewhere() } else { None })
}

/// A whole name with its capitals, in a chunk of its own beside what is wished.
fn in_full(reader: &Reader<'_>, (from, to): Chunk) -> Option<Draft> {
    let text = &reader.scan.text;
    let tokens = &text.tokens[from..to];
    let capitals = tokens.iter().all(|token| token.capital || is_particle(&token.norm));
    // "Beste Karin" and "Will Golf" begin with words.
    let word = lexicon::is_known(&tokens[0].norm) && tokens[0].norm.len() > 1;
    let meant = capitals && !word && reader.state.name.is_none() && is_full(reader, from, to);
    (meant && is_name(reader, from, to, false)).then(|| named(reader, from, to, (from, to)))
}

fn at_the_end(reader: &Reader<'_>, (from, to): Chunk, visit: bool) -> Option<Draft> {
    let text = &reader.scan.text;
    let own_line = from == 0 || text.gap(from).has(Gap::LINE);
    let tokens = text.tokens.get(from..to)?;
    let capitals = tokens.iter().all(|token| token.capital || is_particle(&token.norm));
    let unknown = tokens
        .iter()
        .any(|token| !lexicon::is_known(&token.norm) && matches!(token.mark, Mark::None | Mark::Name));
    let ends = !text.gap(to).has(Gap::QUESTION) && (!own_line || text.tail.is(Gap::default()));
    let marked = tokens.iter().any(|token| matches!(token.mark, Mark::Car | Mark::Plate));
    let written = capitals || is_full(reader, from, to) || (reader.has_offer() && answers_offer(reader, to));
    let meant = written && unknown && tokens.len() <= WORDS && ends && !marked;
    if !meant || !is_name(reader, from, to, false) {
        return None;
    }
    let found = named(reader, from, to, (from, to));
    let doubtful = own_line || reader.state.name.is_some() || !visit;
    Some(if doubtful { found.doubtful() } else { found })
}

/// One word that no list knows, without capital, is all that is said to moments on offer.
fn answers_offer(reader: &Reader<'_>, to: usize) -> bool {
    let scan = reader.scan;
    let nameless = reader.state.name.is_none() && to == scan.text.len();
    nameless
        && scan.hits.all().is_empty()
        && matches!(scan.text.tokens.as_slice(), [only] if only.mended.is_none() && only.norm.len() > NICKNAME)
}

/// Shorter words without capital are mistyped more often than they are names.
const NICKNAME: usize = 3;
