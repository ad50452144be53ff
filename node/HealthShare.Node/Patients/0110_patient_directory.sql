-- Which random id a patient has on the channel. The hospital's numbers stand here as keyed hashes only.
CREATE TABLE patient_directory (
    patient_id TEXT PRIMARY KEY,
    enrolled BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE patient_identifier (
    identifier ${blob} PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patient_directory (patient_id)
);
CREATE INDEX patient_identifier_patient ON patient_identifier (patient_id);
