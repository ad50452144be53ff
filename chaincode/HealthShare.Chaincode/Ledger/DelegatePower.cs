using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>A delegate's power as it stands on the ledger. Endorsers, nodes and auditors judge it alike.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Appointer">Credential id that signed the appointment.</param>
/// <param name="Body">What the appointment says.</param>
public sealed record DelegatePower(DelegateEntry Entry, string Appointer, AppointDelegateBody Body)
{
    /// <summary>Most delegates of a patient whose power was not revoked and has not ended.</summary>
    public const int MaxInForce = 8;

    /// <summary>Longest time from an appointment to its end.</summary>
    public const int MaxMonths = 12;

    /// <summary>Reads an entry; null when it is none of this patient and id.</summary>
    public static DelegatePower? TryRead(string key, ReadOnlyMemory<byte> json)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(json.Span, LedgerJson.Default.DelegateEntry)!;
            var statement = SignedStatementReader.Read(entry.Appointment);
            return statement.Body is AppointDelegateBody body && statement.Patient == entry.PatientId && body.Delegate == entry.DelegateId
                && statement.Signer.Delegate is null && key == LedgerKey.Delegate(entry.PatientId, entry.DelegateId)
                ? new DelegatePower(entry, statement.Signer.Credential, body)
                : null;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return null; // a power that cannot be read is none
        }
    }

    /// <summary>All delegates of a patient, read as a range, by their ids; those that cannot be read are left out.</summary>
    public static async Task<Dictionary<string, DelegatePower>> LoadAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var powers = new Dictionary<string, DelegatePower>(StringComparer.Ordinal);
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Delegate, [patientId], ct))
        {
            if (TryRead(key, value) is { } power)
                powers[power.Entry.DelegateId] = power;
        }
        return powers;
    }

    /// <summary>True while the power was not revoked and has not ended.</summary>
    public bool StandsAt(DateTimeOffset time) => Entry.RevokedBy is null && time < Body.End;

    /// <summary>One of the delegate's own credentials; null for another.</summary>
    public Credential? CredentialOf(string credentialId)
    {
        foreach (var own in Body.Credentials)
        {
            if (own.Credential == credentialId)
                return new Credential(own.Credential, own.PublicKey, own.RpId, [.. own.Origins]);
        }
        return null;
    }

    /// <summary>Why an appointment is refused: a code and a sentence; null when it is not.</summary>
    /// <param name="known">The patient's delegates so far.</param>
    /// <param name="appointment">The new appointment.</param>
    /// <param name="time">The proposal's time.</param>
    public static (string Code, string Text)? Refusal(
        IReadOnlyDictionary<string, DelegatePower> known, AppointDelegateBody appointment, DateTimeOffset time)
    {
        if (known.GetValueOrDefault(appointment.Delegate) is { Entry.RevokedBy: not null })
            return ("delegate.revoked", "This delegate was revoked; the id is never used again.");
        if (appointment.End <= time || appointment.End > time.AddMonths(MaxMonths))
            return ("delegate.end_out_of_range", $"The end lies in the past, or more than {MaxMonths} months ahead.");
        return !known.ContainsKey(appointment.Delegate) && known.Values.Count(power => power.StandsAt(time)) >= MaxInForce
            ? ("delegate.too_many", $"The patient has {MaxInForce} delegates; revoke one first.")
            : null;
    }

    /// <summary>Why a statement of this delegate is refused: a code and a sentence; null when it is not.</summary>
    /// <param name="state">The state: what is revoked is looked at.</param>
    /// <param name="statement">The statement; that the delegate signed it is checked elsewhere.</param>
    /// <param name="time">The proposal's time.</param>
    /// <param name="ct">Stops the reading.</param>
    public async Task<(string Code, string Text)?> RefusalAsync(
        ILedgerState state, Statement statement, DateTimeOffset time, CancellationToken ct)
    {
        if (Entry.RevokedBy is not null)
            return ("delegate.revoked", "The delegate was revoked.");
        if (time >= Body.End)
            return ("delegate.ended", "The delegate's power has ended; the patient can renew it.");
        // An appointment stands on the credential that signed it, as a permit does.
        if (await ReadAsync(state, LedgerKey.Credential(Entry.PatientId, Appointer), LedgerJson.Default.CredentialEntry, ct) is not { IsRevoked: false })
            return ("delegate.appointer_revoked", "The credential that appointed the delegate was revoked.");
        var allowed = statement.Body switch
        {
            GrantBody { EmergencyNever: true } => false, // to keep emergencies out is the patient's own decision
            GrantBody { Effect: Effect.Permit } permit => Body.Scope.Statements.HasFlag(DelegateActs.Permit) && Body.Scope.Covers(permit),
            GrantBody => Body.Scope.Statements.HasFlag(DelegateActs.Deny),
            RevokeBody revocation => Body.Scope.Statements.HasFlag(DelegateActs.Revoke) && await MayEndAsync(state, revocation.Statement, ct),
            LinkBody => Body.Scope.Statements.HasFlag(DelegateActs.Link),
            _ => false,
        };
        return allowed ? null : ("delegate.outside_scope", "The delegate's power does not reach that far.");
    }

    // Taking a deny of the patient's away would let more be read, and so would revoking an id before its deny is seen.
    private async Task<bool> MayEndAsync(ILedgerState state, string target, CancellationToken ct)
    {
        if (await ReadAsync(state, LedgerKey.Statement(Entry.PatientId, target), LedgerJson.Default.StatementEntry, ct) is not { } entry)
        {
            // Once it has ended, the contract has its own answer.
            return await state.GetAsync(LedgerKey.EndedStatement(Entry.PatientId, target), ct) is not null;
        }
        var statement = SignedStatementReader.Read(entry.Signed);
        return statement.Body is GrantBody { Effect: Effect.Permit } || statement.Signer.Delegate == Entry.DelegateId;
    }

    private static async Task<T?> ReadAsync<T>(
        ILedgerState state, string key, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken ct) where T : class =>
        await state.GetAsync(key, ct) is { } json ? JsonSerializer.Deserialize(json, type) : null;
}
