-- First credentials that staff enrolled and no block holds yet. The block that does moves them to trusted_credential.
CREATE TABLE credential_to_pin (
    patient_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    credential TEXT NOT NULL,
    PRIMARY KEY (patient_id, credential_id)
);
