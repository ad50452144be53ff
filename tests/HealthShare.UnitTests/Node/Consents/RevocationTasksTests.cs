using System.Data.Common;
using Dapper;
using HealthShare.Node.Consents;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.Node.Incidents;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>The lists of what is on its way to the channel, and of what is not yet with two members.</summary>
public sealed class RevocationTasksTests
{
    private const string Revoke = "Consents:Revoke";
    private static readonly byte[] Argument = [1, 2, 3];

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task The_same_bytes_twice_are_forgotten_only_when_nobody_lives_by_them(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var tasks = Tasks(database.Instance);

        // A's page is closed and its call goes on; B is told that it failed.
        var (id, isKept) = await tasks.BeginAsync(Revoke, Argument);
        Assert.True(isKept);
        Assert.Equal((id, true), await tasks.BeginAsync(Revoke, Argument));
        await tasks.ToldAsync(id);
        Assert.Equal((1, 1), (tasks.Busy, await CountAsync(database)));
        await tasks.LeaveAsync(id, default);
        Assert.Equal((0, 1), (tasks.Busy, await CountAsync(database)));

        // A is over before B comes.
        await tasks.BeginAsync(Revoke, Argument);
        await tasks.ToldAsync(id);
        Assert.Equal((0, 1), (tasks.Busy, await CountAsync(database)));

        // On the channel: there is nothing left to do for anybody.
        await tasks.BeginAsync(Revoke, Argument);
        await tasks.EndAsync(id);
        Assert.Equal((0, 0), (tasks.Busy, await CountAsync(database)));

        // Two callers who were both told.
        await tasks.BeginAsync(Revoke, Argument);
        await tasks.BeginAsync(Revoke, Argument);
        await tasks.ToldAsync(id);
        await tasks.ToldAsync(id);
        Assert.Equal((0, 0), (tasks.Busy, await CountAsync(database)));
    }

    [Fact]
    public async Task A_database_that_hangs_is_not_waited_for_and_leaves_nobody_busy()
    {
        var hanging = Substitute.For<IDatabase>();
        hanging.WriteAsync(Arg.Any<Func<DbTransaction, Task<object?>>>(), Arg.Any<CancellationToken>()).Returns(new TaskCompletionSource<object?>().Task);
        var tasks = Tasks(hanging);
        tasks.Patience = TimeSpan.FromMilliseconds(1);
        var (id, isKept) = await tasks.BeginAsync(Revoke, Argument);
        Assert.False(isKept);
        Assert.Equal(1, tasks.Busy);
        await tasks.GiveUpAsync(id, Revoke, null, "ledger.timeout");
        Assert.Equal(0, tasks.Busy);
    }

    [Fact]
    public async Task What_is_not_with_two_members_after_a_day_is_told_as_unknown_and_followed_no_longer()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Sqlite);
        var clock = new ManualClock();
        var followed = new FollowedRevocations(database.Instance, clock);
        using var progress = new RevocationProgress(
            followed, new LedgerService(new FakeLedger()), Substitute.For<IReadModel>(), clock, NullLogger<RevocationProgress>.Instance);
        var statement = new Statement("health", "st-1", "pt-1", new StatementSigner("cr-1"), clock.Now, new RevokeBody("st-0"));
        await progress.TellAsync(statement, "tx", ["NorthMSP"], isDone: false);
        await progress.RunOnceAsync(default);
        Assert.Equal(["waiting"], await KindsAsync(database));
        clock.Now += RevocationProgress.Longest + TimeSpan.FromMinutes(1);
        await progress.RunOnceAsync(default);
        Assert.Equal(["waiting", "unknown"], await KindsAsync(database));
        await progress.RunOnceAsync(default);
        Assert.Equal(["waiting", "unknown"], await KindsAsync(database));
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task What_there_is_no_room_to_follow_is_told_as_unknown(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var clock = new ManualClock();
        var followed = new FollowedRevocations(database.Instance, clock);
        await database.Instance.WriteAsync(transaction => transaction.Connection!.ExecuteAsync("""
            WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < @most)
            INSERT INTO revocation_followed (transaction_id, patient_id, statement_id, since, attempts, next_at) SELECT 'other-' || i, 'pt-2', 'st-2', 0, 0, 0 FROM n
            """, new { most = FollowedRevocations.MostFollowed }, transaction), default);
        var statement = new Statement("health", "st-1", "pt-1", new StatementSigner("cr-1"), clock.Now, new RevokeBody("st-0"));
        foreach (var transactionId in (string[])["tx-1", "tx-2", "tx-1"])
            await followed.TellAsync(statement, transactionId, ["NorthMSP"], isDone: false, default);
        await followed.TellAsync(statement, "tx-2", ["NorthMSP", "SouthMSP"], isDone: true, default);
        Assert.Equal(["waiting", "unknown", "waiting", "done"], await KindsAsync(database));
    }

    private static RevocationTasks Tasks(IDatabase database) => new(
        database, new IncidentLog(database, NullLogger<IncidentLog>.Instance), new FakeLedger(), new ManualClock(), NullLogger<RevocationTasks>.Instance);

    private static async Task<int> CountAsync(TestDatabase database)
    {
        await using var connection = await database.Instance.OpenAsync(default);
        return await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM revocation_task");
    }

    private static async Task<IEnumerable<string>> KindsAsync(TestDatabase database)
    {
        await using var connection = await database.Instance.OpenAsync(default);
        return await connection.QueryAsync<string>("SELECT kind FROM event ORDER BY sequence");
    }
}
