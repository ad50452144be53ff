-- What the ids of all that a request makes come from: the same when it is served again, since nobody knows how it ended.
ALTER TABLE idempotent_answer ADD COLUMN seed TEXT;
