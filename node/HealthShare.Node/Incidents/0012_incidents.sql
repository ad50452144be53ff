-- Disagreements that a person must look at, such as a decision on the ledger that this node's own check does not confirm.
CREATE TABLE incident (
    id ${identity},
    happened_at BIGINT NOT NULL,
    code TEXT NOT NULL,
    patient_id TEXT,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    UNIQUE (code, subject)
);
