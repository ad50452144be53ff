-- One-time codes by which a clinician finds a patient who is present. id is a hash; an unused row holds the code's hash, a used one who used it.
CREATE TABLE patient_handle (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL,
    code_hash ${blob} UNIQUE,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    used_by TEXT,
    used_role TEXT
);
CREATE INDEX patient_handle_patient ON patient_handle (patient_id, used_at);
