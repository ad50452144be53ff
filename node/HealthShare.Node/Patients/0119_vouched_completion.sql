-- Which completion was seen, by the proposal's time (0: not known): one that is completed anew by a second hospital waits anew.
ALTER TABLE vouched_signer ADD COLUMN complete_at BIGINT NOT NULL DEFAULT 0;
