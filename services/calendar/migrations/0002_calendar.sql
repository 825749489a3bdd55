-- One row per appointment or hold, whatever became of it.
CREATE TABLE appointments (
    appointment_id TEXT NOT NULL PRIMARY KEY,
    idempotency_key TEXT NOT NULL UNIQUE,
    resource TEXT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    hold_expires_at BIGINT NOT NULL,
    contact TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX appointments_by_start ON appointments (start_at, appointment_id);
CREATE INDEX appointments_by_contact ON appointments (contact, start_at, appointment_id);

-- Who has a slot, and until when; the largest BIGINT is "for good". The primary key is why no slot is sold twice.
CREATE TABLE slots (
    resource TEXT NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    appointment_id TEXT NOT NULL,
    held_until BIGINT NOT NULL,
    PRIMARY KEY (resource, start_at)
);
CREATE INDEX slots_by_appointment ON slots (appointment_id);

-- The highest fencing token seen per conversation.
CREATE TABLE fences (
    conversation_id TEXT NOT NULL PRIMARY KEY,
    token BIGINT NOT NULL
);
