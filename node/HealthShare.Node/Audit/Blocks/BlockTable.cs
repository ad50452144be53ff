using Dapper;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Database;
using HealthShare.Node.Problems;

namespace HealthShare.Node.Audit.Blocks;

/// <summary>Reads the blocks' headers that the receipts' index keeps.</summary>
internal sealed class BlockTable(IDatabase database)
{
    /// <summary>A page, newest first.</summary>
    /// <param name="newest">Number of the block that the first page begins with at the latest; null for the newest of all.</param>
    /// <param name="cursor">Where the page begins, as an earlier one gave it; null for the first.</param>
    /// <param name="limit">Most blocks to return.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="ApiProblemException"><c>request.invalid</c>: the cursor is not one.</exception>
    public async Task<BlockPage> ListAsync(long? newest, string? cursor, int limit, CancellationToken ct)
    {
        var last = PageCursor.Parse(cursor, 1) is [var before] ? PageCursor.Number(before) - 1 : newest ?? long.MaxValue;
        await using var connection = await database.OpenAsync(ct);
        var headers = (await connection.QueryAsync<Header>(new CommandDefinition("""
            SELECT number AS Number, newest_at AS NewestAt, header_hash AS HeaderHash, previous_hash AS PreviousHash, data_hash AS DataHash
            FROM block_header WHERE number <= @last ORDER BY number DESC LIMIT @limit
            """, new { last, limit = limit + 1 }, cancellationToken: ct))).AsList();
        var page = headers.Take(limit).ToList();
        if (page.Count == 0)
            return new BlockPage([], null);
        var codes = (await connection.QueryAsync<(long Block, long Code)>(new CommandDefinition(
            "SELECT block, code FROM block_transaction WHERE block BETWEEN @lowest AND @highest",
            new { lowest = page[^1].Number, highest = page[0].Number }, cancellationToken: ct))).ToLookup(row => row.Block, row => row.Code);
        return new BlockPage(
            [
                .. page.Select(header => new BlockEntry(header.Number,
                    header.NewestAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, codes[header.Number].Count(),
                    codes[header.Number].Count(code => code == (long)TxValidationCode.Valid), Convert.ToHexStringLower(header.HeaderHash),
                    Convert.ToHexStringLower(header.PreviousHash), Convert.ToHexStringLower(header.DataHash))),
            ],
            headers.Count > limit ? PageCursor.Of(PageCursor.Number(page[^1].Number)) : null);
    }

    private sealed record Header(long Number, long? NewestAt, byte[] HeaderHash, byte[] PreviousHash, byte[] DataHash);
}
