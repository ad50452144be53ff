-- The member of staff who made a link, whatever the person signed in by: a link counts for nothing once its maker is disabled.
ALTER TABLE invitation ADD COLUMN created_staff TEXT;
