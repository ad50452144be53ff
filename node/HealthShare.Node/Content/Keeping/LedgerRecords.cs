using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Keeping;

/// <summary>
/// The records that this member promised to keep: those that the copy of the channel holds and whose custodian it is, save those of
/// patients who erased, of which only what the hospital must retain is kept.
/// </summary>
internal sealed class LedgerRecords(IDatabase database, ILedger ledger)
{
    // Most keys read for one page, so that a page of few own records among many of other members is bounded, too.
    private const int KeysAtOnce = 1000;

    /// <summary>The next records behind a key.</summary>
    /// <param name="after">Key of the record looked at last; null begins at the first.</param>
    /// <param name="limit">Most records returned.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<RecordPage> PageAsync(byte[]? after, int limit, CancellationToken ct)
    {
        var (from, to) = Replica.RangeOf(LedgerKind.Record, []);
        await using var connection = await database.OpenAsync(ct);
        var rows = (await connection.QueryAsync<(byte[] Key, byte[] Value)>(new CommandDefinition("""
            SELECT key AS Key, value AS Value FROM replica WHERE key > @from AND key < @to ORDER BY key LIMIT @most
            """, new { from = after ?? from, to, most = KeysAtOnce }, cancellationToken: ct))).AsList();
        var (records, unreadable, last) = (new List<KeptContent>(), new List<string>(), after);
        foreach (var (key, value) in rows)
        {
            if (records.Count == limit)
                return new(records, unreadable, last, false);
            last = key;
            if (!LedgerKey.TryParse(Encoding.UTF8.GetString(key), out _, out var parts) || parts[1] != ledger.MspId
                || await IsErasedAsync(connection, parts, ct))
                continue;
            if (Read(key, value) is { } record)
                records.Add(record);
            else
                unreadable.Add(parts[2]);
        }
        return new(records, unreadable, last, rows.Count < KeysAtOnce);
    }

    /// <summary>Takes out of a set what a record of any member refers to.</summary>
    /// <returns>False when an entry cannot be read, which may refer to anything.</returns>
    public async Task<bool> RemoveReferredAsync(HashSet<Cid> contents, CancellationToken ct)
    {
        var (from, to) = Replica.RangeOf(LedgerKind.Record, []);
        await using var connection = await database.OpenAsync(ct);
        var readable = true;
        var erased = (await connection.QueryAsync<string>(new CommandDefinition("SELECT patient_id FROM erasure_task", cancellationToken: ct)))
            .ToHashSet(StringComparer.Ordinal);
        await foreach (var (key, value) in connection.QueryUnbufferedAsync<(byte[] Key, byte[] Value)>(
            "SELECT key AS Key, value AS Value FROM replica WHERE key >= @from AND key < @to", new { from, to }).WithCancellation(ct))
        {
            // Whose key is still here is found before by the key's own entry.
            if (erased.Count > 0 && LedgerKey.TryParse(Encoding.UTF8.GetString(key), out _, out var parts) && erased.Contains(parts[0]))
                continue;
            if (Read(key, value) is { } record)
                contents.Remove(record.Cid);
            else
                readable = false;
        }
        return readable;
    }

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(CancellationToken ct)
    {
        var (from, to) = Replica.RangeOf(LedgerKind.Record, []);
        await using var connection = await database.OpenAsync(ct);
        var own = 0L;
        await using var other = await database.OpenAsync(ct);
        await foreach (var key in connection.QueryUnbufferedAsync<byte[]>(
            "SELECT key FROM replica WHERE key >= @from AND key < @to", new { from, to }).WithCancellation(ct))
        {
            if (LedgerKey.TryParse(Encoding.UTF8.GetString(key), out _, out var parts) && parts[1] == ledger.MspId
                && !await IsErasedAsync(other, parts, ct))
                own++;
        }
        return own;
    }

    /// <summary>False once a record was withdrawn or erased: then nothing of it may be kept any longer.</summary>
    public async Task<bool> StandsAsync(byte[] key, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return LedgerKey.TryParse(Encoding.UTF8.GetString(key), out _, out var parts) && !await IsErasedAsync(connection, parts, ct)
            && await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                "SELECT count(*) FROM replica WHERE key = @key", new { key }, cancellationToken: ct)) > 0;
    }

    // Retained is what still has its key: the keys go first.
    private static async Task<bool> IsErasedAsync(System.Data.Common.DbConnection connection, IReadOnlyList<string> parts, CancellationToken ct) =>
        await connection.ExecuteScalarAsync<long>(new CommandDefinition("""
            SELECT count(*) FROM erasure_task WHERE patient_id = @patientId
                AND NOT EXISTS (SELECT 1 FROM sealed_record WHERE record_id = @recordId)
            """, new { patientId = parts[0], recordId = parts[2] }, cancellationToken: ct)) > 0;

    private static KeptContent? Read(byte[] key, byte[] value)
    {
        try
        {
            return JsonSerializer.Deserialize(value, LedgerJson.Default.RecordEntry) is { Record: { } record } && Cid.TryParse(record.Cid, out var cid)
                ? new(cid, record.Size, record.RecordId, key)
                : null;
        }
        catch (JsonException)
        {
            return null; // the caller reports it
        }
    }
}

/// <summary>Some of this member's records.</summary>
/// <param name="Records">The records, in the order of their keys.</param>
/// <param name="Unreadable">Ids of records whose entry cannot be read.</param>
/// <param name="Last">Behind which key to go on.</param>
/// <param name="IsLast">True when no more follow.</param>
internal sealed record RecordPage(IReadOnlyList<KeptContent> Records, IReadOnlyList<string> Unreadable, byte[]? Last, bool IsLast);
