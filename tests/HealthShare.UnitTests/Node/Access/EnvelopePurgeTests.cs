using System.Text;
using System.Text.Json;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client;
using HealthShare.Node.Access.Releases;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace HealthShare.UnitTests.Node.Access;

/// <summary>Envelopes that nobody may fetch any more leave the private collection, each once, and no other does.</summary>
public sealed class EnvelopePurgeTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task What_is_over_for_the_time_that_was_set_is_purged_once_and_the_rest_is_left(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (ledger, clock) = (new FakeLedger(), new Clock());
        var (over, soon) = (await AddAsync(database, "delivered", Start.AddHours(1)), await AddAsync(database, "delivered", Start.AddHours(3)));
        var withdrawn = await AddAsync(database, "refused", Start.AddHours(1)); // delivered, it may be, before a stop
        await AddAsync(database, "released", Start.AddHours(1)); // not delivered yet
        await AddAsync(database, "refused", null); // never released
        var purge = PurgeOf(database, ledger, clock);

        await RunAsync(purge);
        Assert.Empty(ledger.Submitted);
        clock.Now = Start.AddHours(25);
        ledger.OnSubmit = _ => throw FakeLedger.Refusal("caller.suspended");
        await RunAsync(purge);
        await RunAsync(purge); // not again at once
        Assert.Single(ledger.Submitted);
        clock.Now = Start.AddHours(26);
        ledger.OnSubmit = _ => new LedgerCommit("tx", 7, default);
        await RunAsync(purge);
        await RunAsync(purge);
        Assert.Equal(2, ledger.Submitted.Count);
        Assert.Equal(new[] { over, withdrawn }.Order(StringComparer.Ordinal), NamesIn(ledger.Submitted[1]));
        Assert.Equal((LedgerTransactions.PurgeExpired, "NorthMSP"), (ledger.Submitted[1].Transaction, Assert.Single(ledger.Submitted[1].Organizations)));

        clock.Now = Start.AddHours(27);
        purge.Dispose();
        using var restarted = PurgeOf(database, ledger, clock);
        await RunAsync(restarted);
        Assert.Equal([soon], NamesIn(ledger.Submitted[2]));
        clock.Now = Start.AddDays(99);
        await RunAsync(restarted);
        Assert.Equal(3, ledger.Submitted.Count);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task One_that_the_contract_refuses_holds_none_of_the_others_back(DatabaseProvider provider)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var (ledger, clock) = (new FakeLedger(), new Clock { Now = Start.AddHours(25) });
        string[] all = [await AddAsync(database, "delivered", Start), await AddAsync(database, "delivered", Start), await AddAsync(database, "delivered", Start)];
        var refused = all[1];
        ledger.OnSubmit = call => NamesIn(call).Contains(refused) ? throw FakeLedger.Refusal("release.not_over") : new LedgerCommit("tx", 7, default);
        var purge = PurgeOf(database, ledger, clock);
        await RunAsync(purge);
        Assert.Equal(4, ledger.Submitted.Count); // together, then each by itself
        clock.Now += TimeSpan.FromMinutes(11);
        await RunAsync(purge);
        Assert.Equal([refused], NamesIn(ledger.Submitted[4]));
        ledger.OnSubmit = _ => throw FakeLedger.Away(LedgerStage.Endorse); // says nothing about any of them
        clock.Now += TimeSpan.FromMinutes(11);
        await RunAsync(purge);
        Assert.Equal(6, ledger.Submitted.Count);
        purge.Dispose();
    }

    private static EnvelopePurge PurgeOf(TestDatabase database, FakeLedger ledger, Clock clock) => new(
        database.Instance, new Replica(database.Instance), new LedgerService(ledger), Substitute.For<IReadModel>(),
        Options.Create(new ReleasesOptions()), clock, NullLogger<EnvelopePurge>.Instance);

    private static async Task RunAsync(EnvelopePurge purge)
    {
        while (await purge.RunOnceAsync(default))
        {
            // until nothing is due
        }
    }

    private static IEnumerable<string> NamesIn(LedgerCall call) => JsonSerializer.Deserialize(
        call.Arguments[0].Span, LedgerJson.Default.PurgeExpired)!.Releases.Select(release => release.ReleaseId).Order(StringComparer.Ordinal);

    private static async Task<string> AddAsync(TestDatabase database, string state, DateTimeOffset? notAfter)
    {
        var access = new AccessRef(LedgerId.New(IdKind.Patient), "SouthMSP", LedgerId.New(IdKind.Access));
        var release = new ReleaseKeys(access, LedgerId.New(IdKind.Release), [LedgerId.New(IdKind.Record)], "k", "h");
        await database.Instance.WriteAsync(async transaction =>
        {
            await transaction.Connection!.ExecuteAsync("""
                INSERT INTO release_task (release_id, patient_id, requester, access_id, state, release, attempts, next_at)
                VALUES (@ReleaseId, @PatientId, @Requester, @AccessId, @state, @json, 0, 0)
                """, new
            {
                release.ReleaseId, access.PatientId, access.Requester, access.AccessId, state,
                json = JsonSerializer.Serialize(release, LedgerJson.Default.ReleaseKeys),
            }, transaction);
            if (notAfter is { } end)
            {
                await transaction.Connection!.ExecuteAsync(
                    "INSERT INTO replica (key, value, block, transaction_id, seen_at, first_seen_at) VALUES (@key, @value, 1, 'tx', 0, 0)", new
                    {
                        key = Encoding.UTF8.GetBytes(LedgerKey.Release(access, "NorthMSP", release.ReleaseId)),
                        value = JsonSerializer.SerializeToUtf8Bytes(new ReleaseEntry(release, "NorthMSP", Start, end), LedgerJson.Default.ReleaseEntry),
                    }, transaction);
            }
        }, default);
        return release.ReleaseId;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
