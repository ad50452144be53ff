using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Database;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>Parts of one access's release that are advanced at the same time lose no record, and give none twice.</summary>
public sealed class ReleasePartsTests
{
    private static readonly string[] Records = [.. Enumerable.Range(0, 3).Select(_ => LedgerId.New(IdKind.Record))];

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_part_that_was_looked_at_before_another_one_was_withdrawn_is_looked_at_again(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (tasks, access) = await NotedAsync(database);
        var first = Assert.Single(await tasks.DueAsync(default));
        Assert.True(await SealAsync(tasks, first, await tasks.OfOtherPartsAsync(first, default), hasRest: true, Records[0]));
        var second = (await tasks.DueAsync(default)).Single(task => task.State == ReleaseState.Noted);

        var elsewhere = await tasks.OfOtherPartsAsync(second, default);
        Assert.Equal([Records[0]], elsewhere);
        await tasks.WithdrawnAsync(first, "over", hasRest: true, default); // the second one is noted, and takes it up
        Assert.False(await SealAsync(tasks, second, elsewhere, hasRest: false, Records[1], Records[2]));
        Assert.False(await tasks.EmptyAsync(second, "nothing is left", elsewhere, default));
        Assert.Equal(ReleaseState.Noted, (await tasks.GetAsync(second.ReleaseId, default)).State);

        elsewhere = await tasks.OfOtherPartsAsync(second, default);
        Assert.Empty(elsewhere);
        Assert.True(await SealAsync(tasks, second, elsewhere, hasRest: false, Records));
        Assert.Equal(2, (await PartsAsync(database, access)).Count);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task However_parts_are_withdrawn_and_sealed_at_once_each_record_is_in_one_in_the_end(DatabaseProvider provider)
    {
        const int rounds = 20;
        await using var database = await TestDatabase.CreateAsync(provider);
        for (var round = 0; round < rounds; round++)
        {
            var (tasks, access) = await NotedAsync(database);
            var parts = new List<ReleaseTask>();
            foreach (var record in Records)
            {
                var noted = (await tasks.DueAsync(default)).Single(task => task.Access == access && task.State == ReleaseState.Noted);
                Assert.True(await SealAsync(tasks, noted, await tasks.OfOtherPartsAsync(noted, default), record != Records[^1], record));
                parts.Add(noted);
            }
            var withdrawals = Task.WhenAll(parts.Select(part => Task.Run(() => tasks.WithdrawnAsync(part, "over", hasRest: true, default))));
            await Task.WhenAll(Task.Run(SealAllAsync), Task.Run(SealAllAsync), withdrawals);
            await SealAllAsync();

            var held = (await PartsAsync(database, access)).Where(part => part.State == ReleaseState.Sealed).SelectMany(part => part.Release!.RecordIds);
            Assert.Equal(Records.Order(StringComparer.Ordinal), held.Order(StringComparer.Ordinal));
            foreach (var part in await PartsAsync(database, access))
                await tasks.DeliveredAsync(part.ReleaseId, default);

            // What a worker does with each part that is noted, until there is none and nothing more comes.
            async Task SealAllAsync()
            {
                for (var isOver = false; !isOver;)
                {
                    isOver = withdrawals.IsCompleted;
                    foreach (var noted in (await tasks.DueAsync(default)).Where(task => task.Access == access && task.State == ReleaseState.Noted))
                    {
                        isOver = false;
                        var elsewhere = await tasks.OfOtherPartsAsync(noted, default);
                        if (Records.Except(elsewhere).ToArray() is { Length: > 0 } left)
                            await SealAsync(tasks, noted, elsewhere, hasRest: false, left);
                        else
                            await tasks.EmptyAsync(noted, "nothing is left", elsewhere, default);
                    }
                }
            }
        }
    }

    private static async Task<(ReleaseTasks Tasks, AccessRef Access)> NotedAsync(TestDatabase database)
    {
        var ledger = new FakeLedger();
        var access = new AccessRef(LedgerId.New(IdKind.Patient), "SouthMSP", LedgerId.New(IdKind.Access));
        await database.Instance.WriteAsync(transaction => ReleaseTasks.AddAsync(
            transaction, ReleaseIds.For(ledger.Channel, ledger.MspId, access), access, DateTimeOffset.UnixEpoch, default), default);
        return (new ReleaseTasks(database.Instance, ledger, TimeProvider.System), access);
    }

    private static Task<bool> SealAsync(ReleaseTasks tasks, ReleaseTask task, IReadOnlySet<string> elsewhere, bool hasRest, params string[] records) =>
        tasks.SealedAsync(new ReleaseKeys(task.Access, task.ReleaseId, records, "key", "hash"), [1], elsewhere, hasRest, default);

    private static async Task<IReadOnlyList<ReleaseTask>> PartsAsync(TestDatabase database, AccessRef access)
    {
        var tasks = new ReleaseTasks(database.Instance, new FakeLedger(), TimeProvider.System);
        var parts = new List<ReleaseTask>();
        await using var connection = await database.Instance.OpenAsync(default);
        foreach (var id in await Dapper.SqlMapper.QueryAsync<string>(connection, "SELECT release_id FROM release_task WHERE access_id = @AccessId", access))
            parts.Add(await tasks.GetAsync(id, default));
        return parts;
    }
}
