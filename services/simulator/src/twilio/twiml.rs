//! Reads the TwiML that a webhook answers with: the messages in it, and nothing else.

/// A `<Message>` of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Text.
    pub body: String,
    /// Media.
    pub media: Vec<String>,
    /// Recipient, when it is not the customer who wrote.
    pub to: Option<String>,
    /// Where statuses are told.
    pub status_callback: Option<String>,
}

/// Text that is no well-formed `<Response>`; Twilio logs it as 12100 and 12200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The replies in a TwiML document, in order.
pub fn replies(document: &str) -> Result<Vec<Reply>, Malformed> {
    let mut rest = document.trim();
    let mut open: Vec<String> = Vec::new();
    let mut replies: Vec<Reply> = Vec::new();
    let mut saw_response = false;
    while !rest.is_empty() {
        let (text, after_text) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        take_text(&unescape(text)?, &open, &mut replies)?;
        rest = after_text;
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (text, after) = after.split_once("]]>").ok_or(Malformed)?;
            take_text(text, &open, &mut replies)?;
            rest = after;
        } else if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").ok_or(Malformed)?.1;
        } else if let Some(after) = rest.strip_prefix("<?") {
            rest = after.split_once("?>").ok_or(Malformed)?.1;
        } else {
            let (tag, after) = rest[1..].split_once('>').ok_or(Malformed)?;
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop().as_deref() != Some(name.trim()) {
                    return Err(Malformed);
                }
                continue;
            }
            let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            if open.is_empty() {
                if saw_response || name != "Response" {
                    return Err(Malformed);
                }
                saw_response = true;
            }
            if name == "Message" && open.len() == 1 {
                replies.push(Reply {
                    to: attribute(attributes, "to")?,
                    status_callback: attribute(attributes, "statusCallback")?,
                    ..Reply::default()
                });
            }
            if name == "Media"
                && let Some(reply) = replies.last_mut()
            {
                reply.media.push(String::new());
            }
            if !closed {
                open.push(name.to_owned());
            }
        }
    }
    if saw_response && open.is_empty() { Ok(replies) } else { Err(Malformed) }
}

fn take_text(text: &str, open: &[String], replies: &mut [Reply]) -> Result<(), Malformed> {
    if open.is_empty() {
        return if text.trim().is_empty() { Ok(()) } else { Err(Malformed) };
    }
    let Some(reply) = replies.last_mut() else { return Ok(()) };
    let path: Vec<&str> = open.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["Response", "Message", "Body"] => reply.body.push_str(text),
        ["Response", "Message"] if !text.trim().is_empty() => reply.body.push_str(text.trim()),
        ["Response", "Message", "Media"] => {
            if let Some(url) = reply.media.last_mut() {
                url.push_str(text.trim());
            }
        }
        _ => {}
    }
    Ok(())
}

fn attribute(attributes: &str, name: &str) -> Result<Option<String>, Malformed> {
    let mut rest = attributes.trim();
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(Malformed)?;
        let (value, after) = after[1..].split_once(quote).ok_or(Malformed)?;
        if key.trim() == name {
            return unescape(value).map(Some);
        }
        rest = after.trim_start();
    }
    Ok(None)
}

fn unescape(text: &str) -> Result<String, Malformed> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';').ok_or(Malformed)?;
        plain.push_str(before);
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => numbered(entity).ok_or(Malformed)?,
        });
        rest = after;
    }
    plain.push_str(rest);
    Ok(plain)
}

fn numbered(entity: &str) -> Option<char> {
    let number = entity.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_response_says_nothing() {
        for document in [
            r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#,
            "<Response></Response>",
            "<?xml version=\"1.0\"?>\n<Response>\n</Response>\n",
        ] {
            assert_eq!(replies(document), Ok(Vec::new()), "{document}");
        }
    }

    #[test]
    fn messages_come_with_text_media_and_callback() {
        let document = "<Response><Message statusCallback='https://a.example/s?a=1&amp;b=2'><Body>Hallo &lt;b&gt; &#x1F44B;\
                        </Body><Media>https://a.example/x.jpg</Media></Message><Message>kort</Message></Response>";
        let found = replies(document).unwrap();
        assert_eq!(found[0].body, "Hallo <b> 👋");
        assert_eq!(found[0].media, ["https://a.example/x.jpg"]);
        assert_eq!(found[0].status_callback.as_deref(), Some("https://a.example/s?a=1&b=2"));
        assert_eq!(found[1].body, "kort");
    }

    #[test]
    fn what_is_no_response_is_malformed() {
        for document in
            ["OK", "", "<Response>", "<Foo/>", "<Response>a & b</Response>", "<Response/><Response/>"]
        {
            assert_eq!(replies(document), Err(Malformed), "{document}");
        }
    }
}
