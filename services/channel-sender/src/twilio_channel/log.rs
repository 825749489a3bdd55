//! Reads Twilio's message log of one contact, page by page.

use model::Timestamp;
use reqwest::Url;
use serde::Deserialize;

use super::response::MessageResource;
use super::{From, TwilioChannel};
use crate::channel::{AskError, Logged, Lookup};

/// Rows a page; the highest that Twilio gives.
const PAGE_SIZE: &str = "1000";
/// Pages read at most: one contact gets no more within the days looked at.
const MAX_PAGES: usize = 20;

#[derive(Debug, Deserialize)]
struct Page {
    messages: Vec<MessageResource>,
    next_page_uri: Option<String>,
}

/// Reads what went out to the contact since a moment, oldest first. What is not sent yet may have no date to filter by, so
/// the newest page without a filter is read, too.
pub(super) async fn read(channel: &TwilioChannel, lookup: &Lookup) -> Result<Vec<Logged>, AskError> {
    let since = day(lookup.since)?;
    let mut found = pages(channel, query(channel, lookup, Some(&since)), MAX_PAGES).await?;
    for logged in pages(channel, query(channel, lookup, None), 1).await? {
        if !found.iter().any(|known| known.sid == logged.sid) {
            found.push(logged);
        }
    }
    found.sort_by_key(|logged| logged.created_at);
    Ok(found)
}

fn query(channel: &TwilioChannel, lookup: &Lookup, since: Option<&str>) -> Url {
    let mut url = channel.messages_url.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(to) = lookup.contact.to_twilio() {
            query.append_pair("To", &to);
        }
        if let From::Number(from) = &channel.from {
            query.append_pair("From", from);
        }
        // The comparison is part of the parameter's name.
        if let Some(since) = since {
            query.append_pair("DateSent>", since);
        }
        query.append_pair("PageSize", PAGE_SIZE);
    }
    url
}

/// The day of a moment, GMT: the log filters by whole days.
fn day(moment: Timestamp) -> Result<String, AskError> {
    let moment = moment.to_jiff().map_err(|_| AskError::Unreadable("the attempt's moment"))?;
    Ok(moment.strftime("%Y-%m-%d").to_string())
}

async fn pages(channel: &TwilioChannel, first: Url, most: usize) -> Result<Vec<Logged>, AskError> {
    let mut found = Vec::new();
    let mut next = Some(first);
    for _ in 0..most {
        let Some(url) = next.take() else { return Ok(found) };
        let Some(answer) = channel.get(url).await? else { return Err(AskError::Status(404)) };
        let page: Page = answer.json().await.map_err(reqwest::Error::without_url)?;
        found.extend(page.messages.into_iter().filter_map(MessageResource::logged));
        let uri = page.next_page_uri.filter(|uri| !uri.is_empty());
        next = uri.map(|uri| next_page(&channel.api_base_url, &uri)).transpose()?;
    }
    if next.is_some() && most > 1 {
        return Err(AskError::Unreadable("more pages than one contact can have"));
    }
    Ok(found)
}

/// The next page's address, which must lie where the first did: our credentials go there.
fn next_page(base: &Url, uri: &str) -> Result<Url, AskError> {
    let url = base.join(uri).map_err(|_| AskError::Unreadable("the next page's address"))?;
    if url.origin() == base.origin() {
        Ok(url)
    } else {
        Err(AskError::Unreadable("the next page lies on another host"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_stays_at_twilio() {
        let base = Url::parse("https://api.twilio.com").unwrap();
        let next = next_page(&base, "/2010-04-01/Accounts/AC1/Messages.json?Page=1").unwrap();
        assert_eq!(next.as_str(), "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json?Page=1");
        assert!(next_page(&base, "https://evil.example/").is_err());
        assert!(next_page(&base, "//evil.example/").is_err());
    }

    #[test]
    fn the_log_is_asked_by_whole_days() {
        assert_eq!(day(Timestamp::from_seconds(1_767_311_999)).unwrap(), "2026-01-01");
        assert_eq!(day(Timestamp::from_seconds(1_767_312_000)).unwrap(), "2026-01-02");
    }
}
