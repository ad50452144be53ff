-- Why this hospital broke the glass, in words, with the salt that opens what the declaration commits to: one row for each commitment,
-- so that the words of a declaration that was refused are never taken for those of one that was accepted.
CREATE TABLE emergency_words (
    emergency_id TEXT NOT NULL,
    commitment TEXT NOT NULL,
    words ${blob} NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (emergency_id, commitment)
);
-- What was kept before has no salt, and its commitment cannot be told.
INSERT INTO emergency_words (emergency_id, commitment, words, kept_at) SELECT emergency_id, '', words, kept_at FROM emergency_reason;
DROP TABLE emergency_reason;
