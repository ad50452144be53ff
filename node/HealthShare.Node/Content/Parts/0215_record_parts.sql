-- A part of a record, such as a document that was cut out of a message. It has no key of its own: that follows from the whole's.
ALTER TABLE sealed_record ADD COLUMN part_of TEXT;
CREATE INDEX sealed_record_part_of ON sealed_record (part_of) WHERE part_of IS NOT NULL;
