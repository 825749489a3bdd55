-- One row per provider id: what became of it so far.
CREATE TABLE deliveries (
    sid TEXT PRIMARY KEY,
    -- Null while no one has said whose message it is.
    message_id TEXT,
    conversation_id TEXT,
    org_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    -- The latest row of the log: its status, its place in the order, its distance to other statuses in microseconds.
    status TEXT NOT NULL,
    position BIGINT NOT NULL,
    step BIGINT NOT NULL,
    error_code BIGINT NOT NULL,
    error_message TEXT NOT NULL,
    latest_at BIGINT NOT NULL,
    -- When these were heard of, where nothing higher had been heard before.
    sent_at BIGINT,
    delivered_at BIGINT,
    read_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- When the failure was handed to the sender's queue.
    reported_at BIGINT
);
CREATE INDEX deliveries_by_message ON deliveries (message_id);
CREATE INDEX deliveries_by_creation ON deliveries (created_at, sid);
CREATE INDEX deliveries_by_status ON deliveries (status, created_at, sid);

-- Every status ever told, once each; never changed.
CREATE TABLE delivery_log (
    delivery_id {identity},
    sid TEXT NOT NULL,
    status TEXT NOT NULL,
    position BIGINT NOT NULL,
    step BIGINT NOT NULL,
    error_code BIGINT NOT NULL,
    error_message TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    provider_payload TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (sid, status, error_code)
);
