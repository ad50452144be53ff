-- The usual steps stand beside the message, written with its state: a row of the history for each would be the larger part of what the disk takes.
-- They move into the history when a message leaves the usual way.
ALTER TABLE intake_message ADD COLUMN actor TEXT;
ALTER TABLE intake_message ADD COLUMN parsed_at BIGINT;
ALTER TABLE intake_message ADD COLUMN stored_at BIGINT;
ALTER TABLE intake_message ADD COLUMN registered_at BIGINT;

-- Keyed hash of the first number that names the patient, cut short: what is about one patient stays in its order even where its patient is not known yet.
ALTER TABLE intake_message ADD COLUMN patient_hint BIGINT;

CREATE VIEW intake_step AS
SELECT message, at, CASE WHEN step IN ('superseded', 'withdrawn', 'supersessionRefused') THEN 5 ELSE 1 END AS place, sequence, step, actor, detail FROM intake_history
UNION ALL SELECT sequence, received_at, 0, 0, 'received', actor, NULL FROM intake_message WHERE actor IS NOT NULL
UNION ALL SELECT sequence, parsed_at, 2, 0, 'parsed', 'node', NULL FROM intake_message WHERE parsed_at IS NOT NULL
UNION ALL SELECT sequence, stored_at, 3, 0, 'stored', 'node', NULL FROM intake_message WHERE stored_at IS NOT NULL
UNION ALL SELECT sequence, registered_at, 4, 0, 'registered', 'node', NULL FROM intake_message WHERE registered_at IS NOT NULL;

-- Only what is on its way is looked for by its time, and only what has ended by its state alone: each index is written once in a message's life
-- instead of at every step.
DROP INDEX intake_message_due;
DROP INDEX intake_message_state;
CREATE INDEX intake_message_due ON intake_message (state, next_attempt_at, sequence) WHERE state = 'received' OR state = 'parsed' OR state = 'stored';
CREATE INDEX intake_message_ended ON intake_message (state, sequence) WHERE state = 'registered' OR state = 'quarantined' OR state = 'discarded';
