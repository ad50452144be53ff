using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>What all contracts share: the window of proposal times, who calls, how state is read and written.</summary>
/// <param name="clock">The endorser's clock.</param>
public abstract class LedgerContract(TimeProvider clock) : Contract
{
    /// <summary>Furthest that a proposal's time may lie from the endorser's clock.</summary>
    public static readonly TimeSpan ProposalWindow = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override Task BeforeAsync(TransactionContext tx)
    {
        // This bounds endorsement only: an endorsed transaction can be held back, so nothing that matters rests on it alone.
        if ((clock.GetUtcNow() - tx.ProposedAt).Duration() > ProposalWindow)
            throw new ContractException("proposal.time", "The proposal's time is more than five minutes from this endorser's clock.");
        CallerRules.RequireNode(tx.Caller);
        return Task.CompletedTask;
    }

    /// <summary>The proposal's time as it stands on the ledger: endorsers and later readers must decide for the same instant.</summary>
    protected static DateTimeOffset TimeOf(TransactionContext tx) => LedgerTime.Truncate(tx.ProposedAt);

    /// <summary>The running transaction as a state to read from.</summary>
    protected internal static ILedgerState StateOf(TransactionContext tx) => new StubState(tx);

    /// <summary>The caller's organization, which must be active.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>caller.suspended</c>.</exception>
    protected static async Task<OrganizationEntry> MemberAsync(TransactionContext tx)
    {
        var member = await tx.GetAsync(LedgerKey.Organization(tx.Caller.MspId), LedgerJson.Default.OrganizationEntry)
            ?? throw new ContractException("caller.not_member", "The caller's organization is not a member of this channel.");
        return member.SuspendedAt is null
            ? member
            : throw new ContractException("caller.suspended", "The caller's organization is suspended.");
    }

    /// <summary>The caller's organization, which must be a hospital.</summary>
    /// <exception cref="ContractException"><c>caller.not_member</c> or <c>caller.not_hospital</c>.</exception>
    protected static async Task<OrganizationEntry> HospitalAsync(TransactionContext tx)
    {
        var member = await MemberAsync(tx);
        return member.Kind is OrganizationKind.Hospital
            ? member
            : throw new ContractException("caller.not_hospital", "Only a hospital may do this.");
    }

    /// <summary>The patient.</summary>
    /// <exception cref="ContractException"><c>arguments.invalid</c> or <c>patient.not_found</c>.</exception>
    protected static async Task<PatientEntry> PatientAsync(TransactionContext tx, string patientId)
    {
        Require.Id(IdKind.Patient, patientId, "patientId");
        return await tx.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry)
            ?? throw new ContractException("patient.not_found", "The patient is not on this channel.");
    }

    /// <summary>The patient, who must not have erased what is shared: nothing new begins under an erased id.</summary>
    /// <exception cref="ContractException"><c>arguments.invalid</c>, <c>patient.not_found</c> or <c>patient.erased</c>.</exception>
    protected static async Task<PatientEntry> LivingPatientAsync(TransactionContext tx, string patientId)
    {
        var patient = await PatientAsync(tx, patientId);
        return patient.IsErased ? throw Erased() : patient;
    }

    /// <summary>The refusal of whatever would go on under an erased id.</summary>
    protected internal static ContractException Erased() =>
        new("patient.erased", "The patient erased what is shared; nothing begins under this id any more.");

    /// <summary>Refuses a member that is not affiliated with the patient, and any where the patient erased what is shared.</summary>
    /// <exception cref="ContractException"><c>patient.not_affiliated</c> or <c>patient.erased</c>.</exception>
    protected static async Task RequireAffiliationAsync(TransactionContext tx, string patientId, string mspId)
    {
        if (await tx.GetAsync(LedgerKey.Patient(patientId), LedgerJson.Default.PatientEntry) is { IsErased: true })
            throw Erased();
        if (!await tx.ExistsAsync(LedgerKey.Affiliation(patientId, mspId)))
            throw new ContractException("patient.not_affiliated", $"'{mspId}' is not affiliated with this patient.");
    }

    /// <summary>An envelope from the transient map, where no block shows it.</summary>
    /// <exception cref="ContractException"><c>transient.envelope_missing</c> or <c>transient.envelope_too_large</c>.</exception>
    protected static ReadOnlyMemory<byte> EnvelopeOf(TransactionContext tx)
    {
        if (tx.Transient(LedgerTransactions.EnvelopeField) is not { IsEmpty: false } envelope)
            throw new ContractException("transient.envelope_missing", "The transient map holds no envelope.");
        return envelope.Length <= Limits.EnvelopeBytes
            ? envelope
            : throw new ContractException("transient.envelope_too_large", $"An envelope has at most {Limits.EnvelopeBytes} bytes.");
    }

    /// <summary>All values of a kind whose keys begin with the given parts.</summary>
    protected static async Task<List<T>> ListAsync<T>(
        TransactionContext tx, LedgerKind kind, IReadOnlyList<string> parts, JsonTypeInfo<T> type) where T : class
    {
        var values = new List<T>();
        await foreach (var item in tx.ListAsync(LedgerKey.ObjectTypeOf(kind), parts, type))
            values.Add(item.Value);
        return values;
    }

    /// <summary>True when two values are the same on the ledger.</summary>
    protected static bool Same<T>(T a, T b, JsonTypeInfo<T> type) => LedgerValue.Same(a, b, type);

    /// <summary>Raises the transaction's one event.</summary>
    protected static void Announce(TransactionContext tx, params IReadOnlyList<string> keys) => tx.SetEvent(
        LedgerEvent.Name,
        new LedgerEvent([.. keys.Select(key => LedgerKey.TryParse(key, out var kind, out var parts)
            ? new LedgerChange(kind, parts)
            : throw new ArgumentException("Not a key of the public state.", nameof(keys)))]),
        LedgerJson.Default.LedgerEvent);

    private sealed class StubState(TransactionContext tx) : ILedgerState
    {
        public Task<byte[]?> GetAsync(string key, CancellationToken ct) => tx.Stub.GetStateAsync(key, ct);

        public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
            LedgerKind kind, IReadOnlyList<string> parts,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var entry in tx.Stub.GetStateByPartialCompositeKeyAsync(LedgerKey.ObjectTypeOf(kind), parts, ct))
                yield return new(entry.Key, entry.Value);
        }
    }
}
