using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// The range of a patient's grants that every decision reads, and what keeps it short: a grant that comes takes out some whose
/// period is over, and finds no room where too many are left. Endorsers and auditors judge it alike.
/// </summary>
public sealed class GrantRange
{
    /// <summary>Most grants that one new grant takes out.</summary>
    public const int MaxTakenOut = 16;

    /// <summary>Most counted grants in force: each that is used up costs a decision another round over all statements.</summary>
    public const int MaxCounted = 64;

    /// <summary>
    /// Denies that the patient's own credentials may add where there is no room for anything else: whoever could sign as a delegate
    /// must not keep the patient from saying no.
    /// </summary>
    public const int DenyReserve = 100;

    /// <summary>
    /// Most grants under an id that was merged into another, and once more as many that are denies by the patient's own credentials:
    /// each decision about the id that stays reads them all. Where there are more, the id cannot be merged away.
    /// </summary>
    public const int MaxCarried = 50;

    /// <summary>How long after its end a grant is taken out: longer than clocks and proposals differ.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private readonly int count;
    private readonly int counted;

    private readonly bool isCarried;

    private GrantRange(int count, int counted, bool isCarried, IReadOnlyList<StatementEntry> over) =>
        (this.count, this.counted, this.isCarried, Over) = (count, counted, isCarried, over);

    /// <summary>Grants to take out: the first whose period is over, in the order of their keys.</summary>
    public IReadOnlyList<StatementEntry> Over { get; }

    /// <summary>Reads the whole range.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="patientId">Patient.</param>
    /// <param name="replaces">The grant that the new one replaces, which leaves by that; null where it replaces none.</param>
    /// <param name="time">The proposal's time.</param>
    /// <param name="ct">Stops the reading.</param>
    public static async Task<GrantRange> LoadAsync(
        ILedgerState state, string patientId, string? replaces, DateTimeOffset time, CancellationToken ct)
    {
        var (count, counted) = (0, 0);
        var over = new List<StatementEntry>();
        await foreach (var (key, value) in state.ListAsync(LedgerKind.Statement, [patientId], ct))
        {
            // One that cannot be read takes room and is never taken out.
            var known = TryRead(value);
            if (replaces is not null && key == LedgerKey.Statement(patientId, replaces))
                continue;
            if (over.Count < MaxTakenOut && known is { Grant.Period.End: { } end, Entry: var entry } && end <= time - Grace)
            {
                over.Add(entry);
                continue;
            }
            count++;
            if (known is { Grant: { Uses: not null, Period.End: var until } } && !(until <= time))
                counted++;
        }
        // Asked where it matters only: what keeps the number down is that a merge asks for the number, too.
        return new GrantRange(count, counted, count >= MaxCarried && await Merging.IsMergedAsync(state, patientId, ct), over);
    }

    /// <summary>True where a patient has more grants than an id may carry to another.</summary>
    internal static async Task<bool> AreTooManyToCarryAsync(ILedgerState state, string patientId, CancellationToken ct)
    {
        var count = 0;
        await foreach (var _ in state.ListAsync(LedgerKind.Statement, [patientId], ct))
            count++;
        return count > MaxCarried;
    }

    /// <summary>Why a grant finds no room: a code and a sentence; null when it does.</summary>
    /// <param name="statement">The new grant.</param>
    /// <param name="settings">Settings of the channel.</param>
    /// <param name="time">The proposal's time.</param>
    public (string Code, string Text)? Refusal(Statement statement, ChannelSettings settings, DateTimeOffset time)
    {
        var grant = (GrantBody)statement.Body;
        if (grant.Period.End <= time)
            return ("consent.period_over", "The grant's period is over: it would say nothing.");
        var isOwnDeny = grant.Effect is Effect.Deny && statement.Signer.Delegate is null;
        var most = settings.MaxStatementsInForce + (isOwnDeny ? DenyReserve : 0);
        if (isCarried)
            most = Math.Min(most, isOwnDeny ? 2 * MaxCarried : MaxCarried);
        // One that takes another's place takes no room.
        if (grant.Replaces is null && count >= most)
            return ("consent.too_many", $"The patient has {count} grants, where {most} is the most; revoke some first.");
        return grant.Uses is not null && counted >= MaxCounted
            ? ("consent.too_many_counted", $"The patient has {MaxCounted} counted grants in force; revoke some first.")
            : null;
    }

    /// <summary>What becomes of a grant that is taken out. Its id stays in use.</summary>
    public static EndedStatementEntry TakenOut(StatementEntry entry) =>
        new(entry.StatementId, EndedStatementKind.ExpiredGrant, entry.RelayedBy, entry.AcceptedAt, entry.Signed);

    private static (StatementEntry Entry, GrantBody Grant)? TryRead(ReadOnlyMemory<byte> value)
    {
        try
        {
            var entry = JsonSerializer.Deserialize(value.Span, LedgerJson.Default.StatementEntry)!;
            return SignedStatementReader.Read(entry.Signed).Body is GrantBody grant ? (entry, grant) : null;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return null; // it is counted; that is the answer
        }
    }
}
