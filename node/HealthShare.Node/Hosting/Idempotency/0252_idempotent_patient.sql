-- Whom a kept answer is about, by a keyed hash, so that an erasure takes it along.
ALTER TABLE idempotent_answer ADD COLUMN patient ${blob};
CREATE INDEX idempotent_answer_patient ON idempotent_answer (patient);
