-- Every secret that the node keeps, wrapped by the master key; what each purpose's id is stands in SecretPurpose.
CREATE TABLE secret (
    purpose TEXT NOT NULL,
    id TEXT NOT NULL,
    wrapped ${blob} NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (purpose, id)
);

-- Own records: where the ciphertext is and what the ledger says of the key. The key is in secret, purpose record-key.
CREATE TABLE sealed_record (
    record_id TEXT PRIMARY KEY,
    cid TEXT NOT NULL,
    size BIGINT NOT NULL,
    salt ${blob} NOT NULL,
    commitment ${blob} NOT NULL,
    sealed_at BIGINT NOT NULL
);

-- Keys of other members' records, only while their decision stands. The key is in secret, purpose received-key.
CREATE TABLE received_key (
    access_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    patient_id TEXT NOT NULL,
    statement_id TEXT,
    salt ${blob} NOT NULL,
    not_after BIGINT NOT NULL,
    PRIMARY KEY (access_id, record_id)
);
CREATE INDEX received_key_not_after ON received_key (not_after);
CREATE INDEX received_key_patient ON received_key (patient_id);
CREATE INDEX received_key_statement ON received_key (statement_id);
