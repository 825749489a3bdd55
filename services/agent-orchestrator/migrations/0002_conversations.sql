-- Who writes: a contact, known by one or more addresses. `fence` is the highest fencing token a turn of the contact has committed under.
CREATE TABLE contacts (
    contact_id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fence BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE contact_addresses (
    org_id TEXT NOT NULL,
    address TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (contact_id),
    PRIMARY KEY (org_id, address)
);

-- One conversation per contact and channel. `owner` is agents, human or nobody; `consent` is given or withdrawn (STOP);
-- `memory` is what the agents remember, a versioned JSON document.
CREATE TABLE conversations (
    conversation_id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    public_id TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (contact_id),
    address TEXT NOT NULL,
    source TEXT NOT NULL,
    owner TEXT NOT NULL,
    consent TEXT NOT NULL,
    language TEXT NOT NULL,
    memory TEXT NOT NULL,
    lead_score BIGINT NOT NULL,
    lead_status TEXT NOT NULL,
    preview TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_message_at BIGINT NOT NULL,
    last_inbound_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX conversations_public_id ON conversations (org_id, public_id);
CREATE INDEX conversations_latest ON conversations (last_message_at);

-- Every message, both ways. `number` follows the order of commits within a conversation. An inbound message is received, then answered,
-- history (a human owned the conversation) or failed; an outbound one is committed, then what the delivery status says, or refused.
CREATE TABLE messages (
    number {identity},
    message_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id),
    direction TEXT NOT NULL,
    provider TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    from_address TEXT NOT NULL,
    to_address TEXT NOT NULL,
    body TEXT NOT NULL,
    body_json TEXT NOT NULL,
    state TEXT NOT NULL,
    author TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    intent TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX messages_id ON messages (message_id);
CREATE UNIQUE INDEX messages_provider_id ON messages (org_id, provider, provider_message_id) WHERE provider_message_id <> '';
CREATE UNIQUE INDEX messages_idempotency_key ON messages (org_id, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX messages_of_conversation ON messages (conversation_id, number);

-- What happened, without a customer's words or number.
CREATE TABLE audit_log (
    number {identity},
    event_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    actor_type TEXT NOT NULL,
    event_type TEXT NOT NULL,
    input_redacted TEXT NOT NULL,
    output_redacted TEXT NOT NULL,
    success TEXT NOT NULL,
    error_code TEXT NOT NULL,
    error_message TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX audit_log_event_id ON audit_log (event_id);
CREATE INDEX audit_log_conversation ON audit_log (conversation_id, number);
