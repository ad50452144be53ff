-- The lists of what somebody asked for, and of what was read by it.
CREATE INDEX access_request_staff ON access_request (staff, created_at, id);
CREATE INDEX access_event_access ON access_event (access_id);
