//! The model's reading with what the rules must never miss.

use assistant::command::{Command, Plain, Read, Reading, Reason};

use super::answer::Answer;

/// Puts the model's commands in the place of the rules' own, but for those that are never left out: a plain opt-out, who
/// needs a person, another machine, and media.
pub(crate) fn merge(answer: Answer, rules: Reading) -> Reading {
    let Answer { mut commands, language, formal, unread } = answer;
    for read in rules.commands {
        let counts = is_never_missed(&read) || unread.contains(&read.message) && !read.command.acts();
        if counts {
            add(&mut commands, read);
        }
    }
    commands.sort_by_key(|read| read.message);
    Reading {
        commands,
        language: language.or(rules.language),
        formal: formal.or(rules.formal),
        foreign: rules.foreign,
        analyses: rules.analyses,
    }
}

fn is_never_missed(read: &Read) -> bool {
    match &read.command {
        Command::OptOut => read.plain == Plain::Clear,
        Command::HandOver(Reason::Sensitive | Reason::Complaint | Reason::HumanRequested)
        | Command::Machine
        | Command::Medium(_) => true,
        _ => false,
    }
}

/// Adds a command of the rules unless the model read it in that message too; then the rules' own stands.
fn add(commands: &mut Vec<Read>, read: Read) {
    match commands.iter_mut().find(|own| own.message == read.message && own.command == read.command) {
        Some(own) => *own = read,
        None => commands.push(read),
    }
}

#[cfg(test)]
mod tests {
    use assistant::command::Medium;

    use super::*;

    fn read(command: Command, message: usize, plain: Plain) -> Read {
        Read { command, message, words: 0..0, plain, instead_of: Vec::new() }
    }

    fn names(reading: &Reading) -> Vec<(&'static str, usize)> {
        reading.commands.iter().map(|read| (read.command.name(), read.message)).collect()
    }

    #[test]
    fn what_the_rules_must_never_miss_is_always_in() {
        let answer = Answer { commands: vec![read(Command::Greet, 0, Plain::Clear)], ..Answer::default() };
        let rules = Reading {
            commands: vec![
                read(Command::HandOver(Reason::Sensitive), 0, Plain::Doubtful),
                read(Command::OptOut, 1, Plain::Clear),
                read(Command::OptOut, 2, Plain::Doubtful),
                read(Command::Medium(Medium::Photo), 2, Plain::Clear),
                read(Command::Thanks, 1, Plain::Clear),
            ],
            ..Reading::default()
        };
        let merged = merge(answer, rules);
        assert_eq!(names(&merged), [("greet", 0), ("hand_over", 0), ("opt_out", 1), ("medium", 2)]);
    }

    #[test]
    fn the_rules_say_how_plain_an_opt_out_is_that_both_read() {
        let answer =
            Answer { commands: vec![read(Command::OptOut, 0, Plain::Doubtful)], ..Answer::default() };
        let rules = Reading { commands: vec![read(Command::OptOut, 0, Plain::Clear)], ..Reading::default() };
        let merged = merge(answer, rules);
        assert_eq!(merged.commands, [read(Command::OptOut, 0, Plain::Clear)]);
    }

    #[test]
    fn a_message_the_model_left_unread_is_read_by_the_rules_without_acting() {
        let answer = Answer {
            commands: vec![read(Command::Greet, 0, Plain::Clear)],
            unread: vec![1],
            ..Answer::default()
        };
        let cancel = Command::Cancel { from: assistant::when::When::default() };
        let rules = Reading {
            commands: vec![
                read(Command::Thanks, 0, Plain::Clear),
                read(Command::AskAppointment, 1, Plain::Clear),
                read(cancel, 1, Plain::Clear),
            ],
            ..Reading::default()
        };
        assert_eq!(names(&merge(answer, rules)), [("greet", 0), ("ask_appointment", 1)]);
    }
}
