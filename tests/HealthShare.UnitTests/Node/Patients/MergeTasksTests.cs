using System.Text;
using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7.Values;
using HealthShare.Fabric.Client;
using HealthShare.Node.Database;
using HealthShare.Node.Intake;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Node.Patients.Merges;
using HealthShare.Node.ReadModel;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Chaincode;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static HealthShare.UnitTests.Chaincode.LedgerScene;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>North's numbers follow a merge by its own word and this node's own clock, and back when it is stopped.</summary>
public sealed class MergeTasksTests
{
    private static readonly LedgerJson Types = LedgerJson.Default;

    public static TheoryData<DatabaseProvider> Providers => KeyedNode.Providers;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numbers_lead_to_the_surviving_id_after_three_days_here_and_back_when_the_patient_stops_the_merge(DatabaseProvider provider)
    {
        await using var scene = await Scene.StartAsync(provider);
        var (merged, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"));
        var entry = scene.Merge(merged, surviving);
        await scene.HearAsync(entry);
        scene.Clock.Now += TimeSpan.FromDays(30);
        Assert.False(await scene.RunOnceAsync()); // half a merge never counts

        await scene.HearAsync(entry with { CompleteAt = scene.Clock.Now.AddDays(-10) }); // held back, perhaps
        scene.Clock.Now += MergeEntry.Waiting - TimeSpan.FromSeconds(1);
        Assert.False(await scene.RunOnceAsync());
        scene.Clock.Now += TimeSpan.FromSeconds(1);
        Assert.False(await scene.RunOnceAsync()); // not affiliated with the id that stays
        Assert.Equal(merged, await scene.FindAsync("1"));
        await scene.AffiliateAsync(surviving);
        Assert.True(await scene.RunOnceAsync());
        Assert.False(await scene.RunOnceAsync());
        Assert.Equal((surviving, surviving), (await scene.FindAsync("1"), await scene.FindAsync("2")));
        Assert.Equal(surviving, await scene.FindAsync("1", "2")); // what named two patients before names one

        var mergeId = entry.Merge.MergeId;
        await scene.HearAsync(Write(LedgerKey.EndedStatement(surviving, mergeId), new EndedStatementEntry(
            mergeId, EndedStatementKind.Revocation, South, scene.Clock.Now), Types.EndedStatementEntry)); // of that id, but of something else
        Assert.False(await scene.RunOnceAsync());
        await scene.RevokeAsync(merged, mergeId);
        Assert.True(await scene.RunOnceAsync());
        Assert.Equal((merged, surviving), (await scene.FindAsync("1"), await scene.FindAsync("2")));
    }

    [Fact]
    public async Task What_others_say_moves_nothing_and_the_time_runs_from_this_hospitals_own_word()
    {
        await using var scene = await Scene.StartAsync(DatabaseProvider.Sqlite);
        var (merged, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"));
        await scene.AffiliateAsync(surviving);
        var entry = scene.Merge(merged, surviving, South, East) with { CompleteAt = scene.Clock.Now };
        await scene.HearAsync(entry);
        scene.Clock.Now += TimeSpan.FromDays(30);
        Assert.False(await scene.RunOnceAsync());
        await scene.HearAsync(entry with { Vouchers = [.. entry.Vouchers, new Voucher(North, scene.Clock.Now)] });
        Assert.False(await scene.RunOnceAsync());
        scene.Clock.Now += MergeEntry.Waiting;
        Assert.True(await scene.RunOnceAsync());
        Assert.Equal(surviving, await scene.FindAsync("1"));
    }

    [Fact]
    public async Task Merges_of_ids_without_a_number_here_keep_nobody_waiting()
    {
        await using var scene = await Scene.StartAsync(DatabaseProvider.Sqlite);
        await scene.HearAsync([.. Enumerable.Range(0, 60).Select(_ => Write(
            scene.Merge(LedgerId.New(IdKind.Patient), LedgerId.New(IdKind.Patient)) with { CompleteAt = scene.Clock.Now }))]);
        scene.Clock.Now += TimeSpan.FromHours(1);
        var (merged, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"));
        await scene.AffiliateAsync(surviving);
        await scene.HearAsync(scene.Merge(merged, surviving) with { CompleteAt = scene.Clock.Now });
        scene.Clock.Now += MergeEntry.Waiting;
        await scene.RunOnceAsync(); // what is still to be said of the others, and is put off
        Assert.True(await scene.RunOnceAsync());
        Assert.Equal(surviving, await scene.FindAsync("1"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Merges_into_ids_that_this_hospital_is_not_affiliated_with_keep_nobody_waiting(DatabaseProvider provider)
    {
        await using var scene = await Scene.StartAsync(provider);
        var strangers = new List<MergeEntry>();
        for (var i = 100; i < 160; i++)
            strangers.Add(scene.Merge(await scene.FindAsync($"{i}"), LedgerId.New(IdKind.Patient)) with { CompleteAt = scene.Clock.Now });
        await scene.HearAsync([.. strangers.Select(Write)]);
        scene.Clock.Now += TimeSpan.FromHours(1);
        var (merged, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"));
        await scene.AffiliateAsync(surviving);
        await scene.HearAsync(scene.Merge(merged, surviving) with { CompleteAt = scene.Clock.Now });
        scene.Clock.Now += MergeEntry.Waiting;
        await scene.RunOnceAsync(); // the first fifty have to wait, and are put off
        await scene.RunOnceAsync();
        Assert.Equal(surviving, await scene.FindAsync("1"));
        Assert.Equal(strangers[0].Merge.Merged, await scene.FindAsync("100"));
        await scene.AffiliateAsync(strangers[59].Merge.Surviving); // and what they waited for takes them up at once
        await scene.RunOnceAsync();
        Assert.Equal(strangers[59].Merge.Surviving, await scene.FindAsync("159"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task This_hospitals_word_is_repeated_until_it_found_the_merge_complete_and_no_longer(DatabaseProvider provider)
    {
        await using var scene = await Scene.StartAsync(provider);
        var (merged, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"));
        var entry = scene.Merge(merged, surviving);
        await scene.HearAsync(entry);
        Assert.False(await scene.RunOnceAsync());
        Assert.Empty(scene.Ledger.Submitted); // it is half a merge
        var complete = entry with { CompleteAt = scene.Clock.Now, Vouchers = [.. entry.Vouchers, new Voucher(South, scene.Clock.Now)] };
        await scene.HearAsync(complete);
        Assert.False(await scene.RunOnceAsync()); // the ledger is away
        Assert.False(await scene.RunOnceAsync()); // and is asked again later
        Assert.Single(scene.Ledger.Submitted);
        scene.Ledger.OnSubmit = call => new LedgerCommit("tx", 9, Encoding.UTF8.GetBytes(Json(complete with { SettlingFrom = scene.Clock.Now }, Types.MergeEntry)));
        scene.Clock.Now += TimeSpan.FromMinutes(1);
        Assert.True(await scene.RunOnceAsync());
        var call = scene.Ledger.Submitted[^1];
        Assert.Equal((LedgerTransactions.MergePatients, entry.Merge),
            (call.Transaction, System.Text.Json.JsonSerializer.Deserialize(call.Arguments[0].Span, Types.MergePatients)));
        Assert.False(await scene.RunOnceAsync());
        Assert.Equal(2, scene.Ledger.Submitted.Count);

        var heard = scene.Merge(surviving, merged) with { CompleteAt = scene.Clock.Now, SettlingFrom = scene.Clock.Now };
        var stopped = scene.Merge(merged, LedgerId.New(IdKind.Patient)) with { CompleteAt = scene.Clock.Now };
        await scene.HearAsync(Write(heard), Write(stopped)); // another hospital was first; or the patient is, before the word is there
        scene.Ledger.OnSubmit = _ => throw new LedgerException(LedgerStage.Endorse, "tx", "merge.objected", "stopped");
        Assert.True(await scene.RunOnceAsync());
        Assert.False(await scene.RunOnceAsync());
        Assert.Equal(3, scene.Ledger.Submitted.Count);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task No_number_is_led_to_an_id_that_was_erased_or_joined_to_one(DatabaseProvider provider)
    {
        await using var scene = await Scene.StartAsync(provider);
        var (merged, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"));
        await scene.AffiliateAsync(surviving);
        await scene.HearAsync(scene.Merge(merged, surviving) with { CompleteAt = scene.Clock.Now });
        await scene.EraseAsync(surviving);
        scene.Clock.Now += MergeEntry.Waiting;
        await scene.RunOnceAsync();
        Assert.False(await scene.RunOnceAsync()); // and it is done with
        Assert.Equal(merged, await scene.FindAsync("1"));
        await Assert.ThrowsAsync<PatientErasedException>(() => scene.Directory.JoinAsync(Scene.Number("3"), surviving, default));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numbers_that_a_merge_brought_lead_back_where_the_surviving_id_is_erased_and_nowhere_where_their_own_is(DatabaseProvider provider)
    {
        await using var scene = await Scene.StartAsync(provider);
        var (first, second, surviving) = (await scene.FindAsync("1"), await scene.FindAsync("2"), await scene.FindAsync("3"));
        await scene.MoveAsync(first, surviving);
        await scene.MoveAsync(second, surviving);
        await scene.EraseAsync(second);
        await scene.MoveBackAsync(second, surviving);
        await Assert.ThrowsAsync<PatientErasedException>(() => scene.FindAsync("2"));
        await scene.EraseAsync(surviving);
        Assert.Equal(first, await scene.FindAsync("1"));
        await Assert.ThrowsAsync<PatientErasedException>(() => scene.FindAsync("3"));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_second_merge_takes_its_own_numbers_only_so_that_the_first_can_be_undone(DatabaseProvider provider)
    {
        await using var scene = await Scene.StartAsync(provider);
        var (first, middle, last) = (await scene.FindAsync("1"), await scene.FindAsync("2"), await scene.FindAsync("3"));
        await scene.MoveAsync(first, middle);
        await scene.MoveAsync(middle, last);
        await scene.MoveBackAsync(first, middle);
        Assert.Equal((first, last), (await scene.FindAsync("1"), await scene.FindAsync("2")));
    }

    private static StateWrite Write(MergeEntry entry) =>
        Write(LedgerKey.Merge(entry.Merge.Surviving, entry.Merge.Merged), entry, Types.MergeEntry);

    private static StateWrite Write<T>(string key, T value, JsonTypeInfo<T> type)
    {
        Assert.True(LedgerKey.TryParse(key, out var kind, out var parts));
        return new StateWrite(key, kind, parts, Encoding.UTF8.GetBytes(Json(value, type)), "tx", North);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly KeyedNode node;
        private readonly IntakeKeys keys;
        private readonly MergeWorker worker;
        private readonly ReplicaWriter writer;
        private ulong height;

        private Scene(KeyedNode node)
        {
            (this.node, keys) = (node, new IntakeKeys(node.Keys));
            var tasks = new MergeTasks(node.Database, Ledger, node.Clock);
            Directory = new PatientDirectory(node.Database, keys, node.Clock);
            worker = new MergeWorker(tasks, new LedgerService(Ledger), new ReadModelState(Options.Create(new ReadModelOptions()), node.Clock), node.Clock, NullLogger<MergeWorker>.Instance);
            writer = new ReplicaWriter(node.Database, [tasks]);
        }

        public PatientDirectory Directory { get; }

        public FakeLedger Ledger { get; } = new();

        public ManualClock Clock => node.Clock;

        public static async Task<Scene> StartAsync(DatabaseProvider provider) => new(await KeyedNode.StartAsync(provider));

        public static PatientIdentifier Number(string number) => new(number, new AssigningAuthority("NORTH", "", ""), "");

        public MergeEntry Merge(string merged, string surviving, params string[] members) => new(
            new MergePatients(LedgerId.New(IdKind.Statement), merged, surviving),
            [.. (members.Length == 0 ? [North] : members).Select(member => new Voucher(member, Clock.Now))]);

        public Task<bool> RunOnceAsync() => worker.RunOnceAsync(default);

        public async Task<string> FindAsync(params string[] numbers) =>
            (await Directory.FindOrCreateAsync([.. numbers.Select(Number)], default)).PatientId;

        public Task HearAsync(MergeEntry entry) => HearAsync(Write(entry));

        public Task HearAsync(params StateWrite[] writes) =>
            writer.ApplyAsync(new BlockChanges(height++, Clock.Now, writes), [1], default);

        public Task AffiliateAsync(string patient) => HearAsync(Write(
            LedgerKey.Affiliation(patient, North), new AffiliationEntry(patient, North, Clock.Now), Types.AffiliationEntry));

        public async Task RevokeAsync(string patient, string id)
        {
            using var ledger = new LedgerScene();
            var statement = ledger.Statement(new RevokeBody(id)) with { Patient = patient };
            await HearAsync(
                Write(LedgerKey.EndedStatement(patient, id), new EndedStatementEntry(id, EndedStatementKind.RevokedUnseen, North, Clock.Now,
                    null, statement.Id, Clock.Now), Types.EndedStatementEntry),
                Write(LedgerKey.EndedStatement(patient, statement.Id), new EndedStatementEntry(
                    statement.Id, EndedStatementKind.Revocation, North, Clock.Now, ledger.Sign(statement)), Types.EndedStatementEntry));
        }

        public Task EraseAsync(string patient) => node.Database.WriteAsync(async transaction =>
        {
            await ErasureTasks.AddAsync(transaction, patient, Clock.Now, null, default);
            await PatientDirectory.EraseAsync(transaction, patient, Clock.Now, default);
        }, default);

        public Task MoveAsync(string merged, string surviving) => node.Database.WriteAsync(async transaction =>
        {
            await PatientDirectory.MergeAsync(transaction, merged, surviving, Clock.Now, default);
        }, default);

        public Task MoveBackAsync(string merged, string surviving) => node.Database.WriteAsync(async transaction =>
        {
            await PatientDirectory.UnmergeAsync(transaction, merged, surviving, Clock.Now, default);
        }, default);

        public async ValueTask DisposeAsync()
        {
            worker.Dispose();
            keys.Dispose();
            await node.DisposeAsync();
        }
    }
}
