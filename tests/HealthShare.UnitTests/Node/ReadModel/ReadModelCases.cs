using System.Data.Common;
using System.Text;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Database;
using HealthShare.Node.Ledger;
using HealthShare.Node.ReadModel;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace HealthShare.UnitTests.Node.ReadModel;

/// <summary>What the copy of the channel must do on either database.</summary>
public abstract class ReadModelCases
{
    private const string Patient = "pt-aaaaaaaaaaaaaaaaaaaaaaaaaa";
    private static readonly string PatientKey = LedgerKey.Patient(Patient);

    private protected abstract DatabaseProvider Provider { get; }

    private protected async Task Valid_writes_reach_the_copy_and_others_do_not()
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        var chain = new TestChain();
        await using var model = new Model(test.Instance);
        model.Ledger.Add(chain.Block(
            new TestTransaction((PatientKey, "{\"a\":1}")),
            new TestTransaction((PatientKey, "{\"forged\":1}")) { Code = TxValidationCode.EndorsementPolicyFailure },
            new TestTransaction((PatientKey, "{\"elsewhere\":1}")) { Namespace = "other" }));
        await model.WaitAsync(0);
        Assert.Equal("{\"a\":1}", await model.TextAsync(PatientKey));
    }

    private protected async Task A_range_holds_one_kind_and_prefix_in_key_order()
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        await using var model = new Model(test.Instance);
        model.Ledger.Add(new TestChain().Block(new TestTransaction(
            (LedgerKey.Statement(Patient, "st-b"), "2"), (LedgerKey.Statement(Patient, "st-a"), "1"),
            (LedgerKey.EndedStatement(Patient, "st-c"), "3"), (LedgerKey.Statement(Patient + "a", "st-d"), "4"),
            (PatientKey, "5"))));
        await model.WaitAsync(0);
        var values = (await model.Replica.EntriesAsync(LedgerKind.Statement, [Patient], default)).Select(entry => Encoding.UTF8.GetString(entry.Value));
        Assert.Equal(["1", "2"], values);
    }

    private protected async Task A_deleted_key_is_gone()
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        var chain = new TestChain();
        await using var model = new Model(test.Instance);
        model.Ledger.Add(chain.Block(new TestTransaction((PatientKey, "1"))));
        model.Ledger.Add(chain.Block(new TestTransaction((PatientKey, null))));
        await model.WaitAsync(1);
        Assert.Null(await model.TextAsync(PatientKey));
    }

    private protected async Task After_a_restart_it_goes_on_where_it_was()
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        var chain = new TestChain();
        await using (var model = new Model(test.Instance))
        {
            model.Ledger.Add(chain.Block(new TestTransaction((PatientKey, "1"))));
            await model.WaitAsync(0);
        }
        await test.ReopenAsync();
        await using var second = new Model(test.Instance);
        second.Ledger.Add(chain.Block(new TestTransaction((PatientKey, "2"))));
        await second.WaitAsync(1);
        Assert.Equal("2", await second.TextAsync(PatientKey));
    }

    private protected async Task A_projection_that_fails_leaves_the_checkpoint_where_it_was()
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        var writer = new ReplicaWriter(test.Instance, [new Failing()]);
        var change = new StateWrite(PatientKey, LedgerKind.Patient, [Patient], "1"u8.ToArray(), "tx", "NorthMSP");
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => writer.ApplyAsync(new BlockChanges(0, DateTimeOffset.UnixEpoch, [change]), [1], default));
        Assert.Equal(0ul, (await writer.LoadAsync(default)).Next);
        Assert.Null(await new Replica(test.Instance).GetAsync(PatientKey, default));
    }

    private protected async Task A_gap_or_a_broken_chain_stops_it_for_good(bool gap)
    {
        await using var test = await TestDatabase.CreateAsync(Provider);
        var chain = new TestChain();
        await using var model = new Model(test.Instance);
        model.Ledger.Add(chain.Block(new TestTransaction((PatientKey, "1"))));
        var other = gap ? chain : new TestChain();
        if (!gap)
            other.Block(new TestTransaction((PatientKey, "another past")));
        else
            chain.Block();
        model.Ledger.Add(other.Block(new TestTransaction((PatientKey, "2"))));
        await Assert.ThrowsAsync<InvalidOperationException>(() => model.WaitAsync(1));
        Assert.NotNull(model.State.Fault);
        Assert.False(model.State.IsFresh);
        Assert.Equal("1", await model.TextAsync(PatientKey));
    }

    private sealed class Failing : IProjection
    {
        public Task ApplyAsync(BlockChanges block, DbTransaction transaction, CancellationToken ct) => throw new InvalidOperationException();
    }

    private sealed class Model : IAsyncDisposable
    {
        private readonly Projector projector;

        public Model(IDatabase database)
        {
            State = new ReadModelState(Options.Create(new ReadModelOptions()), TimeProvider.System);
            Replica = new Replica(database);
            projector = new Projector(Ledger, new ReplicaWriter(database, []), [], State, Options.Create(new FabricOptions()),
                TimeProvider.System, NullLogger<Projector>.Instance);
            _ = projector.StartAsync(default);
        }

        public FakeLedger Ledger { get; } = new();

        public ReadModelState State { get; }

        public Replica Replica { get; }

        public Task WaitAsync(ulong block) => State.WaitForAsync(block, default).WaitAsync(TimeSpan.FromMinutes(1));

        public async Task<string?> TextAsync(string key) =>
            await Replica.GetAsync(key, default) is { } value ? Encoding.UTF8.GetString(value) : null;

        public async ValueTask DisposeAsync()
        {
            await projector.StopAsync(default);
            projector.Dispose();
        }
    }
}

public sealed class SqliteReadModelTests : ReadModelCases
{
    private protected override DatabaseProvider Provider => DatabaseProvider.Sqlite;

    [Fact] public Task Sqlite_copies_valid_writes_only() => Valid_writes_reach_the_copy_and_others_do_not();
    [Fact] public Task Sqlite_reads_ranges_in_key_order() => A_range_holds_one_kind_and_prefix_in_key_order();
    [Fact] public Task Sqlite_drops_deleted_keys() => A_deleted_key_is_gone();
    [Fact] public Task Sqlite_goes_on_after_a_restart() => After_a_restart_it_goes_on_where_it_was();
    [Fact] public Task Sqlite_keeps_the_checkpoint_when_a_projection_fails() => A_projection_that_fails_leaves_the_checkpoint_where_it_was();
    [Theory, InlineData(true), InlineData(false)] public Task Sqlite_stops_at_a_broken_chain(bool gap) => A_gap_or_a_broken_chain_stops_it_for_good(gap);
}

public sealed class PostgresReadModelTests : ReadModelCases
{
    private protected override DatabaseProvider Provider => DatabaseProvider.Postgresql;

    [PostgresFact] public Task Postgres_copies_valid_writes_only() => Valid_writes_reach_the_copy_and_others_do_not();
    [PostgresFact] public Task Postgres_reads_ranges_in_key_order() => A_range_holds_one_kind_and_prefix_in_key_order();
    [PostgresFact] public Task Postgres_drops_deleted_keys() => A_deleted_key_is_gone();
    [PostgresFact] public Task Postgres_goes_on_after_a_restart() => After_a_restart_it_goes_on_where_it_was();
    [PostgresFact] public Task Postgres_keeps_the_checkpoint_when_a_projection_fails() => A_projection_that_fails_leaves_the_checkpoint_where_it_was();
    [PostgresFact] public Task Postgres_stops_at_a_gap() => A_gap_or_a_broken_chain_stops_it_for_good(gap: true);
}
