using Dapper;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Database;

/// <summary>What a transaction does last, on every database at hand.</summary>
public sealed class TransactionEndTests
{
    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task What_is_put_off_comes_after_all_else_and_counts_with_it(DatabaseProvider provider)
    {
        await using var test = await CreateAsync(provider);
        await test.Instance.WriteAsync(async transaction =>
        {
            TransactionEnd.Add(transaction, ct => InsertAsync(transaction, "last", ct));
            TransactionEnd.Add(transaction, ct => InsertAsync(transaction, "very last", ct));
            await InsertAsync(transaction, "first", default);
        }, default);
        Assert.Equal(["first", "last", "very last"], await WordsAsync(test));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Work_that_fails_leaves_nothing_of_it_to_the_work_beside_it(DatabaseProvider provider)
    {
        await using var test = await CreateAsync(provider);
        var writes = Enumerable.Range(0, 20).Select(number => test.Instance.WriteAsync(async transaction =>
        {
            TransactionEnd.Add(transaction, ct => InsertAsync(transaction, $"{number}", ct));
            await Task.Yield();
            if (number % 2 == 1)
                throw new InvalidOperationException("Odd.");
        }, default)).ToList(); // on SQLite they share transactions
        foreach (var (write, number) in writes.Select((write, number) => (write, number)))
        {
            if (number % 2 == 0)
                await write;
            else
                await Assert.ThrowsAsync<InvalidOperationException>(() => write);
        }
        Assert.Equal(Enumerable.Range(0, 10).Select(number => $"{2 * number}").Order(StringComparer.Ordinal), (await WordsAsync(test)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Where_what_is_put_off_fails_the_rest_does_not_count(DatabaseProvider provider)
    {
        await using var test = await CreateAsync(provider);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Instance.WriteAsync(async transaction =>
        {
            TransactionEnd.Add(transaction, _ => throw new InvalidOperationException("In vain."));
            await InsertAsync(transaction, "first", default);
        }, default));
        Assert.Empty(await WordsAsync(test));
    }

    [PostgresFact]
    public async Task Writers_that_wait_for_each_other_both_get_through()
    {
        await using var test = await CreateAsync(DatabaseProvider.Postgresql);
        await test.Instance.WriteAsync(async transaction =>
        {
            await InsertAsync(transaction, "a", default);
            await InsertAsync(transaction, "b", default);
        }, default);
        using var both = new Barrier(2);
        await Task.WhenAll(SwapAsync("a", "b"), SwapAsync("b", "a"));
        await using var connection = await test.Instance.OpenAsync(default);
        Assert.Equal([2L, 2L], await connection.QueryAsync<long>("SELECT times FROM word"));

        Task SwapAsync(string one, string other)
        {
            var isFirst = true;
            return Task.Run(() => test.Instance.WriteAsync(async transaction =>
            {
                await transaction.Connection!.ExecuteAsync("UPDATE word SET times = times + 1 WHERE text = @one", new { one }, transaction);
                if (isFirst)
                    Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(60)));
                isFirst = false;
                await transaction.Connection!.ExecuteAsync("UPDATE word SET times = times + 1 WHERE text = @other", new { other }, transaction);
            }, default));
        }
    }

    private static async Task<TestDatabase> CreateAsync(DatabaseProvider provider)
    {
        var test = await TestDatabase.CreateAsync(provider, migrate: false);
        await test.Instance.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
            "CREATE TABLE word (text TEXT NOT NULL, number BIGINT NOT NULL, times BIGINT NOT NULL)", transaction: transaction), default);
        return test;
    }

    private static Task<int> InsertAsync(System.Data.Common.DbTransaction transaction, string text, CancellationToken ct) => transaction.Connection!.ExecuteAsync(
        new CommandDefinition("INSERT INTO word (text, number, times) SELECT @text, count(*), 0 FROM word", new { text }, transaction, cancellationToken: ct));

    private static async Task<IEnumerable<string>> WordsAsync(TestDatabase test)
    {
        await using var connection = await test.Instance.OpenAsync(default);
        return await connection.QueryAsync<string>("SELECT text FROM word ORDER BY number");
    }
}
