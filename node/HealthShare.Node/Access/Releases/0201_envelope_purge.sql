-- When the envelope of a release is looked at again, to be purged from the private collection once nobody may fetch it any more; null once
-- it is gone, or never was there.
ALTER TABLE release_task ADD COLUMN purge_at BIGINT DEFAULT 0;
CREATE INDEX release_task_purge ON release_task (purge_at);
