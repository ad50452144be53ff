-- A merge that this hospital said is said again once it stands complete in a block: the time to object runs from that word. What fails is
-- put off, ever longer, so that what cannot go on yet keeps nothing waiting.
ALTER TABLE patient_merge ADD COLUMN said_complete BIGINT NOT NULL DEFAULT 0;
ALTER TABLE patient_merge ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE patient_merge ADD COLUMN next_at BIGINT NOT NULL DEFAULT 0;
