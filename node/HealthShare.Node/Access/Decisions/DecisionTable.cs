using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Log;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access.Decisions;

/// <summary>What a list of decisions is narrowed to; null for anything.</summary>
/// <param name="Requester">MSP id of the member that asked.</param>
/// <param name="Outcome">What they came to.</param>
/// <param name="Emergency">True for those in an emergency, false for all others.</param>
/// <param name="From">Asked at this time or later.</param>
/// <param name="To">Asked before this time.</param>
internal sealed record DecisionFilter(string? Requester, DecisionOutcome? Outcome, bool? Emergency, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Requests on the channel by every member, with what was decided, for whoever audits the channel as a whole.</summary>
internal sealed class DecisionTable(IDatabase database)
{
    private const int FilledAtOnce = 500;

    /// <summary>Notes a request and its decisions from a block.</summary>
    /// <param name="transaction">The transaction; the copy holds the entry already.</param>
    /// <param name="key">Its key in the state.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="block">Number of the block.</param>
    /// <param name="ct">Stops the writing.</param>
    public static Task<int> AddAsync(DbTransaction transaction, string key, AccessEntry entry, long block, CancellationToken ct) =>
        AddAsync(transaction, Encoding.UTF8.GetBytes(key), entry, block, ct);

    /// <summary>Makes up for the requests that the copy held before it listed them.</summary>
    public static async Task FillAsync(DbTransaction transaction, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        if (await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT count(*) FROM (SELECT 1 FROM channel_decision LIMIT 1) AS found", transaction: transaction, cancellationToken: ct)) > 0)
            return;
        var (from, to) = Replica.RangeOf(LedgerKind.Access, []);
        List<Kept> rows;
        do
        {
            rows = (await connection.QueryAsync<Kept>(new CommandDefinition(
                "SELECT key, value, block FROM replica WHERE key > @from AND key < @to ORDER BY key LIMIT @limit",
                new { from, to, limit = FilledAtOnce }, transaction, cancellationToken: ct))).AsList();
            foreach (var row in rows)
            {
                // What is not readable was noted as an incident when its block came.
                if (AccessProjection.Read(row.Value, LedgerJson.Default.AccessEntry) is { } entry && LedgerKey.Access(entry.Ref) == Encoding.UTF8.GetString(row.Key))
                    await AddAsync(transaction, row.Key, entry, row.Block, ct);
                from = row.Key;
            }
        }
        while (rows.Count == FilledAtOnce);
    }

    /// <summary>A page, newest first.</summary>
    /// <param name="filter">What to list.</param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most decisions to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<ChannelDecisionPage> ListAsync(DecisionFilter filter, string? cursor, int limit, CancellationToken ct)
    {
        var (lastAt, lastSeq) = PageCursor.Parse(cursor, 2) is [var at, var seq] ? (PageCursor.Number(at), PageCursor.Number(seq)) : (long.MaxValue, long.MaxValue);
        var sql = new StringBuilder("""
            SELECT d.seq AS Seq, d.block AS Block, d.requested_at AS RequestedAt, d.outcome AS Outcome, r.transaction_id AS TransactionId, r.value AS Value
            FROM channel_decision d JOIN replica r ON r.key = d.key WHERE (d.requested_at, d.seq) < (@lastAt, @lastSeq)
            """);
        if (filter.Requester is not null)
            sql.Append(" AND d.requester = @requester");
        if (filter.Outcome is not null)
            sql.Append(" AND d.outcome = @outcome");
        if (filter.Emergency is { } emergency)
            sql.Append(CultureInfo.InvariantCulture, $" AND d.emergency = {(emergency ? 1 : 0)}"); // in the text: its index is a partial one
        if (filter.From is not null)
            sql.Append(" AND d.requested_at >= @from");
        if (filter.To is not null)
            sql.Append(" AND d.requested_at < @to");
        sql.Append(" ORDER BY d.requested_at DESC, d.seq DESC LIMIT @most");
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(sql.ToString(), new
        {
            lastAt, lastSeq, requester = filter.Requester, outcome = filter.Outcome is { } outcome ? NameOf(outcome) : null,
            from = filter.From?.ToUnixTimeMilliseconds(), to = filter.To?.ToUnixTimeMilliseconds(), most = limit + 1,
        }, cancellationToken: ct))).AsList();
        return new ChannelDecisionPage(
            [.. rows.Take(limit).Select(DecisionOf)],
            rows.Count > limit ? PageCursor.Of(PageCursor.Number(rows[limit - 1].RequestedAt), PageCursor.Number(rows[limit - 1].Seq)) : null);
    }

    private static ChannelDecision DecisionOf(Row row)
    {
        var entry = JsonSerializer.Deserialize(row.Value, LedgerJson.Default.AccessEntry)!; // it was read before it was listed
        var (request, decisions) = (entry.Request, entry.Decisions);
        return new ChannelDecision(request.AccessId, entry.RequestedAt, entry.Requester, request.Role, request.Staff, request.PatientId, request.Purpose,
            request.EmergencyId, Enum.Parse<DecisionOutcome>(row.Outcome, ignoreCase: true), row.Block, row.TransactionId,
            [.. decisions.Select(one => new AccessLogDecision(one.Record.RecordId, one.Record.Custodian, one.Permitted, one.Reason, one.StatementId, one.NotAfter))]);
    }

    private static Task<int> AddAsync(DbTransaction transaction, byte[] key, AccessEntry entry, long block, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO channel_decision (key, block, requested_at, requester, outcome, emergency)
            VALUES (@key, @block, @at, @Requester, @outcome, @emergency)
            ON CONFLICT (key) DO UPDATE SET block = excluded.block, requested_at = excluded.requested_at, outcome = excluded.outcome,
                emergency = excluded.emergency
            """, new
        {
            key, block, at = entry.RequestedAt.ToUnixTimeMilliseconds(), entry.Requester, outcome = NameOf(OutcomeOf(entry.Decisions)),
            emergency = entry.Request.EmergencyId is null ? 0 : 1,
        }, transaction, cancellationToken: ct));

    private static DecisionOutcome OutcomeOf(IReadOnlyList<AccessDecision> decisions) => decisions.Count(decision => decision.Permitted) switch
    {
        0 => DecisionOutcome.Denied,
        var permitted => permitted == decisions.Count ? DecisionOutcome.Permitted : DecisionOutcome.Partly,
    };

    private static string NameOf(DecisionOutcome outcome) => outcome.ToString().ToLowerInvariant();

    private sealed record Kept(byte[] Key, byte[] Value, long Block);

    private sealed record Row(long Seq, long Block, long RequestedAt, string Outcome, string TransactionId, byte[] Value);
}
