-- How a credential came on the list (null: by this hospital's own staff), and when one of the list took it off.
ALTER TABLE trusted_credential ADD COLUMN introduced_by TEXT;
ALTER TABLE trusted_credential ADD COLUMN revoked_at BIGINT;
