-- People who sign in with passkeys. Names are encrypted; subject says whom a row is about, once: staff, patient or delegate.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    name ${blob} NOT NULL,
    staff_id TEXT,
    patient_id TEXT,
    delegate_id TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE passkey (
    credential_id TEXT PRIMARY KEY,
    person_id TEXT NOT NULL REFERENCES person (id),
    public_key ${blob} NOT NULL,
    sign_count BIGINT NOT NULL,
    transports TEXT NOT NULL,
    backup_eligible BIGINT NOT NULL,
    backed_up BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkey_of_person ON passkey (person_id);

CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    token_hash ${blob} NOT NULL UNIQUE,
    person_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    role TEXT NOT NULL,
    name ${blob} NOT NULL,
    staff_id TEXT,
    patient_id TEXT,
    delegate_id TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    withdrawn_at BIGINT
);
CREATE INDEX invitation_of_subject ON invitation (subject);

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    token_hash ${blob} NOT NULL UNIQUE,
    person_id TEXT NOT NULL REFERENCES person (id),
    credential_id TEXT NOT NULL,
    delegate_id TEXT,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    step_up_until BIGINT NOT NULL
);
CREATE INDEX session_of_person ON session (person_id);
CREATE INDEX session_of_credential ON session (credential_id);
