-- The people and links of a patient, so that an erasure finds them.
CREATE INDEX person_patient ON person (patient_id);
CREATE INDEX invitation_patient ON invitation (patient_id);
