//! What the demo prints, in colour on a terminal.

use std::fmt;
use std::io::{self, IsTerminal, Write};

/// Width of `customer: ` and `dealer: `, which later lines of a text are indented by.
const CUSTOMER: &str = "customer: ";
const DEALER: &str = "dealer: ";

/// How something is emphasised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The customer's side.
    Customer,
    /// The dealer's side.
    Dealer,
    /// A read receipt.
    Read,
    /// What is said about the conversation.
    Aside,
    /// A heading.
    Heading,
}

impl Ink {
    /// Select Graphic Rendition of ECMA-48, readable on light and on dark.
    const fn code(self) -> &'static str {
        match self {
            Self::Customer => "36",
            Self::Dealer => "32",
            Self::Read => "34",
            Self::Aside => "2",
            Self::Heading => "1",
        }
    }
}

/// Where the demo writes.
pub struct Paper {
    out: Box<dyn Write + Send>,
    colour: bool,
}

impl Paper {
    /// Standard output; colours on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).
    pub fn stdout() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colour: wanted && io::stdout().is_terminal(), out: Box::new(io::stdout()) }
    }

    /// Text in a colour, where there are colours.
    pub fn ink(&self, ink: Ink, text: impl fmt::Display) -> String {
        if self.colour { format!("\x1b[{}m{text}\x1b[0m", ink.code()) } else { text.to_string() }
    }

    /// What the customer says.
    pub fn customer(&mut self, text: &str) -> io::Result<()> {
        self.speech(Ink::Customer, CUSTOMER, text)
    }

    /// What the dealer says.
    pub fn dealer(&mut self, text: &str) -> io::Result<()> {
        self.speech(Ink::Dealer, DEALER, text)
    }

    fn speech(&mut self, ink: Ink, who: &str, text: &str) -> io::Result<()> {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let who_inked = self.ink(ink, who.trim_end());
        writeln!(self.out, "{who_inked} {first}")?;
        for line in lines {
            let indented = format!("{:width$}{line}", "", width = who.len());
            writeln!(self.out, "{}", indented.trim_end())?;
        }
        self.out.flush()
    }

    /// The next step of a delivery, on one line with the steps before it.
    pub fn tick(&mut self, status: &str, is_first: bool) -> io::Result<()> {
        let indent = if is_first { DEALER.len() } else { 2 };
        let step = match status {
            "sent" => self.ink(Ink::Aside, "sent ✓"),
            "delivered" => self.ink(Ink::Aside, "delivered ✓✓"),
            _ => self.ink(Ink::Read, format!("{status} ✓✓")),
        };
        write!(self.out, "{:indent$}{step}", "")?;
        self.out.flush()
    }

    /// A sentence about the conversation, under what the dealer said.
    pub fn aside(&mut self, text: &str) -> io::Result<()> {
        let text = self.ink(Ink::Aside, format!("({text})"));
        writeln!(self.out, "{:width$}{text}", "", width = DEALER.len())
    }

    /// A heading after an empty line.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.ink(Ink::Heading, text);
        writeln!(self.out, "\n{text}")
    }

    /// A line as it is.
    pub fn line(&mut self, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }
}

#[cfg(test)]
pub mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Keeps what is written on it.
    #[derive(Clone, Default)]
    struct Sheet(Arc<Mutex<Vec<u8>>>);

    impl Write for Sheet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(colour: bool, write: impl FnOnce(&mut Paper) -> io::Result<()>) -> String {
        let sheet = Sheet::default();
        write(&mut Paper { out: Box::new(sheet.clone()), colour }).unwrap();
        let bytes = sheet.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn later_lines_stand_under_the_first() {
        let text = written(false, |paper| paper.dealer("Kies maar:\n1. 10:00\n\n2. 11:00"));
        assert_eq!(text, "dealer: Kies maar:\n        1. 10:00\n\n        2. 11:00\n");
    }

    #[test]
    fn ticks_share_a_line() {
        let text = written(false, |paper| {
            paper.tick("sent", true)?;
            paper.tick("delivered", false)?;
            paper.tick("read", false)
        });
        assert_eq!(text, "        sent ✓  delivered ✓✓  read ✓✓");
    }

    #[test]
    fn there_are_escape_codes_only_where_there_are_colours() {
        assert_eq!(written(false, |paper| paper.customer("Hallo")), "customer: Hallo\n");
        assert_eq!(written(true, |paper| paper.customer("Hallo")), "\x1b[36mcustomer:\x1b[0m Hallo\n");
    }
}
