-- 1 where something that a webhook should have been told of was let go before it was: it is told so first.
ALTER TABLE webhook ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
