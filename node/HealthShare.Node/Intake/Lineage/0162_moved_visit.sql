-- Visits that were moved to another patient: records of before that come later are taken back as well.
CREATE TABLE moved_visit (
    series ${blob} NOT NULL,
    patient_id TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (series, patient_id)
);
