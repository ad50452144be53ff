-- Each move of a visit by itself: which of two is the later one depends on what they are compared with.
CREATE TABLE visit_move (
    series ${blob} NOT NULL,
    patient_id TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    sent_until BIGINT NOT NULL,
    arrived BIGINT NOT NULL,
    PRIMARY KEY (series, patient_id, arrived)
);
INSERT INTO visit_move (series, patient_id, sent_at, sent_until, arrived) SELECT series, patient_id, sent_at, sent_until, arrived FROM moved_visit;
DROP TABLE moved_visit;
ALTER TABLE visit_move RENAME TO moved_visit;
