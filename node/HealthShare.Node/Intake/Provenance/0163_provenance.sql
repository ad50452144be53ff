-- How a record came in, for as long as its key is here: the journal forgets its messages sooner. What the message says of its sender
-- stands in the record itself, encrypted.
CREATE TABLE record_provenance (
    record_id TEXT PRIMARY KEY,
    received_at BIGINT NOT NULL,
    door TEXT NOT NULL
);
