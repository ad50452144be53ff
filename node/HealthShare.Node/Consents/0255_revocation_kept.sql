-- One whose caller was told of no end is never forgotten because another caller, with the same bytes, was told of a failure.
ALTER TABLE revocation_task ADD COLUMN unheard BIGINT NOT NULL DEFAULT 0;

-- What is on the channel and not yet known to be with two members: followed until it is, also by the node's next run.
CREATE TABLE revocation_followed (
    transaction_id TEXT NOT NULL PRIMARY KEY,
    patient_id TEXT NOT NULL,
    statement_id TEXT NOT NULL,
    since BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL
);
CREATE INDEX revocation_followed_due ON revocation_followed (next_at);

CREATE INDEX incident_patient ON incident (patient_id, code);
