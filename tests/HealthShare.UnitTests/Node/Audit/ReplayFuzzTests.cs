using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Ledger.KvRwSet;
using HealthShare.Fabric.Protocol.Peer;
using HealthShare.Node.Audit;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Data.Sqlite;

namespace HealthShare.UnitTests.Node.Audit;

/// <summary>Whatever a transaction writes, the replay names a fault or finds none; it never throws, and what fails elsewhere stays what it is.</summary>
public sealed class ReplayFuzzTests : IAsyncLifetime
{
    private const int Tries = 1000;
    private ReplayScene scene = null!;
    private List<IReplayState> before = [];

    [Fact]
    public void No_change_of_what_the_contracts_wrote_makes_the_replay_throw()
    {
        var transactions = scene.History.ConvertAll(entry => entry.Transaction);
        var kinds = transactions.SelectMany(transaction => transaction.Writes)
            .Select(write => LedgerKey.TryParse(write.Key, out var kind, out _) ? kind : throw new InvalidOperationException(write.Key)).ToHashSet();
        Assert.InRange(kinds.Count, 22, int.MaxValue);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Tries), Prop.ForAll(
            Gen.Choose(int.MinValue, int.MaxValue - 1).ToArbitrary(), seed => Changed(seed) is (var fault, var changed)
                && (fault is not { Kind: ReplayFaultKind.CheckFailed } || Fail(fault, changed))));
        // Most of them must be changes that matter: counted over the same ones each time, since luck is no fault.
        Assert.InRange(Enumerable.Range(0, Tries).Count(seed => Changed(seed).Fault is { Kind: not ReplayFaultKind.CheckFailed }), Tries / 2, Tries);

        (ReplayFault? Fault, TestTransaction Changed) Changed(int seed)
        {
            var random = new Random(seed);
            var at = random.Next(transactions.Count);
            var changed = new Mutations(random, transactions, scene.Ledger.Passkey).Apply(transactions[at]);
            return (ReplayAsync(before[at], changed).GetAwaiter().GetResult(), changed);
        }
    }

    [Fact]
    public async Task What_no_rule_foresaw_is_a_fault_of_that_transaction_and_says_where()
    {
        // JSON's null in place of an entry that a rule looks up.
        var at = scene.History.FindIndex(entry => entry.Transaction.Writes.Any(write => LedgerKey.TryParse(write.Key, out var kind, out _) && kind is LedgerKind.Use));
        var (transaction, state) = scene.History[at];
        var broken = StateOf(state.Select(entry => LedgerKey.TryParse(entry.Key, out var kind, out _) && kind is LedgerKind.Credential
            ? new(entry.Key, "null"u8.ToArray())
            : entry));
        var fault = await ReplayAsync(broken, transaction);
        Assert.Equal((ReplayFaultKind.CheckFailed, transaction.Id), (fault?.Kind, fault?.TransactionId));
        Assert.IsType<NullReferenceException>(fault?.Cause);
        Assert.NotNull(fault.Cause.StackTrace);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_database_that_fails_and_a_wait_that_is_cancelled_are_no_faults_of_a_transaction(bool inRange)
    {
        Exception[] failures = [new SqliteException("disk I/O error", 10), new OperationCanceledException(), new InvalidOperationException("The pool is closed.")];
        for (var i = 0; i < before.Count; i++)
        {
            var state = new FailingState(before[i], failures[i % failures.Length], inRange);
            var thrown = await Record.ExceptionAsync(() => ReplayAsync(state, scene.History[i].Transaction));
            Assert.Same(state.WasAsked ? failures[i % failures.Length] : null, thrown);
        }
    }

    [Fact]
    public async Task A_state_that_cannot_be_written_is_no_fault_of_the_transaction_that_was_to_be_written()
    {
        var failure = new SqliteException("database or disk is full", 13);
        for (var i = 0; i < before.Count; i++)
        {
            var replay = new DecisionReplay("health", "healthshare", new FullState(before[i], failure));
            var block = new BlockView(new TestChain().Block(scene.History[i].Transaction));
            Assert.Same(failure, await Record.ExceptionAsync(() => replay.ApplyAsync(block, [TxValidationCode.Valid], default)));
        }
    }

    public async Task InitializeAsync()
    {
        scene = await ReplayStory.PlayAsync();
        before = scene.History.ConvertAll(entry => (IReplayState)StateOf(entry.Before));
    }

    public Task DisposeAsync()
    {
        scene.Dispose();
        return Task.CompletedTask;
    }

    private static bool Fail(ReplayFault fault, TestTransaction changed) => throw new InvalidOperationException(
        string.Join('\n', changed.Writes.Select(write => $"{write.Key} = {write.Json}")), fault.Cause);

    private static Task<ReplayFault?> ReplayAsync(IReplayState state, TestTransaction transaction) =>
        new DecisionReplay("health", "healthshare", new ReplayOverlay(state))
            .ApplyAsync(new BlockView(new TestChain().Block(transaction)), [TxValidationCode.Valid], default);

    private static ReplayState StateOf(IEnumerable<KeyValuePair<string, byte[]>> entries)
    {
        var state = new ReplayState();
        state.Apply(entries.Select(entry => new KVWrite { Key = entry.Key, Value = ByteString.CopyFrom(entry.Value) }));
        return state;
    }

    private sealed class FullState(IReplayState inner, Exception failure) : IReplayState
    {
        public Task<byte[]?> GetAsync(string key, CancellationToken ct) => inner.GetAsync(key, ct);

        public IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(LedgerKind kind, IReadOnlyList<string> parts, CancellationToken ct) =>
            inner.ListAsync(kind, parts, ct);

        public void Apply(IEnumerable<KVWrite> writes) => throw failure;
    }

    private sealed class FailingState(IReplayState inner, Exception failure, bool inRange) : IReplayState
    {
        public bool WasAsked { get; private set; }

        public async Task<byte[]?> GetAsync(string key, CancellationToken ct)
        {
            await Task.Yield();
            return inRange ? await inner.GetAsync(key, ct) : throw Fail();
        }

        public async IAsyncEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> ListAsync(
            LedgerKind kind, IReadOnlyList<string> parts, [EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var entry in inner.ListAsync(kind, parts, ct))
                yield return entry;
            if (inRange)
                throw Fail();
        }

        public void Apply(IEnumerable<KVWrite> writes) => inner.Apply(writes);

        private Exception Fail()
        {
            WasAsked = true;
            return failure;
        }
    }
}
