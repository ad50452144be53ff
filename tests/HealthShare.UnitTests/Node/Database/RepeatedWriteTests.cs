using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Database;

/// <summary>What is prepared once says at each use what it is given then, and nothing of before.</summary>
public sealed class RepeatedWriteTests
{
    private const string Insert = "INSERT INTO repeated (id, word, bytes) VALUES (@id, @word, @bytes)";

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Each_use_writes_its_own_values_null_among_them_and_a_failed_one_leaves_nothing_behind(DatabaseProvider provider)
    {
        await using var test = await TestDatabase.CreateAsync(provider);
        var bytes = provider is DatabaseProvider.Sqlite ? "BLOB" : "BYTEA";
        await test.Instance.WriteAsync(t => t.Connection!.ExecuteAsync($"CREATE TABLE repeated (id BIGINT PRIMARY KEY, word TEXT, bytes {bytes})"), default);
        Assert.Equal(1, await WriteAsync(1, "one", [1, 2]));
        Assert.Equal(1, await WriteAsync(2, null, null));
        await Assert.ThrowsAnyAsync<DbException>(() => WriteAsync(2, "again", [3]));
        // Together, so that each has its savepoint: those that fail are undone alone.
        var group = Enumerable.Range(3, 40).Select(id => WriteAsync(id % 4 == 0 ? 1 : id, $"{id}", [(byte)id])).ToList();
        await Task.WhenAll(group).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.All(group.Select((write, i) => (write, id: i + 3)), entry => Assert.Equal(entry.id % 4 == 0, entry.write.IsFaulted));

        await using var connection = await test.Instance.OpenAsync(default);
        var rows = (await connection.QueryAsync<(long Id, string? Word, byte[]? Bytes)>("SELECT id, word, bytes FROM repeated ORDER BY id")).ToList();
        Assert.Equal(2 + 30, rows.Count);
        Assert.Equal((1, "one"), (rows[0].Id, rows[0].Word));
        Assert.Equal((2, null, null), rows[1]);
        Assert.All(rows.Skip(2), row => Assert.Equal(($"{row.Id}", (byte)row.Id), (row.Word, row.Bytes![0])));

        Task<int> WriteAsync(long id, string? word, byte[]? value) => test.Instance.WriteAsync(
            transaction => transaction.WriteAsync(Insert, [("id", id), ("word", word), ("bytes", value)], default), default);
    }
}
