-- Numbers that were replaced: keyed hashes, with the patient they led to. A message that still bears one alone is put aside.
CREATE TABLE retired_identifier (
    identifier ${blob} PRIMARY KEY,
    patient_id TEXT NOT NULL
);
CREATE INDEX retired_identifier_patient ON retired_identifier (patient_id);
