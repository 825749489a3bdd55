-- What is to be sent: one row for each message that goes to the provider. A body in parts has a row for each part; the
-- first has the caller's id, the others name it in part_of.
CREATE TABLE messages (
    message_id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    contact TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    part_of TEXT,
    part BIGINT NOT NULL,
    body TEXT NOT NULL,
    media_url TEXT,
    template TEXT,
    author TEXT NOT NULL,
    -- When the customer wrote what this answers; for the time from webhook to acceptance.
    inbound_at BIGINT,
    state TEXT NOT NULL,
    -- Attempts up to this number belong to an earlier round, before a person or a late failure began a new one.
    round_from BIGINT NOT NULL,
    message_sid TEXT,
    provider_status TEXT,
    error_code BIGINT,
    error TEXT,
    price TEXT,
    price_unit TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX messages_part_of ON messages (part_of);
CREATE INDEX messages_sid ON messages (message_sid);
CREATE INDEX messages_outbox ON messages (created_at, message_id)
    WHERE state IN ('queued', 'sending', 'unknown', 'parked');

-- One row for each request to the provider, written before the request leaves. Without an end it was cut by a crash.
CREATE TABLE attempts (
    message_id TEXT NOT NULL REFERENCES messages (message_id),
    number BIGINT NOT NULL,
    -- open, accepted, refused, unknown, not_sent
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    traceparent TEXT,
    message_sid TEXT,
    error_code BIGINT,
    error TEXT,
    -- A failure that the provider told after it had accepted the message.
    late_error_code BIGINT,
    PRIMARY KEY (message_id, number)
);
CREATE INDEX attempts_sid ON attempts (message_sid);
-- Nothing is sent while it is not known what became of the last attempt, whichever worker asks.
CREATE UNIQUE INDEX attempts_unsettled ON attempts (message_id) WHERE state IN ('open', 'unknown');

-- What is checked before anything goes to a contact.
CREATE TABLE contacts (
    contact TEXT NOT NULL PRIMARY KEY,
    last_inbound_at BIGINT,
    -- opted_out or welcome: what the contact told us.
    consent TEXT NOT NULL,
    -- opted_out or welcome: what the provider told us when it refused a message.
    provider_consent TEXT NOT NULL,
    owner TEXT NOT NULL,
    last_sent_at BIGINT,
    updated_at BIGINT NOT NULL
);

-- The highest lock token seen for each conversation.
CREATE TABLE fences (
    conversation_id TEXT NOT NULL PRIMARY KEY,
    token BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
