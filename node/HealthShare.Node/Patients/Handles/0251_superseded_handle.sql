-- When a newer code of the same patient ended this one: it is known until it expires, so that nobody uses its QR.
ALTER TABLE patient_handle ADD COLUMN superseded_at BIGINT;
CREATE INDEX patient_handle_used ON patient_handle (used_at);
