using System.Buffers.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Log;
using HealthShare.Node.Auth;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Parts;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Vault;
using HealthShare.Vault.Content;
using HealthShare.Vault.Records;

namespace HealthShare.Node.Access.Requests;

/// <summary>How a reading came out: what was read, or that its key is on its way.</summary>
/// <param name="Content">What was read; null while the key is on its way.</param>
/// <param name="Height">Number of blocks that it was permitted by.</param>
/// <param name="IsLocal">True for an own record.</param>
internal sealed record RecordReading<T>(T? Content, ulong Height = 0, bool IsLocal = false)
    where T : class;

/// <summary>Gives a permitted record to whoever asked for it, after it is written down who that is.</summary>
internal sealed partial class RecordAccess(
    AccessRequestTable table, StandingRecords standing, RecordReader reader, AccessEvents events, IReadModel readModel, ILedger ledger,
    TimeProvider clock, ILogger<RecordAccess> logger)
{
    private static readonly ApiProblem Stale = new(StatusCodes.Status503ServiceUnavailable, "ledger.copy_too_old",
        "This node has lost touch with the channel; only its own hospital's records are served, for treatment.");

    private static readonly ApiProblem ContentAway = new(StatusCodes.Status503ServiceUnavailable, "content.not_here_yet",
        "The record's content cannot be fetched now; try again shortly.");

    private static readonly ApiProblem ContentBroken = new(StatusCodes.Status502BadGateway, "content.not_authentic",
        "The record's content is not what its hospital registered.");

    /// <summary>Reads one record of a request, or something of it.</summary>
    /// <param name="id">The request.</param>
    /// <param name="recordId">The record.</param>
    /// <param name="custodian">MSP id of its custodian; null for whoever has it, own records first.</param>
    /// <param name="caller">Who reads.</param>
    /// <param name="take">Takes what is to be read; null where the record has no such thing.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <returns>Null when there is nothing that the caller may see.</returns>
    /// <exception cref="ApiProblemException">It may be read but cannot be at this moment.</exception>
    public async Task<RecordReading<T>?> ReadAsync<T>(
        string id, string recordId, string? custodian, Caller caller, Func<OpenedRecord, CancellationToken, Task<T?>> take, CancellationToken ct)
        where T : class
    {
        if (await table.FindAsync(id, caller, ct) is null)
            return null;
        var height = readModel.Height; // before the question: a block that comes meanwhile is looked at again
        var found = await FindAsync(id, recordId, custodian, ct);
        if (!MayServe(found))
            throw new ApiProblemException(Stale);
        if (found is null)
            return null;
        var (taken, content) = await TakeAsync(found, take, ct);
        if (taken is null)
            return new RecordReading<T>(null);
        if (content is null)
            return null;
        await events.ReadAsync(found, ledger.MspId, clock.GetUtcNow(), ct); // durable before the first byte leaves
        LogRead(recordId, found.AccessId, taken.Value);
        return new RecordReading<T>(content, height, found.IsLocal);
    }

    /// <summary>Whether a record of a request may be read at this moment, as before the first byte of it.</summary>
    public async Task<bool> StandsAsync(string id, string recordId, string? custodian, CancellationToken ct) =>
        await FindAsync(id, recordId, custodian, ct) is { } found && MayServe(found);

    // One whose key will not come is in the list with the reason, and not here.
    private async Task<StandingRecord?> FindAsync(string id, string recordId, string? custodian, CancellationToken ct) =>
        (await standing.ListAsync(await table.PartsAsync(id, ct), ct)).FirstOrDefault(record => record.Failure is null &&
            record.Record.Record.RecordId == recordId && (custodian is null || record.Record.Custodian == custodian));

    // An old copy does not know the latest revocations. The same for any record, so that it tells nothing.
    private bool MayServe(StandingRecord? found) => readModel.IsFresh || found is { IsLocal: true, Request.Purpose: AccessPolicies.Treatment };

    // How many bytes were read, and what was made of them; no number where there is no key yet.
    private async Task<(long? Taken, T? Content)> TakeAsync<T>(
        StandingRecord found, Func<OpenedRecord, CancellationToken, Task<T?>> take, CancellationToken ct)
        where T : class
    {
        var record = found.Record.Record;
        try
        {
            var location = LocationOf(record) with { Parts = [.. found.Parts.Select(part => LocationOf(part.Record))] };
            using var opened = found.IsLocal
                ? await reader.OpenOwnAsync(location, ct) ?? throw new VaultException("record.no_key", "An own record has no key here.")
                : await reader.OpenReceivedAsync(found.AccessId, location, ct);
            if (opened is null)
                return (null, null);
            var content = await take(opened, ct);
            return (opened.Taken, content);
        }
        catch (ContentNotFoundException)
        {
            LogAway(record.RecordId);
            throw new ApiProblemException(ContentAway);
        }
        catch (Exception e) when (e is VaultException or ContentCorruptException or FormatException)
        {
            LogBroken(record.RecordId, (e as VaultException)?.Code ?? e.GetType().Name);
            throw new ApiProblemException(ContentBroken);
        }
    }

    private RecordLocation LocationOf(NewRecord record) => new(
        new RecordContext(ledger.Channel, record.RecordId), Cid.Parse(record.Cid), record.Size, Base64Url.DecodeFromChars(record.KeyCommitment));

    [LoggerMessage(3701, LogLevel.Information, "Record {RecordId} of access {AccessId} is given out, {Size} bytes.")]
    private partial void LogRead(string recordId, string accessId, long size);

    [LoggerMessage(3702, LogLevel.Warning, "The content of record {RecordId} is not in the store.")]
    private partial void LogAway(string recordId);

    [LoggerMessage(3703, LogLevel.Error, "Record {RecordId} does not open: {Code}.")]
    private partial void LogBroken(string recordId, string code);
}
