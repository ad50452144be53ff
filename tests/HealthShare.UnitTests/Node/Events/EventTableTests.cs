using Dapper;
using HealthShare.Node.Database;
using HealthShare.Node.Events;
using HealthShare.UnitTests.Node.Support;

namespace HealthShare.UnitTests.Node.Events;

/// <summary>The table of events, on every database at hand.</summary>
public sealed class EventTableTests
{
    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task Events_of_transactions_at_the_same_time_are_numbered_without_gaps_and_in_the_order_in_which_they_show(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var table = new EventTable(database.Instance);
        var all = new EventFilter(Enum.GetValues<EventTopic>());
        using var over = new CancellationTokenSource();
        var seen = new List<long>();
        var reader = Task.Run(async () =>
        {
            var position = 0L;
            while (position < 100)
            {
                var events = await table.ReadAsync(all, position, (await table.HeadAsync(default)).Last, default);
                seen.AddRange(events.Select(one => one.Sequence));
                position = events.Count == 0 ? position : events[^1].Sequence;
                over.Token.ThrowIfCancellationRequested();
            }
        });
        over.CancelAfter(TimeSpan.FromMinutes(2));
        await Parallel.ForAsync(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (number, ct) => await database.Instance.WriteAsync(
            transaction => EventTable.AddAsync(transaction, [Incident($"a{number}"), Incident($"b{number}")], ct), ct));
        await reader;
        Assert.Equal(Enumerable.Range(1, 100).Select(number => (long)number), seen);
    }

    [Theory]
    [MemberData(nameof(KeyedNode.Providers), MemberType = typeof(KeyedNode))]
    public async Task A_name_counts_once_and_a_transaction_that_fails_leaves_nothing(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var table = new EventTable(database.Instance);
        for (var round = 0; round < 2; round++)
            await database.Instance.WriteAsync(transaction => EventTable.AddAsync(transaction, [Incident("x") with { Name = "one" }, Incident("y")], default), default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Instance.WriteAsync(async transaction =>
        {
            await EventTable.AddAsync(transaction, [Incident("z")], default);
            throw new InvalidOperationException("The rest failed.");
        }, default));
        await database.ReopenAsync();
        var kept = await new EventTable(database.Instance).ReadAsync(new EventFilter([EventTopic.Incident]), 0, long.MaxValue, default);
        Assert.Equal([(1, "x"), (2, "y"), (3, "y")], kept.Select(one => (one.Sequence, one.Subject!)));
        Assert.Equal((DateTimeOffset.UnixEpoch, "code"), (kept[0].At, kept[0].Code));
        await using var connection = await database.Instance.OpenAsync(default);
        Assert.Equal(3, await connection.ExecuteScalarAsync<long>("SELECT last FROM event_head"));
    }

    private static NodeEvent Incident(string subject) => new(EventTopic.Incident, "incidentNoted", DateTimeOffset.UnixEpoch)
    {
        Subject = subject, Code = "code", Members = ["NorthMSP", "SouthMSP"], Until = DateTimeOffset.UnixEpoch.AddDays(1),
    };
}
