-- What an earlier version read of messages that are still on their way, this one cannot: they are read again. Every step may be repeated, and their contents are here.
-- The patient who was found stays: the numbers may lead elsewhere by now, and an erasure looks for what is sealed by the patient. So does what was read, for the visit in it that moved.
INSERT INTO intake_history (message, at, step, actor, detail)
SELECT message, at, step, actor, detail FROM intake_step
WHERE place IN (0, 2, 3) AND message IN (SELECT sequence FROM intake_message WHERE state = 'parsed' OR state = 'stored') ORDER BY message, place;
UPDATE intake_message SET state = 'received', actor = NULL, parsed_at = NULL, stored_at = NULL
WHERE state = 'parsed' OR state = 'stored';
-- What waits is tried at once, in its order.
UPDATE intake_message SET attempts = 0, next_attempt_at = 0, reason_code = NULL WHERE state = 'received';
DELETE FROM intake_wait;
