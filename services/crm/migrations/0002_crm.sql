-- One row per contact; a contact is an address. `signals` are words, only ever added to; score, status and breakdown are
-- what the weights of the moment made of them.
CREATE TABLE contacts (
    contact_id TEXT NOT NULL PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    signals TEXT NOT NULL,
    score BIGINT NOT NULL,
    status TEXT NOT NULL,
    breakdown TEXT NOT NULL,
    interests TEXT NOT NULL,
    interactions BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX contacts_by_score ON contacts (score, contact_id);

-- What was recorded, append-only, with the answer given: a repeat of the key is answered the same.
CREATE TABLE interactions (
    idempotency_key TEXT NOT NULL PRIMARY KEY,
    contact_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    intent TEXT NOT NULL,
    summary TEXT NOT NULL,
    signals TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    made_contact TEXT NOT NULL,
    made_lead TEXT NOT NULL,
    score BIGINT NOT NULL,
    status TEXT NOT NULL
);
CREATE INDEX interactions_by_contact ON interactions (contact_id, recorded_at);

CREATE TABLE deals (
    deal_id TEXT NOT NULL PRIMARY KEY,
    idempotency_key TEXT NOT NULL UNIQUE,
    contact_id TEXT NOT NULL,
    name TEXT NOT NULL,
    amount_eur BIGINT NOT NULL,
    stage TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX deals_by_creation ON deals (created_at, deal_id);
CREATE INDEX deals_by_contact ON deals (contact_id);
