-- One row per lane that has or recently had work. Locking it orders whoever adds to the lane, so positions follow the order of commits.
-- claimable_at is the one moment that matters to workers: when the head may be taken (now, or at the end of its back-off), when the
-- lease in force ends, or never (9223372036854775807) while the lane is empty. depth counts its rows in queue_jobs.
CREATE TABLE queue_lanes (
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    next_position BIGINT NOT NULL,
    depth BIGINT NOT NULL,
    claimable_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    lease_token TEXT NOT NULL,
    idle_since BIGINT NOT NULL,
    PRIMARY KEY (queue, lane)
) {clustered};
CREATE INDEX queue_lanes_claimable ON queue_lanes (queue, claimable_at, idle_since);

-- Work that waits or is in hand, in the order it will be done. A finished row is deleted. batch_id names the frozen set the row belongs
-- to, or is empty. expiries counts claims that were never answered: a claim adds one and an answer takes it back.
CREATE TABLE queue_jobs (
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    precedence BIGINT NOT NULL,
    position BIGINT NOT NULL,
    batch_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    job_key TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    tries BIGINT NOT NULL,
    expiries BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    enqueued_at BIGINT NOT NULL,
    PRIMARY KEY (queue, lane, precedence, position)
) {clustered};
CREATE INDEX queue_jobs_key ON queue_jobs (queue, job_key) WHERE job_key <> '';

-- Work due later: it enters its lane when it is due, so it holds up nothing before. Periodic rows come back.
CREATE TABLE queue_scheduled (
    scheduled_id {identity},
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    precedence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    job_key TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    every BIGINT NOT NULL
);
CREATE INDEX queue_scheduled_due ON queue_scheduled (queue, due_at);
CREATE UNIQUE INDEX queue_scheduled_key ON queue_scheduled (queue, job_key) WHERE job_key <> '';

-- Work that was given up, with its last error and its trace, until a person retries or discards it.
CREATE TABLE queue_dead_letters (
    dead_letter_id TEXT NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    tries BIGINT NOT NULL,
    expiries BIGINT NOT NULL,
    error TEXT NOT NULL,
    enqueued_at BIGINT NOT NULL,
    died_at BIGINT NOT NULL
);
CREATE INDEX queue_dead_letters_died ON queue_dead_letters (died_at, dead_letter_id);
