-- What came in and how far it has come. Payloads and meanings are encrypted; keys for look-up are keyed hashes.
CREATE TABLE intake_message (
    sequence ${identity},
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    message_key ${blob} NOT NULL,
    content_key ${blob} NOT NULL,
    size BIGINT NOT NULL,
    control_id_reused BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    payload ${blob},
    record_id TEXT,
    patient_id TEXT,
    meaning ${blob},
    reason_code TEXT,
    reason TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    UNIQUE (message_key, content_key)
);
CREATE INDEX intake_message_due ON intake_message (state, next_attempt_at, sequence);
CREATE INDEX intake_message_record ON intake_message (record_id);
