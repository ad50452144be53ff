-- The latest time that a valid transaction of the block names; NULL where none does, and for blocks applied before it was kept.
ALTER TABLE block_header ADD COLUMN newest_at BIGINT;
