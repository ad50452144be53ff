-- Credentials that this hospital's own staff enrolled or accepted. The ledger may say more; keys are released by this list.
CREATE TABLE trusted_credential (
    patient_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    credential TEXT NOT NULL,
    trusted_at BIGINT NOT NULL,
    PRIMARY KEY (patient_id, credential_id)
);

-- Affiliations for which a label key may have to be sent or fetched.
CREATE TABLE label_key_task (
    patient_id TEXT NOT NULL,
    member TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (patient_id, member)
);
CREATE INDEX label_key_task_next ON label_key_task (next_at);
