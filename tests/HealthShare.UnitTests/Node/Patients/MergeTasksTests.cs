using System.Text;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7.Values;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Patients;
using HealthShare.Node.Patients.Merges;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>North's numbers follow a merge by this node's own clock, and back when it is stopped.</summary>
public sealed class MergeTasksTests
{
    private ulong height;

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numbers_lead_to_the_surviving_id_after_three_days_here_and_back_when_the_merge_is_stopped(DatabaseProvider provider)
    {
        await using var node = await KeyedNode.StartAsync(provider);
        using var keys = new IntakeKeys(node.Keys);
        var directory = new PatientDirectory(node.Database, keys, node.Clock);
        var tasks = new MergeTasks(node.Database, new FakeLedger(), node.Clock);
        using var worker = new MergeWorker(tasks, new ReadModelState(Options.Create(new ReadModelOptions()), node.Clock), node.Clock, NullLogger<MergeWorker>.Instance);
        var writer = new ReplicaWriter(node.Database, [tasks]);
        var (merged, surviving) = (await FindAsync("1"), await FindAsync("2"));
        var merge = new MergePatients(LedgerId.New(IdKind.Statement), merged, surviving);
        var entry = new MergeEntry(merge, [new Voucher(LedgerScene.North, node.Clock.Now)]);
        var key = LedgerKey.Merge(surviving, merged);
        await HearAsync(key, entry, LedgerJson.Default.MergeEntry);
        node.Clock.Now += TimeSpan.FromDays(30);
        Assert.False(await worker.RunOnceAsync(default)); // half a merge never counts

        await HearAsync(key, entry with { CompleteAt = node.Clock.Now.AddDays(-10) }, LedgerJson.Default.MergeEntry); // held back, perhaps
        node.Clock.Now += MergeEntry.Waiting - TimeSpan.FromSeconds(1);
        Assert.False(await worker.RunOnceAsync(default));
        node.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.False(await worker.RunOnceAsync(default)); // not affiliated with the id that stays
        Assert.Equal(merged, await FindAsync("1"));
        await HearAsync(LedgerKey.Affiliation(surviving, LedgerScene.North),
            new AffiliationEntry(surviving, LedgerScene.North, node.Clock.Now), LedgerJson.Default.AffiliationEntry);
        Assert.True(await worker.RunOnceAsync(default));
        Assert.False(await worker.RunOnceAsync(default));
        Assert.Equal((surviving, surviving), (await FindAsync("1"), await FindAsync("2")));
        Assert.Equal(surviving, await FindAsync("1", "2")); // what named two patients before names one

        await HearAsync(LedgerKey.EndedStatement(merged, merge.MergeId), new EndedStatementEntry(
            merge.MergeId, EndedStatementKind.RevokedUnseen, LedgerScene.North, node.Clock.Now), LedgerJson.Default.EndedStatementEntry);
        Assert.True(await worker.RunOnceAsync(default));
        Assert.Equal((merged, surviving), (await FindAsync("1"), await FindAsync("2")));

        async Task<string> FindAsync(params string[] numbers) => (await directory.FindOrCreateAsync(
            [.. numbers.Select(number => new PatientIdentifier(number, new AssigningAuthority("NORTH", "", ""), ""))], default)).PatientId;

        Task HearAsync<T>(string at, T value, JsonTypeInfo<T> type)
        {
            Assert.True(LedgerKey.TryParse(at, out var kind, out var parts));
            return writer.ApplyAsync(new BlockChanges(height++, node.Clock.Now,
                [new StateWrite(at, kind, parts, Encoding.UTF8.GetBytes(LedgerScene.Json(value, type)), "tx", LedgerScene.North)]), [1], default);
        }
    }
}
