-- What happened, for streams and webhooks: written in the transaction that makes it count, ids and codes only.
CREATE TABLE event (
    sequence BIGINT NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    kind TEXT NOT NULL,
    happened_at BIGINT NOT NULL,
    patient_id TEXT,
    staff_id TEXT,
    subject TEXT,
    members TEXT,
    code TEXT,
    until_at BIGINT,
    name TEXT UNIQUE
);
CREATE INDEX event_patient ON event (patient_id, sequence);
CREATE INDEX event_happened ON event (happened_at);

-- The number is taken under the lock of this row, so that numbers become visible in their order on either database.
CREATE TABLE event_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    last BIGINT NOT NULL,
    pruned BIGINT NOT NULL
);
INSERT INTO event_head (id, last, pruned) VALUES (1, 0, 0);
