-- What this member's staff asked for: one row is one access request of the REST interface.
CREATE TABLE access_request (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    staff TEXT NOT NULL,
    partial BIGINT NOT NULL,
    idempotency_key TEXT,
    content_hash ${blob} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (staff, idempotency_key)
);

-- Its parts: own records, decided here, and requests on the ledger. request and entry are JSON as on the ledger.
CREATE TABLE access_part (
    access_id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES access_request (id),
    is_local BIGINT NOT NULL,
    request TEXT NOT NULL,
    entry TEXT
);
CREATE INDEX access_part_request ON access_part (request_id);

-- The access log: requests on the ledger by every member (ledger), requests decided here (local), contents given out (read).
CREATE TABLE access_event (
    seq ${identity},
    patient_id TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    requester TEXT NOT NULL,
    access_id TEXT NOT NULL,
    custodian TEXT,
    record_id TEXT,
    staff TEXT
);
CREATE INDEX access_event_patient ON access_event (patient_id, seq);

-- Decisions that permit other members own records: what this custodian has done about each. The envelope is ciphertext for the
-- requester; it is kept from before the release is sent until it is delivered, since it cannot be made twice alike.
CREATE TABLE release_task (
    release_id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL,
    requester TEXT NOT NULL,
    access_id TEXT NOT NULL,
    state TEXT NOT NULL,
    release TEXT,
    envelope ${blob},
    reason TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL
);
CREATE INDEX release_task_due ON release_task (state, next_at);

-- Releases for accesses of this member: envelopes to fetch and open.
CREATE TABLE receipt_task (
    access_id TEXT NOT NULL,
    custodian TEXT NOT NULL,
    release_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (access_id, custodian, release_id)
);
CREATE INDEX receipt_task_due ON receipt_task (state, next_at);
