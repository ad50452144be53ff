-- Ids that hospitals said are one person's: since when this node knows that it is enough, by its own clock. The state is waiting,
-- applied (the hospital's numbers of the one lead to the other), stopping (to be undone) or stopped.
CREATE TABLE patient_merge (
    surviving TEXT NOT NULL,
    merged TEXT NOT NULL,
    merge_id TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (surviving, merged)
);
CREATE INDEX patient_merge_due ON patient_merge (state, seen_at);

-- Which id a number led to before a merge.
ALTER TABLE patient_identifier ADD COLUMN merged_from TEXT;
