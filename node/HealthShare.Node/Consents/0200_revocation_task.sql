-- What takes something away and is on its way to the channel: a line from before it is first sent until it is on the channel, is refused, or
-- whoever brought it was told that it failed. The argument is JSON as the contracts take it; what is signed in it is meant for the channel.
CREATE TABLE revocation_task (
    id TEXT PRIMARY KEY,
    transaction_name TEXT NOT NULL,
    argument ${blob} NOT NULL,
    begun_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL
);
CREATE INDEX revocation_task_due ON revocation_task (next_at);
