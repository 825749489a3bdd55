//! Parts of a reply put together to one message.

/// A paragraph of short sentences is not made longer than this.
const LONG_PARAGRAPH: usize = 260;

/// A message while it is put together.
#[derive(Debug, Default)]
pub(super) struct Message {
    paragraphs: Vec<Paragraph>,
    last: Vec<String>,
}

#[derive(Debug)]
struct Paragraph {
    text: String,
    /// Further short sentences may follow on it.
    open: bool,
}

impl Message {
    /// Adds a short sentence, beside the one before where that is short too.
    pub fn sentence(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match self.paragraphs.last_mut() {
            Some(paragraph) if paragraph.open && paragraph.text.len() + text.len() < LONG_PARAGRAPH => {
                // The same twice is said once.
                if !paragraph.text.ends_with(text) {
                    paragraph.text.push(' ');
                    paragraph.text.push_str(text);
                }
            }
            _ => self.paragraphs.push(Paragraph { text: text.to_owned(), open: true }),
        }
    }

    /// Adds a paragraph of its own.
    pub fn paragraph(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() && self.paragraphs.iter().all(|known| known.text != text) {
            self.paragraphs.push(Paragraph { text: text.to_owned(), open: false });
        }
    }

    /// A question that is asked last, whatever else is said.
    pub fn ask_last(&mut self, text: String) {
        self.last.push(text);
    }

    /// The whole.
    pub fn finish(mut self) -> String {
        for last in std::mem::take(&mut self.last) {
            self.paragraph(&last);
        }
        let paragraphs: Vec<String> = self.paragraphs.into_iter().map(|paragraph| paragraph.text).collect();
        paragraphs.join("\n\n")
    }
}
