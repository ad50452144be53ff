-- Who looked a patient up by a number, and whether there was one.
CREATE TABLE patient_look_up (
    id ${identity},
    happened_at BIGINT NOT NULL,
    person TEXT NOT NULL,
    patient_id TEXT
);
CREATE INDEX patient_look_up_person ON patient_look_up (person, happened_at);
CREATE INDEX patient_look_up_time ON patient_look_up (happened_at);
