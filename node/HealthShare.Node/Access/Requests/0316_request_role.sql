-- The role that a request was made in: whoever has another one by now neither lists it nor reads by it. Requests from before have it in
-- their parts, one and the same in all of them. These are the roles that may ask.
ALTER TABLE access_request ADD COLUMN role TEXT;
UPDATE access_request SET role = 'physician' WHERE EXISTS (SELECT 1 FROM access_part p WHERE p.request_id = access_request.id AND p.request LIKE '%"role":"physician"%');
UPDATE access_request SET role = 'nurse' WHERE EXISTS (SELECT 1 FROM access_part p WHERE p.request_id = access_request.id AND p.request LIKE '%"role":"nurse"%');
UPDATE access_request SET role = 'pharmacist' WHERE EXISTS (SELECT 1 FROM access_part p WHERE p.request_id = access_request.id AND p.request LIKE '%"role":"pharmacist"%');
UPDATE access_request SET role = 'researcher' WHERE EXISTS (SELECT 1 FROM access_part p WHERE p.request_id = access_request.id AND p.request LIKE '%"role":"researcher"%');
