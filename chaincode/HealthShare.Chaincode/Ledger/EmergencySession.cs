using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Policy;
using HealthShare.Policy.Emergencies;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Policy.WebAuthn;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// What makes an emergency session one, judged over any copy of the state: endorsers, custodians and auditors run the same
/// checks.
/// </summary>
public static class EmergencySession
{
    /// <summary>
    /// Reads a declaration and verifies that keys of two members of that hospital's staff, which are in force, signed it.
    /// </summary>
    /// <exception cref="PolicyException">
    /// The bytes or an assertion are refused, or <c>emergency.wrong_channel</c>, <c>emergency.wrong_member</c>,
    /// <c>staff_key.unknown</c>, <c>staff_key.revoked</c>, <c>emergency.same_person</c>, <c>emergency.not_physician</c>.
    /// </exception>
    public static async Task<EmergencyStatement> VerifyAsync(
        ILedgerState state, string channel, string member, SignedEmergency signed, CancellationToken ct)
    {
        var bytes = BytesOf(signed);
        var statement = EmergencyReader.Read(bytes);
        if (statement.Channel != channel)
            throw new PolicyException("emergency.wrong_channel", "The declaration is for another channel.");
        if (statement.Member != member)
            throw new PolicyException("emergency.wrong_member", "The declaration is another hospital's.");
        var first = await KeyAsync(state, member, signed.First, ct);
        var second = await KeyAsync(state, member, signed.Second, ct);
        if (first.Staff == second.Staff || first.Credential.CredentialId == second.Credential.CredentialId
            || first.Credential.PublicKey == second.Credential.PublicKey) // one authenticator under two names is one person, too
            throw new PolicyException("emergency.same_person", "Two different members of staff must sign.");
        if (first.Role != EmergencyStatement.DeclaringRole)
            throw new PolicyException("emergency.not_physician", "The first signature must be a physician's.");
        SignedStatementReader.Verify(signed.First, first.Credential, bytes, SignedKind.Emergency);
        SignedStatementReader.Verify(signed.Second, second.Credential, bytes, SignedKind.Emergency);
        return statement;
    }

    /// <summary>Checks a declaration's times against the proposal's.</summary>
    /// <exception cref="PolicyException"><c>statement.too_old</c>, <c>statement.issued_ahead</c> or <c>emergency.period_invalid</c>.</exception>
    public static void CheckTimes(EmergencyStatement statement, DateTimeOffset proposed, ChannelSettings settings)
    {
        if (StatementAge.IsTooOld(statement.Issued, proposed, settings))
            throw new PolicyException("statement.too_old", $"It was issued more than {settings.PermitMaxAgeSeconds} seconds ago.");
        if (StatementAge.IsAhead(statement.Issued, proposed))
            throw new PolicyException("statement.issued_ahead", "It was issued after the proposal.");
        if (statement.NotAfter <= proposed || statement.NotAfter <= statement.Issued
            || statement.NotAfter - statement.Issued > TimeSpan.FromHours(settings.MaxEmergencyHours))
            throw new PolicyException("emergency.period_invalid", $"A session ends after it begins, and within {settings.MaxEmergencyHours} hours.");
    }

    /// <summary>The entry of a declaration that was verified.</summary>
    public static EmergencyEntry EntryOf(
        EmergencyStatement statement, SignedEmergency signed, DateTimeOffset proposed, ChannelSettings settings) => new(
        new EmergencyRef(statement.Patient, statement.Member, statement.Id), signed, proposed, statement.NotAfter,
        proposed.AddHours(settings.ReviewDueHours));

    /// <summary>True when a member has a session whose review is overdue. The whole range is read, so nothing can slip in between.</summary>
    public static async Task<bool> HasOverdueAsync(ILedgerState state, string member, DateTimeOffset time, CancellationToken ct)
    {
        var overdue = false;
        await foreach (var (_, value) in state.ListAsync(LedgerKind.OpenReview, [member], ct))
            overdue |= Read(value.Span, LedgerJson.Default.OpenReviewEntry).Due <= time;
        return overdue;
    }

    /// <summary>True for a member whose people may review emergencies of a patient: a regulator, or a hospital that may hold records.</summary>
    public static async Task<bool> MayReviewAsync(ILedgerState state, OrganizationEntry reviewer, EmergencyRef emergency, CancellationToken ct) =>
        reviewer.MspId != emergency.Member && (reviewer.Kind is OrganizationKind.Regulator
            || await state.GetAsync(LedgerKey.Affiliation(emergency.PatientId, reviewer.MspId), ct) is not null);

    /// <summary>The end of the session that a request names, after everything about it was verified again; null when it names none.</summary>
    /// <exception cref="PolicyException">
    /// <c>emergency.not_found</c>, <c>emergency.forged</c>, <c>emergency.wrong_role</c>, <c>emergency.expired</c>, or what
    /// <see cref="VerifyAsync"/> refuses, such as a key that was revoked since.
    /// </exception>
    public static async Task<DateTimeOffset?> UntilAsync(
        ILedgerState state, string channel, RequestAccess request, string requester, DateTimeOffset time, CancellationToken ct)
    {
        if (request.EmergencyId is not { } id)
            return null;
        var name = new EmergencyRef(request.PatientId, requester, id);
        if (await state.GetAsync(LedgerKey.Emergency(name), ct) is not { } stored)
            throw new PolicyException("emergency.not_found", "The caller has no such emergency session for this patient.");
        var entry = Read(stored, LedgerJson.Default.EmergencyEntry);
        var statement = await VerifyAsync(state, channel, requester, entry.Signed, ct);
        if (name != entry.Emergency || name != new EmergencyRef(statement.Patient, statement.Member, statement.Id)
            || entry.NotAfter != statement.NotAfter)
            throw new PolicyException("emergency.forged", "The session is not what was signed.");
        if (request.Role != statement.Role)
            throw new PolicyException("emergency.wrong_role", "The session is for another role.");
        return time < entry.NotAfter
            ? entry.NotAfter
            : throw new PolicyException("emergency.expired", "The emergency session is over.");
    }

    /// <summary>The end of the session that a request names; null when it names none or the session no longer stands.</summary>
    public static async Task<DateTimeOffset?> StandingUntilAsync(
        ILedgerState state, string channel, RequestAccess request, string requester, DateTimeOffset time, CancellationToken ct)
    {
        try
        {
            return await UntilAsync(state, channel, request, requester, time, ct);
        }
        catch (PolicyException)
        {
            return null; // what is decided without the session is the answer
        }
    }

    /// <summary>
    /// True when the session that a request names was reviewed: it takes no further requests then, or an early review by a friend
    /// would let the rest pass unseen. What was permitted before stands.
    /// </summary>
    public static async Task<bool> IsReviewedAsync(ILedgerState state, RequestAccess request, string requester, CancellationToken ct) =>
        request.EmergencyId is { } id
        && await state.GetAsync(LedgerKey.EmergencyReview(new EmergencyRef(request.PatientId, requester, id)), ct) is not null;

    private static async Task<StaffKeyEntry> KeyAsync(ILedgerState state, string member, SignedAssertion assertion, CancellationToken ct)
    {
        var key = LedgerCode.IsCredentialId(assertion.Credential)
            && await state.GetAsync(LedgerKey.StaffKey(member, assertion.Credential), ct) is { } stored
            ? Read(stored, LedgerJson.Default.StaffKeyEntry)
            : throw new PolicyException("staff_key.unknown", "A signature is by no staff key of the caller.");
        return key.RevokedAt is null ? key : throw new PolicyException("staff_key.revoked", "A signature is by a staff key that was revoked.");
    }

    private static byte[] BytesOf(SignedEmergency signed) =>
        StatementReader.Decode(signed.Statement, EmergencyStatement.MaxBytes, "The declaration");

    private static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new PolicyException("emergency.unreadable", $"A stored {typeof(T).Name} cannot be read.", e);
        }
    }
}
