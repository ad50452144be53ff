-- Patients who erased what is shared: how far this node is with destroying what it held. The state is pending, retained (what the
-- hospital must keep of its own is left until retained_until) or done.
CREATE TABLE erasure_task (
    patient_id TEXT PRIMARY KEY,
    seen_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    purged BIGINT NOT NULL,
    retained_until BIGINT,
    reason TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL
);
CREATE INDEX erasure_task_due ON erasure_task (next_at);

-- Numbers of persons who erased, as keyed hashes that lead to no id any more: what still comes in about them is put aside.
CREATE TABLE erased_identifier (
    identifier ${blob} PRIMARY KEY,
    erased_at BIGINT NOT NULL
);
