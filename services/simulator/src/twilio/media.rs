//! Media that customers send, kept until newer ones push them out.

use std::collections::VecDeque;

/// How many media are kept.
const CAPACITY: usize = 256;

/// A white pixel as PNG.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63,
    0xf8, 0x0f, 0, 1, 1, 1, 0, 0x1b, 0xb6, 0xee, 0x56, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60,
    0x82,
];

/// The media kept.
#[derive(Debug, Default)]
pub struct MediaStore(VecDeque<(String, String, Vec<u8>)>);

impl MediaStore {
    /// Keeps a medium.
    pub fn add(&mut self, sid: String, content_type: String, bytes: Vec<u8>) {
        if self.0.len() >= CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back((sid, content_type, bytes));
    }

    /// Type and bytes of a medium.
    pub fn get(&self, sid: &str) -> Option<(String, Vec<u8>)> {
        let (_, content_type, bytes) = self.0.iter().find(|(own, _, _)| own == sid)?;
        Some((content_type.clone(), bytes.clone()))
    }
}

/// Something to send where the caller named a type and no content.
pub fn sample(content_type: &str) -> Vec<u8> {
    match content_type.split('/').next() {
        Some("image") => PIXEL.to_vec(),
        Some("audio") => b"OggS sample of a voice note".to_vec(),
        _ => format!("sample of {content_type}").into_bytes(),
    }
}

/// WhatsApp's word for a message with such a medium, as Twilio puts it into `MessageType`.
pub fn message_type(content_type: &str) -> &'static str {
    match content_type.split('/').next() {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "document",
    }
}
