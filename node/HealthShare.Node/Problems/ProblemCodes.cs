namespace HealthShare.Node.Problems;

/// <summary>A code that callers may meet.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Stable code.</param>
/// <param name="Words">When.</param>
public sealed record ProblemCode(int Status, string Code, string Words);

/// <summary>
/// All codes of the node itself. The channel's rules and the policy have codes of their own (422), and so have failures on the way to the
/// ledger (409 and 503).
/// </summary>
public static class ProblemCodes
{
    /// <summary>The codes, by status.</summary>
    public static IReadOnlyList<ProblemCode> All { get; } =
    [
        new(202, "receipt.not_committed", "no other member's node has it yet"),
        new(400, "request.invalid", "a value, the body, a cursor or an id of an event is not as it should be"),
        new(401, "auth.unauthenticated", "no session and no token, or none that is good"),
        new(401, "session.refused", "the passkey did not sign you in"),
        new(401, "enrolment.refused", "the passkey was not accepted"),
        new(403, "auth.forbidden", "the role may not call this"),
        new(403, "auth.staff_id_missing", "a review needs a staff id"),
        new(403, "session.required", "a session is needed, and a token or a certificate has none"),
        new(403, "session.step_up_required", "use the passkey again, then repeat"),
        new(403, "csrf.refused", "another site's page acts with a session or signs somebody in; or the header Origin, which says whose page it is, is missing"),
        new(403, "webhook.topic_forbidden", "the role may not read what the topic tells of"),
        new(404, "access.not_available", "nothing that the caller may see"),
        new(404, "enrolment.not_available", "the link is not good, or not any more"),
        new(404, "handle.not_available", "the one-time code is not good, or not any more"),
        new(404, "patient.not_erased", "the patient has not erased anything"),
        new(404, "patient.number_unknown", "no patient has the number here, and only a known one was asked for"),
        new(404, "request.no_such_address", "no such address"),
        new(405, "request.method_not_allowed", "the address does not know the method"),
        new(406, "fhir.release_unknown", "fhirVersion names a release of FHIR that is not known here; 415 for the type of a body"),
        new(409, "content.check_running", "another check of the contents runs"),
        new(409, "enrolment.waits", "the passkey is enrolled and does not sign in yet"),
        new(409, "message.not_quarantined", "the message is not in quarantine"),
        new(409, "message.registered", "the message's record is on the ledger: it is replayed, never discarded"),
        new(409, "patient.conflict", "the numbers name two patients"),
        new(409, "receipt.differs", "this node's copy of the channel says otherwise"),
        new(409, "request.idempotency_answer_not_kept", "the request with the same Idempotency-Key was served, and its answer is not kept: it was too large, or holds a link or a secret"),
        new(409, "request.idempotency_key_running", "a request with the same Idempotency-Key is being served"),
        new(409, "staff.self", "nobody disables oneself"),
        new(409, "staff_key.ended", "the key's person was disabled, or the passkey was ended: the node would revoke it at once"),
        new(409, "verification.running", "another verification of the channel runs"),
        new(409, "webhook.too_many", "as many webhooks as there may be"),
        new(410, "message.content_gone", "the journal has let go of the content"),
        new(413, "request.too_large", "the body is larger than the address accepts"),
        new(415, "request.unsupported_media_type", "the address does not take that type of body"),
        new(422, "request.idempotency_key_reused", "the same Idempotency-Key came with another request"),
        new(422, "handle.refused", "the one-time code is not signed as it must be, or for too long"),
        new(422, "emergency.not_found", "this hospital declared no such emergency for the patient"),
        new(422, "emergency.reviewed", "the emergency was reviewed already"),
        new(422, "fhir.refused", "a FHIR consent says what cannot be kept to"),
        new(422, "fhir.not_in_force", "a grant that does not count is not given out in FHIR"),
        new(422, "patient.erased", "the patient erased what is shared"),
        new(422, "patient.has_credential", "the patient has a credential, which must sign for another"),
        new(429, "request.too_many", "too many requests at once; Retry-After says when to come back"),
        new(429, "request.idempotency_keys_used_up", "as many Idempotency-Keys as a caller may use in a day"),
        new(429, "events.too_many_streams", "too many streams are open"),
        new(500, "internal.error", "the node failed; its log has the requestId"),
        new(502, "content.not_authentic", "the content is not what its hospital registered"),
        new(503, "content.not_here_yet", "the content cannot be fetched now"),
        new(503, "intake.disk_full", "the disk is nearly full: send the message later"),
        new(503, "intake.overloaded", "too many messages come in at once: send it later"),
        new(503, "intake.queue_full", "too many messages wait for the ledger: send it later"),
        new(503, "message.not_stored", "the message could not be stored: send it later"),
        new(503, "ledger.copy_too_old", "the node has lost touch with the channel"),
        new(503, "readmodel.behind", "it is on the channel, or may be, and the node's copy does not have it yet"),
        new(503, "receipt.second_signature", "no other member's node signs it now"),
        new(503, "session.not_set_up", "nobody can sign in here yet"),
    ];
}
