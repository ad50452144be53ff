using System.Data.Common;
using Dapper;
using HealthShare.Node.Database;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Data.Sqlite;

namespace HealthShare.UnitTests.Node.Database;

/// <summary>Writes that wait for the embedded database at the same time.</summary>
public sealed class GroupCommitTests : IAsyncLifetime
{
    private readonly TaskCompletionSource busy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestDatabase test = null!;

    [Fact]
    public async Task Writes_that_wait_together_share_a_transaction_and_one_that_fails_is_undone_alone()
    {
        var first = await OccupyAsync();
        var transactions = new List<DbTransaction>();
        var one = WriteAsync("one");
        var refused = test.Instance.WriteAsync(async transaction =>
        {
            await AddAsync(transaction, "refused");
            throw new InvalidOperationException("no");
        }, default);
        var two = WriteAsync("two");
        busy.SetResult();

        await Task.WhenAll(first, one, two);
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => refused)).Message);
        await test.ReopenAsync();
        Assert.Equal(["first", "one", "two"], await NamesAsync());
        Assert.Same(transactions[0], transactions[1]);

        Task WriteAsync(string name) => test.Instance.WriteAsync(transaction =>
        {
            transactions.Add(transaction);
            return AddAsync(transaction, name);
        }, default);
    }

    [Fact]
    public async Task A_commit_that_fails_is_told_to_all_of_its_writers_and_leaves_the_next_ones_alone()
    {
        var first = await OccupyAsync();
        var innocent = test.Instance.WriteAsync(transaction => AddAsync(transaction, "innocent"), default);
        var guilty = test.Instance.WriteAsync(async transaction =>
        {
            // Found out by the commit itself, as a full disk may be.
            await transaction.Connection!.ExecuteAsync("PRAGMA defer_foreign_keys = ON; INSERT INTO owner (pet) VALUES (4711)", transaction: transaction);
        }, default);
        busy.SetResult();

        await first;
        await Assert.ThrowsAsync<SqliteException>(() => innocent);
        await Assert.ThrowsAsync<SqliteException>(() => guilty);
        await test.Instance.WriteAsync(transaction => AddAsync(transaction, "next"), default);
        Assert.Equal(["first", "next"], await NamesAsync());
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_is_never_begun()
    {
        var first = await OccupyAsync();
        using var impatient = new CancellationTokenSource();
        var cancelled = test.Instance.WriteAsync(transaction => AddAsync(transaction, "cancelled"), impatient.Token);
        var next = test.Instance.WriteAsync(transaction => AddAsync(transaction, "next"), default);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled); // while the first still holds the line
        busy.SetResult();
        await Task.WhenAll(first, next);
        Assert.Equal(["first", "next"], await NamesAsync());
    }

    [Fact]
    public async Task What_is_under_way_when_the_database_is_let_go_of_ends_first()
    {
        var first = await OccupyAsync();
        var closing = Task.Run(((IDisposable)test.Instance).Dispose);
        Assert.NotSame(closing, await Task.WhenAny(closing, Task.Delay(200)));
        busy.SetResult();
        await closing;
        await first;
        await test.ReopenAsync();
        Assert.Equal(["first"], await NamesAsync());
    }

    [Fact]
    public async Task A_write_runs_in_the_context_of_its_caller()
    {
        var first = await OccupyAsync();
        var whose = new AsyncLocal<string>();
        var seen = new List<string?>();
        var writes = new List<Task> { first };
        foreach (var name in new[] { "a", "b" })
        {
            whose.Value = name;
            writes.Add(test.Instance.WriteAsync(_ => { seen.Add(whose.Value); return Task.CompletedTask; }, default));
        }
        busy.SetResult();
        await Task.WhenAll(writes);
        Assert.Equal(["a", "b"], seen);
    }

    public async Task InitializeAsync()
    {
        test = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite, migrate: false);
        await test.Instance.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(
            "CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE TABLE owner (pet INTEGER REFERENCES pet (id))", transaction: transaction), default);
    }

    public async Task DisposeAsync() => await test.DisposeAsync();

    // Returns once the write has begun: whatever comes now waits for it.
    private async Task<Task> OccupyAsync()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = test.Instance.WriteAsync(async transaction =>
        {
            begun.SetResult();
            await busy.Task;
            await AddAsync(transaction, "first");
        }, default);
        await begun.Task;
        return first;
    }

    private static Task<int> AddAsync(DbTransaction transaction, string name) =>
        transaction.Connection!.ExecuteAsync("INSERT INTO pet (name) VALUES (@name)", new { name }, transaction);

    private async Task<IEnumerable<string>> NamesAsync()
    {
        await using var connection = await test.Instance.OpenAsync(default);
        return await connection.QueryAsync<string>("SELECT name FROM pet ORDER BY id");
    }
}
