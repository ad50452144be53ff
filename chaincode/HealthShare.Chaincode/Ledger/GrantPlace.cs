using System.Text.Json;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// Where a new grant finds its place: what it names, what it replaces and what leaves the range for it. The one check of contracts,
/// auditors and previews; who signed, and how long ago, is checked elsewhere.
/// </summary>
public sealed class GrantPlace
{
    private GrantPlace((string Code, string Text)? refusal, StatementEntry? replaced, Effect? replacedEffect, IReadOnlyList<StatementEntry> over) =>
        (Refusal, Replaced, ReplacedEffect, Over) = (refusal, replaced, replacedEffect, over);

    /// <summary>Why it finds none: a code and a sentence; null when it does.</summary>
    public (string Code, string Text)? Refusal { get; }

    /// <summary>The grant that ends as it begins; null for none.</summary>
    public StatementEntry? Replaced { get; }

    /// <summary>The effect of that.</summary>
    public Effect? ReplacedEffect { get; }

    /// <summary>Grants whose period is over, and which it takes out.</summary>
    public IReadOnlyList<StatementEntry> Over { get; }

    /// <summary>Finds the place.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="statement">The grant.</param>
    /// <param name="time">The proposal's time.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ArgumentException">The statement is no grant.</exception>
    public static async Task<GrantPlace> FindAsync(ILedgerState state, Statement statement, DateTimeOffset time, CancellationToken ct)
    {
        if (statement.Body is not GrantBody grant)
            throw new ArgumentException("The statement is no grant.", nameof(statement));
        if (await NamedInGrant.RefusalAsync(state, statement.Patient, grant.Scope, "statement.body.scope", ct) is { } unknown)
            return Refused(unknown);
        StatementEntry? replaced = null;
        if (grant.Replaces is { } replaces)
        {
            replaced = await state.FindAsync(LedgerKey.Statement(statement.Patient, replaces), LedgerJson.Default.StatementEntry, ct);
            if (replaced is null)
                return Refused(await NotReplaceableAsync(state, statement.Patient, replaces, ct));
        }
        var settings = await state.FindAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings, ct) ?? new ChannelSettings();
        var range = await GrantRange.LoadAsync(state, statement.Patient, grant.Replaces, time, ct);
        return new GrantPlace(range.Refusal(statement, settings, time), replaced, EffectOf(replaced), range.Over);
    }

    private static GrantPlace Refused((string Code, string Text) refusal) => new(refusal, null, null, []);

    private static async Task<(string Code, string Text)> NotReplaceableAsync(
        ILedgerState state, string patientId, string replaces, CancellationToken ct) =>
        await state.FindAsync(LedgerKey.EndedStatement(patientId, replaces), LedgerJson.Default.EndedStatementEntry, ct) switch
        {
            { Kind: EndedStatementKind.ExpiredGrant } =>
                ("consent.already_over", "statement.body.replaces names a grant whose period is over, and which decides nothing any more."),
            { RevokedBy: not null } => ("consent.already_revoked", "statement.body.replaces names a grant that ended before."),
            _ => ("consent.replaced_unknown", "statement.body.replaces names no grant of the patient on this channel."),
        };

    // One that cannot be read may be a deny, and to end it lets more be read.
    private static Effect? EffectOf(StatementEntry? replaced)
    {
        if (replaced is null)
            return null;
        try
        {
            return SignedStatementReader.Read(replaced.Signed).Body is GrantBody { Effect: Effect.Permit } ? Effect.Permit : Effect.Deny;
        }
        catch (Exception e) when (e is JsonException or PolicyException)
        {
            return Effect.Deny;
        }
    }
}
