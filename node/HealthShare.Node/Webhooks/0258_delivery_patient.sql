-- The patient whom a delivery names, so that an erasure reaches it.
ALTER TABLE webhook_delivery ADD COLUMN patient_id TEXT;
CREATE INDEX webhook_delivery_patient ON webhook_delivery (patient_id);
