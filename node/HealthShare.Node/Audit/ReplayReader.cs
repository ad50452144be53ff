using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Audit;

/// <summary>Looks things up in the state before the transaction that is judged.</summary>
internal sealed class ReplayReader(ILedgerState state, string channel)
{
    public ILedgerState State => state;

    public string Channel => channel;

    public async Task<ChannelSettings> SettingsAsync(CancellationToken ct) =>
        await FindAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct) ?? new ChannelSettings();

    public async Task<T?> FindAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken ct) where T : class =>
        await state.GetAsync(key, ct) is { } value ? JsonSerializer.Deserialize(value, type) : null;

    public async Task<bool> ExistsAsync(string key, CancellationToken ct) => await state.GetAsync(key, ct) is not null;

    /// <summary>A member, suspended or not.</summary>
    public Task<OrganizationEntry?> AnyMemberAsync(string mspId, CancellationToken ct) =>
        FindAsync(LedgerKey.Organization(mspId), LedgerJson.Default.OrganizationEntry, ct);

    /// <summary>An active member.</summary>
    public async Task<OrganizationEntry?> MemberAsync(string mspId, CancellationToken ct) =>
        await AnyMemberAsync(mspId, ct) is { SuspendedAt: null } member ? member : null;

    /// <summary>All entries of a kind whose keys begin with the given parts.</summary>
    public async Task<List<T>> ListAsync<T>(LedgerKind kind, IReadOnlyList<string> parts, JsonTypeInfo<T> type, CancellationToken ct) where T : class
    {
        var found = new List<T>();
        await foreach (var (_, value) in state.ListAsync(kind, parts, ct))
            found.Add(JsonSerializer.Deserialize(value.Span, type) ?? throw new JsonException("null"));
        return found;
    }

    public async Task<OrganizationEntry?> HospitalAsync(string mspId, CancellationToken ct) =>
        await MemberAsync(mspId, ct) is { Kind: OrganizationKind.Hospital } hospital ? hospital : null;

    public Task<RecordEntry?> RecordAsync(string patientId, RecordRef record, CancellationToken ct) =>
        FindAsync(LedgerKey.Record(patientId, record.Custodian, record.RecordId), LedgerJson.Default.RecordEntry, ct);

    /// <summary>
    /// The statement, when a credential of its patient, in force, signed exactly these bytes for this channel; null otherwise.
    /// </summary>
    public Task<Statement?> VerifyAsync(SignedStatement? signed, CancellationToken ct) => VerifyAsync(signed, null, ct);

    /// <summary>As the other, and the statement of a delegate whose power reached that far at a time, too.</summary>
    public async Task<Statement?> VerifyAsync(SignedStatement? signed, DateTimeOffset? time, CancellationToken ct)
    {
        if (signed is null)
            return null;
        try
        {
            var statement = SignedStatementReader.Read(signed);
            if (statement.Channel != channel || await SignerAsync(statement, time, ct) is not { } credential)
                return null;
            SignedStatementReader.Verify(signed, credential);
            return statement;
        }
        catch (PolicyException)
        {
            return null; // the caller names the fault
        }
    }

    private async Task<Credential?> SignerAsync(Statement statement, DateTimeOffset? time, CancellationToken ct)
    {
        var signer = statement.Signer;
        if (signer.Delegate is null)
        {
            var own = await FindAsync(LedgerKey.Credential(statement.Patient, signer.Credential), LedgerJson.Default.CredentialEntry, ct);
            return own is { IsRevoked: false } ? own.Credential : null;
        }
        return time is { } at && await DelegatePower.FindAsync(state, statement.Patient, signer.Delegate, ct) is { } power
            && await power.RefusalAsync(state, statement, at, ct) is null ? power.CredentialOf(signer.Credential) : null;
    }

    /// <summary>True when this credential signed exactly these bytes.</summary>
    public static bool IsSigned(SignedStatement signed, CredentialEntry credential)
    {
        try
        {
            SignedStatementReader.Verify(signed, credential.Credential);
            return true;
        }
        catch (PolicyException)
        {
            return false; // the caller names the fault
        }
    }

    /// <summary>Whether what lets more be read was fresh when it was proposed.</summary>
    public async Task<bool> IsFreshAsync(Statement statement, DateTimeOffset proposed, CancellationToken ct)
    {
        var settings = await FindAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct) ?? new ChannelSettings();
        return !StatementAge.IsTooOld(statement.Issued, proposed, settings) && !StatementAge.IsAhead(statement.Issued, proposed);
    }
}
