-- The key, in the copy of the channel, of this hospital's affiliation with the patient: which emergencies it may review, without reading
-- each. Null for those that were noted before.
ALTER TABLE emergency ADD COLUMN affiliation ${blob};
