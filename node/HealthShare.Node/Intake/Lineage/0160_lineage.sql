-- Which records speak of the same order, document, appointment or visit. The series and their parts are keyed hashes.
CREATE TABLE record_lineage (
    series ${blob} NOT NULL,
    record_id TEXT NOT NULL,
    belongs BIGINT NOT NULL,
    patient_id TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    status_rank BIGINT NOT NULL,
    arrived BIGINT NOT NULL,
    action TEXT NOT NULL,
    parts ${blob},
    PRIMARY KEY (series, record_id, belongs)
);
CREATE INDEX record_lineage_record ON record_lineage (record_id);
CREATE INDEX record_lineage_patient ON record_lineage (patient_id);

-- What became of records, for the ledger: open, done or refused. A record that was withdrawn has no successor: ''.
CREATE TABLE record_supersession (
    sequence ${identity},
    record_id TEXT NOT NULL,
    by_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    relation TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    UNIQUE (record_id, by_id)
);
CREATE INDEX record_supersession_due ON record_supersession (state, next_attempt_at, sequence);
CREATE INDEX record_supersession_patient ON record_supersession (patient_id);
