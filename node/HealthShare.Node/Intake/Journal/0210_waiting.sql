-- What a message that waits for its next attempt is about, in the state it waits in: keyed hashes of its numbers while its patient is not settled, a hash of the
-- patient's random id from then on. A message that shares one with an earlier one that waits stays behind it. Rows are there for messages with a next attempt only.
CREATE TABLE intake_wait (
    order_key BIGINT NOT NULL,
    step BIGINT NOT NULL,
    message BIGINT NOT NULL,
    PRIMARY KEY (order_key, step, message)
);
CREATE INDEX intake_wait_message ON intake_wait (message);
-- What waits already is tried at once, in its order.
UPDATE intake_message SET next_attempt_at = 0 WHERE next_attempt_at > 0 AND (state = 'received' OR state = 'parsed' OR state = 'stored');
