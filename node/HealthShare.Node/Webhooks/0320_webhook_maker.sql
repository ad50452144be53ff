-- The member of staff who made a webhook, whatever the person called by: it is switched off with the person. Null for a program that names
-- no person. Empty where nobody knows any more, as for what was made by a token before this version: such a webhook may be anybody's, so
-- it is switched off with whoever is disabled, and is the person's who switches it on again.
ALTER TABLE webhook ADD COLUMN created_staff TEXT;
UPDATE webhook SET created_staff = (SELECT staff_id FROM person WHERE person.id = webhook.created_by);
UPDATE webhook SET created_staff = '' WHERE created_staff IS NULL;

-- The same for who is disabled already; what was made afterwards is not the person's.
UPDATE webhook SET disabled_code = 'madeByDisabled', disabled_at = CASE WHEN disabled_at IS NULL THEN (
        SELECT max(maker.disabled_at) FROM person maker WHERE maker.staff_id = webhook.created_staff OR webhook.created_staff = '') ELSE disabled_at END
    WHERE (disabled_code IS NULL OR disabled_code <> 'makerDisabled') AND EXISTS (SELECT 1 FROM person maker
        WHERE maker.disabled_at >= webhook.created_at AND (maker.staff_id = webhook.created_staff OR webhook.created_staff = ''));
INSERT INTO incident (happened_at, code, subject, detail)
    SELECT disabled_at, 'webhook.disabled', id || ' 0', 'makerDisabled' FROM webhook WHERE disabled_code = 'madeByDisabled';
UPDATE webhook SET disabled_code = 'makerDisabled' WHERE disabled_code = 'madeByDisabled';
