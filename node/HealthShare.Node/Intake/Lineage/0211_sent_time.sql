-- A time that was sent to the day means any moment of that day: from sent_at to sent_until. What neither time nor status tells, the order of arrival does.
-- A correction (status C) is never replaced by what came before it and is none.
ALTER TABLE record_lineage ADD COLUMN sent_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE record_lineage ADD COLUMN corrects BIGINT NOT NULL DEFAULT 0;
ALTER TABLE moved_visit ADD COLUMN sent_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE moved_visit ADD COLUMN arrived BIGINT NOT NULL DEFAULT 0;
UPDATE record_lineage SET sent_until = sent_at;
UPDATE moved_visit SET sent_until = sent_at;
