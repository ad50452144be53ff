using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Access.Releases;

/// <summary>
/// Purges envelopes that were delivered and that nobody may fetch any more from this member's private collection. Whether somebody did
/// fetch one, no custodian knows.
/// </summary>
internal sealed partial class EnvelopePurge(
    IDatabase database, Replica replica, LedgerService ledger, IReadModel readModel, IOptions<ReleasesOptions> options, TimeProvider clock,
    ILogger<EnvelopePurge> logger) : TaskWorker(readModel, clock, logger)
{
    private const int AtOnce = 100; // what one transaction takes
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(10);
    private readonly TimeProvider clock = clock;

    /// <inheritdoc/>
    public override async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (due, over, put) = (await DueAsync(now, ct), new List<DeliverKeys>(), new List<(string ReleaseId, DateTimeOffset? At)>());
        foreach (var (patientId, requester, accessId, releaseId) in due)
        {
            var access = new AccessRef(patientId, requester, accessId);
            var entry = await replica.GetAsync(LedgerKey.Release(access, ledger.MspId, releaseId), LedgerJson.Default.ReleaseEntry, ct);
            if (entry is null)
                put.Add((releaseId, null)); // sealed and never released, so it never left this node
            else if (entry.NotAfter + options.Value.EnvelopesKeptFor is var end && end > now)
                put.Add((releaseId, end));
            else
                over.Add(new DeliverKeys(access, releaseId));
        }
        if (over.Count > 0)
        {
            var left = (await PurgeAsync(over, ct)).ToHashSet();
            put.AddRange(over.Select(release => (release.ReleaseId, left.Contains(release) ? now + AfterFailure : (DateTimeOffset?)null)));
        }
        if (put.Count > 0)
            await PutAsync(put, ct);
        return due.Count == AtOnce;
    }

    /// <inheritdoc/>
    protected override async Task<DateTimeOffset?> NextDueAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            $"SELECT min(purge_at) FROM release_task WHERE {Given}", cancellationToken: ct)) is { } next
            ? DateTimeOffset.FromUnixTimeMilliseconds(next)
            : null;
    }

    // A release that was withdrawn may have been delivered by a node that stopped before it could note it.
    private const string Given = "state IN ('delivered', 'refused') AND release IS NOT NULL AND purge_at IS NOT NULL";

    private async Task<IReadOnlyList<(string PatientId, string Requester, string AccessId, string ReleaseId)>> DueAsync(DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<(string, string, string, string)>(new CommandDefinition($"""
            SELECT patient_id, requester, access_id, release_id FROM release_task WHERE {Given} AND purge_at <= @now ORDER BY purge_at LIMIT @limit
            """, new { now = now.ToUnixTimeMilliseconds(), limit = AtOnce }, cancellationToken: ct))];
    }

    // Returns those that stay.
    private async Task<IReadOnlyList<DeliverKeys>> PurgeAsync(List<DeliverKeys> releases, CancellationToken ct)
    {
        try
        {
            var commit = await ledger.SubmitAsync(new LedgerCall(LedgerTransactions.PurgeExpired,
                JsonSerializer.SerializeToUtf8Bytes(new PurgeExpired(releases), LedgerJson.Default.PurgeExpired))
            {
                Organizations = [ledger.MspId],
            }, ct);
            LogPurged(Log, releases.Count, commit.Block);
            return [];
        }
        // One that the contract refuses holds the others back no longer; what is refused to the caller is refused for each of them.
        catch (LedgerException e) when (releases.Count > 1 && e.ChaincodeStatus is not null && !e.Code.StartsWith("caller.", StringComparison.Ordinal))
        {
            var left = new List<DeliverKeys>();
            foreach (var release in releases)
                left.AddRange(await PurgeAsync([release], ct));
            return left;
        }
        catch (LedgerException e)
        {
            LogLater(Log, releases.Count, e.Code);
            return releases;
        }
    }

    private Task PutAsync(List<(string ReleaseId, DateTimeOffset? At)> releases, CancellationToken ct) => database.WriteAsync(async transaction =>
    {
        foreach (var (releaseId, at) in releases)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("UPDATE release_task SET purge_at = @at WHERE release_id = @releaseId",
                new { releaseId, at = at?.ToUnixTimeMilliseconds() }, transaction, cancellationToken: ct));
        }
    }, ct);

    [LoggerMessage(3761, LogLevel.Information, "{Count} envelopes whose time is over are purged, in block {Block}.")]
    private static partial void LogPurged(ILogger logger, int count, ulong block);

    [LoggerMessage(3762, LogLevel.Warning, "{Count} envelopes whose time is over are purged later: {Code}.")]
    private static partial void LogLater(ILogger logger, int count, string code);
}
