-- The parts of one access's release are looked at together.
CREATE INDEX release_task_access ON release_task (patient_id, requester, access_id);
