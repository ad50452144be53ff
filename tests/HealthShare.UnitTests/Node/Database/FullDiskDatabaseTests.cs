using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Database;

/// <summary>The embedded database on a disk without a byte left.</summary>
public sealed class FullDiskDatabaseTests
{
    [SmallDiskFact]
    public async Task Every_writer_hears_that_the_disk_is_full_and_the_next_ones_are_served_when_there_is_room()
    {
        using var disk = new SmallDisk(16 * 1024 * 1024);
        using var database = new SqliteDatabase($"Data Source={Path.Combine(disk.Path, "node.db")}");
        await database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync("CREATE TABLE page (content BLOB)", transaction: transaction), default);
        var kept = await WriteAsync(database, 20);
        Assert.Equal(20, kept);
        disk.Fill();
        for (var i = 0; i < 3; i++)
            kept += await WriteAsync(database, 20).WaitAsync(TimeSpan.FromMinutes(2)); // not for ever
        Assert.InRange(kept, 20, 40);
        disk.Free();
        kept += await WriteAsync(database, 20);
        await using var connection = await database.OpenAsync(default);
        Assert.Equal(kept, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM page"));
        Assert.Equal("ok", await connection.ExecuteScalarAsync<string>("PRAGMA integrity_check"));
    }

    // How many of them were told that they are done; the others heard why not.
    private static async Task<int> WriteAsync(SqliteDatabase database, int writers)
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await database.WriteAsync(
                    transaction => transaction.Connection!.ExecuteAsync("INSERT INTO page (content) VALUES (@content)", new { content = new byte[30_000] }, transaction), default);
            }
            catch (DbException)
            {
                return 0;
            }
        })));
        return outcomes.Sum();
    }
}
