-- `attended_at` is when a human last began to speak or paused the agents; 0 while the agents answer, and while a person they called has
-- not come yet. `consent_at` is when consent was last given or withdrawn. `fragments` are the messages, by id, that wait for
-- their rest, the first one's moment before them.
ALTER TABLE conversations ADD COLUMN attended_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN consent_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN fragments TEXT NOT NULL DEFAULT '';
UPDATE conversations SET attended_at = last_message_at WHERE owner = 'human';

-- What a person is to do for a customer; one open row per conversation and kind.
CREATE TABLE tasks (
    task_id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id),
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    done_by TEXT NOT NULL
);
CREATE UNIQUE INDEX tasks_open ON tasks (conversation_id, kind) WHERE state = 'open';
CREATE INDEX tasks_due ON tasks (org_id, state, due_at, task_id);
CREATE INDEX tasks_of_conversation ON tasks (conversation_id, due_at, task_id);
